/**
 * The long form of test/deploy/pool.test.ts: two processes that answer and two that do jobs, behind HAProxy, each killed
 * `ROUNDS` times (5) under load. Fails when a job is lost or doubled, or a request fails that did not run at a killed process.
 */
import { surviveNodeKills } from '../test/deploy/pool-survival.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const outcomes = await surviveNodeKills({ rounds, callers: 4, ordered: 8, meanwhile: 15 });
if ('reason' in outcomes) throw new Error(outcomes.reason);
console.table(
  outcomes.map(({ fault, failed, outMs, inMs, ...counts }) => ({
    fault,
    ...counts,
    failed: failed.length,
    outMs: outMs === undefined ? '' : Math.round(outMs),
    inMs: inMs === undefined ? '' : Math.round(inMs),
  })),
);
const bad = outcomes.flatMap(({ failed, lost, doubled }) =>
  failed.length + lost + doubled > 0 ? [failed] : [],
);
// What ends the database at the end would also make an exit code of 0.
if (bad.length > 0)
  throw new Error(`A request failed, or a job was lost or doubled. ${bad.flat().join(' ')}`);
