import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AppError } from '../../base/errors.ts';
import { createGuessGuard } from './guess-guard.ts';

const MINUTE = 60_000;

function guardAt() {
  let now = 5_000;
  const guard = createGuessGuard({ monotonicMs: () => now });
  return {
    /** Guesses so often; how long the last one was told to wait, in milliseconds. */
    guess: (address: string, times = 1): number => {
      let waitMs = 0;
      for (let count = 0; count < times; count += 1) waitMs = tryOnce(() => guard.note(address));
      return waitMs;
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

function tryOnce(note: () => void): number {
  try {
    note();
    return 0;
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.reason], ['rate_limited', 'wrong_keys']);
    return error.retryAfterMs ?? assert.fail('nobody is told when to come again');
  }
}

test('sixty wrong keys a minute are told that they are wrong, and the next to wait a minute', () => {
  const { guess, pass } = guardAt();
  assert.equal(guess('10.0.0.1', 60), 0);
  assert.equal(guess('10.0.0.1'), MINUTE);
  assert.equal(guess('10.0.0.2'), 0);
  pass(20_000);
  assert.equal(guess('10.0.0.1', 5), MINUTE - 20_000);
  pass(40_000);
  assert.equal(guess('10.0.0.1'), 0);
});

test('who guesses slowly is never told to wait', () => {
  const { guess, pass } = guardAt();
  for (let minute = 0; minute < 10; minute += 1) {
    assert.equal(guess('10.0.0.1', 60), 0);
    pass(MINUTE);
  }
});

test('each block is twice as long as the one before, an hour at most, and all is forgotten after a quiet hour', () => {
  const { guess, pass } = guardAt();
  const blocks: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    const waitMs = guess('10.0.0.1', 61);
    blocks.push(waitMs / MINUTE);
    pass(waitMs);
  }
  assert.deepEqual(blocks, [1, 2, 4, 8, 16, 32, 60, 60]);
  pass(60 * MINUTE);
  assert.equal(guess('10.0.0.1', 61), MINUTE);
});

test('all addresses of a /64 network are one, and an IPv4 address is the same in both spellings', () => {
  const { guess } = guardAt();
  for (let host = 1; host <= 60; host += 1) guess(`2001:DB8:0:7::${host.toString(16)}`);
  assert.equal(guess('2001:db8:0:7:1:2:3:4'), MINUTE);
  assert.equal(guess('2001:db8:0:8::1'), 0);
  guess('192.0.2.1', 60);
  assert.equal(guess('::ffff:192.0.2.1'), MINUTE);
  guess('fe80::1%eth0', 60);
  assert.equal(guess('fe80::2'), MINUTE);
  guess('::1', 60);
  assert.equal(guess('::1'), MINUTE);
});

test('a hundred thousand addresses take no more room than ten thousand, and whoever guesses on is not forgotten', () => {
  const { guess } = guardAt();
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  guess('10.0.0.1', 61);
  for (let address = 0; address < 9_999; address += 1) guess(`first-${address}`, 60);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let address = 0; address < 100_000; address += 1) {
    if (address % 5_000 === 0) assert.equal(guess('10.0.0.1'), MINUTE);
    guess(`other-${address}`);
  }
  collect();
  const grownMegabytes = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
  // A map that is twice as large as before takes one more; ninety thousand more addresses would take over ten.
  assert.ok(grownMegabytes < 4, `${grownMegabytes.toFixed(1)} MB`);
  // Whoever went quiet longest is the one that makes room.
  assert.equal(guess('first-0'), 0);
});
