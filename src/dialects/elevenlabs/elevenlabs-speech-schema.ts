import { z } from 'zod';
import { outputFormatNames } from './elevenlabs-formats.ts';
import { looseBoolean, looseNumber, queryValue } from './elevenlabs-fields.ts';

const share = looseNumber(z.number().min(0).max(1).nullish());
const flag = looseBoolean(z.boolean().nullish());
const text = z.string().nullish();
const requestIds = z.array(z.string()).max(3).nullish();

/** How expressively a voice speaks. */
export const voiceSettings = z.object({
  stability: share,
  similarity_boost: share,
  style: share,
  use_speaker_boost: flag,
  speed: looseNumber(z.number().min(0.25).max(4).nullish()),
});

const audioEffects = z.object({
  filter_preset_id: text,
  distance: share,
  environment_id: text,
  background_noise_id: text,
  send_level: share,
  pan: looseNumber(z.number().min(-1).max(1).nullish()),
  seed: looseNumber(z.number().nullish()),
});

const dictionaryLocator = z.object({ pronunciation_dictionary_id: z.string(), version_id: text });

/** The body of all four ways to ask for speech. */
export const speechBody = z.object({
  text: z.string(),
  model_id: text,
  language_code: text,
  voice_settings: voiceSettings.nullish(),
  pronunciation_dictionary_locators: z.array(dictionaryLocator).max(3).nullish(),
  seed: looseNumber(z.int().min(0).max(4_294_967_295).nullish()),
  previous_text: text,
  next_text: text,
  previous_request_ids: requestIds,
  next_request_ids: requestIds,
  use_pvc_as_ivc: flag,
  apply_text_normalization: z.enum(['auto', 'on', 'off']).nullish(),
  apply_language_text_normalization: flag,
  audio_effects: audioEffects.nullish(),
});

export type SpeechBody = z.output<typeof speechBody>;

/** What may stand in the query beside it. `model_id` is not documented there, and some clients send it. */
export const speechQuery = z.object({
  enable_logging: queryValue(looseBoolean(z.boolean().optional())),
  optimize_streaming_latency: queryValue(looseNumber(z.int().min(0).max(4).optional())),
  output_format: queryValue(z.enum(outputFormatNames).optional()),
  model_id: queryValue(z.string().optional()),
});

export type SpeechQuery = z.output<typeof speechQuery>;
