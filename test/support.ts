import { isIP, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../src/app.ts';
import { AppError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
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
import { silentLogger, type LogFields, type Logger } from '../src/core/ports/logger.ts';
import type { MarkupSwitch } from '../src/core/speech/speech-markup.ts';
import type { OutputFolders } from '../src/core/ports/output-folders.ts';
import type { MediaFetcher } from '../src/core/ports/media-fetcher.ts';
import type { Store } from '../src/core/ports/store.ts';
import { collectBytes } from '../src/base/stream.ts';
import { createVoiceLibrary, type VoiceLibrary } from '../src/core/voices/voice-library.ts';
import type { PresetVoice } from '../src/core/voices/voice.ts';
import { dialects, vendors } from '../src/dialects/index.ts';
import { createFileBlobs } from '../src/platform/blobs/file-blobs.ts';
import { createGuardedFetcher } from '../src/platform/guarded-fetcher.ts';
import { createSigner } from '../src/platform/hmac-signer.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import type { UploadRoom } from '../src/core/ports/upload-room.ts';
import { createOutputFolders } from '../src/platform/prefixed-folders.ts';
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
  readonly strictModels?: boolean;
  readonly bindings?: Readonly<Record<string, readonly string[]>>;
  readonly log?: Logger;
  /** Which web pages may call; any unless told. */
  readonly cors?: 'any' | 'loopback';
  readonly weights?: ModelStore;
  readonly uploads?: UploadRoom;
  /** Empty and in memory unless told. */
  readonly store?: Store;
  readonly blobs?: BlobStore;
  /** Fetches from public addresses only, and knows no name, unless told. */
  readonly fetcher?: MediaFetcher;
  readonly maxRecordingSeconds?: number;
  readonly maxTextCharacters?: number;
  readonly historyLimits?: HistoryLimits;
  readonly dictionaryLimits?: DictionaryLimits;
  readonly markup?: MarkupSwitch;
  /** Networks beside the public internet where webhooks may be. */
  readonly webhookNetworks?: readonly string[];
  readonly publicUrl?: string;
  readonly outputs?: OutputFolders;
  /** The usual limits of jobs, where nothing else is said. */
  readonly jobLimits?: Partial<JobLimits>;
}

/** The whole server on tones instead of voices, not listening: use `inject`, or `listening` for real clients. */
export async function testApp(options: TestAppOptions = {}): Promise<{ app: FastifyInstance; core: Core }> {
  const core = createCore({
    engines: options.engines ?? [toneEngine()],
    downEngines: [],
    ...vendors,
    bindings: options.bindings ?? {},
    strictModels: options.strictModels ?? false,
    uploads: options.uploads ?? testUploads(),
    ...testStorage(options),
    ...(options.maxRecordingSeconds === undefined
      ? {}
      : { maxRecordingSeconds: options.maxRecordingSeconds }),
    ...(options.markup ? { markup: options.markup } : {}),
    ...(options.maxTextCharacters === undefined ? {} : { maxTextCharacters: options.maxTextCharacters }),
    ...(options.historyLimits ? { historyLimits: options.historyLimits } : {}),
    ...(options.dictionaryLimits ? { dictionaryLimits: options.dictionaryLimits } : {}),
    ...(options.weights ? { weights: options.weights } : {}),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    ...(options.outputs ? { outputs: options.outputs } : {}),
    jobLimits: { ...USUAL_JOB_LIMITS, ...options.jobLimits },
    authenticator: options.authenticator ?? fixedKeys(options.keys ?? []),
    clock: systemClock,
    log: options.log ?? silentLogger,
    version: '0.0.0-test',
  });
  return { app: await createApp(core, { dialects, cors: options.cors ?? 'any' }), core };
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
  };
}

/** An authenticator that knows a fixed list of keys. */
export function fixedKeys(keys: readonly string[]): Authenticator {
  return {
    required: async () => keys.length > 0,
    stillAdmits: async ({ id, anonymous }) =>
      anonymous ? keys.length === 0 : keys.some((key) => id === `key:${key}`),
    authenticate: async (credential) => {
      if (keys.length === 0) return { id: 'anonymous', name: 'anonymous', anonymous: true };
      if (credential === undefined || credential === '') {
        throw new AppError('unauthenticated', 'This server needs an API key.', { reason: 'missing_key' });
      }
      if (!keys.includes(credential)) {
        throw new AppError('unauthenticated', 'This API key is not one of ours.', { reason: 'unknown_key' });
      }
      return { id: `key:${credential}`, name: credential, anonymous: false };
    },
  };
}

/** A context for calling services directly. */
export function testContext(overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: '0'.repeat(32),
    principal: { id: 'anonymous', name: 'anonymous', anonymous: true },
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

/** Real time, for services that are tested without a platform. */
export const testClock = systemClock;
