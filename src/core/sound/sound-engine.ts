import type { PcmStream } from '../../media/pcm.ts';
import type { RequestContext } from '../context.ts';
import type { SupportedSettings } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { MusicPlan, SoundSetting, SoundWish } from './sound.ts';

/** What a sound engine is asked: a wish, and which of its models is to grant it. */
export interface SoundGeneration extends SoundWish {
  /** Id of one of the engine's own models. */
  readonly model: string;
  /** Drawn by the service when the caller gave none. */
  readonly seed: number;
}

/** An engine's answer: samples for us to encode, or, from upstream services, a complete file that is to be decoded. */
export type SoundOutput = {
  readonly warnings?: readonly Warning[];
  /** How long it is, where that is known beforehand. */
  readonly durationSeconds?: number;
} & (
  | { readonly kind: 'pcm'; readonly pcm: PcmStream }
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
);

/** The part of an engine that makes sounds and music. */
export interface SoundEngine {
  readonly settings: SupportedSettings<SoundSetting>;
  /** Longest sound, in seconds, that a model makes. */
  maxSeconds(model: string): number;
  /**
   * Starts to make a sound. Samples are made only as fast as they are pulled; the stream ends within a chunk of the
   * signal's abort with `cancelled`. The same generation gives the same samples where `seed` is among the settings.
   */
  generate(request: SoundGeneration, context: RequestContext): Promise<SoundOutput>;
  /** How a piece of music for a wish would be laid out; absent where the engine does not plan. */
  plan?(request: SoundGeneration, context: RequestContext): Promise<MusicPlan>;
}
