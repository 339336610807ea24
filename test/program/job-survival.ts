import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inFolder } from './program.ts';

/** How hard jobs are tried. */
export interface SurvivalOptions {
  readonly jobs: number;
  readonly kills: number;
  /** Characters that each job speaks. */
  readonly characters: number;
  /** Jobs that run at the same time. */
  readonly atOnce: number;
}

/** What became of them. */
export interface Survival {
  /** Jobs by their state at the end. */
  readonly states: Readonly<Record<string, number>>;
  /** Jobs that ran when their process was killed, over all kills. */
  readonly interrupted: number;
  /** Jobs that were begun more than once. */
  readonly begunAgain: number;
  /** Jobs whose result is not the speech that was asked for. */
  readonly wrong: number;
  /** Ends that were announced, and jobs that were announced with two ends. */
  readonly announced: number;
  readonly announcedTwice: number;
  readonly seconds: number;
}

interface Job {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
}

/**
 * Orders jobs from the real program, kills it with signal 9 again and again while they run, and tells what became of
 * them when all have ended.
 */
export async function surviveKills(options: SurvivalOptions): Promise<Survival> {
  const start = performance.now();
  const ends = new Map<string, Set<string>>();
  const receiver = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    const jobId = id.split('_')[1] ?? '';
    ends.set(jobId, (ends.get(jobId) ?? new Set()).add(id));
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    const outcome = await inTheFolder({ ...options, hook: `http://127.0.0.1:${port}/` });
    return {
      ...outcome,
      announced: ends.size,
      announcedTwice: [...ends.values()].filter((ids) => ids.size > 1).length,
      seconds: (performance.now() - start) / 1000,
    };
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}

async function inTheFolder(options: SurvivalOptions & { readonly hook: string }) {
  const result: { value?: Pick<Survival, 'states' | 'interrupted' | 'begunAgain' | 'wrong'> } = {};
  await inFolder(async (folder) => {
    let interrupted = 0;
    const ids: string[] = [];
    for (let kill = 1; kill <= options.kills; kill += 1) {
      interrupted += await inProgram(folder, options, async ({ origin, child }) => {
        if (kill === 1) ids.push(...(await order(origin, options)));
        // Some more have ended by each kill, and some are always left to run.
        const goal = Math.floor((options.jobs * (kill - 1)) / (options.kills + 1));
        return killAt(goal, { origin, child });
      });
    }
    result.value = await inProgram(folder, options, async ({ origin }) => {
      const jobs: Job[] = [];
      for (const id of ids) jobs.push(await endOf(origin, id));
      const wrong = await countWrong(origin, jobs, options);
      return {
        states: Object.fromEntries(
          Map.groupBy(jobs, ({ state }) => state)
            .entries()
            .map(([state, all]) => [state, all.length]),
        ),
        begunAgain: jobs.filter(({ attempts }) => attempts > 1).length,
        interrupted,
        wrong,
      };
    });
  });
  return result.value ?? assert.fail('no outcome');
}

interface Program {
  readonly origin: string;
  readonly child: ChildProcess;
}

/** The server on a folder that outlives it; it is ended when `use` is done. */
async function inProgram<T>(
  folder: string,
  { atOnce }: SurvivalOptions,
  use: (program: Program) => Promise<T>,
): Promise<T> {
  const settings = {
    'job-workers': atOnce,
    'jobs-per-owner': atOnce,
    'job-lease-seconds': 1,
    'drain-seconds': 0,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = ['serve', '--port', '0', '--data-dir', folder, '--engines', 'flite', '--log-level', 'silent'];
  const child = spawn(process.execPath, ['bin/antiphon.js', ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ANTIPHON_FETCH_ALLOW: '127.0.0.0/8' },
  });
  const gone = once(child, 'exit');
  try {
    let banner = '';
    for await (const chunk of child.stdout) {
      banner += String(chunk);
      if (/generate .*\n/.test(banner)) break;
    }
    const origin = /answers at (http:\S+)/.exec(banner)?.[1] ?? assert.fail(`no banner: ${banner}`);
    return await use({ origin, child });
  } finally {
    child.kill('SIGTERM');
    await gone;
  }
}

const SENTENCE = 'This sentence is said again and again, until somebody has heard enough of it. ';

function speech({ characters }: SurvivalOptions): string {
  const input = SENTENCE.repeat(Math.ceil(characters / SENTENCE.length)).slice(0, characters);
  return JSON.stringify({ model: 'tts-1', voice: 'alloy', input, response_format: 'wav' });
}

async function order(
  origin: string,
  options: SurvivalOptions & { readonly hook: string },
): Promise<readonly string[]> {
  const headers = {
    'content-type': 'application/json',
    prefer: 'respond-async',
    'x-antiphon-webhook': options.hook,
  };
  const ids: string[] = [];
  for (let count = 0; count < options.jobs; count += 1) {
    const response = await fetch(`${origin}/v1/audio/speech`, {
      method: 'POST',
      headers,
      body: speech(options),
    });
    assert.equal(response.status, 202);
    const { id } = (await response.json()) as { id: string }; // An accepted request is answered with its job.
    ids.push(id);
  }
  return ids;
}

async function jobsOf(origin: string): Promise<readonly Job[]> {
  const response = await fetch(`${origin}/antiphon/v1/jobs?limit=100`);
  const { jobs } = (await response.json()) as { jobs: Job[] }; // What the list of jobs holds.
  return jobs;
}

/** Waits until so many jobs have ended and others run, and kills the program. Returns how many ran. */
async function killAt(goal: number, { origin, child }: Program): Promise<number> {
  for (;;) {
    const jobs = await jobsOf(origin);
    const running = jobs.filter(({ state }) => state === 'running').length;
    const ended = jobs.filter(({ state }) => state !== 'running' && state !== 'queued').length;
    if (ended < jobs.length && (ended < goal || running === 0)) continue;
    child.kill('SIGKILL');
    return running;
  }
}

/** The job when it has ended, as its events tell. */
async function endOf(origin: string, id: string): Promise<Job> {
  const events = await (await fetch(`${origin}/antiphon/v1/jobs/${id}/events`)).text();
  const last = /data: (.*)\n\n$/.exec(events)?.[1] ?? assert.fail(events);
  return JSON.parse(last) as Job; // Each event carries the job.
}

async function countWrong(origin: string, jobs: readonly Job[], options: SurvivalOptions): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const direct = await fetch(`${origin}/v1/audio/speech`, { method: 'POST', headers, body: speech(options) });
  const right = Buffer.from(await direct.arrayBuffer());
  let wrong = 0;
  for (const { id } of jobs) {
    const result = await fetch(`${origin}/antiphon/v1/jobs/${id}/result`);
    if (!right.equals(Buffer.from(await result.arrayBuffer()))) wrong += 1;
  }
  return wrong;
}
