import { isIP, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../src/app.ts';
import type { HttpLimits } from '../src/http-limits.ts';
import type { PagesAllowed } from '../src/page-access.ts';
import { AppError } from '../src/base/errors.ts';
import type { AccessGuard } from '../src/core/access/access-guard.ts';
import { FULL_GRANT, type Grant } from '../src/core/access/grant.ts';
import { ANYBODY, type Principal, type RequestContext } from '../src/core/context.ts';
import { createCore, type Core } from '../src/core/core.ts';
import type { Engine } from '../src/core/engine.ts';
import type { DictionaryLimits } from '../src/core/dictionaries/dictionary-limits.ts';
import type { HistoryLimits } from '../src/core/history/speech-history.ts';
import { USUAL_JOB_LIMITS, type JobLimits } from '../src/core/jobs/job-limits.ts';
import { createMediaOpener, type MediaOpener } from '../src/core/media-opening.ts';
import { createEngineRunner } from '../src/core/models/engine-runner.ts';
import type { ModelStore } from '../src/core/models/weights.ts';
import type { Authenticator } from '../src/core/ports/authenticator.ts';
import type { BlobStore } from '../src/core/ports/blob-store.ts';
import type { Clock } from '../src/core/ports/clock.ts';
import { silentLogger, type LogFields, type Logger } from '../src/core/ports/logger.ts';
import type { MemoryWatch } from '../src/core/ports/memory-watch.ts';
import type { MarkupSwitch } from '../src/core/speech/speech-markup.ts';
import type { OutputFolders } from '../src/core/ports/output-folders.ts';
import type { MediaFetcher } from '../src/core/ports/media-fetcher.ts';
import type { RequestLimiter } from '../src/core/ports/request-limiter.ts';
import type { Store } from '../src/core/ports/store.ts';
import { collectBytes } from '../src/base/stream.ts';
import type { PriceList } from '../src/core/usage/usage-prices.ts';
import type { UsageCounter, UsageRecord } from '../src/core/usage/usage-record.ts';
import { createVoiceLibrary, type VoiceLibrary } from '../src/core/voices/voice-library.ts';
import type { PresetVoice } from '../src/core/voices/voice.ts';
import { dialects, vendors } from '../src/dialects/index.ts';
import { createFileBlobs } from '../src/platform/blobs/file-blobs.ts';
import { createGuardedFetcher } from '../src/platform/guarded-fetcher.ts';
import { createSigner } from '../src/platform/hmac-signer.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import type { UploadRoom } from '../src/core/ports/upload-room.ts';
import { createOutputFolders } from '../src/platform/prefixed-folders.ts';
import { createOperations, type Operations } from '../src/operations.ts';
import type { ServerTelemetry } from '../src/platform/telemetry/server-telemetry.ts';
import { createMemoryGate } from '../src/platform/limits/memory-gate.ts';
import { createRequestLimiter } from '../src/platform/limits/request-limits.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { systemPause } from '../src/platform/system-pause.ts';
import { createUploadFolder } from '../src/platform/upload-folder.ts';
import { createWebhookSender } from '../src/platform/standard-webhooks.ts';
import { toneEngine } from './tone-engine.ts';

export interface TestAppOptions {
  readonly engines?: readonly Engine[];
  /** The only keys that are accepted; without any everybody is welcome. */
  readonly keys?: readonly string[];
  /** Decides who is calling instead of `keys`. */
  readonly authenticator?: Authenticator;
  /** Counts in memory unless told. */
  readonly limiter?: RequestLimiter;
  readonly trustedProxies?: readonly string[];
  readonly strictModels?: boolean;
  readonly bindings?: Readonly<Record<string, readonly string[]>>;
  readonly log?: Logger;
  /** The machine's own unless told. */
  readonly clock?: Clock;
  /** Which web pages may call; any unless told. */
  readonly cors?: PagesAllowed;
  /** What is different from the usual limits of connections. */
  readonly limits?: Partial<HttpLimits>;
  readonly weights?: ModelStore;
  readonly uploads?: UploadRoom;
  /** Empty and in memory unless told. */
  readonly store?: Store;
  readonly blobs?: BlobStore;
  /** Fetches from public addresses only, and knows no name, unless told. */
  readonly fetcher?: MediaFetcher;
  readonly maxRecordingSeconds?: number;
  readonly maxTextCharacters?: number;
  readonly prices?: PriceList;
  readonly historyLimits?: HistoryLimits;
  readonly dictionaryLimits?: DictionaryLimits;
  readonly markup?: MarkupSwitch;
  /** Networks beside the public internet where webhooks may be. */
  readonly webhookNetworks?: readonly string[];
  readonly publicUrl?: string;
  readonly outputs?: OutputFolders;
  /** The usual limits of jobs, where nothing else is said. */
  readonly jobLimits?: Partial<JobLimits>;
  /** Enough of it unless told. */
  readonly memory?: MemoryWatch;
  /** Watches over the server; nobody does when absent. */
  readonly telemetry?: ServerTelemetry;
  /** Who may read the metrics, and what may be logged, where somebody watches. */
  readonly watching?: Partial<Pick<Operations, 'metrics' | 'metricsToken' | 'logContent'>>;
}

/** The whole server on tones instead of voices, not listening: use `inject`, or `listening` for real clients. */
export async function testApp(options: TestAppOptions = {}): Promise<{ app: FastifyInstance; core: Core }> {
  const storage = testStorage(options);
  const core = createCore({
    engines: options.engines ?? [toneEngine()],
    downEngines: [],
    ...vendors,
    bindings: options.bindings ?? {},
    strictModels: options.strictModels ?? false,
    uploads: options.uploads ?? testUploads(),
    ...storage,
    ...(options.telemetry ? { telemetry: options.telemetry } : {}),
    ...(options.maxRecordingSeconds === undefined
      ? {}
      : { maxRecordingSeconds: options.maxRecordingSeconds }),
    ...(options.markup ? { markup: options.markup } : {}),
    ...(options.maxTextCharacters === undefined ? {} : { maxTextCharacters: options.maxTextCharacters }),
    ...(options.prices ? { prices: options.prices } : {}),
    ...(options.historyLimits ? { historyLimits: options.historyLimits } : {}),
    ...(options.dictionaryLimits ? { dictionaryLimits: options.dictionaryLimits } : {}),
    ...(options.weights ? { weights: options.weights } : {}),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    ...(options.outputs ? { outputs: options.outputs } : {}),
    jobLimits: { ...USUAL_JOB_LIMITS, ...options.jobLimits },
    ...(options.memory ? { memory: options.memory } : {}),
    authenticator: options.authenticator ?? fixedKeys(options.keys ?? []),
    limiter: options.limiter ?? createRequestLimiter({ gate: createMemoryGate(), pause: systemPause }),
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLogger,
    version: '0.0.0-test',
  });
  const { cors = 'any', limits = {}, trustedProxies = [] } = options;
  const operations = watchedBy(options, core, storage);
  return { app: await createApp(core, { dialects, cors, limits, trustedProxies, operations }), core };
}

function watchedBy(
  { telemetry, watching }: TestAppOptions,
  core: Core,
  storage: ReturnType<typeof testStorage>,
): Operations | undefined {
  if (!telemetry) return undefined;
  const memory = () => ({ models: [], limitBytes: 1 });
  const usual = { role: 'all', metrics: 'admin', logContent: () => false, memory } as const;
  return createOperations({ core, telemetry, ...storage, ...usual, ...watching });
}

/** Runs a test against the server on a free loopback port and closes it afterwards. */
export async function listening(
  options: TestAppOptions,
  use: (address: { origin: string; core: Core }) => Promise<void>,
): Promise<void> {
  const { app, core } = await testApp(options);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use({ origin: `http://127.0.0.1:${port}`, core });
  } finally {
    await app.close();
  }
}

/** Uploads in the system's temporary folder, gone when the server is closed. */
export function testUploads(): UploadRoom {
  return createUploadFolder({ folder: join(tmpdir(), 'antiphon-test-uploads') });
}

/** An empty store in memory. */
export function memoryStore(): Store {
  return openSqliteStore(':memory:');
}

/** Knows addresses and this machine, and no name outside: tests ask nobody. */
const namesNobody = async (host: string): Promise<readonly string[]> => {
  if (host === 'localhost') return ['127.0.0.1'];
  return isIP(host) === 0 ? [] : [host];
};

/** An empty store and blobs in memory, and a fetcher for public addresses only, where nothing else is given. */
export function testStorage(
  given: Pick<TestAppOptions, 'store' | 'blobs' | 'fetcher' | 'webhookNetworks'> = {},
) {
  const store = given.store ?? memoryStore();
  return {
    store,
    signer: createSigner(store.secrets),
    pause: systemPause,
    webhooks: createWebhookSender({
      settings: { allowedNetworks: given.webhookNetworks ?? [], resolve: namesNobody },
      secrets: store.secrets,
      clock: systemClock,
    }),
    blobs: given.blobs ?? memoryBlobs(),
    fetcher: given.fetcher ?? createGuardedFetcher({ allowedNetworks: [], resolve: namesNobody }),
  };
}

/** The folders for copies of pictures that an operator may allow, by prefix. */
export function testOutputs(prefixes: Readonly<Record<string, string>>): OutputFolders {
  return createOutputFolders(prefixes);
}

/** A database and blobs on disk, as the program has them. */
export function storageIn(folder: string): { readonly store: Store; readonly blobs: BlobStore } {
  return {
    store: openSqliteStore(join(folder, 'antiphon.sqlite')),
    blobs: createFileBlobs(join(folder, 'blobs')),
  };
}

/** Opens media at public addresses only, and knows no name. */
export function testOpener(): MediaOpener {
  return createMediaOpener(createGuardedFetcher({ allowedNetworks: [], resolve: namesNobody }));
}

/** A voice library on in-memory storage. */
export function testVoices(parts: {
  readonly presets: readonly PresetVoice[];
  readonly engines: readonly Engine[];
  readonly store?: Store;
  readonly blobs?: BlobStore;
}): VoiceLibrary {
  const { store, blobs } = testStorage(parts);
  const opener = testOpener();
  const runner = createEngineRunner(systemClock);
  return createVoiceLibrary({ ...parts, added: store.voices, blobs, opener, runner });
}

/** Blobs in memory. */
export function memoryBlobs(): BlobStore & { readonly kept: ReadonlyMap<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    put: async (id, bytes) => {
      const whole = bytes instanceof Uint8Array ? bytes : await collectBytes(bytes);
      kept.set(id, whole);
      return whole.length;
    },
    find: async (id) => {
      const bytes = kept.get(id);
      return (
        bytes && {
          byteLength: bytes.length,
          async *open(range) {
            yield range ? bytes.subarray(range.start, range.end) : bytes;
          },
        }
      );
    },
    remove: async (id) => {
      kept.delete(id);
    },
    check: async () => {},
  };
}

/** An authenticator that knows a fixed list of keys. */
export function fixedKeys(keys: readonly string[]): Authenticator {
  return {
    required: async () => keys.length > 0,
    findAdmitted: async (id) => {
      if (id === ANYBODY.id) return keys.length === 0 ? ANYBODY : undefined;
      const key = keys.find((one) => id === `key:${one}`);
      return key === undefined ? undefined : { ...testPrincipal(id), name: key };
    },
    authenticate: async (credential) => {
      if (keys.length === 0) return ANYBODY;
      if (credential === undefined || credential === '') {
        throw new AppError('unauthenticated', 'This server needs an API key.', { reason: 'missing_key' });
      }
      if (!keys.includes(credential)) {
        throw new AppError('unauthenticated', 'This API key is not one of ours.', { reason: 'unknown_key' });
      }
      return { ...testPrincipal(`key:${credential}`), name: credential };
    },
  };
}

/** Somebody with a key that is good for everything. */
export function testPrincipal(id: string, grant: Partial<Grant> = {}): Principal {
  return { id, name: id, anonymous: false, grant: { ...FULL_GRANT, ...grant } };
}

/** A context for calling services directly. */
export function testContext(overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: '0'.repeat(32),
    principal: ANYBODY,
    dialect: 'test',
    signal: new AbortController().signal,
    log: silentLogger,
    strict: false,
    ...overrides,
  };
}

/** A logger that remembers what it was told. */
export function recordingLogger(): Logger & {
  readonly entries: { level: string; event: string; fields: LogFields }[];
} {
  const entries: { level: string; event: string; fields: LogFields }[] = [];
  const at = (level: string) => (fields: LogFields, event: string) => {
    entries.push({ level, event, fields });
  };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Counts in memory what services say was used. */
export function testMeter(): UsageCounter & {
  readonly records: UsageRecord[];
  totalFor(principalId: string): { characters: number; audioSeconds: number; requests: number };
} {
  const records: UsageRecord[] = [];
  return {
    records,
    add: (record) => {
      records.push(record);
    },
    totalFor: (principalId) => {
      const own = records.filter((record) => record.principalId === principalId);
      const sum = (amount: (record: UsageRecord) => number | undefined) =>
        own.reduce((total, record) => total + (amount(record) ?? 0), 0);
      return {
        characters: sum(({ characters }) => characters),
        audioSeconds: sum(({ audioSeconds }) => audioSeconds),
        requests: own.length,
      };
    },
  };
}

/** Lets everything in. */
export const openAccess: AccessGuard = { admit: async () => undefined };

/** Real time, for services that are tested without a platform. */
export const testClock = systemClock;
