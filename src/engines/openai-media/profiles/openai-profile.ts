import type { ImageQuirks, MediaProfile } from '../media-profile.ts';

const IMAGES: ImageQuirks = {
  path: '/v1/images/generations',
  editPath: '/v1/images/edits',
  fields: { quality: { field: 'quality' }, background: { field: 'background' } },
  constant: {},
  sizes: { step: 16, minimum: 1024, maximum: 1536, usual: { width: 1024, height: 1024 } },
  inputField: 'image[]',
  maxInputs: 16,
  mask: { field: 'mask', changed: 'transparent' },
};

const VOICES = {
  female: ['alloy', 'coral', 'nova', 'sage', 'shimmer'],
  male: ['ash', 'ballad', 'echo', 'fable', 'onyx', 'verse'],
};

/** Whatever keeps to the contract of OpenAI. */
export const openaiProfile: MediaProfile = {
  id: 'openai',
  title: 'OpenAI or a server with its contract',
  healthPath: '/v1/models',
  concurrency: 16,
  speech: {
    speech: {
      path: '/v1/audio/speech',
      fields: {
        instructions: { field: 'instructions' },
        speed: { field: 'speed', minimum: 0.25, maximum: 4 },
      },
      streams: true,
      format: 'pcm',
      sampleRate: 24_000,
      constant: {},
      language: 'none',
      voiceField: 'voice',
      voices: [
        ...VOICES.female.map((name) => ({ name, gender: 'female' as const })),
        ...VOICES.male.map((name) => ({ name, gender: 'male' as const })),
      ],
    },
  },
  hearing: {
    whisper: {
      path: '/v1/audio/transcriptions',
      translation: { path: '/v1/audio/translations' },
      answer: 'verbose',
      wordTimes: true,
      prompt: true,
      temperature: true,
      constant: {},
    },
    text: {
      path: '/v1/audio/transcriptions',
      answer: 'text',
      wordTimes: false,
      prompt: true,
      temperature: true,
      constant: {},
    },
  },
  image: {
    'gpt-image': IMAGES,
    // These answer with addresses unless they are told otherwise.
    'dall-e': { ...IMAGES, fields: {}, constant: { response_format: 'b64_json' } },
  },
  chat: { path: '/v1/chat/completions' },
};
