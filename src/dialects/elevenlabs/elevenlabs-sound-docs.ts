import { form, json, type OperationDocs } from '../operation-docs.ts';
import { historyQuery, isolationFields } from './elevenlabs-audio-isolation.ts';
import { musicBody, musicQuery, planBody } from './elevenlabs-music-request.ts';
import { soundBody, soundQuery } from './elevenlabs-sound-generation.ts';

const MUSIC = { tag: 'Music', query: musicQuery };
const CLEANING = { tag: 'Audio isolation' };
const NOT_HERE = { tag: 'Not here', refuses: true as const };

const SOUND = ['audio/mpeg', 'audio/pcm', 'audio/wav', 'audio/opus'];

const music = [json(musicBody, { music: { prompt: 'A slow waltz for piano', music_length_ms: 3_000 } })];

const isolation = {
  ...CLEANING,
  bodies: [
    form({
      schema: isolationFields,
      files: { audio: { holds: 'recording', about: 'Speech with noise around it.', required: true } },
      examples: { recording: {} },
    }),
  ],
  gives: ['audio/mpeg'],
};

const RECORDING = { item_id: { about: 'Nothing is kept, so that there are none.', example: 'an-item' } };
const TUNE = { finetune_id: { about: 'There are none.', example: 'a-tune' } };

/** Effects, music, and recordings without their noise. */
export const soundDocs: Readonly<Record<string, OperationDocs>> = {
  'POST /v1/sound-generation': {
    tag: 'Sound effects',
    summary: 'Make a sound',
    query: soundQuery,
    bodies: [json(soundBody, { effect: { text: 'Rain on a tin roof', duration_seconds: 1 } })],
    gives: SOUND,
  },
  'POST /v1/music': { ...MUSIC, summary: 'Make music', bodies: music, gives: SOUND },
  'POST /v1/music/stream': {
    ...MUSIC,
    summary: 'Make music, in pieces as they are made',
    bodies: music,
    gives: SOUND,
  },
  'POST /v1/music/detailed': {
    ...MUSIC,
    summary: 'Make music and tell how it is built',
    about: 'A multipart answer: JSON with the plan, then the sound.',
    bodies: music,
    gives: ['multipart/mixed'],
  },
  'POST /v1/music/detailed/stream': {
    ...MUSIC,
    summary: 'Make music and tell how it is built, as events',
    bodies: music,
    gives: ['text/event-stream'],
  },
  'POST /v1/music/plan': {
    tag: 'Music',
    summary: 'Plan a piece of music',
    about: 'The plan can be changed and sent as `composition_plan`.',
    bodies: [json(planBody, { plan: { prompt: 'A slow waltz for piano', music_length_ms: 20_000 } })],
  },
  'GET /v1/music/finetunes': { tag: 'Music', summary: 'List trained models, of which there are none' },
  'POST /v1/audio-isolation': { ...isolation, summary: 'Take the noise out of a recording' },
  'POST /v1/audio-isolation/stream': {
    ...isolation,
    summary: 'Take the noise out of a recording, in pieces as they are made',
  },
  'GET /v1/audio-isolation/history': {
    ...CLEANING,
    summary: 'List cleaned recordings, of which none is kept',
    query: historyQuery,
  },
  'DELETE /v1/audio-isolation/history/:item_id': {
    ...NOT_HERE,
    summary: 'Delete a cleaned recording',
    path: RECORDING,
  },
  'DELETE /v1/audio-isolation/:item_id': {
    ...NOT_HERE,
    summary: 'Delete a cleaned recording, by the older path',
    path: RECORDING,
  },
  'POST /v1/music/upload': { ...NOT_HERE, summary: 'Upload a song to change it' },
  'POST /v1/music/stem-separation': { ...NOT_HERE, summary: 'Take music apart into its instruments' },
  'POST /v1/music/video-to-music': { ...NOT_HERE, summary: 'Make music for a film' },
  'POST /v1/music/finetunes': { ...NOT_HERE, summary: 'Train a model' },
  'GET /v1/music/finetunes/:finetune_id': { ...NOT_HERE, summary: 'Show a trained model', path: TUNE },
  'PATCH /v1/music/finetunes/:finetune_id': { ...NOT_HERE, summary: 'Change a trained model', path: TUNE },
  'DELETE /v1/music/finetunes/:finetune_id': { ...NOT_HERE, summary: 'Delete a trained model', path: TUNE },
};
