/** The examples of the API reference are sent to a server, which must answer them as the reference says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialects } from '../../src/dialects/index.ts';
import { NEEDS_INTERNET, NOT_RUN, runExamples, toRecording, type ExampleAnswer } from './example-run.ts';

for (const dialect of dialects) {
  test(`every example of ${dialect.title} succeeds, with the answer that the reference shows: node scripts/write-reference-answers.ts renews it`, async () => {
    const { operations, answers } = await dialect.docs();
    const given = await runExamples(dialect);
    const failed = given.filter(({ status }) => status >= 300);
    assert.deepEqual(failed.map(nameOf), [], failed.map(({ text }) => text.slice(0, 300)).join('\n'));

    const expected = Object.entries(operations).flatMap(([key, { refuses, socket, bodies = [] }]) => {
      if (refuses || socket || key in NOT_RUN) return [];
      const examples = bodies.flatMap((body) => Object.keys(body.examples));
      const run = examples.length > 0 ? examples : ['usual'];
      return run.filter((name) => !NEEDS_INTERNET.has(name)).map((name) => `${key} (${name})`);
    });
    assert.deepEqual(given.map(nameOf).toSorted(), expected.toSorted(), 'every example was sent');

    const recorded = Object.entries(answers).flatMap(([key, named]) =>
      Object.entries(named).map(([name, answer]) => [`${key} (${name})`, outlineOf(answer)]),
    );
    const now = given.map((answer) => [nameOf(answer), outlineOf(toRecording(answer))]);
    assert.deepEqual(Object.fromEntries(now), Object.fromEntries(recorded));
  });

  test(`what ${dialect.title} is said to refuse always is refused`, async () => {
    const { operations } = await dialect.docs();
    const refused = Object.fromEntries(Object.entries(operations).filter(([, { refuses }]) => refuses));
    const docs = async () => ({
      ...(await dialect.docs()),
      operations: Object.fromEntries(
        Object.entries(refused).map(([key, { tag, summary, path = {} }]) => [key, { tag, summary, path }]),
      ),
    });
    for (const answer of await runExamples({ ...dialect, docs })) {
      assert.ok(answer.status >= 400 && answer.status < 500, `${nameOf(answer)}: ${answer.status}`);
    }
  });
}

function nameOf({ operation, example }: ExampleAnswer): string {
  return `${operation} (${example})`;
}

/** What does not change from run to run: how it was answered, and which members there are. */
function outlineOf({ status, mediaType, body }: ReturnType<typeof toRecording>): string {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return `${status} ${mediaType} ${isObject ? Object.keys(body).toSorted().join(' ') : typeof body}`;
}
