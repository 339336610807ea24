import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withHeartbeats, withinTime } from './heartbeats.ts';

const PATIENT = { everyMs: 60_000, beat: '?' };

test('sends a heartbeat whenever nothing came for a while, and then goes on with the lines', async () => {
  const gate = Promise.withResolvers<void>();
  async function* lines() {
    yield 'one';
    await gate.promise;
    yield 'two';
  }
  const seen: string[] = [];
  for await (const line of withHeartbeats(lines(), { everyMs: 5, beat: '?' })) {
    seen.push(line);
    if (seen.length === 4) gate.resolve();
  }
  assert.deepEqual(seen.slice(0, 4), ['one', '?', '?', '?']);
  assert.deepEqual([...new Set(seen)], ['one', '?', 'two']);
  assert.equal(seen.at(-1), 'two');
});

test('sends no heartbeat while the lines keep coming', async () => {
  async function* lines() {
    yield* ['one', 'two'];
  }
  assert.deepEqual(await Array.fromAsync(withHeartbeats(lines(), PATIENT)), ['one', 'two']);
});

test('passes a failure on', async () => {
  async function* lines() {
    yield 'one';
    throw new Error('The line is down.');
  }
  await assert.rejects(Array.fromAsync(withHeartbeats(lines(), PATIENT)), /The line is down/);
});

test('ends the lines when nobody listens any more', async () => {
  let ended = false;
  async function* lines() {
    try {
      yield 'one';
      yield 'two';
    } finally {
      ended = true;
    }
  }
  for await (const line of withHeartbeats(lines(), PATIENT)) {
    assert.equal(line, 'one');
    break;
  }
  assert.ok(ended);
});

test('asks for the next line only when it is wanted', async () => {
  let made = 0;
  async function* lines() {
    for (;;) yield String((made += 1));
  }
  const heard = withHeartbeats(lines(), PATIENT);
  await heard.next();
  await heard.next();
  assert.equal(made, 2);
  await heard.return(undefined);
});

test('gives what came in time, nothing where it did not, and a failure as it is', async () => {
  assert.deepEqual(await withinTime(Promise.resolve(7), 60_000), { value: 7 });
  assert.deepEqual(await withinTime(Promise.resolve(undefined), 60_000), { value: undefined });
  assert.equal(await withinTime(new Promise(() => {}), 1), undefined);
  await assert.rejects(withinTime(Promise.reject(new Error('No.')), 60_000), /No\./);
});

test('a promise that fails after it was given up disturbs nobody', async () => {
  const late = Promise.withResolvers<void>();
  assert.equal(await withinTime(late.promise, 1), undefined);
  late.reject(new Error('Too late.'));
  await new Promise((resolve) => setImmediate(resolve));
});
