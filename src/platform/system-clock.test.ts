import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSteadyClock } from './system-clock.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A machine whose clock somebody sets. */
function machine() {
  const state = { wall: 1_000_000_000, passed: 0 };
  const clock = createSteadyClock({ now: () => state.wall, monotonicMs: () => state.passed });
  const pass = (milliseconds: number) => {
    state.wall += milliseconds;
    state.passed += milliseconds;
    return clock.now();
  };
  return { state, clock, pass };
}

test('a clock that goes as it should is followed to the millisecond', () => {
  const { state, pass } = machine();
  for (const step of [0, 1, 7, 1000, HOUR_MS]) assert.equal(pass(step), state.wall);
});

test('a clock that is set forward is followed at once', () => {
  const { state, clock } = machine();
  state.wall += HOUR_MS;
  assert.equal(clock.now(), state.wall);
});

test('a clock that is set back is not: ours goes on, slower, until they agree', () => {
  const { state, clock, pass } = machine();
  const before = clock.now();
  state.wall -= HOUR_MS;
  assert.equal(clock.now(), before);
  assert.equal(pass(1000), before + 500);
  assert.equal(pass(HOUR_MS), before + 500 + HOUR_MS / 2);
  assert.ok(clock.now() > state.wall);
  pass(HOUR_MS);
  assert.equal(clock.now(), state.wall);
  assert.equal(pass(1), state.wall);
});
