import type { AudioFormatRequest } from '../../media/formats/format.ts';
import type { Asked } from '../setting-support.ts';
import type { Warning } from '../warning.ts';

/** Everything about sound and music that some dialect lets a caller set, in our words. */
export const SOUND_SETTINGS = [
  'duration',
  'start',
  'loop',
  'seed',
  'steps',
  'prompt_influence',
  'negative_prompt',
  'instrumental',
  'lyrics',
  'plan',
  'section_durations',
  'reference_audio',
] as const;

/** One of the settings of sound. */
export type SoundSetting = (typeof SOUND_SETTINGS)[number];

/** A stretch of a piece of music, and how it is to be. */
export interface MusicSection {
  /** As the caller named it: `Intro`, `Chorus`. */
  readonly name: string;
  readonly durationSeconds: number;
  readonly styles: readonly string[];
  readonly avoidedStyles: readonly string[];
  /** What is sung in it; empty where nothing is. */
  readonly lines: readonly string[];
}

/** A piece of music as it is to be made, section by section. */
export interface MusicPlan {
  readonly styles: readonly string[];
  readonly avoidedStyles: readonly string[];
  /** In order, at least one. */
  readonly sections: readonly MusicSection[];
}

/** What is asked of an engine that makes sound; everything is resolved. */
export interface SoundWish {
  readonly kind: 'effect' | 'music';
  /** Not blank, unless there is a plan. */
  readonly prompt: string;
  /** Seconds; absent means: choose by the prompt. */
  readonly durationSeconds?: number;
  /** Where the clip begins in the piece that is imagined, in seconds: a clip from 20 s on has no beginning of its own. */
  readonly startSeconds?: number;
  /** Whether its end must lead into its beginning without a seam. */
  readonly loop?: boolean;
  /** 0 to 2^53 - 1; absent means: another sound each time. */
  readonly seed?: number;
  /** How much work is spent, in the steps of a diffusion model. */
  readonly steps?: number;
  /** How closely the prompt is followed, 0 to 1. */
  readonly promptInfluence?: number;
  readonly negativePrompt?: string;
  readonly instrumental?: boolean;
  readonly lyrics?: string;
  /** Given instead of, or made from, a prompt. */
  readonly plan?: MusicPlan;
  /** Whether each section must last exactly as long as the plan says, and not only all of them together. */
  readonly exactSections?: boolean;
}

/** What is asked. Built only by a dialect's mapper, which has already checked types and vendor limits. */
export interface SoundRequest extends SoundWish {
  /** A public or engine model name. */
  readonly model: string;
  readonly format: AudioFormatRequest;
  /** `stream`: bytes as they come; `whole`: all bytes first, with true lengths in the header. */
  readonly delivery: 'stream' | 'whole';
  /** One or two; absent means: as the engine makes it. */
  readonly channels?: 1 | 2;
  /** Every optional parameter that the caller sent. */
  readonly asked: readonly Asked<SoundSetting>[];
  /** How the caller spells the parts that every request has. */
  readonly spelling: { readonly prompt: string; readonly model: string; readonly format: string };
}

/** The service's answer. The first samples are there, so nothing of it can still be refused. */
export interface SoundResult {
  readonly mediaType: string;
  readonly formatId: string;
  readonly sampleRate: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Known only for `whole` delivery. */
  readonly byteLength?: number;
  /** The farthest sample, -1 to 1, of each quarter of a second that was made so far; both channels count as one. */
  readonly outline: () => readonly number[];
  /** How long the sound is to be, where that is known. */
  readonly durationSeconds: number | undefined;
  /** The seed with which the same sound comes again, where the engine has one. */
  readonly seed: number | undefined;
  readonly warnings: readonly Warning[];
  /** `<engine>/<model>` that made it. */
  readonly servedBy: string;
  /** Whether something lesser than the named model made it. */
  readonly standIn: boolean;
}
