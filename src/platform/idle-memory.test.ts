import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../core/ports/logger.ts';
import { createIdleMemory, LOOK_MS, type IdleMemoryParts } from './idle-memory.ts';

/** Looks as often as there are shares of time in which there was work, and tells after which looks memory was given back. */
async function lookAt(shares: readonly number[], parts: Partial<IdleMemoryParts> = {}): Promise<number[]> {
  const collected: number[] = [];
  let at = 0;
  const memory = createIdleMemory({
    restMs: 2 * LOOK_MS,
    log: silentLogger,
    busyShare: () => shares[at] ?? 0,
    collect: () => Promise.resolve(void collected.push(at)),
    ...parts,
  });
  for (at = 0; at < shares.length; at += 1) await memory.look();
  return collected;
}

test('gives memory back once it has rested for long enough, and once only', async () => {
  assert.deepEqual(await lookAt([1, 0, 0.001, 0, 0, 0]), [2]);
});

test('gives memory back again after there was work', async () => {
  assert.deepEqual(await lookAt([0, 0, 0, 0.5, 0, 0, 0]), [1, 5]);
});

test('leaves a server alone that never rests for long enough', async () => {
  assert.deepEqual(await lookAt([1, 0, 1, 0, 0.1, 0, 1]), []);
});

test('leaves a large heap alone, whose search everybody would notice', async () => {
  assert.deepEqual(await lookAt([0, 0, 0], { usedBytes: () => 1e9 }), []);
});

test('what was let go of is gone from the heap', async () => {
  let garbage: unknown[] | undefined = Array.from({ length: 500_000 }, (_, index) => ({ index }));
  assert.equal(garbage.length, 500_000);
  const memory = createIdleMemory({ restMs: 0, log: silentLogger, busyShare: () => 0 });
  const before = process.memoryUsage().heapUsed;
  garbage = undefined;
  await memory.look();
  assert.ok(process.memoryUsage().heapUsed < before - 10_000_000);
});

test('says by itself whether there was work', async () => {
  const given: unknown[] = [];
  const memory = createIdleMemory({
    restMs: 0,
    log: silentLogger,
    collect: () => Promise.resolve(void given.push(1)),
  });
  // Nobody knows what was before the first look.
  await memory.look();
  assert.equal(given.length, 0);
  const until = performance.now() + 20;
  while (performance.now() < until);
  await memory.look();
  assert.equal(given.length, 0);
});
