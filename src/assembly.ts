import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import { createReload } from './config-reload.ts';
import { createCore, type Core } from './core/core.ts';
import type { ModelStore } from './core/models/weights.ts';
import type { Logger } from './core/ports/logger.ts';
import type { MemoryWatch } from './core/ports/memory-watch.ts';
import type { OutputFolders } from './core/ports/output-folders.ts';
import type { Reload } from './core/ports/reload.ts';
import type { Store } from './core/ports/store.ts';
import type { WebhookSender } from './core/ports/webhook-sender.ts';
import { sweepUsage } from './core/usage/usage-sweep.ts';
import { stopCodecPool } from './media/codec-pool.ts';
import { stopDecodePool } from './media/decoders/decode-pool.ts';
import { stopReferencePool } from './media/reference-pool.ts';
import { keepThreads } from './media/thread-rest.ts';
import { dialects, vendors } from './dialects/index.ts';
import { startEngines, type EngineRack } from './engine-rack.ts';
import { createMemoryBudget, type WatchedBudget } from './engines/memory-budget.ts';
import { createFileBlobs, type FileBlobs } from './platform/blobs/file-blobs.ts';
import { createGuardedFetcher } from './platform/guarded-fetcher.ts';
import { createSigner } from './platform/hmac-signer.ts';
import { systemClock } from './platform/system-clock.ts';
import { systemPause } from './platform/system-pause.ts';
import type { Config } from './platform/config.ts';
import { keepWarmMs } from './platform/config-schema.ts';
import { keyAuthenticator } from './platform/keys.ts';
import { createOperations } from './operations.ts';
import { readVersion } from './program-version.ts';
import { createLiveConfig, liveHistoryLimits, liveJobLimits, type LiveConfig } from './live-config.ts';
import { createMemoryGate } from './platform/limits/memory-gate.ts';
import { createRequestLimiter } from './platform/limits/request-limits.ts';
import { readMemory } from './platform/memory-reading.ts';
import { createMemoryWatch } from './platform/memory-watching.ts';
import { openModelStore } from './platform/models/model-store-opening.ts';
import { createWebhookSender } from './platform/standard-webhooks.ts';
import { createOutputFolders } from './platform/prefixed-folders.ts';
import type { ServerTelemetry } from './platform/telemetry/server-telemetry.ts';
import { watchedBlobs, watchedStore } from './platform/telemetry/watched-storage.ts';
import { createUploadFolder, type UploadFolder } from './platform/upload-folder.ts';
import { openStore, type OpenedStore } from './platform/store/store-opening.ts';

/** The whole program put together, not listening yet. */
export interface Assembly {
  readonly core: Core;
  readonly store: Store;
  /** Mounts the dialects on a server. It closes within so many milliseconds, by the configuration where nothing is given. */
  app(drainMs?: () => number): Promise<FastifyInstance>;
  /** How ending goes by the configuration as it is now, in milliseconds. */
  stopTimes(): { readonly delayMs: number; readonly drainMs: number };
  /** Ends engines and store. */
  stop(): Promise<void>;
}

/** What the program finds around it. */
export interface Surroundings {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads the configuration anew, from wherever it came; absent in programs that do not last. */
  readonly readConfig?: () => Config;
  readonly setLogLevel?: (level: Config['logLevel']) => void;
  /** Whether it is to answer requests, so that somebody may watch over it. */
  readonly serves?: boolean;
}

/** How often history and figures of use are looked through for what is too old, in milliseconds. */
const SWEEP_MS = 60 * 60 * 1000;

/** Builds every part that the configuration asks for. An engine that cannot run is a fact to show, not a failure. */
export async function assemble(config: Config, surroundings: Surroundings): Promise<Assembly> {
  const parts = await openParts(config, surroundings);
  const { live, store, hearOfWork, blobs, rack, uploads } = parts;
  const { log } = surroundings;
  const core = coreOf(parts);
  const sweep = () => Promise.all([core.history.sweep(), sweepFigures(parts)]);
  const sweeping = setInterval(() => void sweep(), SWEEP_MS).unref();
  const stopTimes = () => ({
    delayMs: live.now.stopDelaySeconds * 1000,
    drainMs: live.now.drainSeconds * 1000,
  });
  return {
    core,
    store,
    stopTimes,
    app: async (drainMs = () => stopTimes().drainMs) => {
      await Promise.all([uploads.sweep(), sweepBlobs(blobs, log)]);
      await sweep();
      await hearOfWork?.(() => core.jobRunner.wake());
      const operations = operationsOf(parts, core);
      return createApp(core, { dialects, drainMs, role: config.role, operations, ...doorOf(config) });
    },
    stop: async () => {
      clearInterval(sweeping);
      await Promise.all([rack.stop(), stopCodecPool(), stopDecodePool(), stopReferencePool()]);
      await core.usage.meter.flush();
      await store.close();
      await parts.telemetry?.stop();
    },
  };
}

function operationsOf({ config, live, telemetry, store, blobs, budget }: Parts, core: Core) {
  if (!telemetry) return undefined;
  const { role, metrics, metricsToken } = config;
  const memory = () => ({ models: budget.loaded(), limitBytes: budget.limitBytes });
  const logContent = () => live.now.logContent;
  return createOperations({ core, telemetry, store, blobs, role, memory, metrics, metricsToken, logContent });
}

/** What is open while the program runs. */
interface Parts extends OpenedStore {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly live: LiveConfig;
  readonly blobs: FileBlobs;
  readonly weights: ModelStore;
  readonly uploads: UploadFolder;
  readonly memory: MemoryWatch;
  readonly budget: WatchedBudget;
  readonly rack: EngineRack;
  readonly telemetry: ServerTelemetry | undefined;
}

async function openParts(config: Config, surroundings: Surroundings): Promise<Parts> {
  const { log } = surroundings;
  const live = createLiveConfig(config);
  keepThreads(keepWarmMs(config));
  const telemetry = await openTelemetry(surroundings);
  const onFailure = (part: string) => telemetry?.storageFailed(part);
  const blobs = watchedBlobs(await openBlobs(config, surroundings), onFailure);
  const opened = await openStore(config);
  const store = watchedStore(opened.store, onFailure);
  const weights = openModelStore(config, surroundings);
  const memory = createMemoryWatch({
    read: () => readMemory({ mostBytes: megabytes(live.now.maxMemory) }),
    percent: () => live.now.memoryPercent,
    log,
  });
  const budget = createMemoryBudget(config.memoryBudget * 1024 * 1024, memory);
  const rack = await startEngines(config, { ...surroundings, weights, memory: budget, pause: systemPause });
  const uploads = openUploadFolder(config);
  return {
    config,
    surroundings,
    live,
    blobs,
    ...opened,
    store,
    weights,
    uploads,
    memory,
    budget,
    rack,
    telemetry,
  };
}

/** Loaded only where somebody may watch. */
async function openTelemetry({
  serves,
  environment,
  log,
}: Surroundings): Promise<ServerTelemetry | undefined> {
  if (serves !== true) return undefined;
  const { createServerTelemetry } = await import('./platform/telemetry/server-telemetry.ts');
  return createServerTelemetry({ environment, log, version: readVersion(), ofProcess: true });
}

/** What may be changed while the program runs is asked for whenever it is needed. */
function coreOf(parts: Parts): Core {
  const { config, live, rack, store, countRequests, surroundings } = parts;
  const { log } = surroundings;
  const core: Core = createCore({
    engines: rack.engines,
    downEngines: rack.downEngines,
    ...vendors,
    weights: parts.weights,
    uploads: parts.uploads,
    store,
    blobs: parts.blobs,
    fetcher: createGuardedFetcher({ allowedNetworks: config.fetchAllow }),
    signer: createSigner(store.secrets),
    pause: systemPause,
    webhooks: webhooksOf(config, store),
    ...outputsOf(config),
    authenticator: keyAuthenticator(store.keys),
    limiter: createRequestLimiter({ gate: countRequests?.(log) ?? createMemoryGate(), pause: systemPause }),
    clock: systemClock,
    log,
    memory: parts.memory,
    ...(parts.telemetry ? { telemetry: parts.telemetry } : {}),
    version: readVersion(),
    ...reloadOf({ live, rack, core: () => core }, surroundings),
    get bindings() {
      return live.now.models;
    },
    get strictModels() {
      return live.now.strictModels;
    },
    get markup() {
      return live.now.markup;
    },
    get maxTextCharacters() {
      return live.now.maxTextCharacters;
    },
    get prices() {
      return live.now.prices;
    },
    get publicUrl() {
      return live.now.publicUrl;
    },
    historyLimits: liveHistoryLimits(live),
    jobLimits: liveJobLimits(live),
  });
  return core;
}

/** Who may come in at all. */
function doorOf({ cors, host, maxConnections, maxConnectionsPerAddress, trustedProxies }: Config) {
  const limits = { connections: maxConnections, connectionsPerAddress: maxConnectionsPerAddress };
  return { cors, hosts: [host], limits, trustedProxies };
}

function megabytes(count: number | undefined): number | undefined {
  return count === undefined ? undefined : count * 1024 * 1024;
}

interface Reloadable {
  readonly live: LiveConfig;
  readonly rack: EngineRack;
  readonly core: () => Core;
}

/** Only who knows where the configuration came from can read it anew. */
function reloadOf(parts: Reloadable, { log, readConfig, setLogLevel }: Surroundings): { reload?: Reload } {
  if (!readConfig) return {};
  return {
    reload: createReload({ ...parts, log, readConfig, setLogLevel: setLogLevel ?? (() => undefined) }),
  };
}

function webhooksOf({ fetchAllow }: Config, { secrets }: Store): WebhookSender {
  return createWebhookSender({ settings: { allowedNetworks: fetchAllow }, secrets, clock: systemClock });
}

function outputsOf({ imageOutputs }: Config): { readonly outputs?: OutputFolders } {
  return Object.keys(imageOutputs).length > 0 ? { outputs: createOutputFolders(imageOutputs) } : {};
}

async function openBlobs({ dataDir, blobUrl }: Config, { environment }: Surroundings): Promise<FileBlobs> {
  if (blobUrl === undefined) return createFileBlobs(join(dataDir, 'blobs'));
  const { openS3Blobs } = await import('./platform/blobs/s3-blobs.ts');
  return openS3Blobs(blobUrl, environment);
}

function sweepFigures({ live, store, surroundings: { log } }: Parts): Promise<void> {
  return sweepUsage({ store: store.usage, clock: systemClock, log, days: live.now.usageDays });
}

/** What was left behind only takes room: nothing waits for its removal to work. */
async function sweepBlobs(blobs: FileBlobs, log: Logger): Promise<void> {
  await blobs.sweep().catch((error: unknown) => log.error({ error }, 'blob-sweep-failed'));
}

function openUploadFolder({ dataDir, maxUpload }: Config): UploadFolder {
  const folder = join(dataDir, 'uploads');
  return createUploadFolder(
    maxUpload === undefined ? { folder } : { folder, maxFileBytes: maxUpload * 1024 * 1024 },
  );
}
