import { z } from 'zod';
import type { LiveRequest } from '../../core/transcription/live-request.ts';
import type { AskedTranscriptionSetting } from '../../core/transcription/transcription.ts';
import type { Warning } from '../../core/warning.ts';
import { findSpokenLanguage } from '../spoken-languages.ts';
import { looseBoolean, looseNumber, parseFields, queryList, queryValue } from './elevenlabs-fields.ts';

const FORMATS = [
  'pcm_8000',
  'pcm_16000',
  'pcm_22050',
  'pcm_24000',
  'pcm_32000',
  'pcm_44100',
  'pcm_48000',
  'ulaw_8000',
  'alaw_8000',
] as const;

const flag = (otherwise: boolean) => queryValue(looseBoolean(z.boolean().default(otherwise)));
const seconds = (least: number, most: number, usual: number) =>
  queryValue(looseNumber(z.number().min(least).max(most).default(usual)));
const milliseconds = (usual: number) => queryValue(looseNumber(z.int().min(50).max(2_000).default(usual)));

export const realtimeQuery = z.object({
  model_id: queryValue(z.string()),
  audio_format: queryValue(z.enum(FORMATS).default('pcm_16000')),
  commit_strategy: queryValue(z.enum(['manual', 'vad']).default('manual')),
  vad_silence_threshold_secs: seconds(0.3, 3, 1.5),
  vad_threshold: seconds(0.1, 0.9, 0.4),
  min_speech_duration_ms: milliseconds(100),
  min_silence_duration_ms: milliseconds(100),
  language_code: queryValue(
    z
      .string()
      .refine((code) => findSpokenLanguage(code) !== undefined, 'must be a code of ISO 639-1 or ISO 639-3')
      .optional(),
  ),
  secondary_languages: queryList(),
  include_timestamps: flag(false),
  include_language_detection: flag(false),
  keyterms: queryList(1_000),
  entity_detection: queryList(),
  transcript_edit: queryValue(z.string().optional()),
  filter_background_audio: flag(false),
  no_verbatim: flag(false),
  enable_logging: flag(true),
});

/** What a client asks for in the address of its socket, checked. */
export type RealtimeQuery = z.output<typeof realtimeQuery>;

/** Checks the address. Throws `invalid_request` naming what is wrong with it. */
export function readRealtimeQuery(query: unknown): RealtimeQuery {
  return parseFields('query', realtimeQuery, query);
}

/** What a client may say about its sound once it sends some. */
export interface SoundFacts {
  /** Hertz, where they are others than the address says. */
  readonly sampleRate?: number;
  /** What was said before, as the words to come may go on with it. */
  readonly previousText?: string;
}

/** The rate that the name of a format tells. */
export function rateOf(format: RealtimeQuery['audio_format']): number {
  return Number(format.split('_')[1]);
}

/** A session in our words. */
export function toLiveRequest(query: RealtimeQuery, facts: SoundFacts = {}): LiveRequest {
  const language = query.language_code === undefined ? undefined : findSpokenLanguage(query.language_code);
  const prompt = [query.keyterms.join(', '), facts.previousText].filter(Boolean).join('\n');
  const detailed = query.include_timestamps;
  const coding = query.audio_format.split('_')[0];
  return {
    model: query.model_id,
    task: 'transcribe',
    ...(language === undefined ? {} : { language }),
    ...(prompt ? { prompt } : {}),
    wordTimes: detailed,
    // A word of this vendor carries the logarithm of its probability.
    logprobs: detailed,
    diarize: false,
    knownSpeakers: [],
    asked: askedSettings(query),
    spelling: { audio: 'audio_base_64', model: 'model_id', language: 'language_code' },
    sound: {
      encoding: coding === 'pcm' ? 's16le' : coding === 'ulaw' ? 'mulaw' : 'alaw',
      sampleRate: facts.sampleRate ?? rateOf(query.audio_format),
    },
    ...(query.commit_strategy === 'vad' ? { turns: turnsOf(query) } : {}),
    guesses: true,
  };
}

/** Milliseconds before a voice that are heard with it. */
const PREFIX_MS = 300;

function turnsOf(query: RealtimeQuery): NonNullable<LiveRequest['turns']> {
  return {
    threshold: query.vad_threshold,
    prefixPaddingMs: PREFIX_MS,
    silenceDurationMs: Math.max(query.vad_silence_threshold_secs * 1000, query.min_silence_duration_ms),
    minSpeechMs: query.min_speech_duration_ms,
  };
}

function askedSettings(query: RealtimeQuery): AskedTranscriptionSetting[] {
  return [
    ...(query.language_code === undefined
      ? []
      : [{ setting: 'language', parameter: 'language_code', value: query.language_code } as const]),
    ...(query.keyterms.length === 0
      ? []
      : [{ setting: 'prompt', parameter: 'keyterms', value: query.keyterms.join(', ') } as const]),
    ...(query.include_timestamps
      ? [{ setting: 'word_times', parameter: 'include_timestamps', value: true } as const]
      : []),
  ];
}

/** What is accepted and changes nothing. */
export function realtimeWarnings(query: RealtimeQuery): Warning[] {
  const useless: readonly (readonly [applies: boolean, setting: string, reason: string])[] = [
    [
      query.secondary_languages.length > 0,
      'secondary_languages',
      'without language_code any language is found',
    ],
    [query.entity_detection.length > 0, 'entity_detection', 'nothing here finds entities'],
    [query.transcript_edit !== undefined, 'transcript_edit', 'transcripts are not edited here'],
    [query.filter_background_audio, 'filter_background_audio', 'noise is not taken away from live sound'],
    [query.no_verbatim, 'no_verbatim', 'the text is what the model wrote'],
  ];
  return useless.flatMap(([applies, setting, reason]) =>
    applies ? [{ type: 'ignored', setting, reason }] : [],
  );
}
