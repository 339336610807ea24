import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, MADE, orderOf, testHouse } from '../job-support.ts';
import { memoryStore } from '../support.ts';

test('a lease of a second is prolonged well before it ends', async () => {
  const store = memoryStore();
  let renewals = 0;
  const jobs = {
    ...store.jobs,
    renew: (...args: Parameters<typeof store.jobs.renew>) => {
      renewals += 1;
      return store.jobs.renew(...args);
    },
  };
  const work = Promise.withResolvers<typeof MADE>();
  const house = testHouse({
    store: { ...store, jobs, close: () => store.close() },
    limits: { leaseMs: 1000 },
    handle: () => work.promise,
  });
  await house.jobs.submit(orderOf(), contextOf('ann'));
  house.jobRunner.start();
  await house.time.settle();
  for (const _ of [1, 2]) await house.time.advance(400);
  assert.equal(renewals, 2);
  work.resolve(MADE);
  await house.jobRunner.stop();
  await store.close();
});
