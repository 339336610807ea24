import type { MediaProfile } from '../media-profile.ts';

/** speaches: Whisper, Kokoro and Piper behind the routes of OpenAI. */
export const speachesProfile: MediaProfile = {
  id: 'speaches',
  title: 'speaches',
  healthPath: '/health',
  concurrency: 4,
  speech: {
    speech: {
      path: '/v1/audio/speech',
      fields: { speed: { field: 'speed', minimum: 0.25, maximum: 4 } },
      streams: true,
      format: 'pcm',
      sampleRate: 24_000,
      constant: {},
      language: 'none',
      voiceField: 'voice',
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
  },
};
