import { AppError } from '../../base/errors.ts';
import type { HearingParameterTable } from '../../core/transcription/transcription-capabilities.ts';
import type {
  AskedTranscriptionSetting,
  TranscriptionRequest,
  TranscriptionSetting,
} from '../../core/transcription/transcription.ts';
import type { MediaInput } from '../../core/media-input.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import { findSpokenLanguage } from '../spoken-languages.ts';
import { wavOfRawSamples } from './elevenlabs-transcription-audio.ts';
import type { TranscriptionFields } from './elevenlabs-transcription-schema.ts';

/** How the vendor spells our settings of hearing. Key terms are given to the model as words that may come up. */
export const transcriptionParameters = {
  language_code: 'language',
  keyterms: 'prompt',
  temperature: 'temperature',
  seed: 'seed',
  timestamps_granularity: 'word_times',
  diarize: 'diarization',
  num_speakers: 'speaker_count',
  diarization_threshold: 'speaker_likeness',
  tag_audio_events: 'audio_events',
  entity_detection: 'entities',
} as const satisfies Readonly<Record<string, TranscriptionSetting>>;

type Parameter = keyof typeof transcriptionParameters;

/** A call as it was checked, and what is needed to understand it. */
export interface TranscriptionCall {
  readonly fields: TranscriptionFields;
  readonly file: FormFile | undefined;
  /** Whether something here tells speakers apart. */
  readonly knowsSpeakers: boolean;
}

/** A call in our words. */
export interface TranscriptionTask {
  readonly request: TranscriptionRequest;
  /** What the caller sent in vain, beside what the core finds. */
  readonly warnings: readonly Warning[];
}

/** Translates. Throws `invalid_request` for what cannot stand together and `unsupported_feature` for what is not done here. */
export function toTranscriptionTask(call: TranscriptionCall): TranscriptionTask {
  const { fields } = call;
  const recording = recordingOf(call);
  refuseContradictions(fields);
  refuseMissingFeatures(fields);
  const language = fields.language_code ? findSpokenLanguage(fields.language_code) : undefined;
  const diarize = fields.diarize === true && call.knowsSpeakers;
  const wordTimes = fields.timestamps_granularity !== 'none' || Boolean(fields.additional_formats?.length);
  const request: TranscriptionRequest = {
    model: fields.model_id,
    audio: recording.audio,
    task: 'transcribe',
    ...(language === undefined ? {} : { language }),
    ...(fields.keyterms?.length ? { prompt: fields.keyterms.join(', ') } : {}),
    ...(isSent(fields.temperature) ? { temperature: fields.temperature } : {}),
    wordTimes,
    // A word of this vendor carries the logarithm of its probability.
    logprobs: wordTimes,
    diarize,
    ...(diarize ? speakerWishes(fields) : {}),
    knownSpeakers: [],
    asked: askedSettings(fields),
    spelling: { audio: recording.field, model: 'model_id', language: 'language_code' },
  };
  return { request, warnings: warningsOf(fields) };
}

/** The vendor's threshold is a distance, 0.22 unless told: the higher, the sooner two voices are taken for one. */
function speakerWishes({
  num_speakers: count,
  diarization_threshold: distance,
}: TranscriptionFields): Pick<TranscriptionRequest, 'speakerCount' | 'speakerLikeness'> {
  return {
    ...(isSent(count) ? { speakerCount: count } : {}),
    ...(isSent(distance) ? { speakerLikeness: USUAL_LIKENESS - (distance - USUAL_DISTANCE) * 1.5 } : {}),
  };
}

/** A recording, and the field that it came in. */
interface Recording {
  readonly audio: MediaInput;
  readonly field: string;
}

/** The one recording of a call. */
function recordingOf({ fields, file }: TranscriptionCall): Recording {
  const addresses = (['cloud_storage_url', 'source_url'] as const).filter((name) => fields[name]);
  const [address, other] = addresses;
  const both = file ? address : other;
  if (both !== undefined) {
    const message = 'send exactly one of file, cloud_storage_url and source_url';
    throw invalidFields([{ path: [both], kind: 'excluded', message, received: fields[both] }]);
  }
  const isRaw = fields.file_format === 'pcm_s16le_16';
  if (address !== undefined) {
    if (isRaw) throw contradiction('file_format', `Raw samples are sent as file, not by ${address}.`);
    return { audio: { kind: 'url', url: fields[address] ?? '' }, field: address };
  }
  if (!file) throw invalidFields([{ path: ['file'], kind: 'missing', message: 'this field is required' }]);
  const media = isRaw ? wavOfRawSamples(file.media) : file.media;
  return { audio: { ...media, filename: file.filename }, field: 'file' };
}

/** What the vendor takes for its threshold, and the likeness that stands for it here. */
const USUAL_DISTANCE = 0.22;
const USUAL_LIKENESS = 0.5;

/** Models of the vendor that take no key terms. */
const WITHOUT_KEYTERMS = ['scribe_v1', 'scribe_v1_experimental'];

function refuseContradictions(fields: TranscriptionFields): void {
  if (fields.keyterms?.length && WITHOUT_KEYTERMS.includes(fields.model_id)) {
    throw contradiction('keyterms', `The model ${fields.model_id} takes no key terms; scribe_v2 does.`);
  }
  if (isSent(fields.diarization_threshold) && (!fields.diarize || isSent(fields.num_speakers))) {
    throw contradiction('diarization_threshold', 'It can only be set with diarize and without num_speakers.');
  }
  if (fields.detect_speaker_roles && !fields.diarize) {
    throw contradiction('detect_speaker_roles', 'Roles of speakers can only be found with diarize.');
  }
}

function contradiction(param: string, message: string): AppError {
  return new AppError('invalid_request', message, { param, reason: 'invalid_parameters' });
}

/** What must not be left out in silence, because the caller would wait for it or rely on it. */
function refuseMissingFeatures(fields: TranscriptionFields): void {
  if (fields.webhook) {
    throw notAvailable(
      'webhook',
      'Transcripts are not sent to webhooks here: leave it out and read the answer.',
    );
  }
  if (fields.use_multi_channel) {
    throw notAvailable(
      'use_multi_channel',
      'Channels are not told apart here: send one request for each channel.',
    );
  }
  if (fields.entity_redaction?.length) {
    throw notAvailable('entity_redaction', 'Nothing here finds what would have to be redacted.');
  }
  if (fields.additional_formats?.some(({ format }) => format === 'pdf')) {
    throw notAvailable(
      'additional_formats',
      "The format 'pdf' is not written here; srt, txt, segmented_json, html and docx are.",
    );
  }
}

function notAvailable(param: string, message: string): AppError {
  return new AppError('unsupported_feature', message, { param });
}

function askedSettings(fields: TranscriptionFields): AskedTranscriptionSetting[] {
  // The keys of an object literal are exactly the keys of its type.
  const parameters = Object.keys(transcriptionParameters) as Parameter[];
  return parameters.flatMap((parameter) => {
    const value = fields[parameter];
    const counts = parameter !== 'num_speakers' || fields.diarize === true;
    return counts && asksForSomething(value)
      ? [{ setting: transcriptionParameters[parameter], parameter, value }]
      : [];
  });
}

/** Off, none and an empty list are what happens anyway: nobody needs a warning about them. */
function asksForSomething(value: unknown): boolean {
  return (
    isSent(value) && value !== false && value !== 'none' && !(Array.isArray(value) && value.length === 0)
  );
}

function isSent<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

/** Fields that are accepted and change nothing, with the reason. */
const IN_VAIN = {
  no_verbatim: 'the text is what the model wrote',
  detect_speaker_roles: 'speakers are told apart, and not what part they play',
  use_speaker_library: 'there is no library of speakers here',
  transcript_edit: 'transcripts are not edited here',
} as const;

function warningsOf(fields: TranscriptionFields): Warning[] {
  const names = Object.keys(IN_VAIN) as (keyof typeof IN_VAIN)[]; // As above.
  const inVain = names
    .filter((name) => asksForSomething(fields[name]))
    .map((setting): Warning => ({ type: 'ignored', setting, reason: IN_VAIN[setting] }));
  if (fields.diarize || !isSent(fields.num_speakers)) return inVain;
  return [...inVain, { type: 'ignored', setting: 'num_speakers', reason: 'it counts only with diarize' }];
}

/** Parameters and their fates for the table of capabilities, with the ranges that the fields' schema takes. */
export const hearingParameters: HearingParameterTable = {
  ...transcriptionParameters,
  temperature: { setting: 'temperature', accepts: { minimum: 0, maximum: 2 } },
  seed: { setting: 'seed', accepts: { minimum: 0, maximum: 2_147_483_647 } },
  num_speakers: { setting: 'speaker_count', accepts: { minimum: 1, maximum: 32 } },
  diarization_threshold: { setting: 'speaker_likeness', accepts: { minimum: 0.1, maximum: 0.4 } },
  ...ignoredParameters(),
  use_multi_channel: 'refused',
  entity_redaction: 'refused',
  webhook: 'refused',
  cloud_storage_url: 'honoured',
  source_url: 'honoured',
};

function ignoredParameters(): HearingParameterTable {
  return Object.fromEntries(Object.keys(IN_VAIN).map((parameter) => [parameter, 'ignored' as const]));
}
