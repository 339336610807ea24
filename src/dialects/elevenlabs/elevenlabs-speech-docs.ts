import { form, json, type OperationDocs } from '../operation-docs.ts';
import { dialogueBody } from './elevenlabs-dialogue-request.ts';
import { listQuery } from './elevenlabs-history.ts';
import { downloadBody } from './elevenlabs-history-download.ts';
import { socketQuery } from './elevenlabs-socket-call.ts';
import { conversionFields } from './elevenlabs-speech-conversion.ts';
import { speechBody, speechQuery } from './elevenlabs-speech-schema.ts';
import { VOICE } from './elevenlabs-voice-docs.ts';

const SPEAKING = { tag: 'Text to speech', path: VOICE, query: speechQuery };
const DIALOGUE = { tag: 'Text to dialogue', query: speechQuery };
const CHANGING = { tag: 'Speech to speech', path: VOICE, query: speechQuery };
const HISTORY = { tag: 'History' };

const SOUND = ['audio/mpeg', 'audio/pcm', 'audio/basic', 'audio/x-alaw-basic', 'audio/opus', 'audio/wav'];

const SPEECH = { text: 'Good evening, and welcome.', model_id: 'eleven_multilingual_v2' };
const speech = [json(speechBody, { speech: SPEECH })];

const dialogue = [
  json(dialogueBody, {
    dialogue: {
      inputs: [
        { text: 'Good evening!', voice_id: 'JBFqnCBsd6RMkjVDRZzb' },
        { text: 'And to you.', voice_id: '21m00Tcm4TlvDq8ikWAM' },
      ],
    },
  }),
];

const conversion = [
  form({
    schema: conversionFields,
    files: { audio: { holds: 'recording', about: 'What is to be said by another voice.', required: true } },
    examples: { recording: {} },
  }),
];

const FRAMES = [
  'You send JSON: first `{"text": " "}` with `voice_settings` and, without headers, `xi_api_key`; then `{"text": "…"}`, with `flush` to have everything spoken at once; last `{"text": ""}`.',
  'You get `{"audio": "…base64…", "alignment": {…}, "isFinal": null}` and at the end `{"isFinal": true}`.',
].join(' ');

/** Without the query, for what may stand in it is the same with every item. */
const ITEM = { history_item_id: { about: 'The id of an item.', example: 'ja9xsmfGhxYcymxGcOGB' } };

/** Speech in all its ways, and what was spoken. */
export const speechDocs: Readonly<Record<string, OperationDocs>> = {
  'POST /v1/text-to-speech/:voice_id': {
    ...SPEAKING,
    summary: 'Speak a text',
    about:
      'Previous and next texts or requests colour how it is spoken; dictionaries and markup change what.',
    bodies: speech,
    gives: SOUND,
    alsoAt: ['/v1/text-to-speech/:voice_id/:rest'],
  },
  'POST /v1/text-to-speech/:voice_id/stream': {
    ...SPEAKING,
    summary: 'Speak a text, in pieces as they are made',
    bodies: speech,
    gives: SOUND,
    alsoAt: ['/v1/text-to-speech/:voice_id/:rest/stream'],
  },
  'POST /v1/text-to-speech/:voice_id/with-timestamps': {
    ...SPEAKING,
    summary: 'Speak a text and tell when each character is said',
    bodies: speech,
    alsoAt: ['/v1/text-to-speech/:voice_id/:rest/with-timestamps'],
  },
  'POST /v1/text-to-speech/:voice_id/stream/with-timestamps': {
    ...SPEAKING,
    summary: 'Speak a text and tell when each character is said, in lines of JSON',
    bodies: speech,
    alsoAt: ['/v1/text-to-speech/:voice_id/:rest/stream/with-timestamps'],
  },
  'GET /v1/text-to-speech/:voice_id/stream-input': {
    tag: 'Text to speech',
    path: VOICE,
    summary: 'Speak a text that is still being written (WebSocket)',
    about: FRAMES,
    query: socketQuery,
    socket: true,
    alsoAt: ['/v1/text-to-speech/:voice_id/:rest/stream-input'],
  },
  'GET /v1/text-to-speech/:voice_id/multi-stream-input': {
    tag: 'Text to speech',
    path: VOICE,
    summary: 'Speak several texts at once that are still being written (WebSocket)',
    about: `${FRAMES} Every message names its \`context_id\`; \`close_context\` ends one, \`close_socket\` all.`,
    query: socketQuery,
    socket: true,
    alsoAt: ['/v1/text-to-speech/:voice_id/:rest/multi-stream-input'],
  },
  'POST /v1/text-to-dialogue': { ...DIALOGUE, summary: 'Speak a dialogue', bodies: dialogue, gives: SOUND },
  'POST /v1/text-to-dialogue/stream': {
    ...DIALOGUE,
    summary: 'Speak a dialogue, in pieces as they are made',
    bodies: dialogue,
    gives: SOUND,
  },
  'POST /v1/text-to-dialogue/with-timestamps': {
    ...DIALOGUE,
    summary: 'Speak a dialogue and tell when each character is said',
    bodies: dialogue,
  },
  'POST /v1/text-to-dialogue/stream/with-timestamps': {
    ...DIALOGUE,
    summary: 'Speak a dialogue and tell when each character is said, in lines of JSON',
    bodies: dialogue,
  },
  'POST /v1/speech-to-speech/:voice_id': {
    ...CHANGING,
    summary: 'Say a recording with another voice',
    bodies: conversion,
    gives: SOUND,
    alsoAt: ['/v1/speech-to-speech/:voice_id/:rest'],
  },
  'POST /v1/speech-to-speech/:voice_id/stream': {
    ...CHANGING,
    summary: 'Say a recording with another voice, in pieces as they are made',
    bodies: conversion,
    gives: SOUND,
    alsoAt: ['/v1/speech-to-speech/:voice_id/:rest/stream'],
  },
  'GET /v1/history': { ...HISTORY, summary: 'List what was spoken', query: listQuery },
  'GET /v1/history/:history_item_id': { ...HISTORY, summary: 'Show an item', path: ITEM },
  'DELETE /v1/history/:history_item_id': { ...HISTORY, summary: 'Delete an item', path: ITEM },
  'GET /v1/history/:history_item_id/audio': {
    ...HISTORY,
    summary: 'Fetch the sound of an item',
    path: ITEM,
    gives: SOUND,
  },
  'POST /v1/history/download': {
    ...HISTORY,
    summary: 'Fetch several items',
    about: 'One item comes as it is, several as a ZIP file.',
    bodies: [json(downloadBody, { items: { history_item_ids: ['ja9xsmfGhxYcymxGcOGB'] } })],
    gives: ['application/zip', ...SOUND],
  },
};
