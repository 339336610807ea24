import { form, type DialectDocs, type OperationDocs } from '../operation-docs.ts';
import answers from './elevenlabs-answers.json' with { type: 'json' };
import { dictionaryDocs } from './elevenlabs-dictionary-docs.ts';
import { realtimeQuery } from './elevenlabs-realtime-request.ts';
import { soundDocs } from './elevenlabs-sound-docs.ts';
import { speechDocs } from './elevenlabs-speech-docs.ts';
import { transcriptionFields, transcriptionQuery } from './elevenlabs-transcription-schema.ts';
import { statsQuery } from './elevenlabs-usage-stats.ts';
import { voiceDocs } from './elevenlabs-voice-docs.ts';

const HEARING = { tag: 'Speech to text' };
const ACCOUNT = { tag: 'Account' };
const TRANSCRIPT = {
  tag: 'Not here',
  path: { transcription_id: { about: 'Transcripts are not kept.', example: 'a-transcript' } },
  refuses: true as const,
};

const otherDocs: Readonly<Record<string, OperationDocs>> = {
  'POST /v1/speech-to-text': {
    ...HEARING,
    summary: 'Write a recording down',
    about:
      'Instead of a file an address may be told (`source_url`, `cloud_storage_url`). Lists and objects are sent as JSON, lists of texts also as repeated parts. A single-use token may stand in the query (`token`).',
    query: transcriptionQuery,
    bodies: [
      form({
        schema: transcriptionFields,
        files: {
          file: { holds: 'recording', about: 'The recording, or a film with sound.', required: true },
        },
        examples: { words: { model_id: 'scribe_v1', timestamps_granularity: 'word' } },
      }),
    ],
  },
  'GET /v1/speech-to-text/realtime': {
    ...HEARING,
    summary: 'Hear live (WebSocket)',
    about:
      'You send `{"message_type": "input_audio_chunk", "audio_base_64": "…", "commit": false}`. You get `session_started`, `partial_transcript`, `committed_transcript` and, where asked for, `committed_transcript_with_timestamps`, or an error of the vendor’s. A single-use token may stand in the query (`token`).',
    query: realtimeQuery,
    socket: true,
  },
  'GET /v1/speech-to-text/transcripts/:transcription_id': { ...TRANSCRIPT, summary: 'Show a transcript' },
  'DELETE /v1/speech-to-text/transcripts/:transcription_id': {
    ...TRANSCRIPT,
    summary: 'Delete a transcript',
  },
  'POST /v1/single-use-token/:type': {
    ...ACCOUNT,
    summary: 'Make a token that a page may use once instead of the key',
    path: {
      type: { about: '`realtime_scribe`, `batch_scribe` or `tts_websocket`.', example: 'realtime_scribe' },
    },
  },
  'GET /v1/models': {
    tag: 'Models',
    summary: 'List models',
    about:
      'Without the prefix `/elevenlabs` this path belongs to OpenAI’s dialect, too: the header `xi-api-key` decides.',
  },
  'GET /v1/user': { ...ACCOUNT, summary: 'Show who calls' },
  'GET /v1/user/subscription': { ...ACCOUNT, summary: 'Show the allowance of the key, and what is left' },
  'GET /v1/usage/character-stats': {
    ...ACCOUNT,
    summary: 'Tell what was used',
    query: statsQuery,
    asks: { start_unix: '1767225600000', end_unix: '1767312000000' },
  },
};

/** What the dialect says of itself. */
export const elevenlabsDocs: DialectDocs = {
  about: [
    'The clients of ElevenLabs work with another base URL: `http://localhost:8484`. The key of this server goes into `xi-api-key`; as long as there is none, any will do.',
    '',
    'Voices and models of the vendor are served by what is installed here; `x-antiphon-model` and `x-antiphon-voice` say by what.',
  ].join('\n'),
  security: {
    key: { type: 'apiKey', in: 'header', name: 'xi-api-key', description: 'A key of this server.' },
  },
  tags: {
    'Text to speech': 'Texts become sound.',
    'Text to dialogue': 'Several voices take turns.',
    'Speech to speech': 'One voice becomes another.',
    'Speech to text': 'Sound becomes text, from recordings and live.',
    'Sound effects': 'Sounds from words.',
    Music: 'Music from words or from a plan.',
    'Audio isolation': 'Speech without its noise.',
    Voices: 'The voices of this server, and new ones.',
    'Voice design': 'Voices from descriptions.',
    'Pronunciation dictionaries': 'How words are spoken.',
    History: 'What was spoken, as long as it is kept.',
    Models: 'What can be asked for.',
    Account: 'Who calls, and with which allowance.',
    'Not here': 'Paths of the vendor that are always refused, with the reason.',
  },
  operations: { ...speechDocs, ...voiceDocs, ...soundDocs, ...dictionaryDocs, ...otherDocs },
  answers,
};
