import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockFaults } from './clock-faults.ts';
import { crowdFaults } from './crowd-faults.ts';
import { embeddedFaults } from './embedded-faults.ts';
import { assertSurvived, outcomeOf, SHORT } from './fault-assertions.ts';

test('a node on SQLite and files loses nothing when it or its children are killed, or its disk takes nothing', async (t) => {
  const outcomes = await embeddedFaults(SHORT);
  if ('reason' in outcomes) return t.skip(outcomes.reason);
  assertSurvived(t, outcomes);
  assert.match(outcomeOf(outcomes, 'child processes').remark, /^[1-9]\d* were killed$/);
  if (outcomes.length === 2) return t.skip('no disk can be mounted here');
  for (const fault of ['the disk', 'the data folder'])
    assert.ok(outcomeOf(outcomes, fault).refused > 0, `orders were taken without a place for them: ${fault}`);
});

test('who has a key is served while others hold 2,000 idle connections, are slow, and guess 20,000 keys', async (t) => {
  const crowd = { idle: 2000, slow: 200, guesses: 20_000, untilTurnedAway: false };
  const outcomes = await crowdFaults(SHORT, crowd);
  if ('reason' in outcomes) return t.skip(outcomes.reason);
  assertSurvived(t, outcomes);
  for (const { fault, completed, offered } of outcomes) assert.equal(completed, offered, fault);
  assert.match(outcomeOf(outcomes, '20,000').remark, /^60 × 401, 19940 × 429;/);
});

test('a clock that is set an hour forward, and back, makes no job begin anew', async (t) => {
  const outcomes = await clockFaults(SHORT);
  assertSurvived(t, outcomes);
  for (const { fault, completed, offered, begunAgain } of outcomes)
    assert.deepEqual({ fault, completed, begunAgain }, { fault, completed: offered, begunAgain: 0 });
});
