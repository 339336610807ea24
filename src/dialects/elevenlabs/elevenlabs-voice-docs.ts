import { form, json, type OperationDocs } from '../operation-docs.ts';
import { similarityFields } from './elevenlabs-similar-voices.ts';
import { accentsQuery, sharedQuery } from './elevenlabs-shared-voices.ts';
import { voiceSettings } from './elevenlabs-speech-schema.ts';
import { createBody, designBody, designQuery } from './elevenlabs-voice-design.ts';
import { voiceFields } from './elevenlabs-voice-form.ts';
import { voiceSearchQuery } from './elevenlabs-voice-search.ts';

/** How a path names a voice. */
export const VOICE = {
  voice_id: {
    about: 'The id of any voice of this server. The ids of engines hold a slash, which may stay as it is.',
    example: 'JBFqnCBsd6RMkjVDRZzb',
  },
} as const;

const OWN = {
  voice_id: { about: 'A voice of yours.', example: 'aaaaaaaaaaaaaaaaaaaa' },
};
const SAMPLE = { ...OWN, sample_id: { about: 'One of its recordings.', example: 'bbbbbbbbbbbbbbbbbbbb' } };

const VOICES = { tag: 'Voices' };
const DESIGN = { tag: 'Voice design' };
const ELSEWHERE = { tag: 'Not here', refuses: true as const };

const SAMPLES = {
  holds: 'recording',
  about: 'Recordings of the voice; more of them are joined.',
  required: true,
  many: true,
} as const;

const WANTED = 'A calm, deep voice of an old British man who tells stories';

const design = {
  ...DESIGN,
  query: designQuery,
  about:
    'Three previews, each a voice of an engine that is moved in pitch and pace, as far as the description has words for that.',
  bodies: [json(designBody, { design: { voice_description: WANTED, auto_generate_text: true } })],
};
const creation = {
  ...DESIGN,
  bodies: [
    json(createBody, {
      creation: {
        voice_name: 'Storyteller',
        voice_description: WANTED,
        generated_voice_id: 'cccccccccccccccccccc',
      },
    }),
  ],
};
const PREVIEW = {
  generated_voice_id: { about: 'The id of a preview.', example: 'cccccccccccccccccccc' },
};

/** Voices: what there is, what can be added, and what of the vendor's is not here. */
export const voiceDocs: Readonly<Record<string, OperationDocs>> = {
  'GET /v1/voices': { ...VOICES, summary: 'List voices' },
  'GET /v2/voices': {
    ...VOICES,
    summary: 'Search voices',
    query: voiceSearchQuery,
    asks: { page_size: '2' },
  },
  'GET /v1/voices/settings/default': { ...VOICES, summary: 'Show what settings are when nobody sets them' },
  'GET /v1/voices/:voice_id': {
    ...VOICES,
    summary: 'Show a voice',
    path: VOICE,
    alsoAt: ['/v1/voices/:voice_id/:rest'],
  },
  'GET /v1/voices/:voice_id/settings': {
    ...VOICES,
    summary: 'Show the settings of a voice',
    path: VOICE,
    alsoAt: ['/v1/voices/:voice_id/:rest/settings'],
  },
  'POST /v1/voices/add': {
    ...VOICES,
    summary: 'Make a voice from recordings',
    bodies: [form({ schema: voiceFields, files: { files: SAMPLES }, examples: { voice: { name: 'Mine' } } })],
  },
  'POST /v1/voices/:voice_id/edit': {
    ...VOICES,
    summary: 'Change a voice of yours',
    path: OWN,
    bodies: [
      form({
        schema: voiceFields,
        files: { files: { holds: 'recording', about: 'Further recordings.', many: true } },
        examples: { renamed: { name: 'Mine, renamed', labels: '{"accent": "british"}' } },
      }),
    ],
    alsoAt: ['/v1/voices/:voice_id/:rest/edit'],
  },
  'POST /v1/voices/:voice_id/settings/edit': {
    ...VOICES,
    summary: 'Change the settings of a voice of yours',
    path: OWN,
    bodies: [json(voiceSettings, { settings: { stability: 0.6, similarity_boost: 0.8, speed: 1.1 } })],
    alsoAt: ['/v1/voices/:voice_id/:rest/settings/edit'],
  },
  'DELETE /v1/voices/:voice_id': {
    ...VOICES,
    summary: 'Delete a voice of yours',
    path: OWN,
    alsoAt: ['/v1/voices/:voice_id/:rest'],
  },
  'GET /v1/voices/:voice_id/samples/:sample_id/audio': {
    ...VOICES,
    summary: 'Fetch a recording of a voice',
    path: SAMPLE,
    gives: ['audio/wav', 'audio/mpeg'],
  },
  'DELETE /v1/voices/:voice_id/samples/:sample_id': {
    ...VOICES,
    summary: 'Delete a recording of a voice',
    path: SAMPLE,
  },
  'GET /v1/voices/previews/:ticket': {
    ...VOICES,
    summary: 'Hear how a voice sounds',
    about: 'The `preview_url` of a listed voice. It is signed, so that nobody needs a key.',
    path: { ticket: { about: 'Part of the address.', example: 'TICKET' } },
    gives: ['audio/mpeg'],
  },
  'GET /v1/voices/accents': { ...VOICES, summary: 'List accents', query: accentsQuery },
  'POST /v1/similar-voices': {
    ...VOICES,
    summary: 'Find voices like the one in a recording',
    about: 'Compared by how high they speak and how much they move, and by nothing else.',
    bodies: [
      form({
        schema: similarityFields,
        files: { audio_file: { holds: 'recording', about: 'Somebody speaking.', required: true } },
        examples: { similar: { top_k: '3' } },
      }),
    ],
  },
  'POST /v1/text-to-voice/design': { ...design, summary: 'Design voices from a description' },
  'POST /v1/text-to-voice/create-previews': { ...design, summary: 'Design voices, under the older name' },
  'POST /v1/text-to-voice': { ...creation, summary: 'Keep a designed voice' },
  'POST /v1/text-to-voice/create-voice-from-preview': {
    ...creation,
    summary: 'Keep a designed voice, under the older name',
  },
  'GET /v1/text-to-voice/:generated_voice_id/stream': {
    ...DESIGN,
    summary: 'Hear a preview',
    path: PREVIEW,
    gives: ['audio/mpeg'],
  },
  'GET /v1/shared-voices': {
    ...VOICES,
    summary: 'List the public library, which is empty',
    query: sharedQuery,
  },
  'GET /v1/voices/collections': { ...VOICES, summary: 'List collections, of which there are none' },
  'POST /v1/voices/collections': { ...ELSEWHERE, summary: 'Make a collection' },
  'POST /v1/voices/add/:public_user_id/:voice_id': {
    ...ELSEWHERE,
    summary: 'Add a voice of the public library',
    path: { public_user_id: { about: 'Whose it is.', example: 'somebody' }, ...VOICE },
  },
  'POST /v1/voices/pvc': { ...ELSEWHERE, summary: 'Begin the training of a voice' },
  ...Object.fromEntries(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
      `${method} /v1/voices/pvc/*`,
      {
        ...ELSEWHERE,
        summary: 'Train a voice',
        about: 'Voices are not trained here; `POST /v1/voices/add` makes one from recordings at once.',
        path: { '*': { about: 'Whatever follows.', example: 'a-voice' } },
      },
    ]),
  ),
};
