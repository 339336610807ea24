import assert from 'node:assert/strict';
import { hearingVendors, type Problem } from './upload-support.ts';

/** The vendors whose clients have sounds, music, pictures or films made. */
export type MediaVendor = 'openai' | 'elevenlabs' | 'eigen' | 'aiml';

/** A route that makes something, and a request in JSON that it takes. */
export interface MediaEndpoint {
  readonly name: string;
  readonly vendor: MediaVendor;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The field with the description. */
  readonly prompt: 'prompt' | 'text';
  /** Characters that a description may have. */
  readonly longest: number;
  readonly makes: 'sound' | 'image' | 'video';
  /** Whether the answer is a job even where nobody asks for one. */
  readonly isJob: boolean;
}

/** What the endpoints are asked to change. */
export interface EndpointMaterial {
  /** A small picture, as a data URL. */
  readonly picture: string;
  /** A finished film of OpenAI's API. */
  readonly film: string;
}

const SOUND = { vendor: 'elevenlabs', makes: 'sound', longest: 10_000, isJob: false } as const;
const PICTURE = {
  vendor: 'openai',
  makes: 'image',
  prompt: 'prompt',
  longest: 32_000,
  isJob: false,
} as const;
const FILM = { vendor: 'openai', makes: 'video', prompt: 'prompt', longest: 32_000, isJob: true } as const;
const EIGEN = { vendor: 'eigen', prompt: 'prompt', longest: 100_000 } as const;

const MUSIC = { prompt: 'A waltz', music_length_ms: 3000 };
const SMALL = { width: 512, height: 512 };

/** Every route of every vendor that makes a sound, a picture or a film from a description. */
export function mediaEndpoints({ picture, film }: EndpointMaterial): readonly MediaEndpoint[] {
  const music = (path: string): MediaEndpoint => ({
    ...SOUND,
    name: `ElevenLabs ${path}`,
    // Raw samples cost next to nothing.
    url: path.endsWith('/plan') ? path : `${path}?output_format=pcm_16000`,
    prompt: 'prompt',
    body: MUSIC,
  });
  const eigenFilm = { model: 'wan2p2-i2v-14b-turbo', prompt: 'zoom in', image_url: picture, frame_num: 4 };
  return [
    {
      ...PICTURE,
      name: 'OpenAI images/generations',
      url: '/v1/images/generations',
      body: { prompt: 'A boat', size: '256x256' },
    },
    {
      ...PICTURE,
      name: 'OpenAI images/edits',
      url: '/v1/images/edits',
      body: { prompt: 'make it grey', images: [{ image_url: picture }] },
    },
    { ...FILM, name: 'OpenAI videos', url: '/v1/videos', body: { prompt: 'A boat' } },
    { ...FILM, name: 'OpenAI remix', url: `/v1/videos/${film}/remix`, body: { prompt: 'A ship' } },
    {
      ...FILM,
      name: 'OpenAI videos/edits',
      url: '/v1/videos/edits',
      body: { prompt: 'A ship', video: { id: film } },
    },
    {
      ...FILM,
      name: 'OpenAI videos/extensions',
      url: '/v1/videos/extensions',
      body: { prompt: 'A ship', seconds: '4', video: { id: film } },
    },
    {
      ...EIGEN,
      name: 'Eigen AI picture',
      url: '/api/v1/generate',
      makes: 'image',
      isJob: false,
      body: { model: 'eigen-image', prompt: 'A boat', ...SMALL },
    },
    {
      ...EIGEN,
      name: 'Eigen AI edit',
      url: '/api/v1/generate',
      makes: 'image',
      isJob: false,
      body: { model: 'qwen-image-edit-2511', prompt: 'make it grey', image_path: picture },
    },
    {
      ...EIGEN,
      name: 'Eigen AI film',
      url: '/api/v1/generate',
      makes: 'video',
      isJob: true,
      body: eigenFilm,
    },
    {
      ...EIGEN,
      name: 'Eigen AI picture by path',
      url: '/api/eigen-image',
      makes: 'image',
      isJob: false,
      body: { prompt: 'A boat', ...SMALL },
    },
    {
      ...EIGEN,
      name: 'Eigen AI film by path',
      url: '/api/wan2p2-i2v-14b-turbo',
      makes: 'video',
      isJob: true,
      body: { ...eigenFilm, model: undefined },
    },
    {
      ...SOUND,
      name: 'ElevenLabs sound-generation',
      url: '/v1/sound-generation',
      prompt: 'text',
      body: { text: 'Rain', duration_seconds: 0.5 },
    },
    music('/v1/music'),
    music('/v1/music/stream'),
    music('/v1/music/detailed'),
    music('/v1/music/detailed/stream'),
    music('/v1/music/plan'),
    {
      vendor: 'aiml',
      name: 'AI/ML API audio',
      url: '/v2/generate/audio',
      prompt: 'prompt',
      longest: 2000,
      makes: 'sound',
      isJob: true,
      body: { model: 'stable-audio', prompt: 'Rain', seconds_total: 1 },
    },
  ];
}

/** What an error says, and which field is to blame. Fails unless the body is the vendor's envelope. */
export function problemOf(vendor: MediaVendor, body: string): Problem {
  const parsed: unknown = JSON.parse(body);
  if (vendor === 'aiml') return aimlProblem(parsed);
  const found = hearingVendors.find(({ name }) => name === vendor);
  assert(found, `${vendor} is known`);
  return found.problem(parsed);
}

function aimlProblem(body: unknown): Problem {
  assert(typeof body === 'object' && body !== null);
  const { requestId, statusCode, timestamp, path, message, issues } = {
    requestId: undefined,
    statusCode: undefined,
    timestamp: undefined,
    path: undefined,
    message: undefined,
    issues: undefined,
    ...body,
  } as Record<string, unknown>; // Every member is looked at below.
  assert.match(String(requestId), /^[0-9a-f]{21}$/);
  assert.equal(typeof statusCode, 'number');
  assert.equal(new Date(String(timestamp)).toISOString(), timestamp);
  assert(typeof path === 'string' && path.startsWith('/'));
  assert(typeof message === 'string' && message !== '');
  if (!Array.isArray(issues)) return { message };
  const [first]: readonly { readonly path: readonly unknown[] }[] = issues;
  return { message, param: first ? first.path.join('.') : null };
}

/** A body in JSON whose one field holds something that `JSON.stringify` cannot write. */
export function bodyWith(
  body: Readonly<Record<string, unknown>>,
  field: string,
  written: string | undefined,
): string {
  const rest = JSON.stringify({ ...body, [field]: undefined });
  if (written === undefined) return rest;
  return `${rest === '{}' ? '{' : `${rest.slice(0, -1)},`}${JSON.stringify(field)}:${written}}`;
}

/** What a test posts to an endpoint. */
export interface Posting {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | FormData;
}

/** Posts, and reads the whole answer. */
export async function postTo(origin: string, { url, headers = {}, body }: Posting) {
  const json = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
  const response = await fetch(origin + url, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: body instanceof Uint8Array ? Uint8Array.from(body) : body,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}
