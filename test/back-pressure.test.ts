/** Clients that stop reading in the middle, through a real server: nothing more is made than the sockets between can hold. */
import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { connectSocket } from './socket-client.ts';
import { listening, memoryBlobs } from './support.ts';
import { toneEngine } from './tone-engine.ts';
import type { Engine } from '../src/core/engine.ts';

const MB = 1024 * 1024;

/** What may lie between an engine and a client that does not read: the buffers of streams and of the kernel, on both sides. */
const BETWEEN_BYTES = 24 * MB;
/** Far more than that. */
const WHOLE_BYTES = 400 * MB;

const RATE = 24_000;
const CHUNK = new Float32Array(RATE);

/** An engine that speaks for hours, in chunks of a second, and counts what was taken from it. */
function endlessEngine(): { readonly engine: Engine; readonly pulled: () => number } {
  let pulled = 0;
  const tone = toneEngine({ id: 'endless' });
  const { speech } = tone;
  assert.ok(speech);
  async function* chunks() {
    for (let bytes = 0; bytes < WHOLE_BYTES; bytes += CHUNK.length * 2) {
      pulled += CHUNK.length * 2;
      // Others have their turn, as with an engine in another thread.
      await new Promise(setImmediate);
      yield CHUNK;
    }
  }
  const synthesize: typeof speech.synthesize = async () => ({
    kind: 'pcm',
    pcm: { sampleRate: RATE, channels: 1, chunks: chunks() },
  });
  return { engine: { ...tone, speech: { ...speech, synthesize } }, pulled: () => pulled };
}

/** Waits until a figure does not grow any more while others are answered, which they are, and gives it. */
async function settled(origin: string, figure: () => number): Promise<number> {
  let last = -1;
  for (let quiet = 0; quiet < 30;) {
    const response = await fetch(`${origin}/antiphon/v1/engines`);
    assert.equal(response.status, 200);
    await response.arrayBuffer();
    quiet = figure() === last ? quiet + 1 : 0;
    last = figure();
    if (last >= WHOLE_BYTES) return last;
  }
  return last;
}

/** Asks, and reads nothing but the head of the answer. */
async function askAndStop(url: string, body?: object): Promise<IncomingMessage> {
  const method = body ? 'POST' : 'GET';
  const request = httpRequest(url, { method, agent: false, headers: { 'content-type': 'application/json' } });
  request.on('error', () => undefined);
  request.end(body && JSON.stringify(body));
  const [response]: IncomingMessage[] = await once(request, 'response');
  assert.ok(response);
  response.on('error', () => undefined);
  assert.equal(response.statusCode, 200);
  return response;
}

function assertBounded(t: TestContext, bytes: number): void {
  t.diagnostic(`${(bytes / MB).toFixed(1)} MB were made`);
  assert.ok(bytes > 0 && bytes < BETWEEN_BYTES, `${bytes} bytes were made for somebody who does not read`);
}

const SPEECH = { model: 'tts-1', voice: 'alloy', input: 'A very long story.' };

describe('a client that stops reading stops the engine', () => {
  for (const [name, path, body] of [
    ['raw speech', '/v1/audio/speech', { ...SPEECH, response_format: 'pcm' }],
    ['speech in WAV', '/v1/audio/speech', { ...SPEECH, response_format: 'wav' }],
    ['speech as events', '/v1/audio/speech', { ...SPEECH, response_format: 'pcm', stream_format: 'sse' }],
    [
      'speech of ElevenLabs with times',
      '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream/with-timestamps?output_format=pcm_24000',
      { text: 'A very long story.' },
    ],
    [
      'speech of Eigen AI as events',
      '/api/v1/generate',
      { model: 'higgs2p5', text: 'A very long story.', voice: 'Linda', stream: true },
    ],
  ] as const) {
    test(name, async (t) => {
      const { engine, pulled } = endlessEngine();
      await listening({ engines: [engine] }, async ({ origin, core }) => {
        const response = await askAndStop(`${origin}${path}`, body);
        assertBounded(t, await settled(origin, pulled));
        response.destroy();
        while (core.runner.load(engine).running > 0) await new Promise(setImmediate);
      });
    });
  }

  test('speech through a socket', async (t) => {
    const { engine, pulled } = endlessEngine();
    await listening({ engines: [engine] }, async ({ origin, core }) => {
      const url = `${origin}/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream-input?output_format=pcm_24000`;
      const client = await connectSocket({ url });
      client.send({ text: ' ' });
      client.send({ text: 'A very long story, and nobody listens to it. ', flush: true });
      await client.until((message) => 'audio' in message);
      client.socket.pause();
      assertBounded(t, await settled(origin, pulled));
      client.socket.terminate();
      while (core.runner.load(engine).running > 0) await new Promise(setImmediate);
    });
  });
});

test('a client that stops reading a file stops the reading of the file', async (t) => {
  let read = 0;
  const kept = memoryBlobs();
  const blobs = {
    ...kept,
    find: async (id: string) => {
      const blob = await kept.find(id);
      return (
        blob && {
          byteLength: WHOLE_BYTES,
          async *open() {
            for (; read < WHOLE_BYTES; read += 64 * 1024) {
              await new Promise(setImmediate);
              yield new Uint8Array(64 * 1024);
            }
          },
        }
      );
    },
  };
  await listening({ engines: [toneEngine()], blobs }, async ({ origin, core }) => {
    const bytes = (async function* () {
      yield new Uint8Array(1);
    })();
    const file = await core.files.keep({
      ownerId: 'anonymous',
      mediaType: 'audio/wav',
      filename: 'long.wav',
      bytes,
    });
    const { path } = await core.files.link(file);
    const response = await askAndStop(`${origin}${path}`);
    assertBounded(t, await settled(origin, () => read));
    response.destroy();
  });
});
