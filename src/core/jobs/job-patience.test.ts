import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextOf, MADE, orderOf, stateOf, testHouse } from '../../../test/job-support.ts';
import { memoryStore } from '../../../test/support.ts';
import { AppError, SHORTAGE } from '../../base/errors.ts';
import type { Store } from '../ports/store.ts';

const ann = contextOf('ann');

function away(): AppError {
  return new AppError('overloaded', 'The database does not answer.', {
    reason: SHORTAGE,
    retryAfterMs: 2000,
  });
}

/** A store in which jobs cannot be ended or given back while it is away. */
function unreliableStore() {
  const store = memoryStore();
  const state = { away: true, tries: 0 };
  const unless =
    <Given extends unknown[], Result>(act: (...given: Given) => Promise<Result>) =>
    async (...given: Given) => {
      state.tries += 1;
      if (state.away) throw away();
      return act(...given);
    };
  const { jobs } = store;
  const unreliable: Store = {
    ...store,
    jobs: {
      ...jobs,
      finish: unless((lease, ending) => jobs.finish(lease, ending)),
      giveBack: unless((lease, terms) => jobs.giveBack(lease, terms)),
    },
  };
  return { store: unreliable, state };
}

describe('a job whose end cannot be written down', () => {
  test('is ended when the store is back, and done once', async () => {
    const { store, state } = unreliableStore();
    let done = 0;
    const handle = async () => {
      done += 1;
      return MADE;
    };
    const { jobs, jobRunner, time } = testHouse({ store, handle });
    const { id } = await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    for (let second = 0; second < 120; second += 1) await time.advance(1000);
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'running');
    assert.ok(state.tries > 10 && state.tries < 60, `${state.tries}`);
    state.away = false;
    for (let second = 0; second < 6; second += 1) await time.advance(1000);
    const job = await jobs.find(id, 'ann');
    assert.equal(stateOf(job), 'succeeded');
    assert.deepEqual([done, job?.attempts], [1, 1]);
    await jobRunner.stop();
  });

  test('keeps the end of the process waiting for a few seconds at most', async () => {
    const { store } = unreliableStore();
    const { jobs, jobRunner, time } = testHouse({ store });
    await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    let stopped = false;
    const stop = async () => {
      await jobRunner.stop();
      stopped = true;
    };
    const stopping = stop();
    for (let step = 0; step < 8; step += 1) await time.advance(250);
    assert.equal(stopped, false);
    for (let step = 0; step < 8; step += 1) await time.advance(250);
    assert.equal(stopped, true);
    await stopping;
  });
});

test('what this installation lacks is no failure of a job: it waits, however often, and is done then', async () => {
  let lacks = 20;
  const handle = async () => {
    lacks -= 1;
    if (lacks > 0) throw away();
    return MADE;
  };
  const { jobs, jobRunner, time } = testHouse({ handle });
  const { id } = await jobs.submit(orderOf(), ann);
  jobRunner.start();
  for (let step = 0; step < 19; step += 1) {
    assert.notEqual(stateOf(await jobs.find(id, 'ann')), 'succeeded');
    await time.advance(10_000);
  }
  await time.advance(10_000);
  assert.equal(stateOf(await jobs.find(id, 'ann')), 'succeeded');
  await jobRunner.stop();
});

test('a job does not wait for longer than its result would be kept', async () => {
  const handle = async () => {
    throw away();
  };
  const { jobs, jobRunner, time } = testHouse({ handle, limits: { resultMs: 60_000 } });
  const { id } = await jobs.submit(orderOf(), ann);
  jobRunner.start();
  await time.settle();
  for (let step = 0; step < 9; step += 1) await time.advance(10_000);
  assert.equal(stateOf(await jobs.find(id, 'ann')), 'failed overloaded');
  await jobRunner.stop();
});

test('no job is begun while memory is short', async () => {
  const memory = { short: true, isShort: () => memory.short };
  const { jobs, jobRunner, time } = testHouse({ memory });
  const { id } = await jobs.submit(orderOf(), ann);
  jobRunner.start();
  await time.advance(5000);
  assert.equal(stateOf(await jobs.find(id, 'ann')), 'queued');
  memory.short = false;
  await time.advance(1000);
  assert.equal(stateOf(await jobs.find(id, 'ann')), 'succeeded');
  await jobRunner.stop();
});

test('a time of day that is set an hour forward in the middle of a job takes the job from nobody', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let ahead = 0;
  let begun = 0;
  const { jobs, jobRunner, time } = testHouse({
    handle: async () => {
      begun += 1;
      await promise;
      return MADE;
    },
    adjust: (now) => now + ahead,
  });
  const { id } = await jobs.submit(orderOf(), ann);
  jobRunner.start();
  await time.settle();
  await time.advance(1000);
  ahead = 60 * 60 * 1000;
  // Too soon after the last round for leases to be prolonged anyway.
  jobRunner.wake();
  await time.settle();
  resolve();
  await time.settle();
  const job = await jobs.find(id, 'ann');
  assert.deepEqual([stateOf(job), job?.attempts, begun], ['succeeded', 1, 1]);
  await jobRunner.stop();
});
