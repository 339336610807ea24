import type { MediaProfile } from '../media-profile.ts';

/** The server of whisper.cpp: one model, one recording after another, refusals as plain text. */
export const whispercppProfile: MediaProfile = {
  id: 'whisper.cpp',
  title: 'whisper.cpp server',
  healthPath: '/health',
  concurrency: 1,
  hearing: {
    whisper: {
      path: '/inference',
      translation: { field: 'translate' },
      answer: 'verbose',
      wordTimes: true,
      prompt: true,
      temperature: true,
      // Without it English is taken for granted.
      constant: { language: 'auto' },
    },
  },
};
