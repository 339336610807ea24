import { z } from 'zod';
import { AppError, type FieldIssue } from '../../base/errors.ts';
import type { HearingParameterTable } from '../../core/transcription/transcription-capabilities.ts';
import type {
  AskedTranscriptionSetting,
  TranscriptionRequest,
} from '../../core/transcription/transcription.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findOnlyFile, type FormFile } from '../parse-form.ts';
import { findSpokenLanguage } from '../spoken-languages.ts';
import type { EigenBody } from './eigen-body.ts';

/** A recording to be written down, as it arrived. */
export interface TranscriptionOrder {
  readonly model: string;
  readonly body: EigenBody;
}

/** The same in our words. */
export interface TranscriptionTask {
  readonly request: TranscriptionRequest;
  /** How the transcript is sent. */
  readonly format: 'json' | 'text';
}

const RESPONSE_FORMATS = ['json', 'text'] as const;
const TASKS = ['asr', 'ast'] as const;

/** Leaves the language to the model, as for this vendor's speech. */
const ANY_LANGUAGE = 'auto';

export const fieldsOfOrder = z.object({
  language: z
    .string()
    .refine(
      (name) => isAny(name) || findSpokenLanguage(name) !== undefined,
      'must be the code or the English name of a language',
    )
    .nullish(),
  response_format: z.preprocess(lowerCase, z.enum(RESPONSE_FORMATS)).nullish(),
  task: z.preprocess(lowerCase, z.enum(TASKS)).nullish(),
});

/** How the vendor spells our settings of hearing. */
export const EIGEN_HEARING_PARAMETERS = { language: 'language' } as const satisfies HearingParameterTable;

type OrderFields = z.output<typeof fieldsOfOrder>;

/** Models that take English to be spoken unless they are told otherwise. */
const ENGLISH_UNLESS_TOLD = ['whisper_v3_turbo', 'asr'];

/** Checks and translates. Throws `invalid_request` naming the wrong fields, and `unsupported_feature` for a language that nothing is translated into. */
export function toTranscriptionTask({ model, body }: TranscriptionOrder): TranscriptionTask {
  const file = recordingOf(body);
  const fields = parseBody(fieldsOfOrder, body.fields);
  const translates = fields.task === 'ast';
  if (translates) refuseOtherTargets(fields);
  const language = translates ? undefined : spokenLanguage(model, fields);
  const request: TranscriptionRequest = {
    model,
    audio: { ...file.media, filename: file.filename },
    task: translates ? 'translate' : 'transcribe',
    ...(language === undefined ? {} : { language }),
    wordTimes: false,
    logprobs: false,
    diarize: false,
    knownSpeakers: [],
    asked: translates ? [] : askedSettings(fields),
    spelling: { audio: 'file', model: 'model', language: 'language' },
  };
  return { request, format: fields.response_format ?? 'json' };
}

/** A file part is one with a file name; text in its place is refused, for it would be lost in silence. */
function recordingOf(body: EigenBody): FormFile {
  const named = body.files.filter(({ filename }) => filename !== '');
  const file = findOnlyFile(named, 'file');
  if (file) return file;
  const isNameless = body.files.some(({ field }) => field === 'file');
  const isText = body.fields['file'] !== undefined && body.fields['file'] !== null;
  const issue: FieldIssue =
    isText || isNameless
      ? { path: ['file'], kind: 'wrong_type', message: 'must be a file part with a file name' }
      : { path: ['file'], kind: 'missing', message: 'this field is required' };
  throw invalidFields([issue]);
}

/** The language that is translated into, which recognisers can do for one language only. */
function refuseOtherTargets({ language }: OrderFields): void {
  if (!language || isAny(language) || findSpokenLanguage(language) === 'en') return;
  const message = `language: with task 'ast' speech is translated into English here, and not into '${language}'.`;
  throw new AppError('unsupported_feature', message, { param: 'language' });
}

function spokenLanguage(model: string, { language }: OrderFields): string | undefined {
  if (!language) return ENGLISH_UNLESS_TOLD.includes(model) ? 'en' : undefined;
  return isAny(language) ? undefined : findSpokenLanguage(language);
}

function askedSettings({ language }: OrderFields): AskedTranscriptionSetting[] {
  if (!language || isAny(language)) return [];
  return [{ setting: 'language', parameter: 'language', value: language }];
}

function isAny(language: string): boolean {
  return language.trim().toLowerCase() === ANY_LANGUAGE;
}

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}
