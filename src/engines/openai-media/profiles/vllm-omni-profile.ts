import type { ImageQuirks, MediaProfile, SoundQuirks, SpeechQuirks, VideoQuirks } from '../media-profile.ts';

const MAX_CLIP_BYTES = 10 * 1024 * 1024;

const SPEECH: SpeechQuirks = {
  path: '/v1/audio/speech',
  fields: { seed: { field: 'seed' }, max_tokens: { field: 'max_new_tokens', minimum: 1, maximum: 65_536 } },
  streams: true,
  format: 'pcm',
  sampleRate: 24_000,
  constant: {},
  language: 'none',
};

const QWEN_LANGUAGES = ['zh', 'en', 'ja', 'ko', 'de', 'fr', 'ru', 'pt', 'es', 'it'];

const FEMALE = ['Vivian', 'Serena', 'Ono_Anna', 'Sohee'];
const MALE = ['Uncle_Fu', 'Dylan', 'Eric', 'Ryan', 'Aiden'];

const QWEN_CUSTOM_VOICE: SpeechQuirks = {
  ...SPEECH,
  fields: { ...SPEECH.fields, language: { field: 'language' }, instructions: { field: 'instructions' } },
  constant: { task_type: 'CustomVoice' },
  language: 'name',
  languages: QWEN_LANGUAGES,
  voiceField: 'voice',
  // The server folds their names.
  voices: [
    ...FEMALE.map((name) => ({ name, upstream: name.toLowerCase(), gender: 'female' as const })),
    ...MALE.map((name) => ({ name, upstream: name.toLowerCase(), gender: 'male' as const })),
  ],
};

const QWEN_BASE: SpeechQuirks = {
  ...SPEECH,
  fields: { ...SPEECH.fields, language: { field: 'language' } },
  constant: { task_type: 'Base' },
  language: 'name',
  languages: QWEN_LANGUAGES,
  sample: {
    kind: 'data-url',
    field: 'ref_audio',
    transcriptField: 'ref_text',
    withoutTranscript: { x_vector_only_mode: true },
    maxBytes: MAX_CLIP_BYTES,
  },
};

/** Its route knows no temperature, top_p or top_k, and refuses a language, instructions and a speed other than 1. */
const HIGGS: SpeechQuirks = {
  ...SPEECH,
  fields: { seed: { field: 'seed' } },
  sample: { kind: 'data-url', field: 'ref_audio', transcriptField: 'ref_text', maxBytes: MAX_CLIP_BYTES },
};

/** The adapter for it there is English only and experimental. */
const CHATTERBOX: SpeechQuirks = {
  ...SPEECH,
  fields: { ...SPEECH.fields, exaggeration: { field: 'extra_params.exaggeration', minimum: 0, maximum: 2 } },
  languages: ['en'],
  voiceField: 'voice',
  sample: {
    kind: 'data-url',
    field: 'ref_audio',
    transcriptField: 'ref_text',
    withoutTranscript: {},
    maxBytes: MAX_CLIP_BYTES,
  },
};

const STABLE_AUDIO: SoundQuirks = {
  path: '/v1/audio/generate',
  modelField: 'model',
  promptField: 'input',
  fields: {
    duration: { field: 'audio_length', minimum: 0.5, maximum: 47 },
    start: { field: 'audio_start', minimum: 0, maximum: 47 },
    steps: { field: 'num_inference_steps', minimum: 1, maximum: 1000 },
    prompt_influence: { field: 'guidance_scale' },
    negative_prompt: { field: 'negative_prompt' },
    seed: { field: 'seed' },
  },
  constant: { response_format: 'wav' },
  maxSeconds: 47,
  influence: { least: 1, most: 13 },
};

const IMAGE: ImageQuirks = {
  path: '/v1/images/generations',
  editPath: '/v1/images/edits',
  fields: {
    seed: { field: 'seed' },
    steps: { field: 'num_inference_steps', minimum: 1, maximum: 200 },
    guidance: { field: 'guidance_scale', minimum: 0, maximum: 20 },
    true_guidance: { field: 'true_cfg_scale', minimum: 0, maximum: 20 },
    negative_prompt: { field: 'negative_prompt' },
    lora_strength: { field: 'lora.scale' },
  },
  constant: { response_format: 'b64_json', output_format: 'png' },
  sizes: { step: 16, minimum: 256, maximum: 2048, usual: { width: 1024, height: 1024 } },
  inputField: 'image[]',
  maxInputs: 4,
  mask: { field: 'mask_image', changed: 'white' },
};

const VIDEO: VideoQuirks = {
  path: '/v1/videos/sync',
  encoding: 'form',
  fields: {
    seed: { field: 'seed' },
    steps: { field: 'num_inference_steps', minimum: 1, maximum: 200 },
    guidance: { field: 'guidance_scale', minimum: 0, maximum: 20 },
    negative_prompt: { field: 'negative_prompt' },
  },
  constant: {},
  framesField: 'num_frames',
  rateField: 'fps',
  size: { width: 'width', height: 'height' },
  firstFrame: { field: 'input_reference' },
  frameStep: 4,
  maxSeconds: 10,
  maxSide: 1280,
  sizeStep: 16,
};

/** vLLM-Omni: one model per server. */
export const vllmOmniProfile: MediaProfile = {
  id: 'vllm-omni',
  title: 'vLLM-Omni',
  healthPath: '/health',
  // The prefix is changing; both are looked for.
  metrics: {
    path: '/metrics',
    running: 'vllm:omni_num_requests_running|vllm_omni:num_requests_running|vllm:num_requests_running',
    waiting: 'vllm:omni_num_requests_waiting|vllm_omni:num_requests_waiting|vllm:num_requests_waiting',
  },
  concurrency: 8,
  speech: {
    'qwen3-tts-customvoice': QWEN_CUSTOM_VOICE,
    'qwen3-tts-base': QWEN_BASE,
    higgs: HIGGS,
    chatterbox: CHATTERBOX,
  },
  sound: { 'stable-audio': STABLE_AUDIO },
  image: { diffusion: IMAGE },
  video: { wan: VIDEO },
};
