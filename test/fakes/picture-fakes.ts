import { randomUUID } from 'node:crypto';
import { plainMp4, plainPng, toneWav } from './fake-media.ts';
import { jsonReply, textOf, type FakeProfile, type FakeReply, type FakeRequest } from './fake-server.ts';
import { omniRefusal } from './speech-fakes.ts';

const MOST_SECONDS = 47;

/** vLLM-Omni with Stable Audio: WAV in stereo, 400 beyond its range. */
const omniAudio: FakeProfile = {
  id: 'vllm-omni-audio',
  title: 'vLLM-Omni with Stable Audio Open 1.0',
  answer: ({ path, fields }) => {
    if (path === '/health' || path === '/v1/models') return jsonReply({ data: [] });
    if (path !== '/v1/audio/generate') return jsonReply({ detail: 'Not Found' }, 404);
    const length = Number(fields['audio_length'] ?? MOST_SECONDS);
    if (!(length > 0 && length <= MOST_SECONDS))
      return omniRefusal('audio_length is out of range', 'audio_length');
    if (typeof fields['input'] !== 'string' || fields['input'] === '')
      return omniRefusal('input is empty', 'input');
    return { type: 'audio/wav', body: toneWav(length, 44_100, 2) };
  },
};

interface PictureServer {
  readonly id: string;
  readonly title: string;
  /** Whether it sends addresses unless it is told otherwise, and then cannot. */
  readonly wantsBase64: boolean;
}

function pictureServer({ id, title, wantsBase64 }: PictureServer): FakeProfile {
  return {
    id,
    title,
    loading: jsonReply({ detail: 'The engine is not initialised' }, 503),
    answer: ({ path, fields, files }) => {
      if (path === '/health' || path === '/v1/models') return jsonReply({ data: [] });
      const edits = path === '/v1/images/edits';
      if (!edits && path !== '/v1/images/generations') return jsonReply({ detail: 'Not Found' }, 404);
      const format = fields['response_format'];
      if (edits && format !== 'b64_json')
        return jsonReply({ detail: 'response_format must be b64_json' }, 400);
      if (wantsBase64 && format !== 'b64_json')
        return jsonReply({ detail: 'response_format url needs an output path or an object store' }, 400);
      const pictures = files.filter(({ field }) => ['image', 'image[]'].includes(field));
      if (edits && pictures.length === 0)
        return jsonReply({ detail: "Field 'image' or 'url' is required" }, 422);
      return pictureReply(fields);
    },
  };
}

function pictureReply(fields: Readonly<Record<string, unknown>>): FakeReply {
  const [width = 1024, height = 1024] = textOf(fields['size'] ?? '1024x1024')
    .split('x')
    .map(Number);
  const b64_json = Buffer.from(plainPng(width, height)).toString('base64');
  return jsonReply({
    created: 1_700_000_000,
    data: [{ b64_json, url: null, revised_prompt: null }],
    output_format: 'png',
    size: `${width}x${height}`,
  });
}

/** vLLM-Omni with Wan. A job lives in the process that made it: another replica behind the same address has not heard of it. */
const omniVideo: FakeProfile = {
  id: 'vllm-omni-video',
  title: 'vLLM-Omni with Wan 2.2',
  answer: async (request) => {
    const { path, method } = request;
    if (path === '/health' || path === '/v1/models') return jsonReply({ data: [] });
    if (path === '/v1/videos/sync') return { type: 'video/mp4', body: await film(request) };
    if (path === '/v1/videos' && method === 'POST')
      return jsonReply({
        id: `video_gen_${randomUUID().replaceAll('-', '')}`,
        object: 'video',
        status: 'queued',
      });
    if (path.startsWith('/v1/videos/')) return jsonReply({ detail: 'Video not found' }, 404);
    return jsonReply({ detail: 'Not Found' }, 404);
  },
};

function film({ fields }: FakeRequest): Promise<Uint8Array> {
  return plainMp4({
    width: Number(fields['width'] ?? 64),
    height: Number(fields['height'] ?? 64),
    frames: Number(fields['num_frames'] ?? 17),
    framesPerSecond: Number(fields['fps'] ?? 16),
  });
}

/** LocalAI: everything in one, and 503 with a time while a model is loaded. */
const localai: FakeProfile = {
  id: 'localai',
  title: 'LocalAI',
  loading: {
    ...jsonReply(
      {
        error: { message: 'model is loading', type: 'model_loading' },
        loading: { state: 'loading', progress: 0.4, eta_seconds: 12 },
      },
      503,
    ),
    headers: { 'retry-after': '12' },
  },
  answer: async (request) => {
    const { path, fields } = request;
    if (path === '/readyz' || path === '/v1/models') return { type: 'text/plain', body: 'OK' };
    if (path === '/v1/audio/speech')
      return { type: 'audio/wav', body: toneWav(textOf(fields['input']).length * 0.02, 22_050) };
    if (path === '/v1/sound-generation')
      return { type: 'audio/wav', body: toneWav(Number(fields['duration_seconds'] ?? 5), 44_100, 2) };
    if (path === '/v1/images/generations') return pictureReply(fields);
    if (path === '/video')
      return jsonReply({ data: [{ b64_json: Buffer.from(await film(request)).toString('base64') }] });
    return jsonReply({ error: { code: 404, message: 'Not Found', type: '' } }, 404);
  },
};

/** What HAProxy says when its queue is full. */
const haproxy: FakeProfile = {
  id: 'haproxy-503',
  title: 'HAProxy with a full queue',
  answer: () => ({
    status: 503,
    type: 'text/html',
    headers: { 'cache-control': 'no-cache' },
    body: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
  }),
};

/** Servers that make sounds, pictures and films, and one that makes nothing. */
export const pictureFakes: readonly FakeProfile[] = [
  omniAudio,
  pictureServer({ id: 'vllm-omni-image', title: 'vLLM-Omni with Qwen-Image', wantsBase64: false }),
  pictureServer({ id: 'sglang-diffusion', title: 'SGLang diffusion', wantsBase64: true }),
  omniVideo,
  localai,
  haproxy,
];
