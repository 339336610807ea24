import type { AppError, ErrorCode } from '../../base/errors.ts';
import type { LiveAnswer, LiveEvent } from '../../core/transcription/live-request.ts';
import type { Transcript } from '../../core/transcription/transcription.ts';
import { threeLetterCode } from '../spoken-languages.ts';
import type { RealtimeQuery } from './elevenlabs-realtime-request.ts';
import { transcriptTokens } from './elevenlabs-transcription-words.ts';

/** The vendor's kinds of errors; clients know each by its name. */
const ERROR_TYPES: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthenticated: 'auth_error',
  permission_denied: 'auth_error',
  quota_exceeded: 'quota_exceeded',
  rate_limited: 'rate_limited',
  overloaded: 'resource_exhausted',
};

/** The vendor's kinds of endings that come of themselves. */
export type RealtimeEnding = 'session_time_limit_exceeded' | 'insufficient_audio_activity';

/** The last message of a session that has lasted, or was silent, too long. */
export function endingMessage(message_type: RealtimeEnding, error: string): object {
  return { message_type, error };
}

/** An error, as the kind that the vendor has for it or else the one that is named. */
export function errorMessage(error: AppError, otherwise: string): object {
  return { message_type: ERROR_TYPES[error.code] ?? otherwise, error: error.message };
}

/** The first message of all: from now on sound may come. */
export function startedMessage(session_id: string, query: RealtimeQuery, answer: LiveAnswer): object {
  const { audio_format, secondary_languages: _languages, entity_detection: _entities, ...config } = query;
  return {
    message_type: 'session_started',
    session_id,
    config: {
      ...config,
      language_code: query.language_code ?? null,
      audio_format,
      sample_rate: Number(audio_format.split('_')[1]),
      antiphon: { model: answer.servedBy, stand_in: answer.standIn, warnings: answer.warnings },
    },
  };
}

/** What the vendor says when something is heard. */
export function heardMessages(event: LiveEvent, query: RealtimeQuery): object[] {
  if (event.type === 'text-guess') return [{ message_type: 'partial_transcript', text: event.text }];
  if (event.type === 'item-failure') return [errorMessage(event.error, 'transcriber_error')];
  if (event.type !== 'item-end') return [];
  const { text } = event.transcript;
  const committed = { message_type: 'committed_transcript', text };
  if (!query.include_timestamps && !query.include_language_detection) return [committed];
  return [
    committed,
    {
      ...committed,
      message_type: 'committed_transcript_with_timestamps',
      ...details(event.transcript, query),
    },
  ];
}

/** Times are seconds of all the session's sound. */
function details(transcript: Transcript, query: RealtimeQuery): object {
  const { language } = transcript;
  return {
    language_code: language === undefined ? null : threeLetterCode(language),
    ...(query.include_timestamps
      ? {
          words: transcriptTokens(transcript).map((token) => ({
            text: token.text,
            start: token.startSeconds,
            end: token.endSeconds,
            type: token.type,
            logprob: token.logprob ?? 0,
          })),
        }
      : {}),
  };
}
