import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextOf, MADE, orderOf, stateOf, testHouse } from '../../../test/job-support.ts';
import { AppError } from '../../base/errors.ts';
import type { AnyJob } from './job.ts';
import type { JobWork } from './job-service.ts';

const ann = contextOf('ann');
const bob = contextOf('bob');

/** A handler that waits until it is let go on, or its signal fires. */
function gate() {
  const begun: JobWork<'request'>[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = async (work: JobWork<'request'>) => {
    begun.push(work);
    const { signal } = work.context;
    const left = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new AppError('cancelled', 'Left.')), { once: true });
    });
    await Promise.race([promise, left]);
    return MADE;
  };
  return { begun, handle, open: resolve };
}

function failing(...errors: readonly unknown[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return MADE;
  };
}

describe('jobs', () => {
  test('a job is written down when it is acknowledged, and succeeds once somebody does jobs', async () => {
    const { jobs, jobRunner, time } = testHouse();
    const job = await jobs.submit(orderOf({ notes: { a: 'b' } }), ann);
    assert.match(job.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(await jobs.find(job.id, 'ann'), job);
    assert.equal(await jobs.find(job.id, 'bob'), undefined);
    jobRunner.start();
    await time.settle();
    const done = await jobs.find(job.id, 'ann');
    assert.deepEqual(done?.state === 'succeeded' && [done.output, done.attempts], [MADE, 1]);
    assert.deepEqual(done?.state === 'succeeded' && done.expiresAt - done.finishedAt, 24 * 60 * 60 * 1000);
    await jobRunner.stop();
  });

  test('a job that is handed in later wakes who does jobs, without waiting for the next look', async () => {
    const { jobs, jobRunner, time } = testHouse();
    jobRunner.start();
    await time.settle();
    const { id } = await jobs.submit(orderOf(), ann);
    await time.settle();
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'succeeded');
    await jobRunner.stop();
  });

  test('an owner with too many jobs is told to come again, and nobody else is', async () => {
    const { jobs } = testHouse({ limits: { waiting: 2 } });
    for (let count = 0; count < 2; count += 1) await jobs.submit(orderOf(), ann);
    await assert.rejects(
      jobs.submit(orderOf(), ann),
      (error) =>
        error instanceof AppError && error.code === 'rate_limited' && error.retryAfterMs !== undefined,
    );
    await jobs.submit(orderOf(), bob);
  });

  test('only so many jobs run at a time, here and of one owner', async () => {
    const { begun, handle, open } = gate();
    const { jobs, jobRunner, time } = testHouse({ handle, limits: { running: 3, perOwner: 2 } });
    for (let count = 0; count < 4; count += 1) await jobs.submit(orderOf(), ann);
    for (let count = 0; count < 4; count += 1) await jobs.submit(orderOf(), bob);
    jobRunner.start();
    await time.settle();
    assert.deepEqual(begun.map(({ job }) => job.ownerId).sort(), ['ann', 'ann', 'bob']);
    open();
    await time.settle();
    assert.equal(begun.length, 8);
    await jobRunner.stop();
  });

  test('a failure that may pass is tried again after a while, three times in all', async () => {
    const down = () => new AppError('engine_failed', 'The engine broke.');
    const { jobs, jobRunner, time } = testHouse({ handle: failing(down(), down()) });
    const { id } = await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'queued');
    await time.advance(1000);
    assert.equal((await jobs.find(id, 'ann'))?.attempts, 1);
    await time.advance(1000);
    assert.deepEqual(
      [stateOf(await jobs.find(id, 'ann')), (await jobs.find(id, 'ann'))?.attempts],
      ['queued', 2],
    );
    await time.advance(4000);
    const done = await jobs.find(id, 'ann');
    assert.deepEqual([stateOf(done), done?.attempts], ['succeeded', 3]);
    await jobRunner.stop();
  });

  test('a failure that goes on ends the job, and the wait that the engine asks for is kept', async () => {
    const busy = () => new AppError('overloaded', 'Full.', { retryAfterMs: 60_000 });
    const { jobs, jobRunner, time } = testHouse({ handle: failing(busy(), busy(), busy()) });
    const { id } = await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.advance(0);
    await time.advance(59_000);
    assert.equal((await jobs.find(id, 'ann'))?.attempts, 1);
    await time.advance(1000);
    await time.advance(60_000);
    const failed = await jobs.find(id, 'ann');
    assert.deepEqual([stateOf(failed), failed?.attempts], ['failed overloaded', 3]);
    await jobRunner.stop();
  });

  for (const code of ['invalid_request', 'not_found', 'unsupported_feature', 'internal'] as const) {
    test(`what fails with ${code} is never tried again`, async () => {
      const error = new AppError(code, 'No.', { param: 'input' });
      const { jobs, jobRunner, time } = testHouse({ handle: failing(error) });
      const { id } = await jobs.submit(orderOf(), ann);
      jobRunner.start();
      await time.settle();
      const failed = await jobs.find(id, 'ann');
      assert.deepEqual(failed?.state === 'failed' && failed.error, { code, message: 'No.', param: 'input' });
      await jobRunner.stop();
    });
  }

  test('the job of a key that was revoked fails without being begun', async () => {
    const { begun, handle } = gate();
    const { jobs, jobRunner, time } = testHouse({ handle, revoked: new Set(['ann']) });
    const { id } = await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'failed unauthenticated');
    assert.equal(begun.length, 0);
    await jobRunner.stop();
  });

  test('a running job tells its progress, which never goes back', async () => {
    const { begun, handle, open } = gate();
    const { jobs, jobRunner, time } = testHouse({ handle });
    const { id } = await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    const progress = async () => {
      await time.advance(1000);
      const job = await jobs.find(id, 'ann');
      return job?.state === 'running' ? job.progress : job?.state;
    };
    for (const told of [0.5, 0.25, Number.NaN]) begun[0]?.context.report?.(told);
    assert.equal(await progress(), 0.5);
    begun[0]?.context.report?.(7);
    assert.equal(await progress(), 1);
    await begun[0]?.remember('http://engine/1');
    assert.equal((await jobs.find(id, 'ann'))?.engineReference, 'http://engine/1');
    open();
    await jobRunner.stop();
  });

  test('a cancelled job is over at once, and whoever works at it hears of it within a second', async () => {
    const { begun, handle } = gate();
    const { jobs, jobRunner, time } = testHouse({ handle });
    const { id } = await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    assert.equal(await jobs.cancel(id, 'bob'), undefined);
    assert.equal(stateOf(await jobs.cancel(id, 'ann')), 'cancelled');
    await time.settle();
    await time.advance(1000);
    assert.equal(begun[0]?.context.signal.aborted, true);
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'cancelled');
    await jobRunner.stop();
  });

  test('another process’s job can be cancelled from here', async () => {
    const { begun, handle } = gate();
    const there = testHouse({ handle });
    const here = testHouse({ store: there.store });
    const { id } = await here.jobs.submit(orderOf(), ann);
    there.jobRunner.start();
    await there.time.settle();
    assert.equal(begun.length, 1);
    await here.jobs.cancel(id, 'ann');
    await there.time.advance(1000);
    assert.equal(begun[0]?.context.signal.aborted, true);
    await there.jobRunner.stop();
  });

  test('whoever stops gives its jobs back, and the next one does them', async () => {
    const { begun, handle } = gate();
    const first = testHouse({ handle });
    const { id } = await first.jobs.submit(orderOf(), ann);
    first.jobRunner.start();
    await first.time.settle();
    await first.jobRunner.stop();
    assert.equal(begun[0]?.context.signal.aborted, true);
    assert.equal(stateOf(await first.jobs.find(id, 'ann')), 'queued');
    const second = testHouse({ store: first.store });
    second.jobRunner.start();
    await second.time.settle();
    const done = await first.jobs.find(id, 'ann');
    assert.deepEqual([stateOf(done), done?.attempts], ['succeeded', 2]);
    await second.jobRunner.stop();
  });

  test('a job whose process vanished is begun anew when its lease has run out, and ends once', async () => {
    const { handle, open } = gate();
    const gone = testHouse({ handle });
    const { id } = await gone.jobs.submit(orderOf(), ann);
    gone.jobRunner.start();
    await gone.time.settle();
    // From here on the time of the first one stands still, as if it had been killed.
    const { jobs, jobRunner, time } = testHouse({ store: gone.store });
    jobRunner.start();
    await time.advance(14_000);
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'running');
    await time.advance(1000);
    const done = await jobs.find(id, 'ann');
    assert.deepEqual([stateOf(done), done?.attempts], ['succeeded', 2]);
    // The first one comes to life again, and finds that the job is not its own any more.
    open();
    await gone.time.settle();
    assert.deepEqual(await jobs.find(id, 'ann'), done);
    await jobRunner.stop();
    await gone.jobRunner.stop();
  });

  test('a job that goes down with its process again and again fails', async () => {
    const { handle } = gate();
    const { jobs, jobRunner, time, store } = testHouse({ handle });
    const { id } = await jobs.submit(orderOf(), ann);
    for (let loss = 0; loss < 11; loss += 1) {
      const claim = { token: `t${loss}`, now: 2_000_000, leaseUntil: 2_000_001, mostPerOwner: 9 };
      await store.jobs.claim({ ...claim, kinds: ['request'] });
      await store.jobs.takeBack(3_000_000);
    }
    jobRunner.start();
    await time.settle();
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'failed internal');
    await jobRunner.stop();
  });

  test('a failed and a cancelled job begin anew when their owner wants it, others do not', async () => {
    const { jobs, jobRunner, time } = testHouse({ handle: failing(new AppError('internal', 'No.')) });
    const { id } = await jobs.submit(orderOf(), ann);
    await assert.rejects(jobs.retry(id, 'ann'), /is queued/);
    jobRunner.start();
    await time.settle();
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'failed internal');
    assert.equal(await jobs.retry(id, 'bob'), undefined);
    assert.equal(stateOf(await jobs.retry(id, 'ann')), 'queued');
    await time.settle();
    assert.equal(stateOf(await jobs.find(id, 'ann')), 'succeeded');
    await assert.rejects(jobs.retry(id, 'ann'), /is succeeded/);
    await jobRunner.stop();
  });

  test('jobs and all their files are forgotten at their end or when their owner wants it', async () => {
    const keep = async ({ job }: JobWork<'request'>) => {
      const id = job.id.replaceAll('-', '');
      await house.files.keep({
        id,
        ownerId: job.ownerId,
        mediaType: 'a/b',
        filename: 'x',
        bytes: new Uint8Array(3),
      });
      return MADE;
    };
    const house = testHouse({ handle: keep, limits: { resultMs: 100_000 } });
    const { jobs, jobRunner, time, blobs } = house;
    jobRunner.start();
    const [first, second] = [await jobs.submit(orderOf(), ann), await jobs.submit(orderOf(), ann)];
    await time.settle();
    assert.equal(blobs.kept.size, 2);
    assert.equal(await jobs.remove(first.id, 'bob'), false);
    assert.equal(await jobs.remove(first.id, 'ann'), true);
    assert.deepEqual([stateOf(await jobs.find(first.id, 'ann')), blobs.kept.size], ['none', 1]);
    await time.advance(99_000);
    assert.equal(stateOf(await jobs.find(second.id, 'ann')), 'succeeded');
    await time.advance(61_000);
    assert.deepEqual([stateOf(await jobs.find(second.id, 'ann')), blobs.kept.size], ['none', 0]);
    await jobRunner.stop();
  });

  test('a watched job is shown at each change until its end, whoever changes it', async () => {
    const { begun, handle, open } = gate();
    const { jobs, jobRunner, time, store } = testHouse({ handle });
    const { id } = await jobs.submit(orderOf(), ann);
    const seen: string[] = [];
    const watching = (async () => {
      const elsewhere = testHouse({ store }).jobs.watch(id, 'ann', AbortSignal.abort());
      for await (const job of elsewhere) assert.fail(`nobody watches ${job.id}`);
      for await (const job of jobs.watch(id, 'ann', new AbortController().signal)) {
        seen.push(job.state === 'running' ? `running ${job.progress}` : job.state);
      }
    })();
    await time.settle();
    jobRunner.start();
    await time.settle();
    begun[0]?.context.report?.(0.5);
    await time.advance(1000);
    open();
    await watching;
    assert.deepEqual(seen, ['queued', 'running 0', 'running 0.5', 'succeeded']);
    await jobRunner.stop();
  });

  test('nobody watches somebody else’s job, and a signal ends the watching', async () => {
    const { jobs, time } = testHouse();
    const { id } = await jobs.submit(orderOf(), ann);
    for await (const job of jobs.watch(id, 'bob', new AbortController().signal)) assert.fail(job.id);
    const stop = new AbortController();
    const seen: AnyJob[] = [];
    const watching = (async () => {
      for await (const job of jobs.watch(id, 'ann', stop.signal)) seen.push(job);
    })();
    await time.settle();
    stop.abort();
    await watching;
    assert.equal(seen.length, 1);
  });

  test('the outlook tells how many jobs go first, and from experience how long it takes', async () => {
    const { begun, handle, open } = gate();
    const { jobs, jobRunner, time } = testHouse({ handle, limits: { running: 1 } });
    const first = await jobs.submit(orderOf(), ann);
    assert.deepEqual(await jobs.outlook(first), { position: 0, etaMs: undefined });
    jobRunner.start();
    await time.settle();
    await time.advance(10_000);
    begun[0]?.context.report?.(0.25);
    await time.advance(10_000);
    const running = (await jobs.find(first.id, 'ann')) ?? assert.fail();
    assert.deepEqual(await jobs.outlook(running), { position: 0, etaMs: 60_000 });
    open();
    await time.settle();
    await jobRunner.stop();
    const [second, third] = [await jobs.submit(orderOf(), ann), await jobs.submit(orderOf(), ann)];
    const other = await jobs.submit(orderOf({ model: 'another' }), bob);
    assert.deepEqual(await jobs.outlook(second), { position: 0, etaMs: 20_000 });
    // One of the same owner, and the other owner’s, whose turn comes before a second one of this owner.
    assert.deepEqual(await jobs.outlook(third), { position: 2, etaMs: 60_000 });
    assert.deepEqual(await jobs.outlook(other), { position: 0, etaMs: 20_000 });
  });
});

describe('announcing the end of jobs', () => {
  const webhook = { url: 'https://example.test/hook', secret: 'c2VjcmV0' };
  const describeJob = async (job: AnyJob) => ({ id: job.id });

  test('the end is told with its name, under one id', async () => {
    const { jobs, jobRunner, time, sent } = testHouse();
    jobRunner.describeWith(describeJob);
    const { id } = await jobs.submit(orderOf({ webhook }), ann);
    await jobs.submit(orderOf(), ann);
    jobRunner.start();
    await time.settle();
    assert.equal(sent.length, 1);
    const body: unknown = JSON.parse(sent[0]?.body ?? '');
    assert.deepEqual(body, {
      type: 'job.succeeded',
      timestamp: new Date(1_000_000).toISOString(),
      data: { id },
    });
    assert.deepEqual(
      [sent[0]?.id, sent[0]?.url, sent[0]?.secret],
      [`msg_${id}_1000000`, webhook.url, webhook.secret],
    );
    await time.advance(10_000_000);
    assert.equal(sent.length, 1);
    await jobRunner.stop();
  });

  test('a receiver who does not listen is told again and again, later and later, also after a restart', async () => {
    const answers = [500, undefined, 302];
    const receive = () => (answers.length > 0 ? answers.shift() : 204);
    const { jobs, jobRunner, time, sent, store } = testHouse({ receive, limits: { resultMs: 1e9 } });
    jobRunner.describeWith(describeJob);
    await jobs.submit(orderOf({ webhook }), ann);
    jobRunner.start();
    await time.advance(1000);
    assert.equal(sent.length, 1);
    await time.advance(5000);
    assert.equal(sent.length, 2);
    await time.advance(20_000);
    assert.equal(sent.length, 2);
    await jobRunner.stop();
    const next = testHouse({ receive, store });
    next.jobRunner.describeWith(describeJob);
    next.jobRunner.start();
    await next.time.advance(40_000);
    assert.equal(next.sent.length, 1);
    await next.time.advance(2 * 60_000);
    assert.equal(next.sent.length, 2);
    assert.equal(new Set([...sent, ...next.sent].map(({ id }) => id)).size, 1);
    await next.time.advance(10_000_000);
    assert.equal(next.sent.length, 2);
    await next.jobRunner.stop();
  });

  test('a receiver that is gone (410) is left alone', async () => {
    const { jobs, jobRunner, time, sent } = testHouse({ receive: () => 410 });
    jobRunner.describeWith(describeJob);
    const { id } = await jobs.submit(orderOf({ webhook }), ann);
    await jobs.cancel(id, 'ann');
    jobRunner.start();
    await time.advance(1000);
    await time.advance(10_000_000);
    assert.equal(sent.length, 1);
    assert.match(sent[0]?.body ?? '', /"job\.cancelled"/);
    await jobRunner.stop();
  });
});
