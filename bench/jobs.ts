/**
 * Jobs on SQLite on disk, without HTTP and without any work: how fast they are written down, begun and ended, with few
 * and with very many waiting, and who is served when when one key has forty of them and another comes with three.
 * Prints Markdown tables.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClaimedJob, JobStore } from '../src/core/ports/job-store.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import { claimAndFinish, claimJob, finishJob, queuedJob, SLOTS } from './bare-jobs.ts';

const JOBS = Number(process.env['JOBS'] ?? 2000);
const MANY = Number(process.env['MANY'] ?? 100_000);

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let done = 0; done < count; done += 1) await work();
  return (count / (performance.now() - startedAt)) * 1000;
}

async function measure(jobs: JobStore, label: string): Promise<void> {
  const submitted = await perSecond(JOBS, async () => {
    if (!(await jobs.add(queuedJob(`owner ${Math.floor(Math.random() * 10)}`), MANY * 2)))
      throw new Error('no room');
  });
  const claimed = await perSecond(JOBS, () => claimAndFinish(jobs));
  console.log(`| ${label} | ${submitted.toFixed(0)} | ${claimed.toFixed(0)} |`);
}

/** Who begins when: forty jobs of one key lie there when three of another come, and four run at the same time. */
async function positions(jobs: JobStore): Promise<number[]> {
  for (let index = 0; index < 40; index += 1) await jobs.add(queuedJob('many'), MANY);
  for (let index = 0; index < 3; index += 1) await jobs.add(queuedJob('few'), MANY);
  const begun: string[] = [];
  const running: ClaimedJob[] = [];
  for (;;) {
    const claimed = running.length < SLOTS ? await claimJob(jobs) : undefined;
    if (claimed) {
      begun.push(claimed.job.ownerId);
      running.push(claimed);
      continue;
    }
    const oldest = running.shift();
    if (!oldest) break;
    await finishJob(jobs, oldest);
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
  for (let index = 0; index < MANY; index += 1) await jobs.add(queuedJob(`owner ${index % 10}`), MANY * 2);
  await measure(jobs, `${MANY.toLocaleString('en')}, of ten keys`);
});
await onDisk(async (jobs) => {
  const places = await positions(jobs);
  console.log(
    `\nForty of one key, then three of another, ${SLOTS} at a time: the three begin as numbers ${places.join(', ')}.`,
  );
});
