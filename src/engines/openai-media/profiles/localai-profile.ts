import type { MediaProfile } from '../media-profile.ts';

/** LocalAI: many models in one server, which says so while it loads one. */
export const localaiProfile: MediaProfile = {
  id: 'localai',
  title: 'LocalAI',
  healthPath: '/readyz',
  concurrency: 4,
  speech: {
    speech: {
      path: '/v1/audio/speech',
      fields: {
        language: { field: 'language' },
        instructions: { field: 'instructions' },
        speed: { field: 'speed', minimum: 0.25, maximum: 4 },
      },
      streams: false,
      format: 'wav',
      sampleRate: 24_000,
      constant: {},
      language: 'code',
      voiceField: 'voice',
    },
  },
  hearing: {
    whisper: {
      path: '/v1/audio/transcriptions',
      answer: 'verbose',
      wordTimes: false,
      prompt: true,
      temperature: true,
      constant: {},
    },
  },
  sound: {
    sound: {
      path: '/v1/sound-generation',
      modelField: 'model_id',
      promptField: 'text',
      fields: {
        duration: { field: 'duration_seconds', minimum: 0.5, maximum: 120 },
        prompt_influence: { field: 'prompt_influence', minimum: 0, maximum: 1 },
      },
      constant: {},
      maxSeconds: 120,
    },
  },
  image: {
    diffusion: {
      path: '/v1/images/generations',
      fields: { seed: { field: 'seed' }, steps: { field: 'step', minimum: 1, maximum: 200 } },
      constant: { response_format: 'b64_json' },
      sizes: { step: 8, minimum: 64, maximum: 2048, usual: { width: 512, height: 512 } },
      maxInputs: 0,
    },
  },
  video: {
    video: {
      path: '/video',
      encoding: 'json',
      fields: {
        seed: { field: 'seed' },
        steps: { field: 'step', minimum: 1, maximum: 200 },
        guidance: { field: 'cfg_scale', minimum: 0, maximum: 20 },
        negative_prompt: { field: 'negative_prompt' },
      },
      constant: { response_format: 'b64_json' },
      framesField: 'num_frames',
      rateField: 'fps',
      size: { width: 'width', height: 'height' },
      firstFrame: { field: 'start_image' },
      frameStep: 4,
      maxSeconds: 10,
      maxSide: 1280,
      sizeStep: 16,
    },
  },
  chat: { path: '/v1/chat/completions' },
  refusedText: {
    pattern: /\|/,
    reason:
      'the engine takes what follows a vertical bar for what must not be in the picture; write it without "|"',
  },
};
