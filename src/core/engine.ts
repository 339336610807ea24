import type { PcmStream } from '../media/pcm.ts';
import type { RequestContext } from './context.ts';
import type { MediaInput } from './media-input.ts';
import type { ModelCard } from './models/model.ts';
import type { TimingTrack } from './speech/alignment.ts';
import type { SpeechSetting } from './speech/speech.ts';
import type { Voice } from './voices/voice.ts';
import type { Warning } from './warning.ts';

/**
 * How an engine obeys a setting: within a range (`adjusted` to its nearest end outside it), or without limits.
 * A setting that is not listed is ignored by the engine.
 */
export type SettingSupport = { readonly minimum: number; readonly maximum: number } | 'any';

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
  readonly surroundings?: { readonly before?: string; readonly after?: string };
  /** Whether word times are wanted. */
  readonly alignment: boolean;
  readonly sample?: { readonly audio: MediaInput; readonly transcript?: string };
}

/** An engine's answer: samples for us to encode, or, from upstream services, bytes that are encoded already. */
export type SpeechOutput = { readonly warnings?: readonly Warning[] } & (
  | { readonly kind: 'pcm'; readonly pcm: PcmStream; readonly timings?: TimingTrack }
  | { readonly kind: 'encoded'; readonly formatId: string; readonly chunks: AsyncIterable<Uint8Array> }
);

/** The part of an engine that speaks. */
export interface SpeechEngine {
  readonly voices: readonly Voice[];
  /** Finds a voice that exists but is not listed, such as one of very many variants. */
  findVoice?(id: string): Voice | undefined;
  readonly settings: Readonly<Partial<Record<SpeechSetting, SettingSupport>>>;
  /**
   * Starts to speak. Samples are made only as fast as they are pulled; the stream ends within a chunk of the
   * signal's abort with `cancelled`. Throws `engine_failed` when the engine breaks.
   */
  synthesize(request: SynthesisRequest, context: RequestContext): Promise<SpeechOutput>;
  /** Gets the engine ready for a first request, so that it is answered fast. */
  warm?(): Promise<void>;
}

/** One way of making media. A capability exists because its part exists. */
export interface Engine {
  readonly id: string;
  /** Requests that it serves at the same time. */
  readonly concurrency: number;
  readonly models: readonly ModelCard[];
  readonly speech?: SpeechEngine;
  stop?(): Promise<void>;
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
}
