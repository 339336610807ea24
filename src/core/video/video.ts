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
export interface VideoRequest extends VideoWish {
  /** A public or engine model name. */
  readonly model: string;
  /** Blob of the picture in PNG with which the film begins. */
  readonly firstFrame?: string;
  /** Blob of a film in MP4, and what is to become of it. */
  readonly source?: { readonly blob: string; readonly use: VideoSourceUse };
  readonly asked: readonly Asked<VideoSetting>[];
  readonly strict: boolean;
}
