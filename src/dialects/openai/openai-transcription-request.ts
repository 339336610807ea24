import type { HearingParameterTable } from '../../core/transcription/transcription-capabilities.ts';
import type {
  AskedTranscriptionSetting,
  KnownSpeaker,
  TranscriptionRequest,
  TranscriptionSetting,
  VoiceActivitySettings,
} from '../../core/transcription/transcription.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import type { TranscriptionBody, TranslationBody } from './openai-transcription-body.ts';

/** The name under which the vendor tells speakers apart. */
export const DIARIZING_MODEL = 'gpt-4o-transcribe-diarize';

const SPELLING = { audio: 'file', model: 'model', language: 'language' } as const;

/** How the vendor spells our settings of hearing. */
const transcriptionParameters = {
  language: 'language',
  languages: 'language',
  prompt: 'prompt',
  keywords: 'prompt',
  temperature: 'temperature',
  timestamp_granularities: 'word_times',
  include: 'logprobs',
  chunking_strategy: 'voice_activity',
  known_speaker_names: 'known_speakers',
} as const satisfies Readonly<Record<string, TranscriptionSetting>>;

/**
 * The same for the table of capabilities, with the ranges that the body's schema takes. Known speakers count only where
 * speakers are told apart, and asking for that where nothing can is an error.
 */
export const hearingParameters = {
  ...transcriptionParameters,
  temperature: { setting: 'temperature', accepts: { minimum: 0, maximum: 1 } },
  'chunking_strategy.threshold': { setting: 'voice_activity', accepts: { minimum: 0, maximum: 1 } },
  'response_format=diarized_json': { setting: 'diarization', unserved: 'refused' },
  known_speaker_names: { setting: 'known_speakers', unserved: 'refused' },
  known_speaker_references: { setting: 'known_speakers', unserved: 'refused' },
} as const satisfies HearingParameterTable;

/** Whether speakers are to be told apart: the model or the format says so. */
function diarizes(body: TranscriptionBody): boolean {
  return body.model === DIARIZING_MODEL || body.response_format === 'diarized_json';
}

/** Whether the answer has room for the times of words. */
function wantsWordTimes(body: TranscriptionBody): boolean {
  const granularities = body.timestamp_granularities ?? [];
  return !body.stream && body.response_format === 'verbose_json' && granularities.includes('word');
}

/** Whether log probabilities are asked for, and the answer has room for them. */
export function wantsLogprobs(body: TranscriptionBody): boolean {
  return Boolean(body.include?.length) && (body.stream || body.response_format === 'json');
}

/** A transcription in our words. Throws `invalid_request` for the clip of a known speaker that is no data URL. */
export function toTranscriptionRequest(body: TranscriptionBody, file: FormFile): TranscriptionRequest {
  const prompt = [body.keywords?.join(', '), body.prompt].filter(Boolean).join('\n');
  const language = body.language ?? onlyOne(body.languages);
  const voiceActivity = toVoiceActivity(body);
  const diarize = diarizes(body);
  return {
    model: body.model,
    audio: { ...file.media, filename: file.filename },
    task: 'transcribe',
    ...(language === undefined ? {} : { language }),
    ...(prompt ? { prompt } : {}),
    ...(body.temperature === undefined ? {} : { temperature: body.temperature }),
    wordTimes: wantsWordTimes(body),
    logprobs: wantsLogprobs(body),
    diarize,
    knownSpeakers: diarize ? knownSpeakers(body) : [],
    ...(voiceActivity ? { voiceActivity } : {}),
    asked: askedSettings(body),
    spelling: SPELLING,
  };
}

/** A translation in our words. */
export function toTranslationRequest(body: TranslationBody, file: FormFile): TranscriptionRequest {
  return {
    model: body.model,
    audio: { ...file.media, filename: file.filename },
    task: 'translate',
    ...(body.prompt ? { prompt: body.prompt } : {}),
    ...(body.temperature === undefined ? {} : { temperature: body.temperature }),
    wordTimes: false,
    logprobs: false,
    diarize: false,
    knownSpeakers: [],
    asked: asSettings({ prompt: body.prompt, temperature: body.temperature }),
    spelling: SPELLING,
  };
}

/** What a transcription asks for that has no place in the answer that it asks for. */
export function transcriptionFormWarnings(body: TranscriptionBody): Warning[] {
  const useless: readonly (readonly [applies: boolean, setting: string, reason: string])[] = [
    [
      Boolean(body.timestamp_granularities?.includes('word')) && !wantsWordTimes(body),
      'timestamp_granularities',
      'only the format verbose_json, not streamed, has words',
    ],
    [
      Boolean(body.include?.length) && !wantsLogprobs(body),
      'include',
      'only the format json and streams have log probabilities',
    ],
    [
      Boolean(body.known_speaker_names?.length) && !diarizes(body),
      'known_speaker_names',
      `only the model ${DIARIZING_MODEL} and the format diarized_json tell speakers apart`,
    ],
    [
      body.language === undefined && (body.languages?.length ?? 0) > 1,
      'languages',
      'the choice cannot be narrowed to several languages; the language is detected',
    ],
    [
      body.stream && !['json', 'diarized_json'].includes(body.response_format),
      'response_format',
      'a stream consists of events',
    ],
  ];
  return useless.flatMap(([applies, setting, reason]) =>
    applies ? [{ type: 'ignored', setting, reason }] : [],
  );
}

function onlyOne(languages: readonly string[] | undefined): string | undefined {
  return languages?.length === 1 ? languages[0] : undefined;
}

function toVoiceActivity({ chunking_strategy: asked }: TranscriptionBody): VoiceActivitySettings | undefined {
  if (asked?.type !== 'server_vad') return undefined;
  const { prefix_padding_ms: prefixPaddingMs, silence_duration_ms: silenceDurationMs, threshold } = asked;
  return {
    ...(threshold === undefined ? {} : { threshold }),
    ...(prefixPaddingMs === undefined ? {} : { prefixPaddingMs }),
    ...(silenceDurationMs === undefined ? {} : { silenceDurationMs }),
  };
}

/** The settings that the request obeys; what it cannot obey is a warning. */
function askedSettings(body: TranscriptionBody): AskedTranscriptionSetting[] {
  return asSettings({
    language: body.language,
    languages: body.language === undefined ? onlyOne(body.languages) : undefined,
    prompt: body.prompt,
    keywords: body.keywords?.join(', '),
    temperature: body.temperature,
    timestamp_granularities: wantsWordTimes(body) ? body.timestamp_granularities : undefined,
    include: wantsLogprobs(body) ? body.include : undefined,
    chunking_strategy: body.chunking_strategy,
    known_speaker_names: diarizes(body) ? body.known_speaker_names : undefined,
  });
}

type Parameter = keyof typeof transcriptionParameters;

function asSettings(values: Readonly<Partial<Record<Parameter, unknown>>>): AskedTranscriptionSetting[] {
  // The keys of an object literal are exactly the keys of its type.
  const parameters = Object.keys(transcriptionParameters) as Parameter[];
  return parameters.flatMap((parameter) => {
    const value = values[parameter];
    return value === undefined || value === ''
      ? []
      : [{ setting: transcriptionParameters[parameter], parameter, value }];
  });
}

function knownSpeakers(body: TranscriptionBody): KnownSpeaker[] {
  const references = body.known_speaker_references ?? [];
  return (body.known_speaker_names ?? []).map((speaker, index) => {
    const bytes = bytesOfDataUrl(references[index] ?? '');
    if (bytes) return { name: speaker, audio: { kind: 'bytes', bytes } };
    throw invalidFields([
      {
        path: ['known_speaker_references', index],
        kind: 'malformed',
        message: 'must be a recording as a data URL, such as data:audio/wav;base64,…',
      },
    ]);
  });
}

/** The bytes in a data URL (RFC 2397); undefined when it is none, or empty. */
function bytesOfDataUrl(url: string): Uint8Array | undefined {
  const comma = url.indexOf(',');
  const head = url.slice(0, comma);
  if (comma < 0 || !/^data:/i.test(head)) return undefined;
  const data = url.slice(comma + 1).replace(/\s/g, '');
  const isBase64 = /;base64$/i.test(head) && /^[A-Za-z0-9+/_-]+={0,2}$/.test(data);
  return isBase64 ? Buffer.from(data, 'base64') : undefined;
}
