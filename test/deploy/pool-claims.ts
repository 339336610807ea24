import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { surviveNodeKills, type PoolNode, type VisitedPool } from './pool-survival.ts';

interface Kills {
  /** Once each, in this order. */
  readonly killed: readonly PoolNode[];
  readonly visit?: (pool: VisitedPool) => Promise<void>;
}

/** Kills processes of a pool under load, and holds what callers and jobs saw of it to what is promised. */
export async function surviveKills(t: TestContext, { killed, visit }: Kills): Promise<void> {
  const outcomes = await surviveNodeKills({
    rounds: 1,
    killed,
    callers: 2,
    ordered: 4,
    meanwhile: 2,
    ...(visit ? { visit } : {}),
  });
  if ('reason' in outcomes) return t.skip(outcomes.reason);
  for (const outcome of outcomes) t.diagnostic(JSON.stringify(outcome));
  assert.deepEqual(
    outcomes.map(({ fault }) => fault),
    ['none yet', ...killed.map((node) => `kill -9 ${node}`)],
  );
  for (const { fault, offered, completed, refused, broken, failed, lost, doubled } of outcomes) {
    assert.deepEqual(
      { fault, refused, failed, lost, doubled },
      { fault, refused: 0, failed: [], lost: 0, doubled: 0 },
    );
    assert.equal(completed + broken, offered, fault);
  }
  const sum = (of: 'accepted' | 'broken') => outcomes.reduce((total, outcome) => total + outcome[of], 0);
  assert.ok(sum('accepted') > killed.length, 'hardly a job was ordered');
  assert.ok(sum('broken') > 0, 'nothing ran at the processes that were killed');
}
