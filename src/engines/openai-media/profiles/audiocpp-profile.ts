import type { MediaProfile, SoundQuirks, SpeechQuirks } from '../media-profile.ts';

const SPEECH: SpeechQuirks = {
  path: '/v1/audio/speech',
  fields: {
    seed: { field: 'seed' },
    temperature: { field: 'temperature', minimum: 0, maximum: 2 },
    top_p: { field: 'top_p', minimum: 0, maximum: 1 },
    repetition_penalty: { field: 'repetition_penalty' },
    max_tokens: { field: 'max_tokens', minimum: 1, maximum: 65_536 },
  },
  streams: false,
  format: 'wav',
  sampleRate: 24_000,
  constant: {},
  language: 'none',
  sample: {
    kind: 'base64-object',
    field: 'voice_ref',
    transcriptField: 'reference_text',
    withoutTranscript: {},
    maxBytes: 5 * 1024 * 1024,
  },
  seedAsText: true,
};

const CHATTERBOX_LANGUAGES = 'ar da de el en es fi fr hi it ko ms nl no pl pt sv sw tr'.split(' ');

const STABLE_AUDIO: SoundQuirks = {
  path: '/v1/tasks/run',
  modelField: 'model',
  promptField: 'request.text',
  fields: {
    duration: { field: 'request.duration_seconds', minimum: 0.5, maximum: 120 },
    steps: { field: 'request.num_inference_steps', minimum: 1, maximum: 1000 },
    prompt_influence: { field: 'request.guidance_scale' },
    negative_prompt: { field: 'request.options.negative_prompt' },
    seed: { field: 'request.seed' },
  },
  constant: {},
  maxSeconds: 120,
  // The model is distilled: it takes only little guidance.
  influence: { least: 1, most: 3 },
};

/** The server of audio.cpp: many models, each one request at a time. */
export const audiocppProfile: MediaProfile = {
  id: 'audio.cpp',
  title: 'audio.cpp',
  healthPath: '/health',
  concurrency: 1,
  speech: {
    chatterbox: {
      ...SPEECH,
      fields: {
        ...SPEECH.fields,
        language: { field: 'language' },
        min_p: { field: 'options.min_p', minimum: 0, maximum: 1 },
        exaggeration: { field: 'options.exaggeration', minimum: 0, maximum: 2 },
      },
      language: 'code',
      languages: CHATTERBOX_LANGUAGES,
    },
    'qwen3-tts': {
      ...SPEECH,
      fields: {
        ...SPEECH.fields,
        language: { field: 'language' },
        instructions: { field: 'instructions' },
        top_k: { field: 'top_k' },
      },
      language: 'name',
      voiceField: 'voice',
    },
    higgs: { ...SPEECH, fields: { ...SPEECH.fields, top_k: { field: 'top_k' } } },
  },
  sound: { 'stable-audio': STABLE_AUDIO },
};
