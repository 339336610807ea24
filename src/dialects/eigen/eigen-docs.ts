import { z } from 'zod';
import { chatBody } from '../chat-request.ts';
import { BEARER, form, json, type DialectDocs, type OperationDocs } from '../operation-docs.ts';
import answers from './eigen-answers.json' with { type: 'json' };
import { imageFields } from './eigen-image-request.ts';
import { modelField, streamQuery } from './eigen-generate.ts';
import { chatterboxFields, higgsFields, qwenFields } from './eigen-speech-models.ts';
import { fieldsOfOrder } from './eigen-transcription-request.ts';
import { nameField } from './eigen-upload.ts';
import { videoFields } from './eigen-video-request.ts';
import { taskQuery } from './eigen-video.ts';

const GENERATE = { tag: 'Generate' };
const TASKS = { tag: 'Films', query: taskQuery, asks: { jobId: '0123456789abcdef0123456789abcdef' } };

const SPEECH_FILES = {
  voice_reference_file: { holds: 'recording', about: 'A voice to speak with, once (higgs2p5).' },
  audio_prompt_file: { holds: 'recording', about: 'A voice to speak with, once (chatterbox).' },
} as const;

const SOUND = { file: { holds: 'recording', about: 'The recording.', required: true } } as const;
const SAMPLE = {
  voice_reference_file: { holds: 'recording', about: 'Somebody speaking.', required: true },
} as const;

const PICTURES = {
  image_file: {
    holds: 'picture',
    about: 'What is to be changed; `image` and `images` are the same.',
    many: true,
  },
} as const;
const FRAME = { image: { holds: 'picture', about: 'The first frame.' } } as const;

const CHAT = { messages: [{ role: 'user', content: 'Good evening!' }] };

/** By model, what a body of `/api/v1/generate` may hold beside it. */
const generateBodies = [
  json(modelField.extend(higgsFields.shape), {
    higgs2p5: { model: 'higgs2p5', text: 'Good evening, and welcome.', voice: 'Linda' },
    'higgs2p5, as events': { model: 'higgs2p5', text: 'Good evening.', stream: true },
  }),
  json(modelField.extend(chatterboxFields.shape), {
    chatterbox: { model: 'chatterbox', text: 'Good evening, and welcome.', language_id: 'en' },
  }),
  json(modelField.extend(qwenFields.shape), {
    'qwen3-tts': { model: 'qwen3-tts', text: 'Good evening.', voice: 'Vivian', response_format: 'mp3' },
  }),
  json(modelField.extend(imageFields.shape), {
    'eigen-image': { model: 'eigen-image', prompt: 'A lighthouse at dusk', width: 512, height: 512 },
  }),
  form({ schema: modelField.extend(higgsFields.shape), files: SPEECH_FILES, examples: {} }),
  form({
    schema: modelField.extend(fieldsOfOrder.shape),
    files: SOUND,
    examples: { whisper_v3_turbo: { model: 'whisper_v3_turbo', response_format: 'json' } },
  }),
  form({ schema: modelField.extend(imageFields.shape), files: PICTURES, examples: {} }),
  form({
    schema: modelField.extend(videoFields.shape),
    files: { image: { ...FRAME.image, required: true } },
    examples: { 'wan2p2-i2v-14b-turbo': { model: 'wan2p2-i2v-14b-turbo', prompt: 'The wind rises' } },
  }),
  json(modelField.extend(videoFields.shape), {}),
  json(chatBody, {}),
];

const pathBodies = [
  json(z.union([higgsFields, chatterboxFields, qwenFields, imageFields, videoFields]), {
    speech: { text: 'Good evening, and welcome.', voice: 'Linda' },
  }),
  form({ schema: z.union([fieldsOfOrder, imageFields, videoFields]), examples: {} }),
];

const MODEL = { model: { about: 'The name of a model.', example: 'higgs2p5' } };
const FILM_MODEL = { model: { about: 'The name of a model of films.', example: 'wan2p2-i2v-14b-turbo' } };

const MADE = ['audio/wav', 'audio/mpeg', 'audio/flac', 'text/event-stream', 'image/png', 'image/jpeg'];

const operations: Readonly<Record<string, OperationDocs>> = {
  'POST /api/v1/generate': {
    ...GENERATE,
    summary: 'Make what the model makes',
    about: [
      'The field `model` decides: speech (`higgs2p5`, `chatterbox`, `qwen3-tts`), hearing (`whisper_v3_turbo`, `higgs_asr_3`), pictures (`eigen-image`, …), films (`wan2p2-i2v-14b-turbo`, …, whose answer names a task), or chat.',
      'Bodies are JSON, a form, or urlencoded; numbers and truth values may come as text. A model that is not the vendor’s takes what the first of its kind takes.',
    ].join('\n\n'),
    bodies: generateBodies,
    gives: MADE,
  },
  'POST /api/:model': {
    ...GENERATE,
    summary: 'Make what the model makes, by the older path',
    path: MODEL,
    query: streamQuery,
    bodies: pathBodies,
    gives: MADE,
  },
  'GET /api/v1/generate/ws': {
    ...GENERATE,
    summary: 'Speak over a WebSocket',
    about:
      'You send `{"token": "your key", "model": "higgs2p5"}` and then a `{"text": "…"}` for each thing to say, with the fields of the model beside it. You get sound in binary frames (16-bit PCM) and JSON at the beginning and end of each.',
    socket: true,
  },
  'POST /api/v1/generate/upload': {
    tag: 'Voices',
    summary: 'Keep a voice',
    bodies: [
      form({
        schema: modelField.extend(nameField.shape),
        files: SAMPLE,
        examples: { voice: { model: 'higgs2p5', voice_name: 'Mine' } },
      }),
    ],
  },
  'POST /api/:model/upload_voice': {
    tag: 'Voices',
    summary: 'Keep a voice, by the older path',
    path: MODEL,
    bodies: [form({ schema: nameField, files: SAMPLE, examples: { voice: { voice_name: 'Mine' } } })],
  },
  'GET /api/v1/generate/status': { ...TASKS, summary: 'Tell how a film is coming along' },
  'GET /api/:model-status': {
    ...TASKS,
    summary: 'Tell how a film is coming along, by the older path',
    path: FILM_MODEL,
  },
  'GET /api/v1/generate/result': { ...TASKS, summary: 'Fetch a film', gives: ['video/mp4'] },
  'GET /api/:model-result': {
    ...TASKS,
    summary: 'Fetch a film, by the older path',
    path: FILM_MODEL,
    gives: ['video/mp4'],
  },
  'GET /api/v1/models': {
    tag: 'Models',
    summary: 'List models',
    about:
      'Below the prefix `/eigen`; without it OpenAI’s dialect answers, in the same shape, with the models of all.',
  },
  'POST /api/v1/chat/completions': {
    tag: 'Chat',
    summary: 'Chat with a language model that runs elsewhere',
    about: 'Below the prefix `/eigen`; without it OpenAI’s dialect answers.',
    bodies: [json(chatBody, { chat: { model: 'a-language-model', ...CHAT } })],
    gives: ['text/event-stream'],
  },
};

/** What the dialect says of itself. */
export const eigenDocs: DialectDocs = {
  about: [
    'The clients of Eigen AI work with another base URL: `http://localhost:8484`. The key is one of this server; as long as there is none, any will do.',
    '',
    'The names of the vendor’s models are served by what is installed here; `x-antiphon-model` says by what.',
  ].join('\n'),
  security: BEARER,
  tags: {
    Generate: 'One path for everything that is made at once.',
    Voices: 'Voices from recordings.',
    Films: 'How films are coming along, and the films.',
    Models: 'What can be asked for.',
    Chat: 'Language models behind this server.',
  },
  operations,
  answers,
};
