import { AppError } from '../base/errors.ts';
import { capabilitiesNow, type Capabilities, type VendorParameters } from './capabilities.ts';
import { createDictionaryLibrary, type DictionaryLibrary } from './dictionaries/dictionary-library.ts';
import type { DictionaryLimits } from './dictionaries/dictionary-limits.ts';
import { createPassBook, type PassBook } from './access/access-pass.ts';
import { createGuessGuard, type GuessGuard } from './access/guess-guard.ts';
import { createKeyBook, type KeyBook } from './access/key-book.ts';
import { createChatService, type ChatService } from './chat/chat-service.ts';
import type { Engine } from './engine.ts';
import { createSpeechHistory, type HistoryLimits, type SpeechHistory } from './history/speech-history.ts';
import type { FileService } from './files/file-service.ts';
import { createImageService, type ImageService } from './image/image-service.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createJobHouse, type JobHouse } from './jobs/job-house.ts';
import { USUAL_JOB_LIMITS, type JobLimits } from './jobs/job-limits.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { JobService } from './jobs/job-service.ts';
import type { KeptRequests } from './jobs/kept-request-answers.ts';
import { createEngineRunner, type EngineRunner } from './models/engine-runner.ts';
import { createModelCatalog, type ModelCatalog } from './models/model-catalog.ts';
import type { PublicModel } from './models/model.ts';
import { toldToEngines } from './models/installed-models.ts';
import { serversIn } from './models/served-candidates.ts';
import type { ModelStore } from './models/weights.ts';
import { createMediaOpener, type MediaOpener } from './media-opening.ts';
import { sparingAccess, sparingOpener, sparingUploads } from './memory-admission.ts';
import { createOwnerPurge, type OwnerPurge } from './owners/owner-purge.ts';
import type { Authenticator } from './ports/authenticator.ts';
import type { BlobStore } from './ports/blob-store.ts';
import type { Clock } from './ports/clock.ts';
import type { Logger } from './ports/logger.ts';
import type { MediaFetcher } from './ports/media-fetcher.ts';
import type { MemoryWatch } from './ports/memory-watch.ts';
import type { OutputFolders } from './ports/output-folders.ts';
import type { Pause } from './ports/pause.ts';
import type { Reload } from './ports/reload.ts';
import { NO_LIMITS, type RequestLimiter } from './ports/request-limiter.ts';
import type { Signer } from './ports/signer.ts';
import type { Store } from './ports/store.ts';
import type { Telemetry } from './ports/telemetry.ts';
import type { UploadRoom } from './ports/upload-room.ts';
import type { WebhookSender } from './ports/webhook-sender.ts';
import type { MarkupSwitch } from './speech/speech-markup.ts';
import { createSpeechService, type SpeechService, type SpeechServiceParts } from './speech/speech-service.ts';
import { soundJobHandler } from './sound/sound-job.ts';
import { createSoundService, type SoundService } from './sound/sound-service.ts';
import { createSpeechConversion, type SpeechConversion } from './speech/speech-conversion.ts';
import { createVoiceIsolation, type VoiceIsolation } from './speech/voice-isolation.ts';
import {
  createLiveTranscriptionService,
  type LiveTranscriptionService,
} from './transcription/live-transcription.ts';
import {
  createTranscriptionService,
  type TranscriptionService,
} from './transcription/transcription-service.ts';
import { createUsageHouse, type UsageHouse } from './usage/usage-house.ts';
import type { PriceList } from './usage/usage-prices.ts';
import type { UsageCounter } from './usage/usage-record.ts';
import { createVideoService, type VideoService } from './video/video-service.ts';
import { createVoiceLibrary, type VoiceLibrary } from './voices/voice-library.ts';
import { createVoiceStudio } from './voices/voice-making.ts';
import type { VoiceStudio } from './voices/voice-studio.ts';
import type { PresetVoice } from './voices/voice.ts';

/** An engine that was asked for and cannot run here. */
export interface DownEngine {
  readonly id: string;
  readonly reason: string;
}

/**
 * Everything the core is made of. Lists of engines, and what an operator may change while the server runs (`bindings` to
 * `maxTextCharacters`, `publicUrl`, the limits of history and jobs), are read where they are needed and never copied.
 */
export interface CoreParts {
  /** Running engines, in order of preference. */
  readonly engines: readonly Engine[];
  readonly downEngines: readonly DownEngine[];
  /** The names that vendors made known, from every dialect. */
  readonly publicModels: readonly PublicModel[];
  readonly presetVoices: readonly PresetVoice[];
  /** Per dialect, how its vendor spells our settings. */
  readonly parameters: Readonly<Record<string, VendorParameters>>;
  readonly bindings: Readonly<Record<string, readonly string[]>>;
  readonly strictModels: boolean;
  /** What is looked for in texts to be spoken whose request does not say; nothing when absent. */
  readonly markup?: MarkupSwitch | undefined;
  /** Where weights are kept; absent in programs that have none. */
  readonly weights?: ModelStore;
  /** Where uploads lie while their request lasts. */
  readonly uploads: UploadRoom;
  /** What outlives the process. */
  readonly store: Omit<Store, 'close'>;
  /** Where bytes are kept. */
  readonly blobs: BlobStore;
  /** Where copies of pictures may be put; absent where the operator allows none. */
  readonly outputs?: OutputFolders;
  /** Fetches from addresses that callers name. */
  readonly fetcher: MediaFetcher;
  /** How much of what was spoken is kept; 30 days and 2 GB when absent. */
  readonly historyLimits?: HistoryLimits;
  /** How many pronunciation dictionaries a key may have, and versions a dictionary; 1,000 each when absent. */
  readonly dictionaryLimits?: DictionaryLimits;
  /** Longest text that is spoken, in characters, whatever its model's vendor says. */
  readonly maxTextCharacters?: number | undefined;
  /** What the operator asks for what is used; absent where nothing is asked. */
  readonly prices?: PriceList | undefined;
  /** Longest recording that is heard; six hours when absent. */
  readonly maxRecordingSeconds?: number;
  /** How many jobs there may be, and how long results are kept; the usual numbers when absent. */
  readonly jobLimits?: JobLimits;
  /** Where callers reach this server, without a slash at the end; absent: where their requests say. */
  readonly publicUrl?: string | undefined;
  /** Vouches for the addresses of files. */
  readonly signer: Signer;
  /** Tells callers' servers of the ends of jobs. */
  readonly webhooks: WebhookSender;
  readonly pause: Pause;
  readonly authenticator: Authenticator;
  /** Counts requests against the limits of keys; nobody has any when absent. */
  readonly limiter?: RequestLimiter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  /** Tells when memory is short; it never is when absent. */
  readonly memory?: MemoryWatch;
  /** Reads the configuration anew; absent in programs that have none. */
  readonly reload?: Reload;
  /** Hears how the work goes; nobody watches when absent. */
  readonly telemetry?: Telemetry;
}

/** What a dialect receives. */
export interface Core {
  /** What the operator has set as the longest text, in characters. */
  readonly maxTextCharacters: number | undefined;
  readonly speech: SpeechService;
  readonly isolation: VoiceIsolation;
  readonly conversion: SpeechConversion;
  readonly sound: SoundService;
  readonly image: ImageService;
  readonly video: VideoService;
  readonly chat: ChatService;
  readonly transcription: TranscriptionService;
  readonly liveTranscription: LiveTranscriptionService;
  /** API keys, for administrators. */
  readonly keys: KeyBook;
  /** Counts requests against the limits of keys. */
  readonly limiter: RequestLimiter;
  /** Counts the wrong keys of each address. */
  readonly guesses: GuessGuard;
  /** Short-lived stand-ins for keys. */
  readonly passes: PassBook;
  readonly voices: VoiceLibrary;
  readonly dictionaries: DictionaryLibrary;
  readonly history: SpeechHistory;
  /** Removes what is kept of an owner. */
  readonly purge: OwnerPurge;
  readonly studio: VoiceStudio;
  /** Where callers reach this server, where the operator has said so. */
  readonly publicUrl: string | undefined;
  readonly jobs: JobService;
  readonly files: FileService;
  /** Requests that are answered later. */
  readonly keptRequests: KeptRequests;
  readonly webhooks: WebhookSender;
  /** Does the jobs; started by whoever serves. */
  readonly jobRunner: JobRunner;
  /** Whether the process is on its way out. */
  readonly lifecycle: Lifecycle;
  readonly reload: Reload | undefined;
  readonly media: MediaOpener;
  readonly models: ModelCatalog;
  readonly usage: UsageHouse;
  readonly runner: EngineRunner;
  readonly weights: ModelStore | undefined;
  readonly uploads: UploadRoom;
  readonly outputs: OutputFolders | undefined;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly engines: readonly Engine[];
  readonly downEngines: readonly DownEngine[];
  readonly version: string;
  /** What becomes of every parameter of every model name, as things are now. */
  capabilities(): Capabilities;
}

/** How much of what was spoken is kept: 30 days, and 2 GB. */
const HISTORY_LIMITS: HistoryLimits = { days: 30, bytes: 2048 * 1024 * 1024 };

/** Longest recording that is transcribed: six hours. */
const MAX_RECORDING_SECONDS = 6 * 60 * 60;

/** Puts the services together. */
export function createCore(parts: CoreParts): Core {
  const models = createModelCatalog(parts);
  const runner = createEngineRunner(parts.clock, parts.telemetry);
  const used = createUsageHouse({ ...parts, serversOf: serversIn(models), prices: () => parts.prices });
  const access = sparingAccess(used.access, parts.memory);
  const usage = toldTo(parts.telemetry, used.meter);
  const media = sparingOpener(createMediaOpener(parts.fetcher), parts.memory);
  const voices = libraryOf(parts, runner, media);
  const history = historyOf(parts);
  const hearing = {
    models,
    runner,
    usage,
    access,
    clock: parts.clock,
    engines: parts.engines,
    maxSeconds: parts.maxRecordingSeconds ?? MAX_RECORDING_SECONDS,
  };
  const transcription = createTranscriptionService({ ...hearing, opener: media });
  const sound = createSoundService({ ...hearing, uploads: parts.uploads });
  const house = createJobHouse({ ...parts, limits: parts.jobLimits ?? USUAL_JOB_LIMITS });
  const video = createVideoService({ ...house, ...parts, models, runner, usage, access, opener: media });
  return {
    get maxTextCharacters() {
      return parts.maxTextCharacters;
    },
    get publicUrl() {
      return parts.publicUrl;
    },
    ...givenTo(parts),
    ...lifeOf(parts),
    speech: speechOf(parts, { ...hearing, voices }),
    isolation: createVoiceIsolation({ ...hearing, opener: media }),
    conversion: createSpeechConversion({ ...hearing, voices, opener: media }),
    transcription,
    sound,
    image: createImageService({ ...hearing, opener: media }),
    video,
    chat: createChatService({ ...hearing, opener: media }),
    ...jobsOf(house, { sound, video }),
    liveTranscription: createLiveTranscriptionService(hearing),
    ...keysOf(parts, history),
    voices,
    dictionaries: dictionariesOf(parts),
    history,
    studio: createVoiceStudio({ ...parts, ...parts.store, opener: media, models, transcription }),
    media,
    models,
    usage: used,
    runner,
    weights: parts.weights && toldToEngines(parts.weights, models),
    uploads: sparingUploads(parts.uploads, parts.memory),
    capabilities: () => capabilitiesNow({ ...parts, models }),
  };
}

function givenTo(parts: CoreParts) {
  const { webhooks, outputs, authenticator, clock, log, engines, downEngines, version } = parts;
  return { webhooks, outputs, authenticator, clock, log, engines, downEngines, version };
}

function speechOf(parts: CoreParts, made: Omit<SpeechServiceParts, 'uploads' | 'markup'>): SpeechService {
  return createSpeechService({
    ...made,
    uploads: parts.uploads,
    get markup() {
      return parts.markup;
    },
  });
}

/** What is used is counted for the bill, and told to those who watch. */
function toldTo(telemetry: Telemetry | undefined, meter: UsageCounter): UsageCounter {
  if (!telemetry) return meter;
  return {
    add: (record) => {
      telemetry.used(record);
      meter.add(record);
    },
  };
}

function lifeOf({ reload }: CoreParts): Pick<Core, 'lifecycle' | 'reload'> {
  return { lifecycle: createLifecycle(), reload };
}

function keysOf(
  parts: CoreParts,
  history: SpeechHistory,
): Pick<Core, 'keys' | 'passes' | 'limiter' | 'guesses' | 'purge'> {
  const dialects = Object.keys(parts.parameters);
  const passes = createPassBook(parts);
  return {
    keys: createKeyBook({ keys: parts.store.keys, clock: parts.clock, dialects }),
    passes,
    purge: purgeOf(parts, { history, passes }),
    limiter: parts.limiter ?? NO_LIMITS,
    guesses: createGuessGuard(parts.clock),
  };
}

function purgeOf(parts: CoreParts, { history, passes }: Pick<Core, 'history' | 'passes'>): OwnerPurge {
  return createOwnerPurge({
    ...parts,
    removeHistory: async (id, ownerId) => {
      try {
        await history.remove(id, ownerId);
        return true;
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return false;
        throw error;
      }
    },
    forget: (ownerId) => {
      passes.endOf(ownerId);
      history.forgetTraces(ownerId);
    },
  });
}

function jobsOf(
  house: JobHouse,
  { sound, video }: Pick<Core, 'sound' | 'video'>,
): Pick<Core, 'jobs' | 'files' | 'keptRequests' | 'jobRunner'> {
  const { jobs, files, keptRequests } = house;
  const jobRunner = house.runner({
    request: keptRequests.handler,
    sound: soundJobHandler({ sound, files }),
    video: video.handler,
  });
  return { jobs, files, keptRequests, jobRunner };
}

function dictionariesOf({ store, clock, dictionaryLimits: limits }: CoreParts): DictionaryLibrary {
  return createDictionaryLibrary({ store: store.dictionaries, clock, ...(limits ? { limits } : {}) });
}

function historyOf({ store, blobs, clock, log, historyLimits }: CoreParts): SpeechHistory {
  const limits = historyLimits ?? HISTORY_LIMITS;
  return createSpeechHistory({ store: store.history, blobs, clock, log, limits });
}

function libraryOf(parts: CoreParts, runner: EngineRunner, opener: MediaOpener): VoiceLibrary {
  return createVoiceLibrary({
    presets: parts.presetVoices,
    engines: parts.engines,
    added: parts.store.voices,
    blobs: parts.blobs,
    opener,
    runner,
  });
}
