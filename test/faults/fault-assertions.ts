import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Effort } from './scaled-faults.ts';
import { toTable, troubles } from './fault-table.ts';
import type { FaultOutcome } from './fault-trial.ts';

/** As little as shows anything; `bench/faults.ts` has the long form. */
export const SHORT: Effort = { callers: 2, ordered: 3, meanwhile: 6, holdMs: 0 };

/** Nothing was lost, doubled, untrue or worse, and every request is accounted for. */
export function assertSurvived(t: TestContext, outcomes: readonly FaultOutcome[]): void {
  t.diagnostic(`\n${toTable(outcomes)}`);
  assert.deepEqual(troubles(outcomes), []);
  for (const { fault, offered, completed, refused, cut } of outcomes) {
    assert.equal(completed + refused + cut, offered, fault);
    assert.ok(completed > 0, fault);
  }
}

/** The outcome of a fault. */
export function outcomeOf(outcomes: readonly FaultOutcome[], start: string): FaultOutcome {
  return outcomes.find(({ fault }) => fault.startsWith(start)) ?? assert.fail(`no fault '${start}'`);
}
