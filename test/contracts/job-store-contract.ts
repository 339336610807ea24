import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JobQuery } from '../../src/core/jobs/job-service.ts';
import type { AnyJob, JobKind } from '../../src/core/jobs/job.ts';
import type { ClaimedJob, JobClaim, JobStore } from '../../src/core/ports/job-store.ts';
import type { Store } from '../../src/core/ports/store.ts';
import type { StorePlace } from './store-contract.ts';

type Queued = AnyJob & { readonly state: 'queued' };

/** A job that somebody ordered. */
export function queuedJob(id: string, facts: Partial<Queued> = {}): Queued {
  return {
    id,
    kind: 'request',
    ownerId: 'ann',
    dialect: 'openai',
    model: 'tts-1',
    priority: 'interactive',
    input: { method: 'POST', url: '/openai/v1/audio/speech', headers: { accept: 'a “quoted” type' } },
    notes: { size: '720x1280' },
    createdAt: 1,
    attempts: 0,
    state: 'queued',
    ...facts,
  } as Queued; // Every fact of a queued job of this kind is there.
}

let tokens = 0;

/** Claims a job at a time, as a worker of its own. */
export function claimJob(jobs: JobStore, facts: Partial<JobClaim> = {}): Promise<ClaimedJob | undefined> {
  tokens += 1;
  const usual = { token: `token-${tokens}`, now: 100, leaseUntil: 200, mostPerOwner: 100 };
  const kinds: readonly JobKind[] = ['request', 'sound', 'video'];
  return jobs.claim({ ...usual, kinds, ...facts });
}

const ENOUGH = 1_000_000;
const DONE = { state: 'succeeded', finishedAt: 150, expiresAt: 1000 } as const;
const OUTPUT = { status: 200, headers: { 'content-type': 'audio/mpeg' }, blob: 'files/1', byteLength: 3 };
const FAILED = { state: 'failed', finishedAt: 160, expiresAt: 1000 } as const;

async function begin(jobs: JobStore, facts: Partial<JobClaim> = {}): Promise<ClaimedJob> {
  return (await claimJob(jobs, facts)) ?? assert.fail('nothing to claim');
}

/** The owners of the next so many jobs, in the order in which they are begun. */
async function orderOf(jobs: JobStore, count: number, facts: Partial<JobClaim> = {}): Promise<string> {
  const order: string[] = [];
  for (let index = 0; index < count; index += 1) order.push((await begin(jobs, facts)).job.id);
  return order.join(' ');
}

/** What every store of jobs promises. */
export function describeJobStoreContract(name: string, makePlace: () => Promise<StorePlace>): void {
  const onStore = async (use: (jobs: JobStore, second: JobStore, store: Store) => Promise<void>) => {
    const place = await makePlace();
    const stores = [await place.open(), await place.open()] as const;
    try {
      await use(stores[0].jobs, stores[1].jobs, stores[0]);
    } finally {
      for (const store of stores) await store.close();
      await place.remove();
    }
  };
  const fill = async (jobs: JobStore, ...all: readonly Queued[]) => {
    for (const job of all) assert.equal(await jobs.add(job, ENOUGH), true);
  };

  describe(`${name} jobs`, () => {
    test('a job comes back as it was written, for its owner only', () =>
      onStore(async (jobs, second) => {
        const webhook = { url: 'https://example.test/hook', secret: 'c2VjcmV0', origin: 'http://here' };
        const job = queuedJob('a', { webhook, priority: 'batch' });
        await fill(jobs, job);
        assert.deepEqual(await second.find('a', 'ann'), job);
        assert.equal(await second.find('a', 'bob'), undefined);
        assert.equal(await second.find('b', 'ann'), undefined);
      }));

    test('an owner with too many waiting jobs gets no further one in, and others do', () =>
      onStore(async (jobs) => {
        assert.equal(await jobs.add(queuedJob('a'), 2), true);
        assert.equal(await jobs.add(queuedJob('b'), 2), true);
        assert.equal(await jobs.add(queuedJob('c'), 2), false);
        assert.equal(await jobs.find('c', 'ann'), undefined);
        assert.equal(await jobs.add(queuedJob('d', { ownerId: 'bob' }), 2), true);
        await begin(jobs);
        assert.equal(await jobs.add(queuedJob('c'), 2), true);
      }));

    test('lists page both ways through jobs of the same moment, and show only the owner’s', () =>
      onStore(async (jobs) => {
        for (const id of ['a', 'b', 'c', 'd', 'e']) {
          await fill(
            jobs,
            queuedJob(id, { createdAt: id === 'a' ? 1 : 2, dialect: id === 'c' ? 'eigen' : 'openai' }),
          );
        }
        await fill(jobs, queuedJob('x', { ownerId: 'bob' }));
        const ids = async (query: Partial<JobQuery>) => {
          const found = await jobs.list({ ownerId: 'ann', order: 'newest_first', limit: 2, ...query });
          return found.map(({ id }) => id).join('');
        };
        assert.equal(await ids({}), 'ed');
        assert.equal(await ids({ afterId: 'd' }), 'cb');
        assert.equal(await ids({ afterId: 'b' }), 'a');
        assert.equal(await ids({ order: 'oldest_first', afterId: 'b' }), 'cd');
        assert.equal(await ids({ afterId: 'x' }), '');
        assert.equal(await ids({ dialect: 'eigen' }), 'c');
        assert.equal(await ids({ kind: 'video' }), '');
        assert.equal(await ids({ ownerId: 'bob' }), 'x');
      }));

    test('two workers never share a job, and all jobs are done', () =>
      onStore(async (jobs, second) => {
        for (let index = 0; index < 40; index += 1) await fill(jobs, queuedJob(`job-${index}`));
        const claims = Array.from({ length: 50 }, (_, index) => claimJob(index % 2 === 0 ? jobs : second));
        const claimed = (await Promise.all(claims)).flatMap((one) => one?.job.id ?? []);
        assert.equal(claimed.length, 40);
        assert.equal(new Set(claimed).size, 40);
      }));

    test('a claimed job runs, and counts how often it was begun', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a'));
        const { job, failures, losses } = await begin(jobs);
        const running = { ...queuedJob('a'), state: 'running', attempts: 1, startedAt: 100, progress: 0 };
        assert.deepEqual(job, running);
        assert.deepEqual(await jobs.find('a', 'ann'), running);
        assert.deepEqual([failures, losses], [0, 0]);
      }));

    test('turns go round the owners, an interactive job before one of a batch, the oldest first', () =>
      onStore(async (jobs) => {
        for (let index = 0; index < 4; index += 1)
          await fill(jobs, queuedJob(`a${index}`, { createdAt: index }));
        await fill(
          jobs,
          queuedJob('b0', { ownerId: 'bob', createdAt: 50, priority: 'batch' }),
          queuedJob('b1', { ownerId: 'bob', createdAt: 60 }),
          queuedJob('c0', { ownerId: 'cat', createdAt: 70 }),
        );
        assert.equal(await orderOf(jobs, 7), 'a0 b1 c0 a1 b0 a2 a3');
      }));

    test('an owner of twice the weight gets twice the turns', () =>
      onStore(async (jobs) => {
        for (let index = 0; index < 6; index += 1) {
          await fill(jobs, queuedJob(`a${index}`), queuedJob(`b${index}`, { ownerId: 'bob' }));
        }
        const order = await orderOf(jobs, 6, { weights: { bob: 2 } });
        assert.equal(order.match(/b/g)?.length, 4, order);
      }));

    test('an owner at the limit is passed over until a job of theirs ends', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a0'), queuedJob('a1'), queuedJob('b0', { ownerId: 'bob', createdAt: 9 }));
        const first = await begin(jobs, { mostPerOwner: 1 });
        assert.equal((await begin(jobs, { mostPerOwner: 1 })).job.id, 'b0');
        assert.equal(await claimJob(jobs, { mostPerOwner: 1 }), undefined);
        await jobs.finish(first.lease, { ...DONE, output: OUTPUT });
        assert.equal((await begin(jobs, { mostPerOwner: 1 })).job.id, 'a1');
      }));

    test('only jobs of the kinds that are asked for are begun', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a'), queuedJob('b', { kind: 'video', createdAt: 5 }));
        assert.equal((await begin(jobs, { kinds: ['video', 'sound'] })).job.id, 'b');
        assert.equal(await claimJob(jobs, { kinds: ['video', 'sound'] }), undefined);
        assert.equal((await begin(jobs)).job.id, 'a');
      }));

    test('a job ends exactly once, and only for whoever holds it', () =>
      onStore(async (jobs, second) => {
        await fill(jobs, queuedJob('a'));
        const { lease } = await begin(jobs);
        const forged = { jobId: 'a', token: 'another' };
        assert.equal(await second.finish(forged, { ...DONE, output: OUTPUT }), undefined);
        const ended = await jobs.finish(lease, { ...DONE, output: OUTPUT });
        assert.deepEqual(ended, { ...queuedJob('a'), attempts: 1, startedAt: 100, ...DONE, output: OUTPUT });
        assert.deepEqual(await second.find('a', 'ann'), ended);
        const error = { code: 'internal', message: 'too late' } as const;
        assert.equal(await second.finish(lease, { ...FAILED, error }), undefined);
        assert.equal(await jobs.giveBack(lease, { availableAt: 0, failed: true }), false);
        assert.deepEqual(await jobs.find('a', 'ann'), ended);
      }));

    test('a vanished worker’s job returns when its lease ends, and the vanished one cannot end it', () =>
      onStore(async (jobs, second) => {
        await fill(jobs, queuedJob('a'));
        const { lease } = await begin(jobs, { leaseUntil: 200 });
        assert.equal(await second.takeBack(199), 0);
        assert.deepEqual(await jobs.renew([{ ...lease, progress: 0.5 }], 300), ['a']);
        assert.equal(await second.takeBack(299), 0);
        assert.equal(await second.takeBack(300), 1);
        assert.deepEqual(await jobs.find('a', 'ann'), queuedJob('a', { attempts: 1 }));
        const again = await begin(second, { now: 400, leaseUntil: 500 });
        assert.deepEqual([again.job.attempts, again.losses], [2, 1]);
        assert.deepEqual(await jobs.renew([{ ...lease, progress: 0.9 }], 900), []);
        assert.equal(await jobs.remember(lease, 'elsewhere'), false);
        assert.equal(await jobs.finish(lease, { ...DONE, output: OUTPUT }), undefined);
        assert.ok(await second.finish(again.lease, { ...DONE, output: OUTPUT }));
      }));

    test('progress and the engine’s reference are kept', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a'));
        const { lease } = await begin(jobs);
        await jobs.renew([{ ...lease, progress: 0.25 }], 300);
        assert.equal(await jobs.remember(lease, 'http://engine/7'), true);
        const job = await jobs.find('a', 'ann');
        assert.equal(job?.state === 'running' && job.progress, 0.25);
        assert.equal(job?.engineReference, 'http://engine/7');
      }));

    test('a job that was given back keeps its place, and is not begun before its time', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a'), queuedJob('b', { createdAt: 2 }));
        const { lease } = await begin(jobs);
        assert.equal(await jobs.giveBack(lease, { availableAt: 500, failed: true }), true);
        assert.equal((await begin(jobs, { now: 499 })).job.id, 'b');
        assert.equal(await claimJob(jobs, { now: 499 }), undefined);
        const again = await begin(jobs, { now: 500 });
        assert.deepEqual([again.job.id, again.failures, again.losses], ['a', 1, 0]);
      }));

    test('a queued and a running job can be cancelled, once, by their owner, and whoever holds them loses them', () =>
      onStore(async (jobs, second) => {
        await fill(jobs, queuedJob('a'), queuedJob('b', { createdAt: 2 }));
        const { lease } = await begin(jobs);
        const times = { finishedAt: 170, expiresAt: 900 };
        assert.equal(await second.cancel('a', 'bob', times), undefined);
        assert.deepEqual(await second.cancel('a', 'ann', times), {
          ...queuedJob('a', { attempts: 1 }),
          state: 'cancelled',
          ...times,
        });
        assert.ok(await second.cancel('b', 'ann', times));
        assert.equal(await second.cancel('b', 'ann', times), undefined);
        assert.deepEqual(await jobs.renew([{ ...lease, progress: 1 }], 300), []);
        assert.equal(await jobs.finish(lease, { ...DONE, output: OUTPUT }), undefined);
        assert.equal(await claimJob(jobs), undefined);
      }));

    test('a failed job begins anew as the last of the line, as if it had never been begun', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a'), queuedJob('b', { createdAt: 2 }));
        const { lease } = await begin(jobs);
        const at = { now: 300, mostWaiting: 5 };
        assert.equal(await jobs.restart('a', 'ann', at), undefined);
        const error = { code: 'engine_failed', message: 'It broke.', param: 'input' } as const;
        const failed = await jobs.finish(lease, { ...FAILED, error });
        assert.deepEqual(failed, { ...queuedJob('a', { attempts: 1 }), startedAt: 100, ...FAILED, error });
        assert.equal(await jobs.restart('a', 'bob', at), undefined);
        assert.equal(await jobs.restart('a', 'ann', { ...at, mostWaiting: 1 }), undefined);
        assert.deepEqual(await jobs.restart('a', 'ann', at), queuedJob('a'));
        assert.equal(await orderOf(jobs, 2, { now: 400 }), 'b a');
      }));

    test('only a job that has ended is removed, by its owner, and expired ones of all owners are found', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a'), queuedJob('b', { ownerId: 'bob' }), queuedJob('c'));
        assert.equal(await jobs.remove('a', 'ann'), false);
        await jobs.cancel('a', 'ann', { finishedAt: 1, expiresAt: 50 });
        await jobs.cancel('b', 'bob', { finishedAt: 1, expiresAt: 40 });
        const expired = async (now: number) => (await jobs.listExpired(now, 10)).map(({ id }) => id).join('');
        assert.deepEqual([await expired(39), await expired(49), await expired(50)], ['', 'b', 'ba']);
        assert.equal(await jobs.remove('a', 'bob'), false);
        assert.equal(await jobs.remove('a', 'ann'), true);
        assert.equal(await jobs.find('a', 'ann'), undefined);
      }));

    test('the line before a job counts its owner’s earlier ones, and the others’', () =>
      onStore(async (jobs) => {
        await fill(
          jobs,
          queuedJob('a0'),
          queuedJob('a1', { createdAt: 2 }),
          queuedJob('a2', { createdAt: 3, priority: 'batch' }),
          queuedJob('a3', { createdAt: 4 }),
          queuedJob('b0', { ownerId: 'bob', createdAt: 5 }),
          queuedJob('b1', { ownerId: 'bob', createdAt: 6 }),
          queuedJob('c0', { ownerId: 'cat', kind: 'video', createdAt: 7 }),
        );
        await begin(jobs);
        const line = { own: 1, ownRunning: 1, others: [{ queued: 2, running: 0 }] };
        assert.deepEqual(await jobs.line(queuedJob('a3')), line);
        assert.deepEqual(await jobs.line(queuedJob('a2')), { ...line, own: 2 });
      }));

    test('how long the latest jobs took is known, of a model and of all', () =>
      onStore(async (jobs) => {
        for (const [id, model, finishedAt] of [
          ['a', 'm1', 110],
          ['b', 'm2', 120],
          ['c', 'm1', 130],
        ] as const) {
          await fill(jobs, queuedJob(id, { model }));
          await jobs.finish((await begin(jobs)).lease, { ...DONE, finishedAt, output: OUTPUT });
        }
        const kind = 'request';
        assert.deepEqual(await jobs.durations({ kind, limit: 2 }), [30, 20]);
        assert.deepEqual(await jobs.durations({ kind, model: 'm1', limit: 9 }), [30, 10]);
        assert.deepEqual(await jobs.durations({ kind: 'video', limit: 9 }), []);
      }));

    test('an end with a webhook is announced until it is settled, by one at a time, and others never', () =>
      onStore(async (jobs, second) => {
        const webhook = { url: 'https://example.test/' };
        await fill(jobs, queuedJob('a', { webhook }), queuedJob('b', { createdAt: 2 }));
        assert.equal(await jobs.claimNotice({ now: 900, againAt: 1000 }), undefined);
        for (let count = 0; count < 2; count += 1) {
          await jobs.finish((await begin(jobs)).lease, { ...DONE, output: OUTPUT });
        }
        assert.equal(await jobs.claimNotice({ now: 149, againAt: 200 }), undefined);
        const first = await jobs.claimNotice({ now: 150, againAt: 200 });
        assert.deepEqual([first?.job, first?.attempts], [await jobs.find('a', 'ann'), 1]);
        assert.equal(await second.claimNotice({ now: 199, againAt: 300 }), undefined);
        assert.equal((await second.claimNotice({ now: 200, againAt: 300 }))?.attempts, 2);
        await jobs.settleNotice('a', { finishedAt: 1, againAt: 5 });
        assert.equal(await jobs.claimNotice({ now: 299, againAt: 400 }), undefined);
        await jobs.settleNotice('a', { finishedAt: 150 });
        assert.equal(await jobs.claimNotice({ now: 10_000, againAt: 20_000 }), undefined);
      }));

    test('a cancelled job is announced, and one that begins anew is announced again at its end', () =>
      onStore(async (jobs) => {
        await fill(jobs, queuedJob('a', { webhook: { url: 'https://example.test/' } }));
        await jobs.cancel('a', 'ann', { finishedAt: 170, expiresAt: 900 });
        assert.equal((await jobs.claimNotice({ now: 170, againAt: 180 }))?.job.state, 'cancelled');
        await jobs.restart('a', 'ann', { now: 200, mostWaiting: 5 });
        assert.equal(await jobs.claimNotice({ now: 900, againAt: 1000 }), undefined);
        await jobs.finish((await begin(jobs, { now: 200 })).lease, { ...DONE, output: OUTPUT });
        assert.equal((await jobs.claimNotice({ now: 150, againAt: 180 }))?.attempts, 1);
      }));
  });

  describe(`${name} files and secrets`, () => {
    const file = {
      id: 'f'.repeat(32),
      ownerId: 'ann',
      mediaType: 'video/mp4',
      filename: 'a “film”.mp4',
      byteLength: 5_000_000_000,
      createdAt: 1,
      expiresAt: 100,
    };

    test('a file is its owner’s; the same id takes its place, but never from somebody else', () =>
      onStore(async (_jobs, _second, { files }) => {
        assert.equal(await files.put(file), true);
        assert.deepEqual(await files.find(file.id, 'ann'), file);
        assert.equal(await files.find(file.id, 'bob'), undefined);
        assert.deepEqual(await files.findAnyones(file.id), file);
        const next = { ...file, byteLength: 7, expiresAt: 200 };
        assert.equal(await files.put(next), true);
        assert.equal(await files.put({ ...next, ownerId: 'bob' }), false);
        assert.deepEqual(await files.findAnyones(file.id), next);
        assert.equal(await files.remove(file.id, 'bob'), false);
        assert.equal(await files.remove(file.id, 'ann'), true);
        assert.equal(await files.findAnyones(file.id), undefined);
      }));

    test('files that have expired are found, the oldest first', () =>
      onStore(async (_jobs, _second, { files }) => {
        for (const [id, expiresAt] of [
          ['b', 20],
          ['a', 10],
          ['c', 30],
        ] as const)
          await files.put({ ...file, id, expiresAt });
        const ids = async (now: number, limit: number) =>
          (await files.listExpired(now, limit)).map(({ id }) => id).join('');
        assert.deepEqual([await ids(9, 5), await ids(20, 5), await ids(99, 2)], ['', 'ab', 'ab']);
      }));

    test('jobs that have not ended are counted by kind, with when the oldest one began to wait', () =>
      onStore(async (jobs, second) => {
        assert.deepEqual(await jobs.tally(), []);
        await fill(
          jobs,
          queuedJob('a', { createdAt: 5 }),
          queuedJob('b', { createdAt: 7, ownerId: 'bob' }),
          queuedJob('c', { createdAt: 9, kind: 'sound' }),
          queuedJob('d', { createdAt: 3 }),
        );
        const sound = { kind: 'sound', queued: 1, running: 0, waitingSince: 9 };
        assert.deepEqual(await second.tally(), [
          { kind: 'request', queued: 3, running: 0, waitingSince: 3 },
          sound,
        ]);
        const begun = await begin(jobs, { kinds: ['request'] });
        await begin(jobs, { kinds: ['request'] });
        await begin(jobs, { kinds: ['request'] });
        assert.deepEqual(await second.tally(), [
          { kind: 'request', queued: 0, running: 3, waitingSince: undefined },
          sound,
        ]);
        await jobs.finish(begun.lease, { ...DONE, output: OUTPUT });
        assert.equal((await jobs.tally())[0]?.running, 2);
      }));

    test('a secret is made once, for everybody who opens the store, and differs by name', async () => {
      const place = await makePlace();
      const stores = [await place.open(), await place.open()];
      try {
        const made = await Promise.all(stores.map((store) => store.secrets.getOrCreate('one')));
        assert.equal(made[0]?.length, 32);
        assert.deepEqual(made[0], made[1]);
        assert.notDeepEqual(made[0], await stores[0]?.secrets.getOrCreate('two'));
      } finally {
        for (const store of stores) await store.close();
        await place.remove();
      }
    });
  });
}
