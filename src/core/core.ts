import type { Engine } from './engine.ts';
import { createEngineRunner, type EngineRunner } from './models/engine-runner.ts';
import { createModelCatalog, type ModelCatalog } from './models/model-catalog.ts';
import type { PublicModel } from './models/model.ts';
import { toldToEngines } from './models/installed-models.ts';
import type { ModelStore } from './models/weights.ts';
import { createMediaOpener, type MediaOpener } from './media-opening.ts';
import type { Authenticator } from './ports/authenticator.ts';
import type { BlobStore } from './ports/blob-store.ts';
import type { Clock } from './ports/clock.ts';
import type { Logger } from './ports/logger.ts';
import type { MediaFetcher } from './ports/media-fetcher.ts';
import type { Store } from './ports/store.ts';
import type { UploadRoom } from './ports/upload-room.ts';
import {
  speechCapabilities,
  type ParameterTable,
  type SpeechCapability,
} from './speech/speech-capabilities.ts';
import { createSpeechService, type SpeechService } from './speech/speech-service.ts';
import {
  transcriptionCapabilities,
  type HearingParameterTable,
  type TranscriptionCapability,
} from './transcription/transcription-capabilities.ts';
import {
  createTranscriptionService,
  type TranscriptionService,
} from './transcription/transcription-service.ts';
import { createUsageMeter, type UsageMeter } from './usage/usage-meter.ts';
import { createVoiceLibrary, type VoiceLibrary } from './voices/voice-library.ts';
import { createVoiceStudio } from './voices/voice-making.ts';
import type { VoiceStudio } from './voices/voice-studio.ts';
import type { PresetVoice } from './voices/voice.ts';

/** An engine that was asked for and cannot run here. */
export interface DownEngine {
  readonly id: string;
  readonly reason: string;
}

/** Everything the core is made of. */
export interface CoreParts {
  /** Running engines, in order of preference. */
  readonly engines: readonly Engine[];
  readonly downEngines: readonly DownEngine[];
  /** The names that vendors made known, from every dialect. */
  readonly publicModels: readonly PublicModel[];
  readonly presetVoices: readonly PresetVoice[];
  /** Per dialect, how its speech parameters are spelled. */
  readonly speechParameters: Readonly<Record<string, ParameterTable>>;
  /** Per dialect, how its parameters of hearing are spelled. */
  readonly transcriptionParameters: Readonly<Record<string, HearingParameterTable>>;
  readonly bindings: Readonly<Record<string, readonly string[]>>;
  readonly strictModels: boolean;
  /** Where weights are kept; absent in programs that have none. */
  readonly weights?: ModelStore;
  /** Where uploads lie while their request lasts. */
  readonly uploads: UploadRoom;
  /** What outlives the process. */
  readonly store: Omit<Store, 'keys' | 'close'>;
  /** Where bytes are kept. */
  readonly blobs: BlobStore;
  /** Fetches from addresses that callers name. */
  readonly fetcher: MediaFetcher;
  /** Longest recording that is heard; six hours when absent. */
  readonly maxRecordingSeconds?: number;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** What a dialect receives. */
export interface Core {
  readonly speech: SpeechService;
  readonly transcription: TranscriptionService;
  readonly voices: VoiceLibrary;
  readonly studio: VoiceStudio;
  readonly media: MediaOpener;
  readonly models: ModelCatalog;
  readonly usage: UsageMeter;
  readonly runner: EngineRunner;
  readonly weights: ModelStore | undefined;
  readonly uploads: UploadRoom;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly engines: readonly Engine[];
  readonly downEngines: readonly DownEngine[];
  readonly version: string;
  speechCapabilities(): readonly SpeechCapability[];
  transcriptionCapabilities(): readonly TranscriptionCapability[];
}

/** Longest recording that is transcribed: six hours. */
const MAX_RECORDING_SECONDS = 6 * 60 * 60;

/** Puts the services together. */
export function createCore(parts: CoreParts): Core {
  const models = createModelCatalog(parts);
  const voices = createVoiceLibrary({ presets: parts.presetVoices, engines: parts.engines });
  const runner = createEngineRunner(parts.clock);
  const usage = createUsageMeter();
  const media = createMediaOpener(parts.fetcher);
  const transcription = createTranscriptionService({
    models,
    runner,
    usage,
    clock: parts.clock,
    engines: parts.engines,
    maxSeconds: parts.maxRecordingSeconds ?? MAX_RECORDING_SECONDS,
  });
  return {
    speech: createSpeechService({ models, voices, runner, usage, clock: parts.clock }),
    transcription,
    voices,
    studio: createVoiceStudio({
      voices: parts.store.voices,
      consents: parts.store.consents,
      blobs: parts.blobs,
      opener: media,
      models,
      transcription,
      clock: parts.clock,
    }),
    media,
    models,
    usage,
    runner,
    weights: parts.weights && toldToEngines(parts.weights, models),
    uploads: parts.uploads,
    authenticator: parts.authenticator,
    clock: parts.clock,
    log: parts.log,
    engines: parts.engines,
    downEngines: parts.downEngines,
    version: parts.version,
    speechCapabilities: () => speechCapabilities(models, parts.speechParameters),
    transcriptionCapabilities: () =>
      transcriptionCapabilities({
        models,
        parameters: parts.transcriptionParameters,
        engines: parts.engines,
      }),
  };
}
