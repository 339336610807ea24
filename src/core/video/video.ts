import type { PixelSize } from '../image/image.ts';
import type { Asked } from '../setting-support.ts';

/** Everything about films that some dialect lets a caller set, in our words. */
export const VIDEO_SETTINGS = [
  'duration',
  'size',
  'frames',
  'frame_rate',
  'seed',
  'steps',
  'guidance',
  'negative_prompt',
  'first_frame',
  'source_video',
] as const;

/** One of the settings of films. */
export type VideoSetting = (typeof VIDEO_SETTINGS)[number];

/** What is to be done with a film that is there already. */
export type VideoSourceUse = 'remix' | 'edit' | 'extend';

/** What a film is to be. It can be written down as JSON: a film is always made in a job. */
export interface VideoWish {
  /** Not blank. */
  readonly prompt: string;
  readonly size?: PixelSize;
  readonly durationSeconds?: number;
  /** How many frames, where that is asked for instead of a duration. */
  readonly frames?: number;
  readonly framesPerSecond?: number;
  readonly seed?: number;
  readonly steps?: number;
  readonly guidance?: number;
  readonly negativePrompt?: string;
}

/** What is asked, with every file kept already: a job outlives its request. */
export interface VideoRequest {
  /** A public or engine model name. */
  readonly model: string;
  /** The seed is drawn when the caller gave none, so that a job that is done twice makes the same film. */
  readonly wish: VideoWish & { readonly seed: number };
  /** File that holds the picture, in PNG, with which the film begins, and its size. */
  readonly firstFrame?: { readonly fileId: string; readonly size: PixelSize };
  /** File that holds a film in MP4, and what is to become of it. */
  readonly source?: { readonly fileId: string; readonly use: VideoSourceUse };
  readonly asked: readonly Asked<VideoSetting>[];
  readonly strict: boolean;
  /** The caller's spelling of the fields that a warning or refusal may name. */
  readonly spelling: VideoSpelling;
}

/** How the caller spells the parts of a request for a film. */
export interface VideoSpelling {
  readonly prompt: string;
  readonly model: string;
  readonly firstFrame: string;
  readonly source: string;
  readonly size: string;
  readonly duration: string;
}
