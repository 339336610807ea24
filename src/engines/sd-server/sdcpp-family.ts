import type { ImageSetting } from '../../core/image/image.ts';
import type { VideoSetting } from '../../core/video/video.ts';

/** A field of the server for one of our settings, and the range that it takes. A point leads into an object. */
interface Field {
  readonly field: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** How the pictures and films of one family of models are asked for. */
export interface SdcppFamily {
  readonly image: Readonly<Partial<Record<ImageSetting, Field>>>;
  readonly video: Readonly<Partial<Record<VideoSetting, Field>>>;
  /** Whether a picture that came is the beginning of the new one, or only looked at. */
  readonly inputs: 'initial' | 'reference';
  /** Pictures that it takes. */
  readonly maxInputs: number;
  /** What both sides must be a multiple of. */
  readonly sizeStep: number;
  /** Whether its films begin with a picture. */
  readonly needsFirstFrame: boolean;
}

const STEPS: Field = { field: 'sample_params.sample_steps', minimum: 1, maximum: 1000 };
const TEXT_GUIDANCE: Field = { field: 'sample_params.guidance.txt_cfg', minimum: 0, maximum: 100 };
const DISTILLED: Field = { field: 'sample_params.guidance.distilled_guidance', minimum: 0, maximum: 100 };
const COMMON = {
  seed: { field: 'seed' },
  steps: STEPS,
  negative_prompt: { field: 'negative_prompt' },
} as const;

const FILMS: SdcppFamily = {
  image: {},
  video: { ...COMMON, guidance: TEXT_GUIDANCE },
  inputs: 'initial',
  maxInputs: 0,
  sizeStep: 16,
  needsFirstFrame: false,
};

/** The families by the names that operators give; the first of a capability is meant where they name none. */
export const SDCPP_FAMILIES: Readonly<Record<string, SdcppFamily>> = {
  'stable-diffusion': {
    image: {
      ...COMMON,
      guidance: TEXT_GUIDANCE,
      true_guidance: TEXT_GUIDANCE,
      strength: { field: 'strength', minimum: 0, maximum: 1 },
    },
    video: {},
    inputs: 'initial',
    maxInputs: 1,
    sizeStep: 64,
    needsFirstFrame: false,
  },
  flux: {
    image: { ...COMMON, guidance: DISTILLED, true_guidance: TEXT_GUIDANCE },
    video: {},
    inputs: 'reference',
    maxInputs: 9,
    sizeStep: 16,
    needsFirstFrame: false,
  },
  'qwen-image': {
    image: { ...COMMON, guidance: TEXT_GUIDANCE, true_guidance: TEXT_GUIDANCE },
    video: {},
    inputs: 'reference',
    maxInputs: 9,
    sizeStep: 16,
    needsFirstFrame: false,
  },
  'wan-t2v': FILMS,
  'wan-i2v': { ...FILMS, needsFirstFrame: true },
};
