import type { ByteFlow } from '../base/byte-flow.ts';
import type { PcmStream } from '../media/pcm.ts';
import type { Interval } from '../media/speech-windows.ts';
import type { ChatEngine } from './chat/chat-engine.ts';
import type { RequestContext } from './context.ts';
import type { ImageEngine } from './image/image-engine.ts';
import type { ImageTools } from './image/image-tools.ts';
import type { MediaInput } from './media-input.ts';
import type { HearingTask, ModelCard } from './models/model.ts';
import type { RemoteSettings } from './models/remote.ts';
import type { Logger } from './ports/logger.ts';
import type { SettingSupport } from './setting-support.ts';
import type { SoundEngine } from './sound/sound-engine.ts';
import type { TimingTrack } from './speech/alignment.ts';
import type { SpeechControls, SpeechSetting } from './speech/speech.ts';
import type { TranscriptionSetting } from './transcription/transcription.ts';
import type { VideoEngine } from './video/video-engine.ts';
import type { Voice } from './voices/voice.ts';
import type { Warning } from './warning.ts';

/** What a speech engine is asked: everything is resolved, nothing is a vendor's word any more. */
export interface SynthesisRequest {
  /** Id of one of the engine's own models. */
  readonly model: string;
  /** Not blank; numbers and dates are already words where the caller wanted that. */
  readonly text: string;
  /** Id of one of the engine's own voices. */
  readonly voice: string;
  /** BCP 47, one that the voice speaks. */
  readonly language: string;
  /** Tempo within the engine's declared range, 1 = natural. */
  readonly speed: number;
  /** Shift against the voice's own pitch, in semitones. */
  readonly pitchSemitones: number;
  readonly seed?: number;
  readonly instructions?: string;
  /** What else the caller set of what the engine obeys. */
  readonly controls?: SpeechControls;
  readonly surroundings?: { readonly before?: string; readonly after?: string };
  /** Stretches of the text that are pronounced otherwise than they are spelled; for engines with the setting `phonemes`. */
  readonly phonemes?: readonly SpokenPhonemes[];
  /** Whether word times are wanted. */
  readonly alignment: boolean;
  /**
   * Given where nothing is done with the sound and the caller gets raw samples at this rate: an engine to which such
   * come may answer `raw`.
   */
  readonly asIs?: { readonly sampleRate: number };
  /** Given only together with a voice from `findSampleVoice`. */
  readonly sample?: VoiceSample;
}

/** A stretch of a text, in UTF-16 offsets, and how it is pronounced. Stretches do not overlap. */
export interface SpokenPhonemes {
  readonly start: number;
  readonly end: number;
  /** In the International Phonetic Alphabet; checked to be of it, not to be sounds that the engine has. */
  readonly ipa: string;
}

/** A recording of somebody, whose voice is to be taken on. */
export interface VoiceSample {
  readonly audio: MediaInput;
  /** What is said in it. */
  readonly transcript?: string;
  /** How long it is, where that is known. */
  readonly durationSeconds?: number;
}

/**
 * An engine's answer: samples for us to work on and encode, or, where `asIs` was asked for, the raw ones that came from
 * elsewhere: signed 16-bit little-endian samples in one channel.
 */
export type SpeechOutput = { readonly warnings?: readonly Warning[] } & (
  | { readonly kind: 'pcm'; readonly pcm: PcmStream; readonly timings?: TimingTrack }
  | { readonly kind: 'raw'; readonly sampleRate: number; readonly chunks: ByteFlow }
);

/** The part of an engine that speaks. */
export interface SpeechEngine {
  readonly voices: readonly Voice[];
  /** Finds a voice that exists but is not listed, such as one of very many variants. */
  findVoice?(id: string): Voice | undefined;
  /**
   * The voice with which a model speaks like a sample; undefined when the model cannot take on a voice, or cannot
   * work with this sample. Absent where no model can.
   */
  findSampleVoice?(model: string, sample: VoiceSample): Voice | undefined;
  readonly settings: Readonly<Partial<Record<SpeechSetting, SettingSupport>>>;
  /** Whether its word times are those of its own sounds, so that speech may be cut between two words. */
  readonly measuresWords?: true;
  /**
   * Starts to speak. Samples are made only as fast as they are pulled; the stream ends within a chunk of the
   * signal's abort with `cancelled`. Throws `engine_failed` when the engine breaks.
   */
  synthesize(request: SynthesisRequest, context: RequestContext): Promise<SpeechOutput>;
  /** Gets the engine ready for a first request, so that it is answered fast. */
  warm?(): Promise<void>;
}

/** A stretch of a recording that an engine hears in one go. */
export interface HearingWindow {
  /** Mono, 16 000 hertz, at most 30 s. */
  readonly samples: Float32Array;
  /** What was heard just before, for context; the caller's prompt in the first window. */
  readonly prompt?: string;
}

/** How an engine is to hear all windows of one recording. */
export interface HearingRequest {
  /** Id of one of the engine's own models. */
  readonly model: string;
  readonly task: HearingTask;
  /** ISO 639-1, one of the model's; absent means: find out. */
  readonly language?: string;
  readonly temperature?: number;
  readonly wordTimes: boolean;
  readonly logprobs: boolean;
}

/** What an engine heard in a window; times in seconds from the window's start. */
export interface HeardSegment {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** As the model wrote it, leading space included. */
  readonly text: string;
  readonly tokens?: readonly number[];
  readonly temperature?: number;
  readonly averageLogprob?: number;
  readonly noSpeechProbability?: number;
  readonly words?: readonly {
    readonly text: string;
    readonly startSeconds: number;
    readonly endSeconds: number;
    readonly logprob?: number;
  }[];
  readonly logprobs?: readonly { readonly text: string; readonly logprob: number }[];
}

/** What an engine heard in a window, in order. */
export interface HeardWindow {
  readonly segments: readonly HeardSegment[];
  /** ISO 639-1 of what is spoken, when the model tells. */
  readonly language?: string;
  readonly languageProbability?: number;
}

/** A model that is loaded and listens to one recording after another. */
export interface HearingSession {
  /** Throws `cancelled` within 200 ms of the signal's abort, `engine_failed` when the engine breaks. */
  hear(window: HearingWindow): Promise<HeardWindow>;
  /** Gives the model back; it may be unloaded when nobody uses it. */
  close(): void;
}

/** How the settings of hearing are obeyed; what is not listed is ignored. */
export type HearingSettings = Readonly<Partial<Record<TranscriptionSetting, SettingSupport>>>;

/** The part of an engine that hears. */
export interface TranscriptionEngine {
  readonly settings: HearingSettings;
  /** What one of its models obeys, where models differ. */
  settingsOf?(model: string): HearingSettings;
  /** Loads the model if need be. Throws `unsupported_feature` (reason `not_installed`, with the command that installs it). */
  open(request: HearingRequest, context: RequestContext): Promise<HearingSession>;
}

/** The part of an engine that tells speakers apart. */
export interface SpeakerEngine {
  /** Length of an embedding. */
  readonly dimensions: number;
  /** A unit vector for the voice in mono 16 kHz samples of at least half a second. */
  embed(samples: Float32Array, context: RequestContext): Promise<Float32Array>;
  /**
   * Who speaks when in mono 16 kHz samples of at most 30 s, ordered by start; several may speak at once. Absent
   * where no model for it is installed.
   */
  turns?(samples: Float32Array, context: RequestContext): Promise<readonly VoiceTurn[]>;
}

/** A stretch of time, in seconds from the first sample, in which one of the voices in some samples speaks. */
export interface VoiceTurn {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Counts the voices of these samples; in others the same number is another voice. */
  readonly voice: number;
}

/** A stretch of a recording, and the words that are spoken in it. */
export interface AlignmentRequest {
  /** Mono, 16 000 hertz, at most 30 s. */
  readonly samples: Float32Array;
  /** ISO 639-1, one of the engine's. */
  readonly language: string;
  /** As they are written, in order; punctuation may be around them. */
  readonly words: readonly string[];
}

/** The part of an engine that finds known words in a recording. */
export interface AlignmentEngine {
  /** ISO 639-1. */
  readonly languages: readonly string[];
  /**
   * Where each of the words is spoken, in seconds from the first sample, in order and without overlap; undefined when
   * sound and words do not fit. Throws `cancelled` at the signal's abort and `engine_failed` when the engine breaks.
   */
  align(request: AlignmentRequest, context: RequestContext): Promise<readonly Interval[] | undefined>;
}

/** One way of making media. A capability exists because its part exists. */
export interface Engine {
  readonly id: string;
  /** Requests that it serves at the same time. */
  readonly concurrency: number;
  readonly models: readonly ModelCard[];
  readonly speech?: SpeechEngine | undefined;
  readonly transcription?: TranscriptionEngine | undefined;
  readonly speakers?: SpeakerEngine | undefined;
  readonly alignment?: AlignmentEngine | undefined;
  readonly sound?: SoundEngine | undefined;
  readonly image?: ImageEngine | undefined;
  readonly video?: VideoEngine | undefined;
  readonly chat?: ChatEngine | undefined;
  /** How pictures are read, drawn and written on this machine. */
  readonly imageTools?: ImageTools | undefined;
  /** Looks again at what is installed, so that `models` is right from then on. */
  refresh?(): Promise<void>;
  /** How an engine that runs elsewhere is; absent for those that run here. */
  health?(): EngineHealth;
  stop?(): Promise<void>;
}

/** How a server elsewhere was when it was last asked. */
export interface EngineHealth {
  /** `unknown` until it was needed for the first time. */
  readonly state: 'healthy' | 'unhealthy' | 'unknown';
  /** What is wrong, in words for the operator. */
  readonly reason?: string;
  /** Requests that it works on and that wait there, where it tells, also for other callers than us. */
  readonly load?: { readonly running?: number; readonly waiting?: number };
}

/** Why an engine cannot run on this machine: a fact to show, not a crash. */
export interface UnavailableEngine {
  readonly unavailable: string;
}

/** What an engine's folder exports. `create` is cheap: weights and workers are loaded when first needed. */
export interface EngineModule {
  readonly id: string;
  readonly title: string;
  /** SPDX licence of what the engine brings along. */
  readonly licence: string;
  create(settings: EngineSettings): Promise<Engine | UnavailableEngine>;
}

/** What every engine may be told. */
export interface EngineSettings {
  /** Worker threads that it may use at the same time. */
  readonly workers: number;
  /** The server elsewhere that an adapter is to speak to; absent for engines that run here. */
  readonly remote?: RemoteSettings;
  /** Where weights lie; absent for programs that have none. */
  readonly weights?: WeightsSource;
  /** For what no request can be told, such as weights that cannot be used. */
  readonly log?: Logger;
  /** How long a loaded model that nobody uses stays in memory, in milliseconds; absent means the engine's own choice. */
  readonly idleMs?: number;
  /** How long a worker thread without work is kept, in milliseconds, perhaps for ever; absent means the engine's own choice. */
  readonly keepWarmMs?: number;
  /** What all loaded models may take together; absent means without limit. */
  readonly memory?: MemoryBudget;
}

/** Memory that the loaded models of all engines share. */
export interface MemoryBudget {
  /**
   * Makes room for a model, if need be by unloading others that nobody uses, the longest unused first, and returns
   * the function that gives the room back (harmless when called twice). Throws `overloaded`, or
   * `unsupported_feature` (reason `memory_budget`) for a model that can never fit.
   */
  claim(tenant: MemoryTenant): Promise<() => void>;
}

/** A model that is about to be loaded. */
export interface MemoryTenant {
  /** Id of the model, for messages. */
  readonly id: string;
  readonly bytes: number;
  /** When it was last used, on the clock of `performance.now()`. */
  lastUsedMs(): number;
  /** Unloads it unless somebody uses it; tells whether its memory is free. */
  unload(): Promise<boolean>;
}

/** Weights as an engine sees them. */
export interface WeightsSource {
  /** What is installed for an engine now, and where. */
  installed(engine: string): Promise<readonly InstalledWeights[]>;
}

/** Weights that are complete on disk. */
export interface InstalledWeights {
  /** Catalog id, such as `whisper/large-v3-turbo`. */
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly licence: string;
  /** ISO 639-1 codes, or `any`. */
  readonly languages: readonly string[] | 'any';
  /** Public model names that it is. */
  readonly implements?: readonly string[];
  /** Folder that holds its files. */
  readonly folder: string;
  /** Names of the files in the folder. */
  readonly files: readonly string[];
}
