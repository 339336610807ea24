import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext, testPrincipal } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { createEngineRunner } from './engine-runner.ts';

/** A context of somebody with a key of this name. */
function caller(id: string) {
  return testContext({ principal: testPrincipal(id) });
}

/** An engine with so many slots, and a clock that is put forward by hand. */
function running(concurrency = 1) {
  let time = 0;
  const engine = toneEngine({ concurrency });
  const runner = createEngineRunner({ monotonicMs: () => time });
  const acquire = (id: string) => runner.acquire(engine, caller(id));
  return {
    acquire,
    load: () => runner.load(engine),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    /** Fills the waiting room, as far as one owner may unless told, with requests that nobody ever hears of again. */
    fill: (id: string, requests = 256) => {
      for (let count = 0; count < requests; count += 1) void acquire(id);
    },
  };
}

async function retryAfterOf(refused: Promise<unknown>): Promise<number> {
  const error: unknown = await refused.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error && 'code' in error && 'retryAfterMs' in error, 'it was let in');
  assert.equal(error.code, 'overloaded');
  return Number(error.retryAfterMs);
}

test('one key has at most 256 requests waiting, and another still gets a place and its turn', async () => {
  const { acquire, fill, load } = running();
  const release = await acquire('greedy');
  const first = acquire('greedy');
  fill('greedy', 255);
  assert.ok((await retryAfterOf(acquire('greedy'))) >= 1000);
  const modest = acquire('modest');
  assert.deepEqual(load(), { running: 1, waiting: 257 });
  release();
  const releaseFirst = await first;
  releaseFirst();
  const releaseModest = await modest;
  assert.deepEqual(load(), { running: 1, waiting: 255 });
  releaseModest();
});

test('the time to stay away follows how long requests have lately taken and how many are in front', async () => {
  const { acquire, fill, pass } = running(4);
  for (let count = 0; count < 100; count += 1) {
    const release = await acquire('a');
    pass(count < 50 ? 60_000 : 100);
    release();
  }
  await Promise.all([acquire('a'), acquire('a'), acquire('a'), acquire('a')]);
  fill('a');
  // 257 requests of about 100 ms each through four slots; the long ones are long ago.
  const soon = await retryAfterOf(acquire('a'));
  assert.ok(soon > 6000 && soon < 7000, `${soon} ms`);
});

test('before anything has ended, the time is told by what runs; it is never below 1 s nor above 59 s', async () => {
  const { acquire, fill, pass } = running();
  await acquire('a');
  fill('a');
  assert.equal(await retryAfterOf(acquire('a')), 1000);
  pass(20);
  assert.equal(await retryAfterOf(acquire('a')), 257 * 20);
  pass(60_000);
  assert.equal(await retryAfterOf(acquire('a')), 59_000);
});
