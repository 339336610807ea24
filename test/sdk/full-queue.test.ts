import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import OpenAI, { InternalServerError, toFile } from 'openai';
import OpenAIv4, { InternalServerError as InternalServerErrorV4 } from 'openai-v4';
import OpenAIv6, { InternalServerError as InternalServerErrorV6 } from 'openai-v6';
import type { Core } from '../../src/core/core.ts';
import type { Engine } from '../../src/core/engine.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { stuckEngine, type StuckEngine } from '../stuck-engine.ts';
import { listening, testContext, testPrincipal } from '../support.ts';

const RECORDING = burstRecording({ bursts: bursts(3) });
const GREEDY = 'greedy';
const MODEST = 'modest';

interface Crowd extends StuckEngine {
  readonly origin: string;
  readonly core: Core;
  /** Lets the request that has the slot go. */
  readonly moveOn: () => void;
}

/** A server whose slot is taken and on which the greedy key has as many requests waiting as it may. */
async function withCrowd(use: (crowd: Crowd) => Promise<void>): Promise<void> {
  const stuck = stuckEngine({ after: 99 });
  await listening({ engines: [stuck.engine], keys: [GREEDY, MODEST] }, async ({ origin, core }) => {
    const hangUp = new AbortController();
    const moveOn = await core.runner.acquire(stuck.engine, testContext());
    crowd(core, stuck.engine, hangUp.signal);
    await use({ ...stuck, origin, core, moveOn });
    hangUp.abort();
  });
}

function crowd(core: Core, engine: Engine, signal: AbortSignal): void {
  const principal = testPrincipal(`key:${GREEDY}`);
  for (let count = 0; count < 256; count += 1) {
    // Each gives its slot on as soon as it has it; at the end they all hang up.
    core.runner.acquire(engine, testContext({ principal, signal })).then(
      (release) => release(),
      () => undefined,
    );
  }
}

/** What a call fails with. */
async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('It was let in.');
}

/** Whole seconds within what every client obeys. */
function assertSeconds(value: string | null | undefined): void {
  assert.match(value ?? 'none', /^[1-9]\d?$/);
  assert.ok(Number(value) <= 59);
}

type Client = Pick<OpenAI, 'audio'>;
type Connect = (options: { baseURL: string; apiKey: string; maxRetries: number }) => Client;

const GENERATIONS: Readonly<Record<string, { connect: Connect; refusal: typeof InternalServerError }>> = {
  'openai 7': { connect: (options) => new OpenAI(options), refusal: InternalServerError },
  // Older generations differ in details of types that these tests never touch.
  'openai 6': {
    connect: (options) => new OpenAIv6(options) as unknown as Client,
    refusal: InternalServerErrorV6 as unknown as typeof InternalServerError,
  },
  'openai 4': {
    connect: (options) => new OpenAIv4(options) as unknown as Client,
    refusal: InternalServerErrorV4 as unknown as typeof InternalServerError,
  },
};

/** The calls that need a slot. */
const OPENAI_CALLS: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  speech: async (client) => {
    const spoken = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello.' });
    return spoken.arrayBuffer();
  },
  transcription: async (client) =>
    client.audio.transcriptions.create({ model: 'whisper-1', file: await toFile(RECORDING, 'a.wav') }),
  'transcription as text': async (client) =>
    client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await toFile(RECORDING, 'a.wav'),
      response_format: 'text',
    }),
  'transcription as events': async (client) => {
    const file = await toFile(RECORDING, 'a.wav');
    return Array.fromAsync(
      await client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file, stream: true }),
    );
  },
  translation: async (client) =>
    client.audio.translations.create({ model: 'whisper-1', file: await toFile(RECORDING, 'a.wav') }),
};

describe('OpenAI: a full queue is a 503 that says when to come back, and only for the key that filled it', () => {
  for (const [name, { connect, refusal }] of Object.entries(GENERATIONS)) {
    for (const [what, call] of Object.entries(OPENAI_CALLS)) {
      test(`E2: ${name}, ${what}`, () =>
        withCrowd(async ({ origin, moveOn }) => {
          const client = (apiKey: string) =>
            connect({ baseURL: `${origin}/openai/v1`, apiKey, maxRetries: 0 });
          const error = await failureOf(call(client(GREEDY)));
          assert.ok(error instanceof refusal, String(error));
          assert.deepEqual(
            [error.status, error.type, error.code],
            [503, 'server_error', 'engine_overloaded'],
          );
          assert.match(error.message, /256 of your requests already wait/);
          // One generation has headers as a map, another as an object.
          const headers = new Headers(error.headers);
          assertSeconds(headers.get('retry-after'));
          const exactMs = Number(headers.get('retry-after-ms'));
          assert.equal(Math.ceil(exactMs / 1000), Number(headers.get('retry-after')));
          assert.equal(headers.get('x-should-retry'), 'true');
          const served = call(client(MODEST));
          moveOn();
          assert.ok(await served);
        }));
    }
  }
});

const ELEVENLABS_CALLS: Readonly<Record<string, (client: ElevenLabsClient) => Promise<unknown>>> = {
  speech: async (client) =>
    new Response(
      await client.textToSpeech.convert('JBFqnCBsd6RMkjVDRZzb', { text: 'Hello.' }, { maxRetries: 0 }),
    ).arrayBuffer(),
  'streamed speech': async (client) =>
    new Response(
      await client.textToSpeech.stream('JBFqnCBsd6RMkjVDRZzb', { text: 'Hello.' }, { maxRetries: 0 }),
    ).arrayBuffer(),
  transcription: (client) =>
    client.speechToText.convert({ modelId: 'scribe_v1', file: RECORDING }, { maxRetries: 0 }),
};

describe('ElevenLabs: a full queue is a 429 that says when to come back, and only for the key that filled it', () => {
  for (const [what, call] of Object.entries(ELEVENLABS_CALLS)) {
    test(`E25: ${what}`, () =>
      withCrowd(async ({ origin, moveOn }) => {
        const client = (apiKey: string) => new ElevenLabsClient({ apiKey, baseUrl: `${origin}/elevenlabs` });
        const error = await failureOf(call(client(GREEDY)));
        assert.ok(error instanceof ElevenLabsError, String(error));
        assert.equal(error.statusCode, 429);
        const { detail } = error.body as { detail: Record<string, unknown> }; // What is then checked.
        assert.deepEqual(
          [detail['type'], detail['code'], detail['status']],
          ['rate_limit_error', 'concurrent_limit_exceeded', 'too_many_concurrent_requests'],
        );
        assertSeconds(error.rawResponse?.headers.get('retry-after'));
        const served = call(client(MODEST));
        moveOn();
        assert.ok(await served);
      }));
  }
});

function eigenForm(): FormData {
  const form = new FormData();
  form.append('model', 'whisper_v3_turbo');
  form.append('file', new Blob([Uint8Array.from(RECORDING)]), 'a.wav');
  return form;
}

const EIGEN_BODIES: Readonly<Record<string, () => { body: string | FormData; type?: string }>> = {
  speech: () => ({
    body: JSON.stringify({ model: 'higgs2p5', text: 'Hello.', voice: 'Linda' }),
    type: 'application/json',
  }),
  'speech as events': () => ({
    body: JSON.stringify({ model: 'higgs2p5', text: 'Hello.', voice: 'Linda', stream: true }),
    type: 'application/json',
  }),
  transcription: () => ({ body: eigenForm() }),
};

describe('Eigen AI: a full queue is a 503 that says when to come back, and only for the key that filled it', () => {
  for (const [what, bodyOf] of Object.entries(EIGEN_BODIES)) {
    test(what, () =>
      withCrowd(async ({ origin, moveOn }) => {
        const ask = (key: string) => {
          const { body, type } = bodyOf();
          const headers = { authorization: `Bearer ${key}`, ...(type ? { 'content-type': type } : {}) };
          return fetch(`${origin}/eigen/api/v1/generate`, { method: 'POST', body, headers });
        };
        const refused = await ask(GREEDY);
        assert.equal(refused.status, 503);
        const answer = (await refused.json()) as Record<string, unknown>; // What is then checked.
        assert.match(String(answer['detail']), /256 of your requests already wait/);
        assert.equal(answer['error'], answer['detail']);
        assertSeconds(refused.headers.get('retry-after'));
        const served = ask(MODEST);
        moveOn();
        const { status } = await served;
        assert.equal(status, 200);
      }),
    );
  }
});
