import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { after, describe, test, type TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../src/app.ts';
import type { Core } from '../src/core/core.ts';
import type { Engine } from '../src/core/engine.ts';
import type { Dialect } from '../src/dialects/dialect.ts';
import { dialects } from '../src/dialects/index.ts';
import { decodePoolLoad, stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts, silence } from './burst-recording.ts';
import { filePart, rawForm, textPart, type RawForm } from './raw-form.ts';
import { stuckEngine, type StuckEngine } from './stuck-engine.ts';
import { testApp } from './support.ts';

/** What is promised, in milliseconds; a busy machine gets five times as much before a test fails. */
const PROMISED_MS = 200;
const TOLERATED_MS = 5 * PROMISED_MS;

after(() => stopDecodePool());

/** Long enough for two windows. */
const RECORDING = burstRecording({ bursts: bursts(60) });

interface Call {
  readonly path: string;
  readonly body: RawForm;
}

function hearing(path: string, fields: Readonly<Record<string, string>>, recording = RECORDING): Call {
  const texts = Object.entries(fields).map(([name, text]) => textPart(name, text));
  return { path, body: rawForm([...texts, filePart(recording)]) };
}

function speaking(path: string, fields: Readonly<Record<string, unknown>>): Call {
  const payload = Buffer.from(JSON.stringify(fields));
  return { path, body: { payload, headers: { 'content-type': 'application/json' } } };
}

const TEXT = 'A sentence that takes longer than a moment to be spoken.';
const OPENAI = '/openai/v1/audio/transcriptions';
const ELEVENLABS = '/elevenlabs/v1/speech-to-text';
const EIGEN = '/eigen/api/v1/generate';

const TRANSCRIPTIONS: Readonly<Record<string, Call>> = {
  'OpenAI, JSON': hearing(OPENAI, { model: 'whisper-1' }),
  'OpenAI, events': hearing(OPENAI, { model: 'whisper-1', stream: 'true' }),
  'OpenAI, text': hearing(OPENAI, { model: 'whisper-1', response_format: 'text' }),
  'OpenAI, subtitles': hearing(OPENAI, { model: 'whisper-1', response_format: 'vtt' }),
  'OpenAI, translation': hearing('/openai/v1/audio/translations', { model: 'whisper-1' }),
  ElevenLabs: hearing(ELEVENLABS, { model_id: 'scribe_v1' }),
  'Eigen AI, JSON': hearing(EIGEN, { model: 'whisper_v3_turbo' }),
  'Eigen AI, text': hearing(EIGEN, { model: 'whisper_v3_turbo', response_format: 'text' }),
};

const SPEECHES: Readonly<Record<string, Call>> = {
  'OpenAI speech, bytes': speaking('/openai/v1/audio/speech', {
    model: 'tts-1',
    voice: 'alloy',
    input: TEXT,
    response_format: 'pcm',
  }),
  'OpenAI speech, events': speaking('/openai/v1/audio/speech', {
    model: 'tts-1',
    voice: 'alloy',
    input: TEXT,
    response_format: 'pcm',
    stream_format: 'sse',
  }),
  'ElevenLabs speech, whole': speaking('/elevenlabs/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb', { text: TEXT }),
  'ElevenLabs speech, stream': speaking('/elevenlabs/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream', {
    text: TEXT,
  }),
  'Eigen AI speech, events': speaking(EIGEN, { model: 'higgs2p5', text: TEXT, voice: 'Linda', stream: true }),
};

const ALL = { ...TRANSCRIPTIONS, ...SPEECHES };

interface Server {
  readonly port: number;
  readonly core: Core;
  /** The signals of the requests that arrived, in order. */
  readonly signals: AbortSignal[];
  /** Requests whose handlers came to an end, one way or another. */
  readonly handled: () => number;
}

/** Lets a test look at the signals that a dialect's handlers get, and at their ends. */
function watched(dialect: Dialect, signals: AbortSignal[], onHandled: () => void): Dialect {
  return {
    ...dialect,
    routes: (core) => async (scope, options) => {
      scope.addHook('preParsing', async (request) => {
        signals.push(request.antiphon.signal);
      });
      scope.addHook('onError', async () => onHandled());
      await scope.register(dialect.routes(core), options);
    },
  };
}

async function withServer(engine: Engine, use: (server: Server) => Promise<void>): Promise<void> {
  const { core } = await testApp({ engines: [engine] });
  const signals: AbortSignal[] = [];
  let handled = 0;
  const app: FastifyInstance = await createApp(core, {
    dialects: dialects.map((dialect) => watched(dialect, signals, () => (handled += 1))),
    cors: 'any',
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use({ port, core, signals, handled: () => handled });
  } finally {
    await app.close();
  }
}

/** Begins a request whose length is the body's, whether all of it is sent or not. */
function begin({ port }: Server, { path, body }: Call): ClientRequest {
  const { payload, headers } = body;
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-length': payload.length },
  });
  // What a client sees of its own hanging up is no matter here.
  request.on('error', () => undefined);
  return request;
}

function send(server: Server, call: Call): ClientRequest {
  const request = begin(server, call);
  request.end(call.body.payload);
  return request;
}

/** Turns of the event loop until something is so; fails when it never is. */
async function until(what: string, isSo: () => boolean): Promise<number> {
  const deadline = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now();
}

/** Cuts the client's end of the line, and tells when. */
function hangUp(request: ClientRequest): number {
  request.socket?.destroy();
  return performance.now();
}

function assertPrompt(t: TestContext, times: Readonly<Record<string, number>>): void {
  const told = Object.entries(times).map(([what, time]) => `${what} after ${time.toFixed(1)} ms`);
  t.diagnostic(told.join(', '));
  for (const [what, time] of Object.entries(times)) {
    assert.ok(time < TOLERATED_MS, `${what} only after ${time.toFixed(0)} ms`);
  }
}

/** Waits until the engine knows and the slot is back, and says how long each took. */
async function assertStops(
  t: TestContext,
  server: Server,
  stuck: StuckEngine,
  leftAt: number,
): Promise<void> {
  await until('the engine knows', () => stuck.noticed.length === 1);
  const [noticedAt = Number.NaN] = stuck.noticed;
  const freeAt = await until('the slot is back', () => server.core.runner.load(stuck.engine).running === 0);
  assertPrompt(t, { 'the engine knew': noticedAt - leftAt, 'the slot was back': freeAt - leftAt });
  await until('the decoder is free', () => decodePoolLoad().decodings === 0);
}

describe('a client that leaves while the engine works stops it, and its slot is free', () => {
  for (const [name, call] of Object.entries(ALL)) {
    test(`${name}, before the first byte`, async (t) => {
      const stuck = stuckEngine();
      await withServer(stuck.engine, async (server) => {
        const request = send(server, call);
        await until('the engine works', () => stuck.stuck() === 1);
        await assertStops(t, server, stuck, hangUp(request));
      });
    });
  }

  const streams = Object.entries(ALL).filter(([name]) => /bytes|events|stream/.test(name));
  for (const [name, call] of streams) {
    test(`${name}, in the middle`, async (t) => {
      const stuck = stuckEngine({ after: call.path === OPENAI ? 1 : 3 });
      await withServer(stuck.engine, async (server) => {
        const request = send(server, call);
        const [response] = await once(request, 'response');
        response.on('error', () => undefined);
        await once(response, 'data');
        response.resume();
        await until('the engine works', () => stuck.stuck() === 1);
        await assertStops(t, server, stuck, hangUp(request));
      });
    });
  }
});

describe('a client that leaves while it waits for its turn is forgotten, and the others go on', () => {
  for (const [name, call] of Object.entries(ALL)) {
    test(name, async (t) => {
      const stuck = stuckEngine();
      await withServer(stuck.engine, async (server) => {
        const load = () => server.core.runner.load(stuck.engine);
        const first = send(server, SPEECHES['OpenAI speech, bytes'] ?? call);
        const answered = once(first, 'response');
        await until('the engine works', () => stuck.stuck() === 1);
        const request = send(server, call);
        await until('it waits', () => load().waiting === 1);
        const leftAt = hangUp(request);
        const goneAt = await until('it is forgotten', () => load().waiting === 0);
        assertPrompt(t, { 'it was forgotten': goneAt - leftAt });
        await until('the decoder is free', () => decodePoolLoad().decodings === 0);
        assert.equal(load().running, 1);
        stuck.free();
        const [response] = await answered;
        assert.equal(response.statusCode, 200);
        response.resume();
        await once(response, 'end');
      });
    });
  }
});

describe('a client that leaves while it still sends is forgotten', () => {
  for (const [name, call] of Object.entries(ALL)) {
    test(name, async (t) => {
      const { engine } = stuckEngine();
      await withServer(engine, async (server) => {
        const { payload } = call.body;
        const request = begin(server, call);
        request.write(payload.subarray(0, payload.length / 2));
        await until('it arrives', () => server.signals.length === 1);
        const leftAt = hangUp(request);
        const firedAt = await until('the signal fires', () => server.signals[0]?.aborted === true);
        const endedAt = await until('the reading ends', () => server.handled() === 1);
        assertPrompt(t, { 'the signal fired': firedAt - leftAt, 'the reading ended': endedAt - leftAt });
        assert.deepEqual(server.core.runner.load(engine), { running: 0, waiting: 0 });
      });
    });
  }
});

describe('a client that leaves while its recording is decoded stops that', () => {
  // Three quarters of an hour in which there is nothing for the engine to hear.
  const recording = compact(silence(700));

  for (const [name, call] of [
    ['OpenAI', hearing(OPENAI, { model: 'whisper-1' }, recording)],
    ['ElevenLabs', hearing(ELEVENLABS, { model_id: 'scribe_v1' }, recording)],
    ['Eigen AI', hearing(EIGEN, { model: 'whisper_v3_turbo' }, recording)],
  ] as const) {
    test(name, async (t) => {
      const { engine } = stuckEngine();
      await withServer(engine, async (server) => {
        const load = () => server.core.runner.load(engine).running;
        const request = send(server, call);
        await until('it is read', () => load() === 1 && decodePoolLoad().decodings === 1);
        const leftAt = hangUp(request);
        const freeAt = await until('the slot is back', () => load() === 0);
        const endedAt = await until('the decoder is free', () => decodePoolLoad().decodings === 0);
        assertPrompt(t, { 'the slot was back': freeAt - leftAt, 'the decoder was free': endedAt - leftAt });
        assert.equal(server.handled(), 1, 'it had been heard to its end');
      });
    });
  }
});

/** The same bytes of silence as a quarter of the rate and half of the width: four times as long. */
function compact(wav: Buffer): Buffer {
  const slower = Buffer.from(wav);
  slower.writeUInt32LE(4000, 24);
  slower.writeUInt32LE(8000, 28);
  return slower;
}
