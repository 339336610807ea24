import { form, json, type OperationDocs } from '../operation-docs.ts';
import { query as socketQuery } from './openai-realtime-socket.ts';
import { oldSessionBody, secretBody } from './openai-realtime-secrets.ts';
import { speechBody } from './openai-speech-request.ts';
import { transcriptionBody, translationBody } from './openai-transcription-body.ts';

const RECORDING = {
  file: {
    holds: 'recording',
    about: 'The recording, or a film with sound. The bytes decide what it is, not its name.',
    required: true,
  },
} as const;

const TRANSCRIPTS = ['text/plain', 'text/event-stream'];

/** Speech, and what is heard in recordings and on live lines. */
export const audioDocs: Readonly<Record<string, OperationDocs>> = {
  'POST /audio/speech': {
    tag: 'Speech',
    summary: 'Speak a text',
    about:
      'Sound arrives while it is made. `stream_format: sse` sends events with pieces in base64 instead. `voice` may be any voice of this server, also one that was added through another API.',
    bodies: [
      json(speechBody, {
        spoken: { model: 'tts-1', voice: 'alloy', input: 'Good evening, and welcome.' },
        events: { model: 'tts-1', voice: 'alloy', input: 'Good evening.', stream_format: 'sse' },
        wav: { model: 'tts-1', voice: 'nova', input: 'Good evening.', response_format: 'wav', speed: 1.25 },
      }),
    ],
    gives: ['audio/mpeg', 'audio/opus', 'audio/aac', 'audio/flac', 'audio/wav', 'audio/pcm'],
  },
  'POST /audio/transcriptions': {
    tag: 'Hearing',
    summary: 'Write a recording down',
    about:
      'The form may have its parts in any order. Lists are sent as `name[]`, once for each item. `chunking_strategy` may also be the word `auto`. With `stream=true` text arrives as events while it is heard.',
    bodies: [
      form({
        schema: transcriptionBody,
        files: RECORDING,
        examples: {
          json: { model: 'whisper-1' },
          subtitles: { model: 'whisper-1', response_format: 'srt' },
          words: {
            model: 'whisper-1',
            response_format: 'verbose_json',
            'timestamp_granularities[]': 'word',
          },
          events: { model: 'whisper-1', stream: 'true' },
        },
      }),
    ],
    gives: TRANSCRIPTS,
  },
  'POST /audio/translations': {
    tag: 'Hearing',
    summary: 'Write a recording of any language down in English',
    bodies: [form({ schema: translationBody, files: RECORDING, examples: { json: { model: 'whisper-1' } } })],
    gives: ['text/plain'],
  },
  'GET /realtime': {
    tag: 'Hearing',
    summary: 'Hear live (WebSocket)',
    about: [
      'Opens a session of transcription: `wss://…/v1/realtime?intent=transcription`. The key goes into `Authorization`, or, in a page, a client secret goes into the subprotocol `openai-insecure-api-key.SECRET` beside `realtime`.',
      'You send JSON: `session.update`, `input_audio_buffer.append` with sound in base64, `input_audio_buffer.commit` and `input_audio_buffer.clear`. You get `session.created`, `input_audio_buffer.speech_started` and `…speech_stopped`, `…committed`, `conversation.item.input_audio_transcription.delta` and `…completed`, and `error`. Conversations with a model are refused.',
    ].join('\n\n'),
    query: socketQuery,
    asks: { intent: 'transcription' },
    socket: true,
  },
  'POST /realtime/client_secrets': {
    tag: 'Hearing',
    summary: 'Make a secret with which a page may hear live',
    about: 'The secret holds for the time asked for and for nothing but the session that stands in it.',
    bodies: [
      json(secretBody, {
        transcription: {
          expires_after: { anchor: 'created_at', seconds: 600 },
          session: { type: 'transcription', audio: { input: { transcription: { model: 'whisper-1' } } } },
        },
      }),
    ],
  },
  'POST /realtime/transcription_sessions': {
    tag: 'Hearing',
    summary: 'Make a secret, in the older words',
    bodies: [
      json(oldSessionBody, {
        transcription: {
          input_audio_format: 'pcm16',
          input_audio_transcription: { model: 'whisper-1' },
        },
      }),
    ],
  },
};
