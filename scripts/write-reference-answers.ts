/**
 * Writes what a server answers to the examples of the API reference into `src/dialects/<dialect>/*-answers.json`, where
 * the OpenAPI documents take it from. Run it after an answer or an example has changed; dialects that are named after it
 * are the only ones that are asked.
 */
import { writeFile } from 'node:fs/promises';
import type { Dialect } from '../src/dialects/dialect.ts';
import { dialects } from '../src/dialects/index.ts';
import type { RecordedAnswer } from '../src/dialects/operation-docs.ts';
import { runExamples, toRecording } from '../test/reference/example-run.ts';

async function record(dialect: Dialect): Promise<void> {
  const answers: Record<string, Record<string, RecordedAnswer>> = {};
  for (const answer of await runExamples(dialect)) {
    answers[answer.operation] = { ...answers[answer.operation], [answer.example]: toRecording(answer) };
  }
  const folder = dialect.id === 'antiphon' ? 'admin' : dialect.id;
  const file = new URL(`../src/dialects/${folder}/${folder}-answers.json`, import.meta.url);
  await writeFile(file, `${JSON.stringify(answers, null, 2)}\n`);
}

const named = process.argv.slice(2);
for (const dialect of dialects.filter(({ id }) => named.length === 0 || named.includes(id))) {
  await record(dialect);
}
