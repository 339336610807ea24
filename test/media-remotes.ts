import type { FastifyInstance } from 'fastify';
import { present } from '../src/base/assert.ts';
import type { Engine } from '../src/core/engine.ts';
import { createOpenaiMediaEngine } from '../src/engines/openai-media/openai-media-engine.ts';
import { remotesSchema, toRemoteSettings } from '../src/platform/remotes-config.ts';
import { startFake, type FakeFaults, type RunningFake } from './fakes/fake-server.ts';
import { fakeOf } from './fakes/index.ts';
import { testApp } from './support.ts';

/** A remote as the configuration file has it, without its address. */
export interface WrittenRemote {
  readonly id: string;
  readonly profile: string;
  readonly models: readonly object[];
  readonly concurrency?: number;
  readonly apiKey?: string | { readonly env: string };
}

type Timeouts = NonNullable<Parameters<typeof createOpenaiMediaEngine>[1]>;

/** Nobody waits in a test. */
const QUICK: Timeouts = { backoff: 1 };

/** The engine for a remote that is written down, at an address. */
export function remoteEngine(written: WrittenRemote, url: string, timeouts: Timeouts = QUICK): Engine {
  const [remote] = remotesSchema.parse([{ adapter: 'openai-media', url, ...written }]);
  return createOpenaiMediaEngine(toRemoteSettings(present(remote, 'a remote'), {}), timeouts);
}

/** What runs while a test uses it. */
export interface RemoteHouse {
  readonly fake: RunningFake;
  readonly engine: Engine;
}

/** What goes wrong, and how long is waited. */
export interface RemoteOptions {
  readonly faults?: Partial<FakeFaults>;
  readonly timeouts?: Timeouts;
}

/** Lends a fake and the engine that speaks to it. */
export async function withRemote(
  fakeId: string,
  written: WrittenRemote,
  use: (house: RemoteHouse) => Promise<void>,
  { faults = {}, timeouts = QUICK }: RemoteOptions = {},
): Promise<void> {
  const fake = await startFake(fakeOf(fakeId), faults);
  const engine = remoteEngine(written, fake.origin, timeouts);
  try {
    await use({ fake, engine });
  } finally {
    await engine.stop?.();
    await fake.stop();
  }
}

/** Qwen3-TTS with its own voices. */
export const CUSTOM_VOICE: WrittenRemote = {
  id: 'qwen-cv',
  profile: 'vllm-omni',
  models: [
    {
      id: 'qwen3-tts',
      capability: 'speech',
      upstream: 'Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice',
      family: 'qwen3-tts-customvoice',
      licence: 'Apache-2.0',
      implements: ['qwen3-tts'],
      voices: [
        { name: 'Vivian', upstream: 'vivian', gender: 'female' },
        { name: 'Ryan', upstream: 'ryan', gender: 'male' },
      ],
    },
  ],
};

/** Qwen3-TTS that takes on voices. */
export const BASE: WrittenRemote = {
  id: 'qwen-base',
  profile: 'vllm-omni',
  models: [
    {
      id: 'qwen3-tts',
      capability: 'speech',
      upstream: 'Qwen/Qwen3-TTS-12Hz-1.7B-Base',
      family: 'qwen3-tts-base',
      licence: 'Apache-2.0',
      implements: ['qwen3-tts'],
    },
  ],
};

/** A remote with one model, for what needs no more. */
export function remoteOf(profile: string, model: Readonly<Record<string, unknown>>): WrittenRemote {
  return { id: 'far', profile, models: [{ id: 'model', ...model }] };
}

/** Sends a body in JSON, or a form. */
export async function inject(app: FastifyInstance, path: string, body: object | FormData) {
  const sent = body instanceof FormData ? new Response(body) : Response.json(body);
  return app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': sent.headers.get('content-type') ?? '' },
    payload: Buffer.from(await sent.arrayBuffer()),
  });
}

/** The same to a server that exists for as long as it answers. */
export async function post(engines: readonly Engine[], path: string, body: object | FormData) {
  const { app } = await testApp({ engines });
  try {
    return await inject(app, path, body);
  } finally {
    await app.close();
  }
}
