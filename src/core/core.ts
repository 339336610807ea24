import type { Engine } from './engine.ts';
import { createEngineRunner, type EngineRunner } from './models/engine-runner.ts';
import { createModelCatalog, type ModelCatalog } from './models/model-catalog.ts';
import type { PublicModel } from './models/model.ts';
import type { ModelStore } from './models/weights.ts';
import type { Authenticator } from './ports/authenticator.ts';
import type { Clock } from './ports/clock.ts';
import type { Logger } from './ports/logger.ts';
import {
  speechCapabilities,
  type ParameterTable,
  type SpeechCapability,
} from './speech/speech-capabilities.ts';
import { createSpeechService, type SpeechService } from './speech/speech-service.ts';
import {
  createTranscriptionService,
  type TranscriptionService,
} from './transcription/transcription-service.ts';
import { createUsageMeter, type UsageMeter } from './usage/usage-meter.ts';
import { createVoiceLibrary, type VoiceLibrary } from './voices/voice-library.ts';
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
  readonly bindings: Readonly<Record<string, readonly string[]>>;
  readonly strictModels: boolean;
  /** Where weights are kept; absent in programs that have none. */
  readonly weights?: ModelStore;
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
  readonly models: ModelCatalog;
  readonly usage: UsageMeter;
  readonly runner: EngineRunner;
  readonly weights: ModelStore | undefined;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly engines: readonly Engine[];
  readonly downEngines: readonly DownEngine[];
  readonly version: string;
  speechCapabilities(): readonly SpeechCapability[];
}

/** Longest recording that is transcribed: six hours. */
const MAX_RECORDING_SECONDS = 6 * 60 * 60;

/** Puts the services together. */
export function createCore(parts: CoreParts): Core {
  const models = createModelCatalog(parts);
  const voices = createVoiceLibrary({ presets: parts.presetVoices, engines: parts.engines });
  const runner = createEngineRunner();
  const usage = createUsageMeter();
  return {
    speech: createSpeechService({ models, voices, runner, usage, clock: parts.clock }),
    transcription: createTranscriptionService({
      models,
      runner,
      usage,
      clock: parts.clock,
      engines: parts.engines,
      maxSeconds: MAX_RECORDING_SECONDS,
    }),
    voices,
    models,
    usage,
    runner,
    weights: parts.weights,
    authenticator: parts.authenticator,
    clock: parts.clock,
    log: parts.log,
    engines: parts.engines,
    downEngines: parts.downEngines,
    version: parts.version,
    speechCapabilities: () => speechCapabilities(models, parts.speechParameters),
  };
}
