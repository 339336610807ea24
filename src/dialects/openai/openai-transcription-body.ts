import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findLanguage } from './openai-languages.ts';
import { flagIn, linesIn, numberIn, objectIn, type FormFields } from './openai-transcription-form.ts';

const MOST_KNOWN_SPEAKERS = 4;

const name = z.string().min(1);
const prompt = z.preprocess(linesIn, z.string().optional());
const temperature = z.preprocess(numberIn, z.number().min(0).max(1).optional());
const strict = z.preprocess(flagIn, z.boolean().optional().catch(undefined));
const milliseconds = z.preprocess(numberIn, z.int().min(0).optional());

const chunkingStrategy = z.object({
  type: z.enum(['auto', 'server_vad']),
  prefix_padding_ms: milliseconds,
  silence_duration_ms: milliseconds,
  threshold: z.preprocess(numberIn, z.number().min(0).max(1).optional()),
});

/** Fields of a transcription that hold lists. */
export const TRANSCRIPTION_LISTS = [
  'timestamp_granularities',
  'include',
  'languages',
  'keywords',
  'known_speaker_names',
  'known_speaker_references',
] as const;

export const transcriptionBody = z.object({
  model: name,
  language: z.string().optional(),
  languages: z.array(z.string()).optional(),
  keywords: z.array(z.preprocess(linesIn, z.string())).optional(),
  prompt,
  response_format: z.enum(['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json']).default('json'),
  temperature,
  include: z.array(z.enum(['logprobs'])).optional(),
  timestamp_granularities: z.array(z.enum(['word', 'segment'])).optional(),
  stream: z.preprocess(flagIn, z.boolean().default(false)),
  chunking_strategy: chunkingStrategy.optional(),
  known_speaker_names: z.array(name).max(MOST_KNOWN_SPEAKERS).optional(),
  known_speaker_references: z.array(name).max(MOST_KNOWN_SPEAKERS).optional(),
  strict,
});

export const translationBody = z.object({
  model: name,
  prompt,
  response_format: z.enum(['json', 'text', 'srt', 'verbose_json', 'vtt']).default('json'),
  temperature,
  strict,
});

/** A transcription in the vendor's words, checked. Languages are codes, however the caller wrote them. */
export type TranscriptionBody = z.output<typeof transcriptionBody>;

/** A translation into English in the vendor's words, checked. */
export type TranslationBody = z.output<typeof translationBody>;

/** Checks the fields of a transcription. Throws `invalid_request` naming what is wrong with them. */
export function readTranscriptionBody(fields: FormFields): TranscriptionBody {
  const { chunking_strategy: strategy } = fields;
  const body = parseBody(transcriptionBody, { ...fields, chunking_strategy: strategyIn(strategy) });
  checkSpeakerPairs(body);
  return {
    ...body,
    ...(body.language === undefined ? {} : { language: codeOf(body.language, 'language') }),
    ...(body.languages ? { languages: body.languages.map((one) => codeOf(one, 'languages')) } : {}),
  };
}

/** Checks the fields of a translation. Throws `invalid_request` naming what is wrong with them. */
export function readTranslationBody(fields: FormFields): TranslationBody {
  return parseBody(translationBody, fields);
}

/** `auto` and `server_vad` are the short forms of objects with this type. */
function strategyIn(value: unknown): unknown {
  const meant = objectIn(value);
  return typeof meant === 'string' ? { type: meant } : meant;
}

function codeOf(language: string, param: string): string {
  const code = findLanguage(language);
  if (code !== undefined) return code;
  throw new AppError(
    'invalid_request',
    `'${param}' must be a language code of ISO 639-1, such as 'en', but is '${language.slice(0, 60)}'.`,
    { param, reason: 'invalid_language_format' },
  );
}

function checkSpeakerPairs(body: TranscriptionBody): void {
  const names = body.known_speaker_names?.length ?? 0;
  const references = body.known_speaker_references?.length ?? 0;
  if (names === references) return;
  throw invalidFields([
    {
      path: [names > references ? 'known_speaker_references' : 'known_speaker_names'],
      kind: 'malformed',
      message: `must have one item for each known speaker; there are ${names} names and ${references} references`,
    },
  ]);
}
