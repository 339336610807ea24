import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import { createCore, type Core, type DownEngine } from './core/core.ts';
import type { Engine, EngineModule, EngineSettings, MemoryBudget } from './core/engine.ts';
import type { JobLimits } from './core/jobs/job-limits.ts';
import type { ModelStore } from './core/models/weights.ts';
import type { Logger } from './core/ports/logger.ts';
import type { OutputFolders } from './core/ports/output-folders.ts';
import type { Store } from './core/ports/store.ts';
import type { WebhookSender } from './core/ports/webhook-sender.ts';
import { stopCodecPool } from './media/codec-pool.ts';
import { stopDecodePool } from './media/decoders/decode-pool.ts';
import { stopReferencePool } from './media/reference-pool.ts';
import { dialects, vendors } from './dialects/index.ts';
import { engineEntries, remoteEntries, type EngineEntry } from './engines/index.ts';
import { createMemoryBudget } from './engines/memory-budget.ts';
import { createFileBlobs, type FileBlobs } from './platform/blobs/file-blobs.ts';
import { createGuardedFetcher } from './platform/guarded-fetcher.ts';
import { createSigner } from './platform/hmac-signer.ts';
import { systemClock } from './platform/system-clock.ts';
import { systemPause } from './platform/system-pause.ts';
import type { Config } from './platform/config.ts';
import { keyAuthenticator } from './platform/keys.ts';
import { hubSettings } from './platform/models/hub-client.ts';
import { toRemoteSettings } from './platform/remotes-config.ts';
import { installedFor } from './platform/models/installed-for.ts';
import { createModelStore } from './platform/models/model-store.ts';
import { createWebhookSender } from './platform/standard-webhooks.ts';
import { createOutputFolders } from './platform/prefixed-folders.ts';
import { createUploadFolder, type UploadFolder } from './platform/upload-folder.ts';
import { openSqliteStore } from './platform/store/sqlite-store.ts';

/** The whole program put together, not listening yet. */
export interface Assembly {
  readonly core: Core;
  readonly store: Store;
  /** Mounts the dialects on a server. */
  app(): Promise<FastifyInstance>;
  /** Ends engines and store. */
  stop(): Promise<void>;
}

/** What the program finds around it. */
export interface Surroundings {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How often the history is looked through for what is too old, in milliseconds. */
const SWEEP_MS = 60 * 60 * 1000;

/** Builds every part that the configuration asks for. An engine that cannot run is a fact to show, not a failure. */
export async function assemble(config: Config, surroundings: Surroundings): Promise<Assembly> {
  const { log } = surroundings;
  const blobs = await openBlobs(config, surroundings);
  const { store, hearOfWork } = await openStore(config);
  const weights = openModelStore(config, surroundings);
  const memory = createMemoryBudget(config.memoryBudget * 1024 * 1024);
  const { engines, downEngines } = await startEngines(config, { ...surroundings, weights, memory });
  const authenticator = keyAuthenticator(store.keys);
  const uploads = openUploadFolder(config);
  const core = createCore({
    engines,
    downEngines,
    ...vendors,
    bindings: config.models,
    strictModels: config.strictModels,
    markup: config.markup,
    ...(config.maxTextCharacters === undefined ? {} : { maxTextCharacters: config.maxTextCharacters }),
    weights,
    uploads,
    store,
    historyLimits: { days: config.historyDays, bytes: config.historyMegabytes * 1024 * 1024 },
    blobs,
    fetcher: createGuardedFetcher({ allowedNetworks: config.fetchAllow }),
    signer: createSigner(store.secrets),
    pause: systemPause,
    webhooks: webhooksOf(config, store),
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    ...outputsOf(config),
    jobLimits: jobLimits(config),
    authenticator,
    clock: systemClock,
    log,
    version: readVersion(),
  });
  const sweeping = setInterval(() => void core.history.sweep(), SWEEP_MS).unref();
  return {
    core,
    store,
    app: async () => {
      await Promise.all([uploads.sweep(), sweepBlobs(blobs, log)]);
      await core.history.sweep();
      const cors = config.cors ?? ((await authenticator.required()) ? 'any' : 'loopback');
      await hearOfWork?.(() => core.jobRunner.wake());
      return createApp(core, { dialects, cors, drainMs: config.drainSeconds * 1000, role: config.role });
    },
    stop: async () => {
      clearInterval(sweeping);
      await Promise.all([
        ...engines.map(async (engine) => engine.stop?.()),
        stopCodecPool(),
        stopDecodePool(),
        stopReferencePool(),
      ]);
      await store.close();
    },
  };
}

function webhooksOf({ fetchAllow }: Config, { secrets }: Store): WebhookSender {
  return createWebhookSender({ settings: { allowedNetworks: fetchAllow }, secrets, clock: systemClock });
}

function outputsOf({ imageOutputs }: Config): { readonly outputs?: OutputFolders } {
  return Object.keys(imageOutputs).length > 0 ? { outputs: createOutputFolders(imageOutputs) } : {};
}

/** A store, and how this process hears of the work that others have. */
export interface OpenedStore {
  readonly store: Store;
  readonly hearOfWork?: (onWork: () => void) => Promise<void>;
}

/** Opens the store that the configuration names. */
export async function openStore({
  dataDir,
  databaseUrl,
}: Pick<Config, 'dataDir' | 'databaseUrl'>): Promise<OpenedStore> {
  if (databaseUrl === undefined) return { store: openSqliteStore(join(dataDir, 'antiphon.sqlite')) };
  const { openPostgresStore } = await import('./platform/store/postgres-store.ts');
  const store = await openPostgresStore(databaseUrl);
  return { store, hearOfWork: (onWork) => store.hearOfWork(onWork) };
}

async function openBlobs({ dataDir, blobUrl }: Config, { environment }: Surroundings): Promise<FileBlobs> {
  if (blobUrl === undefined) return createFileBlobs(join(dataDir, 'blobs'));
  const { openS3Blobs } = await import('./platform/blobs/s3-blobs.ts');
  return openS3Blobs(blobUrl, environment);
}

/** What was left behind only takes room: nothing waits for its removal to work. */
async function sweepBlobs(blobs: FileBlobs, log: Logger): Promise<void> {
  await blobs.sweep().catch((error: unknown) => log.error({ error }, 'blob-sweep-failed'));
}

function jobLimits(config: Config): JobLimits {
  return {
    running: config.jobWorkers,
    perOwner: config.jobsPerOwner,
    waiting: config.maxWaitingJobs,
    resultMs: Math.round(config.resultHours * 60 * 60 * 1000),
    leaseMs: Math.round(config.jobLeaseSeconds * 1000),
  };
}

function openUploadFolder({ dataDir, maxUpload }: Config): UploadFolder {
  const folder = join(dataDir, 'uploads');
  return createUploadFolder(
    maxUpload === undefined ? { folder } : { folder, maxFileBytes: maxUpload * 1024 * 1024 },
  );
}

function openModelStore(config: Config, { log, environment }: Surroundings): ModelStore {
  return createModelStore({
    modelsDir: config.modelsDir ?? join(config.dataDir, 'models'),
    ...hubSettings(environment),
    offline: config.offline,
    fetch,
    log,
    clock: systemClock,
  });
}

/** The version in the package's own description. */
export function readVersion(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version)
    : 'unknown';
}

interface EngineSurroundings extends Surroundings {
  readonly weights: ModelStore;
  readonly memory: MemoryBudget;
}

async function startEngines(
  config: Config,
  surroundings: EngineSurroundings,
): Promise<{ engines: Engine[]; downEngines: DownEngine[] }> {
  const wanted = config.engines ?? engineEntries.map((entry) => entry.id);
  const { engines, downEngines } = await startRemotes(config, surroundings);
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

/** Servers elsewhere come first: nobody would have written them down to have an engine here preferred to them. */
async function startRemotes(config: Config, surroundings: EngineSurroundings) {
  const engines: Engine[] = [];
  const downEngines: DownEngine[] = [];
  for (const written of config.remotes) {
    const { id, adapter } = written;
    const entry = remoteEntries.find((one) => one.id === adapter);
    const started = await startSafely(id, surroundings, async () => {
      const remote = toRemoteSettings(written, surroundings.environment);
      const engineModule = await entry?.load();
      if (!engineModule) return { unavailable: `there is no adapter called ${adapter}` };
      return engineModule.create({ ...engineSettings(config, surroundings), remote });
    });
    if ('unavailable' in started) downEngines.push({ id, reason: started.unavailable });
    else engines.push(started);
  }
  return { engines, downEngines };
}

function startEngine({ id, load }: EngineEntry, config: Config, surroundings: EngineSurroundings) {
  return startSafely(id, surroundings, async () =>
    (await load()).create(engineSettings(config, surroundings)),
  );
}

async function startSafely(
  engine: string,
  { log }: EngineSurroundings,
  start: () => ReturnType<EngineModule['create']>,
) {
  try {
    return await start();
  } catch (error) {
    log.error({ engine, error }, 'engine-start-failed');
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

function engineSettings(config: Config, { log, weights, memory }: EngineSurroundings): EngineSettings {
  return {
    workers: config.workers,
    weights: installedFor(weights),
    log,
    idleMs: config.idleMinutes * 60_000,
    memory,
  };
}
