import { pieces, tonePcm, toneWav, wavOfPcm } from './fake-media.ts';
import {
  eventReply,
  jsonReply,
  textOf,
  type FakeProfile,
  type FakeReply,
  type FakeRequest,
} from './fake-server.ts';

const SAMPLE_RATE = 24_000;
const SECONDS_PER_CHARACTER = 0.05;
const FORMATS = ['wav', 'pcm', 'flac', 'mp3', 'opus'];
const VOICES = ['vivian', 'serena', 'uncle_fu', 'dylan', 'eric', 'ryan', 'aiden', 'ono_anna', 'sohee'];

/** How vLLM-Omni refuses: in the envelope of its speech and audio routes. */
export function omniRefusal(message: string, param: string | null = null, status = 400): FakeReply {
  const type = status === 404 ? 'NotFoundError' : 'BadRequestError';
  return jsonReply({ error: { message, type, param, code: status } }, status);
}

/** A tone for each character, and silence for the ends of sentences, which are entered and left gently. */
function spokenPcm(input: unknown): Uint8Array {
  const text = textOf(input) || ' ';
  const perCharacter = SECONDS_PER_CHARACTER * SAMPLE_RATE;
  const pcm = tonePcm(text.length * SECONDS_PER_CHARACTER, SAMPLE_RATE);
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
  const isSilent = (at: number) => at >= text.length || /[.!?]/.test(text.slice(Math.max(0, at - 3), at + 1));
  for (let index = 0; index < samples.length; index += 1) {
    const at = Math.floor(index / perCharacter);
    const within = (index % perCharacter) / perCharacter;
    const rise = isSilent(at - 1) ? within * 2 : 1;
    const fall = isSilent(at + 1) ? (1 - within) * 2 : 1;
    const level = isSilent(at) ? 0 : Math.min(1, rise, fall);
    samples[index] = Math.round((samples[index] ?? 0) * level);
  }
  return pcm;
}

const TOKENS = {
  'x-vllm-omni-input-tokens': '7',
  'x-vllm-omni-output-tokens': '90',
  'x-vllm-omni-total-tokens': '97',
};

type Rule = (fields: Readonly<Record<string, unknown>>) => FakeReply | undefined;

/** What every checkpoint refuses. */
const commonRule: Rule = (fields) => {
  if (typeof fields['input'] !== 'string') {
    const detail = [{ loc: ['body', 'input'], msg: 'Field required', type: 'missing' }];
    return jsonReply({ detail }, 422);
  }
  const format = fields['response_format'] ?? 'wav';
  if (!FORMATS.includes(textOf(format)))
    return omniRefusal(`${textOf(format)} is not supported`, 'response_format');
  if (fields['stream'] === true && !['pcm', 'wav'].includes(textOf(format)))
    return omniRefusal('stream needs pcm or wav', 'response_format');
  return undefined;
};

const customVoiceRule: Rule = (fields) => {
  const isBase = ['ref_audio', 'ref_text', 'x_vector_only_mode'].some((name) => fields[name] !== undefined);
  if (isBase || (fields['task_type'] ?? 'CustomVoice') !== 'CustomVoice')
    return omniRefusal('The task Base needs the Base checkpoint', 'task_type');
  if (!VOICES.includes(textOf(fields['voice'] ?? 'vivian').toLowerCase()))
    return omniRefusal(`unknown voice ${textOf(fields['voice'])}`, 'voice');
  return undefined;
};

const baseRule: Rule = (fields) => {
  if ((fields['task_type'] ?? 'Base') !== 'Base')
    return omniRefusal('This is the Base checkpoint', 'task_type');
  if (!textOf(fields['ref_audio']).startsWith('data:audio/wav;base64,'))
    return omniRefusal('Base needs ref_audio', 'ref_audio');
  if (!fields['ref_text'] && fields['x_vector_only_mode'] !== true)
    return omniRefusal('Base needs a non-empty ref_text', 'ref_text');
  return undefined;
};

const higgsRule: Rule = (fields) => {
  for (const name of ['language', 'instructions', 'task_type', 'voice'])
    if (fields[name] !== undefined) return omniRefusal(`Higgs does not take ${name}`, name);
  if ((fields['speed'] ?? 1) !== 1) return omniRefusal('speed must be 1.0', 'speed');
  if ((fields['ref_audio'] === undefined) !== (fields['ref_text'] === undefined))
    return omniRefusal('ref_audio and ref_text go together', 'ref_text');
  return undefined;
};

function omniSpeech(id: string, model: string, rule: Rule): FakeProfile {
  return {
    id,
    title: `vLLM-Omni with ${model}`,
    answer: ({ path, fields }) => {
      if (path === '/health') return { type: 'text/plain', body: '' };
      if (path === '/v1/models') return jsonReply({ object: 'list', data: [{ id: model, object: 'model' }] });
      if (path === '/metrics') return omniGauges(model);
      if (path !== '/v1/audio/speech') return jsonReply({ detail: 'Not Found' }, 404);
      if (fields['model'] !== undefined && fields['model'] !== model)
        return omniRefusal(`The model ${textOf(fields['model'])} does not exist`, 'model', 404);
      return commonRule(fields) ?? rule(fields) ?? omniSound(fields);
    },
  };
}

function omniGauges(model: string): FakeReply {
  const lines = [
    '# TYPE vllm:omni_num_requests_running gauge',
    `vllm:omni_num_requests_running{model_name="${model}"} 2.0`,
    `vllm:omni_num_requests_waiting{model_name="${model}"} 5.0`,
  ];
  return { type: 'text/plain; version=0.0.4', body: `${lines.join('\n')}\n` };
}

function omniSound(fields: Readonly<Record<string, unknown>>): FakeReply {
  const pcm = spokenPcm(fields['input']);
  const isPcm = fields['response_format'] === 'pcm';
  const bytes = isPcm ? pcm : wavOfPcm(pcm, SAMPLE_RATE);
  if (fields['stream'] === true && fields['stream_format'] !== 'audio') return omniEvents(bytes);
  const type = isPcm ? 'audio/pcm' : 'audio/wav';
  return { type, headers: TOKENS, body: pieces(bytes) };
}

function omniEvents(bytes: Uint8Array): FakeReply {
  const deltas = pieces(bytes).map((piece) => ({
    type: 'speech.audio.delta',
    audio: Buffer.from(piece).toString('base64'),
    response_format: 'pcm',
  }));
  const usage = { input_tokens: 7, output_tokens: 90, total_tokens: 97 };
  return eventReply([...deltas, { type: 'speech.audio.done', usage }], true);
}

/** Events that end in an error, as vLLM-Omni sends them. */
export function omniEventsThatFail(): FakeReply {
  const delta = Buffer.from(tonePcm(0.1, SAMPLE_RATE)).toString('base64');
  return eventReply(
    [
      { type: 'speech.audio.delta', audio: delta, response_format: 'pcm' },
      {
        type: 'speech.audio.error',
        error: { message: 'stage 1 died', type: 'InternalServerError', code: 500 },
      },
    ],
    true,
  );
}

/** SGLang-Omni with Higgs: raw samples with their rate in a header, or the events of older versions. */
function sglangOmni(id: string, shape: 'bytes' | 'events'): FakeProfile {
  return {
    id,
    title: `SGLang-Omni with higgs, streaming ${shape}`,
    answer: ({ path, fields }) => {
      if (path === '/health' || path === '/v1/models') return jsonReply({ status: 'ok', data: [] });
      if (path !== '/v1/audio/speech') return jsonReply({ detail: 'Not Found' }, 404);
      const pcm = spokenPcm(fields['input']);
      if (shape === 'bytes')
        return {
          type: 'audio/pcm',
          headers: { 'x-sample-rate': String(SAMPLE_RATE) },
          body: pieces(pcm, 1001),
        };
      const events = pieces(pcm, 1001).map((piece) => ({
        object: 'audio.speech.chunk',
        audio: { data: Buffer.from(piece).toString('base64') },
      }));
      return eventReply([...events, '[DONE]']);
    },
  };
}

const AUDIOCPP_MODELS = ['chatterbox', 'qwen3-tts-cv', 'stable-audio-3'];
const MOST_REFERENCE = 5 * 1024 * 1024;

/** The server of audio.cpp: WAV or JSON, one request at a time, 500 for a model that it has not. */
const audiocpp: FakeProfile = {
  id: 'audiocpp',
  title: 'audio.cpp with chatterbox, Qwen3-TTS and Stable Audio 3',
  slots: 1,
  loading: {
    ...jsonReply({ error: { message: 'server is busy', type: 'server_busy' } }, 503),
    headers: { connection: 'close' },
  },
  answer: (request) => {
    const { path, fields } = request;
    if (path === '/health')
      return jsonReply({ status: 'ok', backend: 'cpu', models: AUDIOCPP_MODELS.length });
    if (path === '/v1/models')
      return jsonReply({ object: 'list', data: AUDIOCPP_MODELS.map((id) => ({ id })) });
    const model = textOf(fields['model']);
    if (!AUDIOCPP_MODELS.includes(model))
      return audiocppError(500, 'server_error', `unknown model: ${model}`);
    if (path === '/v1/audio/speech') return audiocppSpeech(request, model);
    if (path === '/v1/tasks/run') return audiocppTask(request);
    return audiocppError(404, 'not_found', 'no such route');
  },
};

function audiocppError(status: number, type: string, message: string): FakeReply {
  return { ...jsonReply({ error: { message, type } }, status), headers: { connection: 'close' } };
}

function audiocppSpeech({ fields }: FakeRequest, model: string): FakeReply {
  const reference = fields['voice_ref'];
  if (typeof reference === 'string' && !reference.startsWith('data:'))
    return audiocppError(400, 'invalid_request_error', 'no such file');
  if (reference === undefined && model === 'chatterbox')
    return audiocppError(400, 'invalid_request_error', 'Chatterbox needs a reference');
  if (typeof reference === 'object' && reference !== null && 'data' in reference) {
    const bytes = Buffer.from(textOf(reference.data), 'base64');
    if (bytes.length > MOST_REFERENCE)
      return audiocppError(400, 'invalid_request_error', 'voice_ref is too large');
    if (bytes.toString('latin1', 0, 4) !== 'RIFF')
      return audiocppError(400, 'invalid_request_error', 'not a WAV file');
  }
  const pcm = spokenPcm(fields['input']);
  const headers = {
    'x-audiocpp-wall-ms': '12',
    'x-audiocpp-audio-duration-ms': String(Math.round(pcm.length / 2 / SAMPLE_RATE) * 1000),
    'x-audiocpp-rtf': '0.1',
    connection: 'close',
  };
  return { type: 'audio/wav', headers, body: wavOfPcm(pcm, SAMPLE_RATE) };
}

function audiocppTask({ fields }: FakeRequest): FakeReply {
  const { request } = fields;
  const seconds =
    typeof request === 'object' && request !== null && 'duration_seconds' in request
      ? Number(request.duration_seconds)
      : 5;
  const audio = Buffer.from(toneWav(seconds, 44_100, 2)).toString('base64');
  return jsonReply({ audio, sample_rate: 44_100, channels: 2, timing: {} });
}

/** Servers that speak. */
export const speechFakes: readonly FakeProfile[] = [
  omniSpeech('vllm-omni-speech', 'Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice', customVoiceRule),
  omniSpeech('vllm-omni-speech-base', 'Qwen/Qwen3-TTS-12Hz-1.7B-Base', baseRule),
  omniSpeech('vllm-omni-higgs', 'bosonai/higgs-audio-v2-generation-3B-base', higgsRule),
  sglangOmni('sglang-omni', 'bytes'),
  sglangOmni('sglang-omni-events', 'events'),
  audiocpp,
];
