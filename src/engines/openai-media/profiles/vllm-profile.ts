import type { HearingQuirks, MediaProfile } from '../media-profile.ts';

const WHISPER: HearingQuirks = {
  path: '/v1/audio/transcriptions',
  translation: { path: '/v1/audio/translations' },
  answer: 'verbose',
  wordTimes: true,
  prompt: true,
  temperature: true,
  constant: {},
};

/** vLLM with a model that hears, or a language model. */
export const vllmProfile: MediaProfile = {
  id: 'vllm',
  title: 'vLLM',
  healthPath: '/health',
  metrics: {
    path: '/metrics',
    running: 'vllm:num_requests_running',
    waiting: 'vllm:num_requests_waiting',
  },
  concurrency: 32,
  hearing: {
    whisper: WHISPER,
    // Models that tell no times answer with text alone, piece by piece.
    text: { ...WHISPER, answer: 'stream', wordTimes: false },
  },
  chat: { path: '/v1/chat/completions' },
};
