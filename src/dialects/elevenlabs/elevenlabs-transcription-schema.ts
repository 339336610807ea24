import { z } from 'zod';
import { findSpokenLanguage } from '../spoken-languages.ts';
import { looseBoolean, looseNumber, queryValue } from './elevenlabs-fields.ts';

const flag = looseBoolean(z.boolean().nullish());
const text = z.string().nullish();

/** How the transcript is to be cut and labelled in one further format. */
const exportOptions = z.object({
  format: z.enum(['srt', 'txt', 'segmented_json', 'docx', 'pdf', 'html']),
  include_speakers: flag,
  include_timestamps: flag,
  segment_on_silence_longer_than_s: looseNumber(z.number().min(0).nullish()),
  max_segment_duration_s: looseNumber(z.number().min(0.1).nullish()),
  max_segment_chars: looseNumber(z.int().min(1).nullish()),
  max_characters_per_line: looseNumber(z.int().min(1).nullish()),
});

/** One of `additional_formats`. */
export type ExportOptions = z.output<typeof exportOptions>;

const METADATA_BYTES = 16 * 1024;
const METADATA_DEPTH = 2;

const webhookMetadata = z
  .record(z.string(), z.unknown())
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES,
    'must be at most 16 KB of JSON',
  )
  .refine((value) => depthOf(value) <= METADATA_DEPTH, 'must be at most two levels deep');

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const keyterm = z
  .string()
  .min(1)
  .max(49)
  .refine((term) => term.trim().split(/\s+/).length <= 5, 'must be at most 5 words')
  .refine((term) => !/[<>{}[\]\\]/.test(term), 'must be without the characters < > { } [ ] and \\');

const entities = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.string()).nullish(),
);

/** The text parts of the form. */
export const transcriptionFields = z.object({
  model_id: z.string(),
  cloud_storage_url: text,
  source_url: text,
  language_code: z
    .string()
    .refine(
      (code) => findSpokenLanguage(code) !== undefined,
      'must be an ISO 639-1 or ISO 639-3 code of a language',
    )
    .nullish(),
  tag_audio_events: flag,
  num_speakers: looseNumber(z.int().min(1).max(32).nullish()),
  timestamps_granularity: z.enum(['none', 'word', 'character']).nullish(),
  diarize: flag,
  diarization_threshold: looseNumber(z.number().min(0.1).max(0.4).nullish()),
  additional_formats: z.array(exportOptions).max(10).nullish(),
  file_format: z.enum(['pcm_s16le_16', 'other']).nullish(),
  webhook: flag,
  webhook_id: text,
  webhook_metadata: webhookMetadata.nullish(),
  temperature: looseNumber(z.number().min(0).max(2).nullish()),
  seed: looseNumber(z.int().min(0).max(2_147_483_647).nullish()),
  use_multi_channel: flag,
  multichannel_output_style: z.enum(['separate', 'combined']).nullish(),
  entity_detection: entities,
  entity_redaction: entities,
  entity_redaction_mode: z.enum(['redacted', 'entity_type', 'enumerated_entity_type']).nullish(),
  no_verbatim: flag,
  detect_speaker_roles: flag,
  use_speaker_library: flag,
  transcript_edit: z.string().max(2_000).nullish(),
  keyterms: z.array(keyterm).max(1_000).nullish(),
  strict: flag.catch(false),
});

export type TranscriptionFields = z.output<typeof transcriptionFields>;

/** What may stand in the query. */
export const transcriptionQuery = z.object({
  enable_logging: queryValue(looseBoolean(z.boolean().optional())),
});
