import assert from 'node:assert/strict';
import { test } from 'node:test';
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
