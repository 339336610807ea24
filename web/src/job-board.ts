import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { apiKey, ask, load } from './connection.ts';
import { readEvents } from './event-reader.ts';
import { useEvery } from './fetched.ts';
import { addressOf, isActive, STATES, titleOf, type Job, type JobList } from './jobs.ts';

/** How many jobs are followed event by event: a browser has few connections for one server. */
const FOLLOWED = 3;

/** How often the list is asked for again, in milliseconds: others may order jobs, too. */
const LOOK_AGAIN_MS = 5000;

const PAGE = 20;
const MOST = 100;

/** The jobs of the visitor, kept up to date. */
export interface JobBoard {
  readonly jobs: Signal<readonly Job[] | undefined>;
  readonly hasMore: Signal<boolean>;
  readonly problem: Signal<Error | undefined>;
  /** The latest end of a job, in words. */
  readonly news: Signal<string>;
  readonly more: () => void;
  readonly cancel: (job: Job) => Promise<void>;
  readonly retry: (job: Job) => Promise<void>;
  readonly forget: (job: Job) => Promise<void>;
}

/** Keeps the list and follows what runs. */
export function useJobBoard(kind: string): JobBoard {
  const jobs = useSignal<readonly Job[] | undefined>(undefined);
  const hasMore = useSignal(false);
  const problem = useSignal<Error | undefined>(undefined);
  const news = useSignal('');
  const wanted = useSignal(PAGE);
  const put = (job: Job) => {
    const known = jobs.peek()?.find(({ id }) => id === job.id);
    if (known && isActive(known) && !isActive(job)) {
      news.value = `${titleOf(job)}: ${STATES[job.state].toLowerCase()}.`;
    }
    jobs.value = jobs.peek()?.map((one) => (one.id === job.id ? job : one));
  };
  const reload = async (signal?: AbortSignal) => {
    try {
      const list = await loadJobs(kind, wanted.peek(), signal);
      if (signal?.aborted) return;
      for (const job of list.jobs) put(job);
      jobs.value = list.jobs;
      hasMore.value = list.nextAfter !== null && wanted.peek() < MOST;
      problem.value = undefined;
    } catch (error) {
      if (signal?.aborted) return;
      problem.value = error instanceof Error ? error : new Error(String(error));
    }
  };
  useEffect(() => {
    const own = new AbortController();
    jobs.value = undefined;
    void reload(own.signal);
    return () => own.abort();
  }, [kind, wanted.value, apiKey.value]);
  useEvery(LOOK_AGAIN_MS, () => void reload());
  useFollowing(jobs.value ?? [], put);
  return {
    jobs,
    hasMore,
    problem,
    news,
    more: () => {
      wanted.value = Math.min(MOST, wanted.peek() * 2);
    },
    cancel: async (job) => put(await load<Job>(addressOf(job), { method: 'DELETE' })),
    retry: async (job) => put(await load<Job>(addressOf(job, '/retry'), { method: 'POST' })),
    forget: async (job) => {
      await ask(addressOf(job), { method: 'DELETE' });
      jobs.value = jobs.peek()?.filter(({ id }) => id !== job.id);
    },
  };
}

async function loadJobs(kind: string, limit: number, signal: AbortSignal | undefined): Promise<JobList> {
  const filter = kind === '' ? '' : `&kind=${kind}`;
  return load<JobList>(`/antiphon/v1/jobs?limit=${limit}${filter}`, signal ? { signal } : {});
}

/** Follows the events of jobs that are under way, those first that run. */
function useFollowing(jobs: readonly Job[], put: (job: Job) => void): void {
  const followed = jobs
    .filter(isActive)
    .sort((one, other) => Number(other.state === 'running') - Number(one.state === 'running'))
    .slice(0, FOLLOWED)
    .map(({ id }) => id)
    .sort();
  useEffect(() => {
    const own = new AbortController();
    for (const id of followed) void follow(id, put, own.signal);
    return () => own.abort();
  }, [followed.join(' '), apiKey.value]);
}

/** A line that breaks is no failure. */
async function follow(id: string, put: (job: Job) => void, signal: AbortSignal): Promise<void> {
  try {
    const headers = { accept: 'text/event-stream' };
    for await (const { data } of readEvents(await ask(addressOf({ id }, '/events'), { headers, signal }))) {
      if (signal.aborted) return;
      const job: Job = JSON.parse(data);
      put(job);
    }
  } catch {
    // What became of it is in the next list.
  }
}
