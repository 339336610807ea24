import { z } from 'zod';
import type { ParameterTable } from '../../core/speech/speech-capabilities.ts';
import { flagField, integerField, numberField, positiveField, seedField, textField } from './eigen-fields.ts';
import { CHATTERBOX_LANGUAGES, QWEN_LANGUAGES, type QwenLanguage } from './eigen-languages.ts';

/** The vendor's optional speech parameters and what they mean to us; what a caller asked for is read off by this table. */
export const EIGEN_SPEECH_PARAMETERS: ParameterTable = {
  'voice_settings.speed': 'speed',
  'sampling.temperature': 'temperature',
  'sampling.top_p': 'top_p',
  'sampling.top_k': 'top_k',
  voice_reference_file: 'voice_sample',
  voice_url: 'voice_sample',
  audio_prompt_file: 'voice_sample',
  preset_url: 'voice_sample',
  language_id: 'language',
  language: 'language',
  instructions: 'instructions',
  exaggeration: 'exaggeration',
  temperature: 'temperature',
  diffusion_steps: 'diffusion_steps',
  max_tokens: 'max_tokens',
  top_p: 'top_p',
  min_p: 'min_p',
  repetition_penalty: 'repetition_penalty',
  seed: 'seed',
};

/** Fields that are objects, which a form can send only as JSON text. */
export const JSON_TEXT_FIELDS = ['voice_settings', 'sampling'];

const RESPONSE_FORMATS = ['wav', 'pcm', 'mp3', 'flac', 'aac', 'opus'] as const;

const spoken = { text: z.string(), stream: flagField };
const voiceSettings = z.object({ speed: numberField }).nullish();

export const higgsFields = z.object({
  ...spoken,
  voice: textField,
  voice_id: textField,
  voice_url: textField,
  voice_name: textField,
  voice_settings: voiceSettings,
  sampling: z.object({ temperature: numberField, top_p: numberField, top_k: numberField }).nullish(),
});

export const chatterboxFields = z.object({
  ...spoken,
  voice_id: textField,
  preset_url: textField,
  language_id: z.preprocess(lowerCase, z.enum(CHATTERBOX_LANGUAGES)).nullish(),
  exaggeration: positiveField,
  temperature: numberField,
  diffusion_steps: numberField,
  max_tokens: integerField,
  top_p: numberField,
  min_p: numberField,
  repetition_penalty: numberField,
  seed: seedField,
});

export const qwenFields = z.object({
  ...spoken,
  voice: textField,
  voice_id: textField,
  voice_url: textField,
  voice_settings: voiceSettings,
  language: z
    .preprocess(
      asLanguageName,
      z.literal(languageNames()).transform((name) => QWEN_LANGUAGES[name]),
    )
    .nullish(),
  instructions: textField,
  response_format: z.preprocess(lowerCase, z.enum(RESPONSE_FORMATS)).nullish(),
});

/** The checked fields of a speech request of any model; those that a model does not know are absent. */
export type SpeechFields = { readonly text: string } & Partial<
  z.output<typeof higgsFields> & z.output<typeof chatterboxFields> & z.output<typeof qwenFields>
>;

/** A place where a caller can name the voice. */
export interface VoiceSource {
  readonly field: keyof SpeechFields | 'voice_reference_file' | 'audio_prompt_file';
  readonly kind: 'file' | 'url' | 'name';
}

/** What one speech model takes. */
export interface EigenSpeechModel {
  readonly fields: z.ZodType<SpeechFields>;
  /** Best first: the first one that the caller filled in decides. */
  readonly voiceSources: readonly VoiceSource[];
  /** Whether `voice` may not stand beside another voice source. */
  readonly voiceStandsAlone: boolean;
  /** Spoken with when no voice is named; absent where the vendor has no named voices. */
  readonly defaultVoice?: string;
  /** ISO 639-1 code that is spoken when none is named; absent where the text decides. */
  readonly defaultLanguage?: string;
  /** Longest voice sample in seconds. */
  readonly maxSampleSeconds?: number;
  /** Whether `response_format` is obeyed; the others answer in WAV whatever is asked. */
  readonly choosesFormat: boolean;
}

const higgs: EigenSpeechModel = {
  fields: higgsFields,
  voiceSources: [
    { field: 'voice_reference_file', kind: 'file' },
    { field: 'voice_id', kind: 'name' },
    { field: 'voice_url', kind: 'url' },
    { field: 'voice_name', kind: 'name' },
    { field: 'voice', kind: 'name' },
  ],
  voiceStandsAlone: false,
  choosesFormat: false,
};

const SPEECH_MODELS: ReadonlyMap<string, EigenSpeechModel> = new Map([
  ['higgs2p5', { ...higgs, defaultVoice: 'Linda' }],
  [
    'chatterbox',
    {
      fields: chatterboxFields,
      voiceSources: [
        { field: 'audio_prompt_file', kind: 'file' },
        { field: 'voice_id', kind: 'name' },
        { field: 'preset_url', kind: 'url' },
      ],
      voiceStandsAlone: false,
      defaultLanguage: 'en',
      maxSampleSeconds: 30,
      choosesFormat: false,
    },
  ],
  [
    'qwen3-tts',
    {
      fields: qwenFields,
      voiceSources: [
        { field: 'voice_id', kind: 'name' },
        { field: 'voice_url', kind: 'url' },
        { field: 'voice', kind: 'name' },
      ],
      voiceStandsAlone: true,
      defaultVoice: 'Vivian',
      choosesFormat: true,
    },
  ],
]);

/** What a speech model takes; one that the vendor does not have (an engine's own name) takes what higgs2p5 takes. */
export function speechModelOf(name: string): EigenSpeechModel {
  return SPEECH_MODELS.get(name) ?? higgs;
}

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function languageNames(): QwenLanguage[] {
  return Object.keys(QWEN_LANGUAGES) as QwenLanguage[]; // The keys of a literal that nobody extends.
}

/** The documented spelling of a language name, whatever its case. */
function asLanguageName(value: unknown): unknown {
  return languageNames().find((name) => name.toLowerCase() === lowerCase(value)) ?? value;
}
