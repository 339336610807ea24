import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import OpenAI, { toFile } from 'openai';
import OpenAIv4 from 'openai-v4';
import OpenAIv6 from 'openai-v6';
import { createApp } from '../../src/app.ts';
import type { Core } from '../../src/core/core.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { readEigenBody } from '../../src/dialects/eigen/eigen-body.ts';
import { eigenDialect } from '../../src/dialects/eigen/eigen-dialect.ts';
import { answerTranscription } from '../../src/dialects/eigen/eigen-transcription.ts';
import { elevenlabsDialect } from '../../src/dialects/elevenlabs/elevenlabs-dialect.ts';
import { transcriptionRoutes as elevenlabsRoutes } from '../../src/dialects/elevenlabs/elevenlabs-transcription.ts';
import { openaiDialect } from '../../src/dialects/openai/openai-dialect.ts';
import { transcriptionRoutes as openaiRoutes } from '../../src/dialects/openai/openai-transcription.ts';
import type { TranscriptPace } from '../../src/dialects/transcript-reply.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { stuckEngine, type StuckEngine } from '../stuck-engine.ts';
import { testApp, testContext } from '../support.ts';

/** Heard in two windows. */
const RECORDING = burstRecording({ bursts: bursts(60) });

/** Nobody waits a moment here: the first words go out as soon as they are there. */
const HASTY = { json: { graceMs: 1, beatMs: 1 }, text: { graceMs: 1, openingMs: 60_000 } };
const FORMATS = ['text', 'srt', 'vtt'] as const;

/** What the tests use of the client; its generations agree on it. */
type Client = Pick<OpenAI, 'audio'>;

const GENERATIONS = {
  'openai 7': (baseURL: string): Client => new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 }),
  // Older generations differ in details of types that these tests never touch.
  'openai 6': (baseURL: string) =>
    new OpenAIv6({ baseURL, apiKey: 'any', maxRetries: 0 }) as unknown as Client,
  'openai 4': (baseURL: string) =>
    new OpenAIv4({ baseURL, apiKey: 'any', maxRetries: 0 }) as unknown as Client,
};

/** The dialects with a pace of their own, and with nothing but what hears. */
function pacedDialects(pace: TranscriptPace): readonly Dialect[] {
  return [
    { ...openaiDialect, routes: (core) => async (scope) => openaiRoutes(scope, core, pace) },
    { ...elevenlabsDialect, routes: (core) => async (scope) => elevenlabsRoutes(scope, core, pace) },
    {
      ...eigenDialect,
      routes: (core) => async (scope) => {
        scope.post('/api/v1/generate', async (request, reply) => {
          const body = await readEigenBody(request);
          const model = 'whisper_v3_turbo';
          return answerTranscription(core, { body, model, reply, context: request.antiphon, pace });
        });
      },
    },
  ];
}

interface House extends StuckEngine {
  readonly origin: string;
  readonly core: Core;
}

async function withHouse(
  options: { readonly after: number; readonly pace?: TranscriptPace },
  use: (house: House) => Promise<void>,
): Promise<void> {
  const stuck = stuckEngine(options);
  const { core } = await testApp({ engines: [stuck.engine] });
  const app = await createApp(core, { dialects: pacedDialects(options.pace ?? HASTY), cors: 'any' });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use({ ...stuck, core, origin: `http://127.0.0.1:${port}` });
    assert.equal(core.runner.load(stuck.engine).running, 0, 'a slot was not given back');
  } finally {
    await app.close();
  }
}

const wholes = new Map<string, Promise<Response>>();

/** What is sent where nothing is stuck and nobody is hasty: the whole at once, asked for only once. */
async function wholeAnswer(format: (typeof FORMATS)[number]): Promise<Response> {
  const asked = wholes.get(format) ?? askForWhole(format);
  wholes.set(format, asked);
  return (await asked).clone();
}

async function askForWhole(format: (typeof FORMATS)[number]): Promise<Response> {
  let answer: Response | undefined;
  await withHouse({ after: 99, pace: {} }, async ({ origin }) => {
    const client = GENERATIONS['openai 7'](`${origin}/openai/v1`);
    const sent = await client.audio.transcriptions.create(await asking(format)).asResponse();
    const headers = { 'content-length': sent.headers.get('content-length') ?? '' };
    answer = new Response(await sent.text(), { headers });
  });
  assert.ok(answer);
  return answer;
}

async function asking(format: (typeof FORMATS)[number]) {
  return {
    model: 'whisper-1',
    file: await toFile(RECORDING, 'long.wav'),
    response_format: format,
  } as const;
}

/** Reads a response until it has said something, and gives back what reads the rest. */
async function beginning(response: { readonly body: unknown }) {
  const { body } = response;
  assert.ok(body instanceof ReadableStream);
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const decoder = new TextDecoder();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? undefined : decoder.decode(value, { stream: true });
  };
  const rest = async () => {
    let text = '';
    for (let piece = await read(); piece !== undefined; piece = await read()) text += piece;
    return text;
  };
  return { first: (await read()) ?? '', rest };
}

for (const format of FORMATS) {
  test(`T6: ${format} is sent while it is heard, and joins to what is sent as a whole`, async () => {
    const sent = await wholeAnswer(format);
    const expected = await sent.text();
    assert.equal(Number(sent.headers.get('content-length')), Buffer.byteLength(expected));
    await withHouse({ after: 1 }, async ({ origin, free }) => {
      const client = GENERATIONS['openai 7'](`${origin}/openai/v1`);
      const response = await client.audio.transcriptions.create(await asking(format)).asResponse();
      const { first, rest } = await beginning(response);
      assert.match(first, /one two three/);
      assert.ok(first.length < expected.length && expected.startsWith(first), first);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(response.headers.get('x-antiphon-model'), 'stuck/stuck');
      free();
      assert.equal(first + (await rest()), expected);
    });
  });

  for (const [name, connect] of Object.entries(GENERATIONS)) {
    test(`T6: ${name} reads ${format} that is sent in pieces as one string`, () =>
      withHouse({ after: 99 }, async ({ origin }) => {
        const client = connect(`${origin}/openai/v1`);
        const answer: unknown = await client.audio.transcriptions.create(await asking(format));
        assert.equal(answer, await (await wholeAnswer(format)).text());
      }));

    test(`${name} never takes half of a ${format} for the whole: a failure in the middle is thrown`, () =>
      withHouse({ after: 1 }, async ({ origin, fail }) => {
        const client = connect(`${origin}/openai/v1`);
        const response = await client.audio.transcriptions.create(await asking(format)).asResponse();
        assert.equal(response.status, 200);
        fail();
        await assert.rejects(response.text());
      }));
  }

  test(`a failure before the first words of a ${format} has its status`, () =>
    withHouse({ after: 0 }, async ({ origin, fail }) => {
      fail();
      const client = GENERATIONS['openai 7'](`${origin}/openai/v1`);
      await assert.rejects(client.audio.transcriptions.create(await asking(format)), { status: 502 });
    }));
}

test('T6: WebVTT begins with its first line when the wait is long, and is still the same', () =>
  withHouse({ after: 0, pace: { text: { graceMs: 1, openingMs: 2 } } }, async ({ origin, free }) => {
    const client = GENERATIONS['openai 7'](`${origin}/openai/v1`);
    const response = await client.audio.transcriptions.create(await asking('vtt')).asResponse();
    const { first, rest } = await beginning(response);
    assert.equal(first, 'WEBVTT\n\n');
    free();
    assert.match(await rest(), /^00:00:00\.001 --> /);
  }));

function eigenForm(format: string): FormData {
  const form = new FormData();
  form.append('model', 'whisper_v3_turbo');
  form.append('response_format', format);
  form.append('file', new Blob([Uint8Array.from(RECORDING)]), 'long.wav');
  return form;
}

test('R1 response_format: Eigen AI text is sent while it is heard, without an end of line at its end', async () => {
  // The vendor of the other dialect ends it with a line end, this one does not.
  const expected = (await (await wholeAnswer('text')).text()).trimEnd();
  assert.match(expected, /^one two .*\.$/s);
  await withHouse({ after: 1 }, async ({ origin, free }) => {
    const body = eigenForm('text');
    const response = await fetch(`${origin}/eigen/api/v1/generate`, { method: 'POST', body });
    const { first, rest } = await beginning(response);
    assert.ok(first.length > 0 && first.length < expected.length);
    free();
    assert.equal(first + (await rest()), expected);
  });
  await withHouse({ after: 1 }, async ({ origin, fail }) => {
    const body = eigenForm('text');
    const response = await fetch(`${origin}/eigen/api/v1/generate`, { method: 'POST', body });
    const { rest } = await beginning(response);
    fail();
    await assert.rejects(rest());
  });
});

/** Takes the only slot, so that the next request can have no answer, and gives back what frees it. */
function takeSlot({ core, engine }: House): Promise<() => void> {
  return core.runner.acquire(engine, testContext());
}

test('T3: JSON gives signs of life while it waits for its turn, and the clients read it', () =>
  withHouse({ after: 99 }, async (house) => {
    const giveBack = await takeSlot(house);
    const client = GENERATIONS['openai 7'](`${house.origin}/openai/v1`);
    const file = await toFile(RECORDING, 'long.wav');
    // It is answered, with headers, although its turn has not come.
    const response = await client.audio.transcriptions.create({ model: 'whisper-1', file }).asResponse();
    const { first, rest } = await beginning(response);
    assert.match(first, /^ +$/);
    giveBack();
    const answer: { text: string } = JSON.parse(await rest());
    assert.match(answer.text, /^one two three/);
  }));

test('E34: ElevenLabs JSON gives signs of life while it waits for its turn, and the client reads it', () =>
  withHouse({ after: 99 }, async (house) => {
    const giveBack = await takeSlot(house);
    let status: number | undefined;
    const client = new ElevenLabsClient({
      apiKey: 'any',
      baseUrl: `${house.origin}/elevenlabs`,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        ({ status } = response);
        giveBack();
        return response;
      },
    });
    const answer = await client.speechToText.convert({ modelId: 'scribe_v1', file: RECORDING });
    assert.equal(status, 200);
    assert.ok('text' in answer && answer.text?.startsWith('one two three'));
  }));

test('R1: Eigen AI JSON gives signs of life while it waits for its turn', () =>
  withHouse({ after: 99 }, async (house) => {
    const giveBack = await takeSlot(house);
    const body = eigenForm('json');
    const response = await fetch(`${house.origin}/eigen/api/v1/generate`, { method: 'POST', body });
    giveBack();
    const answer = (await response.json()) as { transcription: string }; // What is then checked.
    assert.match(answer.transcription, /^one two three/);
  }));
