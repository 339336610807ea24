import { Gauge, type Registry } from 'prom-client';
import type { Engine } from '../../core/engine.ts';
import type { JobKind } from '../../core/jobs/job.ts';
import type { JobTally } from '../../core/ports/job-store.ts';

/** What is looked at whenever somebody reads the metrics. */
export interface ServerState {
  readonly version: string;
  readonly role: string;
  /** Engines that run, and ids of those that cannot. */
  readonly engines: () => readonly Engine[];
  readonly downEngines: () => readonly { readonly id: string }[];
  readonly load: (engine: Engine) => { readonly running: number; readonly waiting: number };
  readonly jobs: () => Promise<readonly JobTally[]>;
  /** Models in memory, and what all of them may take. */
  readonly memory: () => {
    readonly models: readonly { readonly id: string; readonly bytes: number }[];
    readonly limitBytes: number;
  };
  /** Whether new requests should be sent here, part by part. */
  readonly readiness: () => Promise<{
    readonly ready: boolean;
    readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  }>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is not told within this time, in milliseconds, is left out: who reads the metrics waits for no database. */
const PATIENCE_MS = 2000;

/** Makes gauges that look when they are read. */
export function watchState(registry: Registry, state: ServerState): void {
  const gauge = gaugesIn(registry);
  const info = gauge(['antiphon_info', 'What runs here; always 1.'], ['version', 'role'], () => {
    info.set({ version: state.version, role: state.role }, 1);
  });
  watchEngines(gauge, state);
  watchRemotes(gauge, state);
  watchModels(gauge, state);
  watchJobs(gauge, state);
  watchReadiness(gauge, state);
}

/** A name and what it stands for. */
type Title = readonly [name: string, help: string];

type MakeGauge = (
  title: Title,
  labelNames: readonly string[],
  look: (gauge: Gauge) => void | Promise<void>,
) => Gauge;

function gaugesIn(registry: Registry): MakeGauge {
  return ([name, help], labelNames, look) =>
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        return look(this);
      },
    });
}

function watchEngines(gauge: MakeGauge, { engines, downEngines, load }: ServerState): void {
  gauge(['antiphon_engine_up', 'Whether an engine can be used.'], ['engine'], (up) => {
    for (const { id } of downEngines()) up.set({ engine: id }, 0);
    for (const engine of engines()) {
      up.set({ engine: engine.id }, engine.health?.().state === 'unhealthy' ? 0 : 1);
    }
  });
  const each = (title: Title, figure: (engine: Engine) => number) =>
    gauge(title, ['engine'], (slots) => {
      for (const engine of engines()) slots.set({ engine: engine.id }, figure(engine));
    });
  each(
    ['antiphon_engine_slots', 'Requests that an engine serves at once.'],
    ({ concurrency }) => concurrency,
  );
  each(['antiphon_engine_running', 'Requests that an engine serves now.'], (engine) => load(engine).running);
  each(['antiphon_engine_waiting', 'Requests that wait for an engine.'], (engine) => load(engine).waiting);
}

function watchRemotes(gauge: MakeGauge, { engines }: ServerState): void {
  const remotes = () =>
    engines().flatMap((engine) => (engine.health ? [{ id: engine.id, ...engine.health() }] : []));
  const health: Title = ['antiphon_remote_healthy', 'Whether a server elsewhere was well when last asked.'];
  gauge(health, ['engine'], (healthy) => {
    for (const { id, state } of remotes()) {
      if (state !== 'unknown') healthy.set({ engine: id }, state === 'healthy' ? 1 : 0);
    }
  });
  const told = (title: Title, figure: 'running' | 'waiting') =>
    gauge(title, ['engine'], (loads) => {
      for (const { id, load } of remotes()) {
        const value = load?.[figure];
        if (value !== undefined) loads.set({ engine: id }, value);
      }
    });
  told(
    ['antiphon_remote_running', 'Requests that a server elsewhere says it works on, for anybody.'],
    'running',
  );
  told(
    ['antiphon_remote_waiting', 'Requests that a server elsewhere says wait there, of anybody.'],
    'waiting',
  );
}

function watchModels(gauge: MakeGauge, { memory }: ServerState): void {
  gauge(['antiphon_model_memory_bytes', 'What a loaded model takes, by estimate.'], ['model'], (bytes) => {
    for (const model of memory().models) bytes.inc({ model: model.id }, model.bytes);
  });
  const limit: Title = ['antiphon_model_memory_limit_bytes', 'What all loaded models together may take.'];
  gauge(limit, [], (bytes) => bytes.set(memory().limitBytes));
}

function watchJobs(gauge: MakeGauge, { jobs, now }: ServerState): void {
  // Both gauges are read at the same time, and one count serves them.
  let counting: Promise<readonly JobTally[] | undefined> | undefined;
  const count = () => {
    counting ??= inTime(jobs()).finally(() => {
      counting = undefined;
    });
    return counting;
  };
  const all: Title = ['antiphon_jobs', 'Jobs that have not ended, of all machines.'];
  gauge(all, ['kind', 'state'], async (counts) => {
    for (const { kind, queued, running } of everyKind(await count())) {
      counts.set({ kind, state: 'queued' }, queued);
      counts.set({ kind, state: 'running' }, running);
    }
  });
  const help = 'How long the job at the head of the line has been waiting.';
  gauge(['antiphon_jobs_oldest_waiting_seconds', help], ['kind'], async (ages) => {
    for (const { kind, waitingSince } of everyKind(await count())) {
      ages.set({ kind }, waitingSince === undefined ? 0 : Math.max(0, (now() - waitingSince) / 1000));
    }
  });
}

function watchReadiness(gauge: MakeGauge, { readiness }: ServerState): void {
  const whole: Title = ['antiphon_ready', 'Whether this process takes new requests, as /ready says it.'];
  gauge(whole, [], async (ready) => {
    ready.set((await readiness()).ready ? 1 : 0);
  });
  gauge(['antiphon_check_ok', 'Whether a part of it is well.'], ['check'], async (parts) => {
    for (const { name, ok } of (await readiness()).checks) parts.set({ check: name }, ok ? 1 : 0);
  });
}

type JobFigures = Omit<JobTally, 'kind'> & { readonly kind: string };

const KINDS: Readonly<Record<JobKind, true>> = { request: true, sound: true, video: true };

/** Whoever starts machines by these figures wants to hear of none, too; where nobody could count there is no figure. */
function everyKind(tally: readonly JobTally[] | undefined): readonly JobFigures[] {
  if (!tally) return [];
  return Object.keys(KINDS).map((kind) => {
    const known = tally.find((one) => one.kind === kind);
    return { queued: 0, running: 0, waitingSince: undefined, ...known, kind };
  });
}

async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), PATIENCE_MS);
  try {
    return await Promise.race([work.catch(() => undefined), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
