import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockFaults } from './clock-faults.ts';
import { crowdFaults } from './crowd-faults.ts';
import { assertSurvived, outcomeOf, SHORT } from './fault-assertions.ts';

test('who has a key is served while others hold hundreds of idle connections, are slow, and guess thousands of keys', async (t) => {
  const crowd = { idle: 400, slow: 60, guesses: 3000, untilTurnedAway: false };
  const outcomes = await crowdFaults(SHORT, crowd);
  if ('reason' in outcomes) return t.skip(outcomes.reason);
  assertSurvived(t, outcomes);
  for (const { fault, completed, offered } of outcomes) assert.equal(completed, offered, fault);
  assert.match(outcomeOf(outcomes, '3,000').remark, /^60 × 401, 2940 × 429;/);
});

test('a clock that is set an hour forward, and back, makes no job begin anew', async (t) => {
  const outcomes = await clockFaults(SHORT);
  assertSurvived(t, outcomes);
  for (const { fault, completed, offered, begunAgain } of outcomes)
    assert.deepEqual({ fault, completed, begunAgain }, { fault, completed: offered, begunAgain: 0 });
});
