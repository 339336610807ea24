/**
 * Jobs on SQLite on disk, without HTTP and without any work: how fast they are written down, begun and ended, with few
 * and with very many waiting, and who is served when when one key has forty of them and another comes with three.
 * Prints Markdown tables.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyJob } from '../src/core/jobs/job.ts';
import type { ClaimedJob, JobStore } from '../src/core/ports/job-store.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';

const JOBS = Number(process.env['JOBS'] ?? 2000);
const MANY = Number(process.env['MANY'] ?? 100_000);
const SLOTS = 4;

function jobOf(ownerId: string): AnyJob & { readonly state: 'queued' } {
  return {
    id: randomUUID(),
    kind: 'request',
    ownerId,
    dialect: 'openai',
    model: 'tts-1',
    priority: 'interactive',
    input: { method: 'POST', url: '/v1/audio/speech', headers: { 'content-type': 'application/json' } },
    notes: {},
    createdAt: Date.now(),
    attempts: 0,
    state: 'queued',
  };
}

function claimFrom(jobs: JobStore): Promise<ClaimedJob | undefined> {
  const now = Date.now();
  const most = { kinds: ['request'], mostPerOwner: SLOTS } as const;
  return jobs.claim({ token: randomUUID(), now, leaseUntil: now + 15_000, ...most });
}

async function finish(jobs: JobStore, { lease }: ClaimedJob): Promise<void> {
  const output = { status: 200, headers: {}, blob: 'files/none', byteLength: 0 };
  const finishedAt = Date.now();
  await jobs.finish(lease, { state: 'succeeded', output, finishedAt, expiresAt: finishedAt + 86_400_000 });
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let done = 0; done < count; done += 1) await work();
  return (count / (performance.now() - startedAt)) * 1000;
}

async function measure(jobs: JobStore, label: string): Promise<void> {
  const submitted = await perSecond(JOBS, async () => {
    if (!(await jobs.add(jobOf(`owner ${Math.floor(Math.random() * 10)}`), MANY * 2)))
      throw new Error('no room');
  });
  const claimed = await perSecond(JOBS, async () => {
    const job = await claimFrom(jobs);
    if (!job) throw new Error('There is nothing to do.');
    await finish(jobs, job);
  });
  console.log(`| ${label} | ${submitted.toFixed(0)} | ${claimed.toFixed(0)} |`);
}

/** Who begins when: forty jobs of one key lie there when three of another come, and four run at the same time. */
async function positions(jobs: JobStore): Promise<number[]> {
  for (let index = 0; index < 40; index += 1) await jobs.add(jobOf('many'), MANY);
  for (let index = 0; index < 3; index += 1) await jobs.add(jobOf('few'), MANY);
  const begun: string[] = [];
  const running: ClaimedJob[] = [];
  for (;;) {
    const claimed = running.length < SLOTS ? await claimFrom(jobs) : undefined;
    if (claimed) {
      begun.push(claimed.job.ownerId);
      running.push(claimed);
      continue;
    }
    const oldest = running.shift();
    if (!oldest) break;
    await finish(jobs, oldest);
  }
  return begun.flatMap((owner, index) => (owner === 'few' ? [index + 1] : []));
}

async function onDisk(use: (jobs: JobStore) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-jobs-'));
  const store = openSqliteStore(join(folder, 'antiphon.sqlite'));
  try {
    await use(store.jobs);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log('| waiting beforehand | written down per second | begun and ended per second |');
console.log('|---|---|---|');
await onDisk((jobs) => measure(jobs, 'none'));
await onDisk(async (jobs) => {
  for (let index = 0; index < MANY; index += 1) await jobs.add(jobOf(`owner ${index % 10}`), MANY * 2);
  await measure(jobs, `${MANY.toLocaleString('en')}, of ten keys`);
});
await onDisk(async (jobs) => {
  const places = await positions(jobs);
  console.log(
    `\nForty of one key, then three of another, ${SLOTS} at a time: the three begin as numbers ${places.join(', ')}.`,
  );
});
