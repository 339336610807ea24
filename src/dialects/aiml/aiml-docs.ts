import { z } from 'zod';
import { BEARER, json, type DialectDocs, type OperationDocs } from '../operation-docs.ts';
import answers from './aiml-answers.json' with { type: 'json' };
import {
  elevenMusicBody,
  lyriaBody,
  minimaxCoverBody,
  minimaxFirstBody,
  minimaxLatestBody,
  minimaxLegacyBody,
  minimaxSecondBody,
  stableAudioBody,
} from './aiml-bodies.ts';
import { pollQuery } from './aiml-generations.ts';

const PROMPT = 'A slow waltz for piano and strings';
const LYRICS = 'The night is young, the tide is low';
const AUDIO = 'https://example.com/song.mp3';

function forModel(model: string, schema: z.ZodObject, example: object | undefined) {
  const named = z.object({ model: z.literal(model) }).extend(schema.shape);
  return json(named, example ? { [model]: { model, ...example } } : {});
}

const operations: Readonly<Record<string, OperationDocs>> = {
  'POST /v2/generate/audio': {
    tag: 'Audio',
    summary: 'Order music or a sound',
    about: [
      'Everything is made in a job: the answer has its id, with which `GET /v2/generate/audio` is asked until `status` is `completed`.',
      'The name of a model of this server is taken as well, with the fields of `stable-audio`. The headers `x-antiphon-webhook`, `x-antiphon-webhook-secret` and `x-antiphon-priority` work here, too.',
    ].join('\n\n'),
    bodies: [
      forModel('stable-audio', stableAudioBody, { prompt: PROMPT, seconds_total: 2 }),
      forModel('minimax/music-1.5', minimaxFirstBody, { prompt: PROMPT, lyrics: LYRICS }),
      forModel('minimax/music-2.0', minimaxSecondBody, { prompt: PROMPT, lyrics: LYRICS }),
      forModel('minimax/music-2.6', minimaxLatestBody, { prompt: PROMPT, is_instrumental: true }),
      forModel('google/lyria2', lyriaBody, { prompt: PROMPT }),
      forModel('elevenlabs/eleven_music', elevenMusicBody, { prompt: PROMPT, music_length_ms: 10_000 }),
      forModel('minimax-music', minimaxLegacyBody, { prompt: LYRICS, reference_audio_url: AUDIO }),
      forModel('minimax/music-cover', minimaxCoverBody, { prompt: PROMPT, reference_audio_url: AUDIO }),
    ],
  },
  'GET /v2/generate/audio': {
    tag: 'Audio',
    summary: 'Ask after what was ordered',
    about: '`id` is another name of `generation_id`. The address in `audio_file` is signed and needs no key.',
    query: pollQuery,
    asks: { generation_id: '01234567-89ab-4def-8123-456789abcdef:stable-audio' },
  },
  'GET /v1/models': {
    tag: 'Models',
    summary: 'List models',
    about: 'Below the prefix `/aiml`, for everybody. Without the prefix other dialects answer.',
  },
};

/** What the dialect says of itself. */
export const aimlDocs: DialectDocs = {
  about: [
    'What the AI/ML API does with audio, under its own paths: point a client at `http://localhost:8484`. The key is one of this server; as long as there is none, any will do.',
    '',
    'The names of the vendor’s models are served by what is installed here; `x-antiphon-model` says by what. Credits are counted as the vendor counts them and cost nothing.',
  ].join('\n'),
  security: BEARER,
  tags: { Audio: 'Music and sounds, made in jobs.', Models: 'What can be asked for.' },
  operations,
  answers,
};
