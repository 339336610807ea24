import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvived, outcomeOf, SHORT } from './fault-assertions.ts';
import { scaledFaults } from './scaled-faults.ts';

test('on PostgreSQL and S3 no accepted job is lost or done twice, and /ready tells the truth, whatever fails', async (t) => {
  const outcomes = await scaledFaults(SHORT);
  if ('reason' in outcomes) return t.skip(outcomes.reason);
  assertSurvived(t, outcomes);
  const of = (start: string) => outcomeOf(outcomes, start);
  assert.match(of('four nodes migrate').remark, /3 orders of schema 2: succeeded, succeeded, succeeded/);
  const { cut, refused } = of('kill -9 api-1');
  assert.ok(cut + refused > 0, 'nobody noticed that an API node was gone');
  assert.ok(of('the bucket').refused > 0, 'orders were taken without a place for them');
  const dead = outcomes.find(({ fault }) => fault.startsWith('PostgreSQL'));
  if (dead) assert.ok(dead.refused > 0, 'nobody noticed that the database was gone');
  const old = of('a job in a shape');
  assert.match(old.remark, /it ended: failed .*another version of the server/);
  assert.equal(old.refused + old.cut, 0, 'others were harmed by it');
});
