import type { MediaProfile } from '../media-profile.ts';
import { audiocppProfile } from './audiocpp-profile.ts';
import { localaiProfile } from './localai-profile.ts';
import { openaiProfile } from './openai-profile.ts';
import { sglangDiffusionProfile } from './sglang-diffusion-profile.ts';
import { sglangOmniProfile } from './sglang-omni-profile.ts';
import { speachesProfile } from './speaches-profile.ts';
import { vllmOmniProfile } from './vllm-omni-profile.ts';
import { vllmProfile } from './vllm-profile.ts';
import { whispercppProfile } from './whispercpp-profile.ts';

/** Every kind of server whose particulars are known. */
export const mediaProfiles: readonly MediaProfile[] = [
  openaiProfile,
  vllmProfile,
  vllmOmniProfile,
  sglangOmniProfile,
  sglangDiffusionProfile,
  audiocppProfile,
  localaiProfile,
  speachesProfile,
  whispercppProfile,
];
