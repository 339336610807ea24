import { chatBody } from '../chat-request.ts';
import { BEARER, json, type DialectDocs, type OperationDocs } from '../operation-docs.ts';
import answers from './openai-answers.json' with { type: 'json' };
import { audioDocs } from './openai-audio-docs.ts';
import { pictureDocs } from './openai-picture-docs.ts';
import { usageQuery } from './openai-usage.ts';
import { voiceDocs } from './openai-voice-docs.ts';

const MODELS = { tag: 'Models' };
const USAGE = {
  tag: 'Usage',
  about: 'For administrators. Buckets are days, in UTC.',
  query: usageQuery,
  asks: { start_time: '1767225600', limit: '1' },
};

const otherDocs: Readonly<Record<string, OperationDocs>> = {
  'GET /models': {
    ...MODELS,
    summary: 'List models',
    about:
      'Every name that any vendor made known and every model that is installed. `antiphon` says what serves a name, and whether that is a stand-in. With the header `xi-api-key` and without a prefix of its own, this path is answered in the words of ElevenLabs.',
  },
  'GET /models/*': {
    ...MODELS,
    summary: 'Show a model',
    path: { '*': { about: 'Its name, with the slash that may be in it.', example: 'tts-1' } },
  },
  'GET /audio/models': { ...MODELS, summary: 'List the models that speak' },
  'POST /chat/completions': {
    tag: 'Chat',
    summary: 'Chat with a language model that runs elsewhere',
    about: 'Answered by the servers of `remotes` in the configuration; without any, the model is not found.',
    bodies: [
      json(chatBody, {
        chat: { model: 'a-language-model', messages: [{ role: 'user', content: 'Good evening!' }] },
      }),
    ],
    gives: ['text/event-stream'],
  },
  'GET /organization/usage/audio_speeches': { ...USAGE, summary: 'Tell how much was spoken' },
  'GET /organization/usage/audio_transcriptions': { ...USAGE, summary: 'Tell how much was heard' },
  'GET /organization/usage/images': { ...USAGE, summary: 'Tell how many pictures were made' },
};

/** What the dialect says of itself. */
export const openaiDocs: DialectDocs = {
  about: [
    'Official and other clients of OpenAI work with another base URL: `http://localhost:8484/v1`. The key is one of this server (`antiphon keys create`); as long as there is none, any will do.',
    '',
    'Model and voice names of the vendor are served by what is installed here. The header `x-antiphon-model` says by what; unknown fields are passed over, and fields without effect are named in `x-antiphon-warnings`.',
  ].join('\n'),
  security: BEARER,
  tags: {
    Speech: 'Texts become sound.',
    Hearing: 'Sound becomes text, from recordings and live.',
    Voices: 'The voices of this server, and new ones.',
    Pictures: 'Pictures from words and from other pictures.',
    Films: 'Films, made in jobs.',
    Models: 'What can be asked for, and what serves it.',
    Chat: 'Language models behind this server.',
    Usage: 'What was used, for administrators.',
  },
  operations: { ...audioDocs, ...voiceDocs, ...pictureDocs, ...otherDocs },
  answers,
};
