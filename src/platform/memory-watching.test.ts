import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, type LogFields } from '../core/ports/logger.ts';
import { createMemoryWatch } from './memory-watching.ts';

function watch(percent = 90) {
  const state = { used: 0, reads: 0, now: 0, logged: [] as LogFields[] };
  const memory = createMemoryWatch({
    read: () => {
      state.reads += 1;
      return [
        { of: 'container', usedBytes: 1, limitBytes: 1000 },
        { of: 'machine', usedBytes: state.used, limitBytes: 1000 },
      ];
    },
    percent: () => percent,
    log: { ...silentLogger, warn: (fields) => void state.logged.push(fields) },
    monotonicMs: () => state.now,
  });
  return { memory, state };
}

test('memory is short from the share on, of whichever limit is nearest, and not any more below it', () => {
  const { memory, state } = watch();
  for (const [used, short] of [
    [899, false],
    [900, true],
    [1200, true],
    [500, false],
  ] as const) {
    state.used = used;
    state.now += 1000;
    assert.equal(memory.isShort(), short, `${used}`);
  }
});

test('a flood of questions does not look each time, and a shortage is logged once a minute', () => {
  const { memory, state } = watch();
  state.used = 950;
  for (let count = 0; count < 1000; count += 1) assert.ok(memory.isShort());
  assert.equal(state.reads, 1);
  for (let count = 0; count < 60; count += 1) {
    state.now += 1000;
    memory.isShort();
  }
  const tight = { of: 'machine', usedBytes: 950, limitBytes: 1000 };
  assert.deepEqual(state.logged, [tight, tight]);
});

test('a hundred percent is never reached', () => {
  const { memory, state } = watch(100);
  state.used = 5000;
  assert.equal(memory.isShort(), false);
});
