import type { MediaInput } from '../media-input.ts';
import type { Asked } from '../setting-support.ts';
import type { Warning } from '../warning.ts';

/** Everything about pictures that some dialect lets a caller set, in our words. */
export const IMAGE_SETTINGS = [
  'size',
  'quality',
  'background',
  'style',
  'seed',
  'steps',
  'guidance',
  'true_guidance',
  'negative_prompt',
  'strength',
  'input_fidelity',
  'input_megapixels',
  'lora_strength',
  'lora_rank',
  'offloading',
  'profile',
  'web_search',
  'moderation',
  'complexity',
  'animation',
  'previews',
  'caption',
] as const;

/** One of the settings of pictures. */
export type ImageSetting = (typeof IMAGE_SETTINGS)[number];

/** Width and height in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** How a picture is written. */
export interface ImageFormatRequest {
  readonly id: 'png' | 'jpeg' | 'webp' | 'gif';
  /** 0 to 100, for jpeg and webp; absent means the format's own default. */
  readonly quality?: number;
}

/** What a picture is to be, without where it comes from. */
export interface ImageWish {
  /** Not blank. */
  readonly prompt: string;
  /** Absent means: that of the first input, else the engine's own. */
  readonly size?: PixelSize;
  readonly negativePrompt?: string;
  /** 0 to 2^53 - 1. */
  readonly seed?: number;
  readonly steps?: number;
  readonly guidance?: number;
  /** Classifier-free guidance of models that are distilled for `guidance`. */
  readonly trueGuidance?: number;
  /** How much an input may be changed, 0 to 1. */
  readonly strength?: number;
  readonly loraStrength?: number;
  readonly loraRank?: number;
  readonly offloading?: boolean;
  /** The name of settings that the operator keeps. */
  readonly profile?: string;
  readonly background?: 'transparent' | 'opaque';
  readonly quality?: 'low' | 'medium' | 'high';
  /** Whether the engine writes the prompt below the picture. */
  readonly caption?: boolean;
  /** More than one frame; the engine's picture is then a GIF. */
  readonly animation?: { readonly frames: number; readonly frameMs: number };
}

/** What is asked. Built only by a dialect's mapper, which has already checked types and vendor limits. */
export interface ImageRequest extends ImageWish {
  /** A public or engine model name. */
  readonly model: string;
  /** 1 to 10. */
  readonly count: number;
  readonly format: ImageFormatRequest;
  /** Pictures to change or to be guided by; none means: from the prompt alone. */
  readonly inputs: readonly MediaInput[];
  /** Of the first input's size; what may be changed is transparent in it. */
  readonly mask?: MediaInput;
  /** Inputs are made smaller than this before the engine sees them. */
  readonly inputMegapixels?: number;
  /** How many unfinished pictures the caller wants to see, 0 to 3. */
  readonly previews: number;
  readonly asked: readonly Asked<ImageSetting>[];
  readonly spelling: {
    readonly prompt: string;
    readonly model: string;
    readonly inputs: string;
    readonly mask: string;
    readonly size: string;
  };
}

/** A finished picture. */
export interface MadeImage extends PixelSize {
  /** Which of the wanted ones, from 0. */
  readonly index: number;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** With which the same picture comes again. */
  readonly seed: number;
}

/** What happens while pictures are made, in order. */
export type ImageResultEvent =
  | ({ readonly type: 'image-preview'; readonly previewIndex: number } & MadeImage)
  | ({ readonly type: 'image-end' } & MadeImage);

/** The service's answer. The first event is there, so nothing of it can still be refused. */
export interface ImageResult {
  readonly events: AsyncIterable<ImageResultEvent>;
  /** What engines tell only with a finished picture is added as the events come. */
  readonly warnings: readonly Warning[];
  /** `<engine>/<model>` that made it. */
  readonly servedBy: string;
  readonly standIn: boolean;
  /** Sizes of the pictures that were given; none for pictures from words alone. */
  readonly inputs: readonly PixelSize[];
}
