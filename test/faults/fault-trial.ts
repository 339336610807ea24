import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Ends } from './fault-ends.ts';
import { SPEECH, startLoad, type Attempt, type Load, type Wish } from './fault-load.ts';
import type { Target } from './fault-nodes.ts';
import { watchReadiness, type Said } from './fault-readiness.ts';

/** Something that goes wrong, and how it is put right again. */
export interface Fault {
  readonly name: string;
  begin(): Promise<void>;
  end(): Promise<void>;
  /** What `/ready` of a server has to say in the middle; 200 where nothing is said. */
  readonly expects?: Readonly<Record<string, RegExp>>;
  /** Whether somebody has to be refused before it is over. */
  readonly refuses?: boolean;
  /** What callers ask for; speech where nothing is said. */
  readonly wish?: Wish;
  /** Has to come to its end before the fault is over. */
  readonly during?: () => Promise<void>;
  /** What is to be told beside the figures, when all is over. */
  readonly remark?: () => Promise<string> | string;
  /** Jobs that it brings itself. */
  readonly planted?: readonly string[];
  /** Requests that are answered before it begins; 4 where nothing is said. */
  readonly before?: number;
}

/** What became of all requests from shortly before a fault until all was well again. */
export interface FaultOutcome {
  readonly fault: string;
  readonly offered: number;
  /** Orders answered 202, and direct answers that began with 200. */
  readonly accepted: number;
  /** Whole and right answers, and jobs with their right result. */
  readonly completed: number;
  /** Told to come again (429, 502, 503, 504), or found nobody at the address. */
  readonly refused: number;
  /** Connections that broke. */
  readonly cut: number;
  /** Anything else that is no right answer: should be none. */
  readonly failed: readonly string[];
  /** Jobs that were begun more than once, and ended once all the same. */
  readonly begunAgain: number;
  /** Accepted jobs without their right result: should be none. */
  readonly lost: readonly string[];
  /** Jobs with two ends or two results, and jobs that nobody ordered: should be none. */
  readonly doubled: number;
  /** Ends that nobody was told of: should be none. */
  readonly untold: number;
  /** What `/ready` said in the middle, and whether that was the truth. */
  readonly said: Said;
  /** From when the mending began until everybody was ready and answered, and a new job had ended. */
  readonly wellMs: number;
  /** From then until all jobs that had been accepted were done. */
  readonly lastJobMs: number;
  readonly crashes: readonly string[];
  readonly remark: string;
}

/** Where faults are tried. */
export interface TestBed {
  readonly targets: readonly Target[];
  readonly ends: Ends;
  readonly key?: string;
  readonly callers: number;
  readonly ordered: number;
  /** Requests that end while something is wrong, at least, and how long that lasts at least, in milliseconds. */
  readonly meanwhile: number;
  readonly holdMs: number;
  readonly crashes?: () => readonly string[];
  /** How long it takes to give up waiting, in milliseconds; a minute and a half where nothing is said. */
  readonly patienceMs?: number;
}

const LOOK_MS = 25;

/** What has not come by then will not come. */
const PATIENCE_MS = 90_000;

/** Tries one fault under load. */
export async function tryFault(fault: Fault, bed: TestBed): Promise<FaultOutcome> {
  const { targets, ends, callers, ordered, key, patienceMs = PATIENCE_MS } = bed;
  const known = new Set([...(await jobIdsAt(bed)), ...(fault.planted ?? [])]);
  const crashed = bed.crashes?.().length ?? 0;
  const load = startLoad({
    targets,
    ends,
    callers,
    ordered,
    wish: fault.wish ?? SPEECH,
    ...(key === undefined ? {} : { key }),
  });
  const ready = watchReadiness(targets, fault.expects ?? {});
  let isWrong = false;
  try {
    await load.untilMore(fault.before ?? 4);
    ready.enter();
    const begunAt = performance.now();
    isWrong = true;
    await fault.begin();
    await Promise.all([
      ready.untilTrue(patienceMs),
      load.untilMore(bed.meanwhile),
      pause(bed.holdMs),
      fault.during?.(),
      fault.refuses ? untilRefused(load, { from: begunAt, patienceMs }) : undefined,
    ]);
    const said = ready.leave();
    const endedAt = performance.now();
    isWrong = false;
    await fault.end();
    const wellMs = await untilWell(load, { bed, from: endedAt });
    await load.stop();
    const remark = (await fault.remark?.()) ?? '';
    const counts = await count(load, { bed, known, from: endedAt });
    return {
      fault: fault.name,
      ...counts,
      said,
      wellMs,
      remark,
      crashes: bed.crashes?.().slice(crashed) ?? [],
    };
  } finally {
    if (isWrong) await fault.end();
    await load.stop();
    await ready.stop();
  }
}

interface Waiting {
  readonly from: number;
  readonly patienceMs: number;
}

async function untilRefused({ attempts }: Load, { from, patienceMs }: Waiting): Promise<void> {
  const isRefused = () => attempts.some(({ begun, outcome }) => begun >= from && outcome === 'refused');
  while (!isRefused() && performance.now() - from < patienceMs) await pause(LOOK_MS);
}

/** Waits until everybody is ready and answers, and a job that was ordered afterwards has ended. */
async function untilWell(
  { attempts }: Load,
  {
    bed: { targets, ends, patienceMs = PATIENCE_MS },
    from,
  }: { readonly bed: TestBed; readonly from: number },
): Promise<number> {
  const answering = targets.filter(({ answers }) => answers);
  const isAnswered = ({ name }: Target) =>
    attempts.some(({ node, begun, outcome }) => node === name && begun >= from && outcome === 'completed');
  const isDone = () =>
    attempts.some(({ begun, jobId }) => begun >= from && jobId !== undefined && ends.hasEnded(jobId));
  for (;;) {
    const isReady = await Promise.all(targets.map(isReadyAt));
    const passed = performance.now() - from;
    if ((isReady.every(Boolean) && answering.every(isAnswered) && isDone()) || passed > patienceMs)
      return passed;
    await pause(LOOK_MS);
  }
}

async function isReadyAt({ origin }: Target): Promise<boolean> {
  const response = await fetch(`${origin}/ready`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status === 200;
}

interface Counting {
  readonly bed: TestBed;
  /** Jobs that nobody has ordered by this load. */
  readonly known: ReadonlySet<string>;
  readonly from: number;
}

async function count(load: Load, { bed, known, from }: Counting) {
  const { attempts } = load;
  const of = (outcome: Attempt['outcome']) => attempts.filter((one) => one.outcome === outcome);
  const jobIds = attempts.flatMap(({ jobId }) => jobId ?? []);
  const lost: string[] = [];
  let begunAgain = 0;
  for (const id of jobIds) {
    const job = await endOf(id, bed);
    if (job.attempts > 1) begunAgain += 1;
    lost.push(...(await lossOf(job, load, bed)));
  }
  const lastJobMs = performance.now() - from;
  const untold = await untoldOf(jobIds, bed);
  const nobodys = (await jobIdsAt(bed)).filter((id) => !known.has(id) && !jobIds.includes(id)).length;
  const unanswered = attempts.filter(({ kind, jobId }) => kind === 'order' && jobId === undefined).length;
  return {
    offered: attempts.length,
    accepted: attempts.filter(({ isBegun }) => isBegun).length,
    completed: of('completed').length + jobIds.length - lost.length,
    refused: of('refused').length,
    cut: of('cut').length,
    failed: of('failed').map(({ note = '' }) => note),
    begunAgain,
    lost,
    lastJobMs,
    doubled: jobIds.filter((id) => bed.ends.isDoubled(id)).length + Math.max(0, nobodys - unanswered),
    untold,
  };
}

const JOB = z.object({ id: z.string(), state: z.string(), attempts: z.number(), error: z.unknown() });
const JOBS = z.object({ jobs: z.array(JOB) });

/** The job when it has ended, or when nobody waits any longer. */
async function endOf(id: string, bed: TestBed): Promise<z.infer<typeof JOB>> {
  const from = performance.now();
  for (;;) {
    const job = JOB.parse(await (await askAny(`/antiphon/v1/jobs/${id}`, bed)).json());
    const isOpen = job.state === 'queued' || job.state === 'running';
    if (!isOpen || performance.now() - from > (bed.patienceMs ?? PATIENCE_MS)) return job;
    await pause(LOOK_MS);
  }
}

/** Why an accepted job does not have its right result; nothing where it has. */
async function lossOf(job: z.infer<typeof JOB>, { right }: Load, bed: TestBed): Promise<readonly string[]> {
  if (job.state !== 'succeeded') return [JSON.stringify(job)];
  const result = await askAny(`/antiphon/v1/jobs/${job.id}/result`, bed);
  const answer = Buffer.from(await result.arrayBuffer());
  return result.status === 200 && right.isRight(answer) ? [] : [`${job.id}: ${result.status}, wrong`];
}

/** A message whose sender died is sent again half a minute later. */
async function untoldOf(
  jobIds: readonly string[],
  { ends, patienceMs = PATIENCE_MS }: TestBed,
): Promise<number> {
  const from = performance.now();
  for (;;) {
    const untold = jobIds.filter((id) => !ends.hasEnded(id)).length;
    if (untold === 0 || performance.now() - from > patienceMs) return untold;
    await pause(LOOK_MS);
  }
}

/** The ids of all jobs, the latest first. */
async function jobIdsAt(bed: TestBed): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const after = ids.length > 0 ? `&after=${ids.at(-1)}` : '';
    const response = await askAny(`/antiphon/v1/jobs?limit=100${after}`, bed).catch(() => undefined);
    // Nobody has been started yet.
    if (!response) return ids;
    const { jobs } = JOBS.parse(await response.json());
    ids.push(...jobs.map(({ id }) => id));
    if (jobs.length < 100) return ids;
  }
}

function askAny(path: string, { targets, key }: Pick<TestBed, 'targets' | 'key'>): Promise<Response> {
  const [first] = targets.filter(({ answers }) => answers);
  return fetch(`${first?.origin}${path}`, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
}
