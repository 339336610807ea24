import type { FieldIssue } from '../../base/errors.ts';
import type { AskedSetting, SpeechRequest } from '../../core/speech/speech.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import { expandJsonText, type EigenBody } from './eigen-body.ts';
import {
  EIGEN_SPEECH_PARAMETERS,
  JSON_TEXT_FIELDS,
  speechModelOf,
  type EigenSpeechModel,
  type SpeechFields,
} from './eigen-speech-models.ts';
import { chooseVoice, type NamedVoices } from './eigen-voice.ts';

/** Hertz of everything this vendor speaks. */
const SAMPLE_RATE = 24_000;

/** A speech request as it arrived, and what is needed to understand it. */
export interface SpeechOrder {
  readonly model: string;
  readonly body: EigenBody;
  readonly voices: NamedVoices;
}

/** A speech request in our words. */
export interface SpeechTask {
  readonly request: SpeechRequest;
  /** Whether the caller wants events instead of a file. */
  readonly events: boolean;
  /** What the caller sent in vain. */
  readonly warnings: readonly Warning[];
}

/** Checks and translates. Throws `invalid_request` naming the wrong fields as the caller spells them. */
export function toSpeechTask({ model: name, body, voices }: SpeechOrder): SpeechTask {
  const model = speechModelOf(name);
  const files = sampleFiles(model, body);
  const fields = parseBody(model.fields, expandJsonText(body.fields, JSON_TEXT_FIELDS));
  const choice = chooseVoice({ model, fields, files, voices });
  const events = fields.stream ?? false;
  const format = events ? 'pcm' : (fields.response_format ?? 'wav');
  const language = fields.language_id ?? fields.language ?? model.defaultLanguage;
  const { speed } = fields.voice_settings ?? {};
  const request: SpeechRequest = {
    model: name,
    text: fields.text,
    voice: choice.voice,
    format: { id: format, sampleRate: SAMPLE_RATE },
    delivery: events ? 'stream' : 'whole',
    ...(language === undefined ? {} : { language }),
    ...(fields.instructions ? { instructions: fields.instructions } : {}),
    ...(isFilled(speed) ? { speed } : {}),
    ...(isFilled(fields.seed) ? { seed: fields.seed } : {}),
    normalization: 'auto',
    alignment: false,
    joinable: false,
    asked: askedSettings({ ...fields, ...fileNames(files) }),
    spelling: { text: 'text', voice: choice.field, model: 'model', format: 'response_format' },
  };
  return {
    request,
    events,
    warnings: [...choice.warnings, ...formatWarnings(model, { fields, body, events })],
  };
}

/** A file part is one with a file name; text where a file belongs is refused, for it would be lost in silence. */
function sampleFiles(model: EigenSpeechModel, body: EigenBody): readonly FormFile[] {
  const names: readonly string[] = model.voiceSources
    .filter(({ kind }) => kind === 'file')
    .map(({ field }) => field);
  const nameless = body.files.filter((file) => !file.filename).map((file) => file.field);
  const sentAsText = (name: string) => isFilled(body.fields[name]) || nameless.includes(name);
  const issues = names.filter(sentAsText).map((name): FieldIssue => ({
    path: [name],
    kind: 'wrong_type',
    message: 'must be a file part with a file name',
  }));
  if (issues.length > 0) throw invalidFields(issues);
  return body.files.filter((file) => names.includes(file.field));
}

function fileNames(files: readonly FormFile[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.field, file.filename]));
}

function askedSettings(values: Readonly<Record<string, unknown>>): AskedSetting[] {
  return Object.entries(EIGEN_SPEECH_PARAMETERS).flatMap(([parameter, setting]) => {
    const value = parameter.split('.').reduce<unknown>(memberOf, values);
    return isFilled(value) && value !== '' ? [{ setting, parameter, value }] : [];
  });
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function isFilled<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

interface FormatWish {
  readonly fields: SpeechFields;
  readonly body: EigenBody;
  readonly events: boolean;
}

function formatWarnings(model: EigenSpeechModel, { fields, body, events }: FormatWish): Warning[] {
  const asked = model.choosesFormat ? fields.response_format : body.fields['response_format'];
  if (!isFilled(asked) || asked === 'wav') return [];
  if (events && asked !== 'pcm') return [ignoredFormat('a stream of events always carries PCM')];
  return events || model.choosesFormat ? [] : [ignoredFormat('this model always answers in WAV')];
}

function ignoredFormat(reason: string): Warning {
  return { type: 'ignored', setting: 'response_format', reason };
}
