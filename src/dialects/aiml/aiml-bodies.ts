import { z } from 'zod';

/** Longest prompt of the vendor's models that state one; where none is stated it counts as well. */
const MAX_PROMPT = 2000;
const MAX_LYRICS = 3000;

const prompt = z.string().min(1).max(MAX_PROMPT);
const longPrompt = z.string().min(10).max(MAX_PROMPT);
const lyrics = z.string().min(10).max(MAX_LYRICS);
const flag = z.boolean().nullish();

/** A recording, at an address or in base64, with or without the head of a data URL. */
const recording = z
  .string()
  .min(1)
  .refine(isRecording, 'must be an http or https address, or a recording in base64');

function isRecording(value: string): boolean {
  if (URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol)) return true;
  return /^(data:[\w.+/;=-]+;base64,)?[A-Za-z0-9+/\s]{16,}={0,2}$/.test(value);
}

const FORMATS = ['mp3', 'wav', 'pcm'] as const;
const SAMPLE_RATES = [16_000, 24_000, 32_000, 44_100] as const;
const BIT_RATES = [32_000, 64_000, 128_000, 256_000] as const;

const settings = z.object({
  audio_sample_rate: z.literal(SAMPLE_RATES).nullish(),
  sample_rate: z.literal(SAMPLE_RATES).nullish(),
  bitrate: z.literal(BIT_RATES).nullish(),
  format: z.enum(FORMATS).nullish(),
});

/** How the result is to be written. */
export type AudioSetting = z.output<typeof settings>;

const audio = { audio_setting: settings.nullish() };

/** Fields that the vendor does not document and some clients send: good where they fit, and nothing where not. */
const undocumented = {
  seed: z.int().min(0).nullish().catch(undefined),
  negative_prompt: z.string().nullish().catch(undefined),
};

/** The body of Stable Audio. */
export const stableAudioBody = z.object({
  prompt,
  seconds_start: z.int().min(0).max(47).nullish(),
  seconds_total: z.int().min(1).max(47).nullish(),
  steps: z.int().min(1).max(1000).nullish(),
  ...undocumented,
});

export const minimaxLegacyBody = z.object({
  prompt: z.string().min(1).max(600),
  reference_audio_url: recording,
});
export const minimaxFirstBody = z.object({ prompt: z.string().min(10).max(300), lyrics, ...audio });
export const minimaxSecondBody = z.object({ prompt: longPrompt, lyrics, ...audio });
export const minimaxLatestBody = z.object({
  prompt: z.string().max(MAX_PROMPT).nullish(),
  lyrics: z.string().max(MAX_LYRICS).nullish(),
  lyrics_optimizer: flag,
  is_instrumental: flag,
  ...audio,
});
export const minimaxCoverBody = z.object({
  prompt: longPrompt,
  reference_audio_url: recording,
  lyrics: z.string().max(MAX_LYRICS).nullish(),
  ...audio,
});
export const lyriaBody = z.object({
  prompt,
  negative_prompt: z.string().max(MAX_PROMPT).nullish(),
  seed: z.int().min(0).nullish(),
});
export const elevenMusicBody = z.object({
  prompt,
  music_length_ms: z.int().min(10_000).max(300_000).nullish(),
});
