import { AppError } from '../../base/errors.ts';
import { ANY_MODEL } from '../../core/models/model-catalog.ts';
import type { LiveRequest } from '../../core/transcription/live-request.ts';
import type {
  AskedTranscriptionSetting,
  TranscriptionSetting,
} from '../../core/transcription/transcription.ts';
import type { Warning } from '../../core/warning.ts';
import { findLanguage } from './openai-languages.ts';
import type { RealtimeSession } from './openai-realtime-session.ts';
import { DIARIZING_MODEL } from './openai-transcription-request.ts';

/** A session in our words, and what is said in it in vain. */
export interface RealtimeTask {
  readonly request: LiveRequest;
  readonly warnings: readonly Warning[];
}

/** Milliseconds of voice that begin a turn: a click is none. */
const LEAST_SPEECH_MS = 90;

/** How long the silence after a turn is, by how eager the answer to it is wanted. Nothing here weighs what was said. */
const PATIENCE_MS = { low: 2_000, medium: 1_000, auto: 1_000, high: 500 } as const;

const DEFAULT_TURNS = { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 200 } as const;

/** Translates. Throws `invalid_request` for a language that is none. */
export function toRealtimeTask(session: RealtimeSession): RealtimeTask {
  const { transcription, format } = session;
  const model = transcription?.model ?? ANY_MODEL;
  const language = languageOf(session);
  const prompt = [transcription?.keywords?.join(', '), transcription?.prompt].filter(Boolean).join('\n');
  const turns = turnsOf(session);
  return {
    request: {
      model,
      task: 'transcribe',
      ...(language === undefined ? {} : { language }),
      ...(prompt ? { prompt } : {}),
      wordTimes: false,
      logprobs: Boolean(session.include?.length),
      diarize: model === DIARIZING_MODEL,
      knownSpeakers: [],
      asked: askedSettings(session),
      spelling: { audio: 'audio', model: 'model', language: 'language' },
      sound: {
        encoding: ({ 'audio/pcm': 's16le', 'audio/pcmu': 'mulaw', 'audio/pcma': 'alaw' } as const)[
          format.type
        ],
        sampleRate: format.type === 'audio/pcm' ? format.rate : 8_000,
      },
      ...(turns ? { turns } : {}),
      guesses: true,
    },
    warnings: warningsOf(session),
  };
}

function languageOf({ transcription }: RealtimeSession): string | undefined {
  const { language, languages } = transcription ?? {};
  const named = language ?? (languages?.length === 1 ? languages[0] : undefined);
  if (named === undefined || named === '') return undefined;
  const code = findLanguage(named);
  if (code !== undefined) return code;
  throw new AppError(
    'invalid_request',
    `'language' must be a language code of ISO 639-1, such as 'en', but is '${named.slice(0, 60)}'.`,
    { param: 'language', reason: 'invalid_language_format' },
  );
}

function turnsOf({ turnDetection: asked }: RealtimeSession): LiveRequest['turns'] {
  if (!asked) return undefined;
  const silenceDurationMs =
    asked.type === 'semantic_vad'
      ? PATIENCE_MS[asked.eagerness ?? 'auto']
      : (asked.silence_duration_ms ?? DEFAULT_TURNS.silenceDurationMs);
  return {
    threshold: asked.threshold ?? DEFAULT_TURNS.threshold,
    prefixPaddingMs: asked.prefix_padding_ms ?? DEFAULT_TURNS.prefixPaddingMs,
    silenceDurationMs,
    minSpeechMs: LEAST_SPEECH_MS,
    ...(asked.idle_timeout_ms ? { idleTimeoutMs: asked.idle_timeout_ms } : {}),
  };
}

function askedSettings({ transcription, include }: RealtimeSession): AskedTranscriptionSetting[] {
  const asked: readonly (readonly [parameter: string, setting: TranscriptionSetting, value: unknown])[] = [
    ['transcription.language', 'language', transcription?.language],
    ['transcription.prompt', 'prompt', transcription?.prompt],
    ['transcription.keywords', 'prompt', transcription?.keywords?.join(', ')],
    ['include', 'logprobs', include?.join(', ')],
  ];
  return asked.flatMap(([parameter, setting, value]) => (value ? [{ parameter, setting, value }] : []));
}

function warningsOf({ transcription, noiseReduction, turnDetection }: RealtimeSession): Warning[] {
  const useless: readonly (readonly [applies: boolean, setting: string, reason: string])[] = [
    [Boolean(noiseReduction), 'noise_reduction', 'noise is not taken away from live sound'],
    [Boolean(transcription?.delay), 'transcription.delay', 'text comes as soon as two guesses agree'],
    [
      !transcription?.language && (transcription?.languages?.length ?? 0) > 1,
      'transcription.languages',
      'the choice cannot be narrowed to several languages; the language is detected',
    ],
    [
      turnDetection?.type === 'semantic_vad',
      'turn_detection.type',
      'turns end after silence, the sooner the more eager; what was said is not weighed',
    ],
  ];
  return useless.flatMap(([applies, setting, reason]) =>
    applies ? [{ type: 'ignored', setting, reason }] : [],
  );
}
