import type { DownEngine } from './core/core.ts';
import type { Engine, EngineModule, EngineSettings, MemoryBudget } from './core/engine.ts';
import type { EngineRunner } from './core/models/engine-runner.ts';
import type { ModelStore } from './core/models/weights.ts';
import type { Logger } from './core/ports/logger.ts';
import type { Pause } from './core/ports/pause.ts';
import { engineEntries, remoteEntries, type EngineEntry } from './engines/index.ts';
import type { Config } from './platform/config.ts';
import { keepWarmMs } from './platform/config-schema.ts';
import { installedFor } from './platform/models/installed-for.ts';
import { toRemoteSettings } from './platform/remotes-config.ts';

/** What engines are started with. */
export interface RackSurroundings {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly weights: ModelStore;
  readonly memory: MemoryBudget;
  readonly pause: Pause;
}

/** Servers elsewhere that are started but not used yet. */
export interface PreparedRemotes {
  /** Has them used from now on, in place of those that are not wanted any more; these finish what they do and are stopped. */
  readonly use: (runner: Pick<EngineRunner, 'load'>) => void;
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  readonly down: readonly DownEngine[];
}

/** The engines of this program, best first. */
export interface EngineRack {
  /** One list for good: what is on it changes in one go. */
  readonly engines: readonly Engine[];
  /** Likewise one list for good. */
  readonly downEngines: readonly DownEngine[];
  /** Starts what is new among the servers elsewhere, and what could not be started before. */
  prepareRemotes(remotes: Config['remotes']): Promise<PreparedRemotes>;
  stop(): Promise<void>;
}

/**
 * How long an engine that was put away must have had nothing to do before it is stopped: a request that has chosen it
 * may still be getting ready.
 */
export const SETTLED_MS = 60_000;
const LOOK_MS = 1000;

/** A server elsewhere as it was written down when it was started. */
interface Remote {
  readonly id: string;
  readonly written: string;
  readonly engine: Engine;
}

/** Starts the engines that are wanted. One that cannot run is a fact to show, not a failure. */
export async function startEngines(config: Config, surroundings: RackSurroundings): Promise<EngineRack> {
  // Servers elsewhere come first: nobody would have written them down to have an engine here preferred to them.
  const first = await startRemotes(config.remotes, [], { config, surroundings });
  const local = await startLocal(config, surroundings);
  let { remotes } = first;
  const engines = [...remotes.map(({ engine }) => engine), ...local.engines];
  const downEngines = [...first.down, ...local.downEngines];
  const ended = new AbortController();
  const retiring = new Set<Promise<void>>();
  const retire = (engine: Engine, runner: Pick<EngineRunner, 'load'>) => {
    const over = stopWhenSettled(engine, { runner, surroundings, ended: ended.signal });
    retiring.add(over);
    void over.finally(() => retiring.delete(over));
  };
  return {
    engines,
    downEngines,
    prepareRemotes: async (wanted) => {
      const now = await startRemotes(wanted, remotes, { config, surroundings });
      const before = remotes;
      const gone = before.filter((one) => !now.remotes.includes(one));
      return {
        started: now.remotes.filter((one) => !before.includes(one)).map(({ id }) => id),
        stopped: gone.map(({ id }) => id),
        down: now.down,
        use: (runner) => {
          ({ remotes } = now);
          engines.splice(0, engines.length, ...remotes.map(({ engine }) => engine), ...local.engines);
          downEngines.splice(0, downEngines.length, ...now.down, ...local.downEngines);
          for (const { engine } of gone) retire(engine, runner);
        },
      };
    },
    stop: async () => {
      ended.abort();
      await Promise.all([...engines.map(async (engine) => engine.stop?.()), ...retiring]);
    },
  };
}

interface Leaving {
  readonly runner: Pick<EngineRunner, 'load'>;
  readonly surroundings: RackSurroundings;
  readonly ended: AbortSignal;
}

async function stopWhenSettled(engine: Engine, { runner, surroundings, ended }: Leaving): Promise<void> {
  let idleMs = 0;
  while (idleMs < SETTLED_MS && !ended.aborted) {
    await surroundings.pause(LOOK_MS, ended);
    const { running, waiting } = runner.load(engine);
    idleMs = running + waiting === 0 ? idleMs + LOOK_MS : 0;
  }
  try {
    await engine.stop?.();
    surroundings.log.info({ engine: engine.id }, 'engine-stop');
  } catch (error) {
    surroundings.log.error({ engine: engine.id, error }, 'engine-stop-failed');
  }
}

interface Starting {
  readonly config: Config;
  readonly surroundings: RackSurroundings;
}

async function startRemotes(
  wanted: Config['remotes'],
  running: readonly Remote[],
  starting: Starting,
): Promise<{ readonly remotes: readonly Remote[]; readonly down: readonly DownEngine[] }> {
  const remotes: Remote[] = [];
  const down: DownEngine[] = [];
  for (const one of wanted) {
    const { id } = one;
    const written = JSON.stringify(one);
    const same = running.find((other) => other.written === written);
    const engine = same?.engine ?? (await startRemote(one, starting));
    if ('unavailable' in engine) down.push({ id, reason: engine.unavailable });
    else remotes.push(same ?? { id, written, engine });
  }
  return { remotes, down };
}

function startRemote(written: Config['remotes'][number], { config, surroundings }: Starting) {
  const { id, adapter } = written;
  const entry = remoteEntries.find((one) => one.id === adapter);
  return startSafely(id, surroundings, async () => {
    const remote = toRemoteSettings(written, surroundings.environment);
    const engineModule = await entry?.load();
    if (!engineModule) return { unavailable: `there is no adapter called ${adapter}` };
    return engineModule.create({ ...engineSettings(config, surroundings), remote });
  });
}

async function startLocal(config: Config, surroundings: RackSurroundings) {
  const wanted = config.engines ?? engineEntries.map((entry) => entry.id);
  const engines: Engine[] = [];
  const downEngines: DownEngine[] = [];
  for (const id of wanted) {
    const entry = engineEntries.find((one) => one.id === id);
    const started = entry
      ? await startEngine(entry, config, surroundings)
      : { unavailable: 'there is no engine of this name' };
    if ('unavailable' in started) downEngines.push({ id, reason: started.unavailable });
    else engines.push(started);
  }
  for (const entry of engineEntries) {
    if (!wanted.includes(entry.id)) downEngines.push({ id: entry.id, reason: 'switched off by --engines' });
  }
  return { engines, downEngines };
}

function startEngine({ id, load }: EngineEntry, config: Config, surroundings: RackSurroundings) {
  return startSafely(id, surroundings, async () =>
    (await load()).create(engineSettings(config, surroundings)),
  );
}

async function startSafely(
  engine: string,
  { log }: RackSurroundings,
  start: () => ReturnType<EngineModule['create']>,
) {
  try {
    return await start();
  } catch (error) {
    log.error({ engine, error }, 'engine-start-failed');
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

function engineSettings(config: Config, { log, weights, memory }: RackSurroundings): EngineSettings {
  return {
    workers: config.workers,
    weights: installedFor(weights),
    log,
    idleMs: config.idleMinutes * 60_000,
    keepWarmMs: keepWarmMs(config),
    memory,
  };
}
