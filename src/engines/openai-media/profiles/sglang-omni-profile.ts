import type { MediaProfile, SpeechQuirks } from '../media-profile.ts';

const HIGGS: SpeechQuirks = {
  path: '/v1/audio/speech',
  fields: {
    speed: { field: 'speed', minimum: 0.25, maximum: 4 },
    temperature: { field: 'temperature', minimum: 0, maximum: 2 },
    top_p: { field: 'top_p', minimum: 0, maximum: 1 },
    top_k: { field: 'top_k' },
    repetition_penalty: { field: 'repetition_penalty' },
    max_tokens: { field: 'max_new_tokens', minimum: 1, maximum: 65_536 },
    seed: { field: 'seed' },
  },
  streams: true,
  format: 'pcm',
  sampleRate: 24_000,
  constant: {},
  language: 'none',
  sample: {
    kind: 'data-url',
    field: 'ref_audio',
    transcriptField: 'ref_text',
    maxBytes: 10 * 1024 * 1024,
  },
};

/** SGLang-Omni. Its older versions stream events, newer ones bytes; the answer's type tells which. */
export const sglangOmniProfile: MediaProfile = {
  id: 'sglang-omni',
  title: 'SGLang-Omni',
  healthPath: '/health',
  metrics: { path: '/metrics', running: 'sglang:num_running_reqs', waiting: 'sglang:num_queue_reqs' },
  concurrency: 16,
  speech: {
    higgs: HIGGS,
    'qwen3-tts': {
      ...HIGGS,
      fields: { ...HIGGS.fields, language: { field: 'language' }, instructions: { field: 'instructions' } },
      language: 'name',
      voiceField: 'voice',
    },
  },
  hearing: {
    whisper: {
      path: '/v1/audio/transcriptions',
      answer: 'text',
      wordTimes: false,
      prompt: true,
      temperature: true,
      constant: {},
    },
  },
  chat: { path: '/v1/chat/completions' },
};
