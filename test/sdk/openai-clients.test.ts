import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import OpenAIv4 from 'openai-v4';
import OpenAIv6 from 'openai-v6';
import { AppError, type AppErrorDetails, type ErrorCode } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import {
  decodeFlac,
  decodeMp3,
  decodeOpus,
  decodePcm,
  decodeWav,
  decodeAac,
  type DecodeAudio,
} from '../contracts/decode-audio.ts';
import { listening, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const TEXT = 'Good evening, dear listeners, and welcome.';
const SPEECH = { model: 'tts-1', voice: 'alloy', input: TEXT } as const;
const RAW = { sampleRate: 24_000, channels: 1 } as const;

/** What these tests use of the client; the three generations agree on it. */
type Client = Pick<OpenAI, 'apiKey' | 'baseURL'> & {
  readonly audio: { readonly speech: Pick<OpenAI['audio']['speech'], 'create'> };
  readonly models: Pick<OpenAI['models'], 'retrieve' | 'list'>;
};

type ErrorClass = new (...args: never[]) => object;

interface Generation {
  readonly name: string;
  readonly connect: (options: {
    readonly apiKey: string;
    readonly baseURL: string;
    readonly maxRetries?: number;
  }) => Client;
  readonly errors: Pick<
    typeof OpenAI,
    | 'APIError'
    | 'AuthenticationError'
    | 'BadRequestError'
    | 'ConflictError'
    | 'InternalServerError'
    | 'NotFoundError'
    | 'PermissionDeniedError'
    | 'RateLimitError'
  >;
}

/** Older generations differ in details of types that these tests never touch. */
const GENERATIONS: readonly Generation[] = [
  { name: 'openai 7', connect: (options) => new OpenAI(options), errors: OpenAI },
  {
    name: 'openai 6',
    connect: (options) => new OpenAIv6(options) as unknown as Client,
    errors: OpenAIv6 as unknown as Generation['errors'],
  },
  {
    name: 'openai 4',
    connect: (options) => new OpenAIv4(options) as unknown as Client,
    errors: OpenAIv4 as unknown as Generation['errors'],
  },
];

async function withClient(
  generation: Generation,
  options: TestAppOptions & {
    readonly apiKey?: string;
    readonly mount?: string;
    readonly maxRetries?: number;
  },
  use: (client: Client) => Promise<void>,
): Promise<void> {
  await listening(options, async ({ origin }) => {
    const { maxRetries } = options;
    const client = generation.connect({
      apiKey: options.apiKey ?? 'anything',
      baseURL: `${origin}${options.mount ?? '/v1'}`,
      ...(maxRetries === undefined ? {} : { maxRetries }),
    });
    await use(client);
  });
}

async function bytesOf(response: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

/** A tone engine whose first requests fail in a given way. */
function failingEngine(
  failures: number,
  failure: () => AppError,
): { engine: Engine; attempts: () => number } {
  const tone = toneEngine();
  const { speech } = tone;
  assert.ok(speech);
  let attempts = 0;
  const engine: Engine = {
    ...tone,
    speech: {
      ...speech,
      synthesize: async (request, context) => {
        attempts += 1;
        if (attempts <= failures) throw failure();
        return speech.synthesize(request, context);
      },
    },
  };
  return { engine, attempts: () => attempts };
}

async function thrownBy(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call;
  } catch (error) {
    return error as InstanceType<typeof OpenAI.APIError>; // Every test asserts its class.
  }
  throw new Error('It was accepted.');
}

const FORMATS: readonly (readonly ['mp3' | 'opus' | 'aac' | 'flac' | 'wav' | 'pcm', string, DecodeAudio])[] =
  [
    ['mp3', 'audio/mpeg', decodeMp3],
    ['opus', 'audio/opus', decodeOpus],
    ['aac', 'audio/aac', decodeAac],
    ['flac', 'audio/flac', decodeFlac],
    ['wav', 'audio/wav', decodeWav],
    ['pcm', 'audio/pcm', decodePcm],
  ];

for (const generation of GENERATIONS) {
  const { name, errors } = generation;

  test(`S1: ${name} speaks from either base URL`, async () => {
    for (const mount of ['/v1', '/api/v1', '/openai/v1', '/v1/']) {
      await withClient(generation, { mount }, async (client) => {
        const response = await client.audio.speech.create(SPEECH);
        assert.equal(response.headers.get('content-type'), 'audio/mpeg');
        assert.ok((await decodeMp3(await bytesOf(response), RAW)).frames >= TEXT.length * 1_200);
      });
    }
  });

  test(`S2: ${name} gets every format whole, streamed or at once`, () =>
    withClient(generation, {}, async (client) => {
      for (const [format, contentType, decode] of FORMATS) {
        const response = await client.audio.speech.create({ ...SPEECH, response_format: format });
        assert.equal(response.headers.get('content-type'), contentType);
        const bytes = await bytesOf(response);
        const sound = await decode(bytes, RAW);
        assert.ok(sound.frames >= TEXT.length * 0.05 * sound.sampleRate - 12, `${format}: ${sound.frames}`);
        const streamed = await client.audio.speech.create({ ...SPEECH, response_format: format });
        const chunks: Uint8Array[] = [];
        // Node's streams and the web's are both async iterables of bytes.
        for await (const chunk of streamed.body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
        assert.deepEqual((await decode(Buffer.concat(chunks), RAW)).frames, sound.frames, format);
      }
    }));

  test(`S7: ${name} gets events as the raw response`, () =>
    withClient(generation, {}, async (client) => {
      const response = await client.audio.speech.create({
        ...SPEECH,
        model: 'gpt-4o-mini-tts',
        stream_format: 'sse',
      });
      const text = (await bytesOf(response)).toString();
      const events = text.split('\r\n\r\n').filter((block) => block !== '');
      assert.equal(events.pop(), 'data: [DONE]');
      const parsed = events.map((block) => JSON.parse(block.slice('data: '.length)));
      assert.equal(parsed.pop().type, 'speech.audio.done');
      const file = Buffer.concat(parsed.map((event) => Buffer.from(event.audio, 'base64')));
      assert.ok((await decodeMp3(file, RAW)).frames >= TEXT.length * 1_200);
    }));

  test(`M1: ${name} lists the models and finds one, with a slash in its name too`, () =>
    withClient(generation, {}, async (client) => {
      const ids: string[] = [];
      for await (const model of client.models.list()) ids.push(model.id);
      for (const id of ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts', 'tone/tone']) assert.ok(ids.includes(id), id);
      assert.equal((await client.models.retrieve('tts-1')).owned_by, 'openai');
      assert.equal((await client.models.retrieve('tone/tone')).id, 'tone/tone');
      const error = await thrownBy(client.models.retrieve('no/such:1'));
      assert.ok(error instanceof errors.NotFoundError);
      assert.deepEqual([error.param, error.code], ['model', 'model_not_found']);
    }));

  test(`E1: ${name} throws the class that belongs to each error`, async () => {
    const cases: readonly (readonly [ErrorCode, AppErrorDetails, number, ErrorClass])[] = [
      ['invalid_request', { param: 'input' }, 400, errors.BadRequestError],
      ['permission_denied', {}, 403, errors.PermissionDeniedError],
      ['not_found', { subject: 'model', param: 'model' }, 404, errors.NotFoundError],
      ['conflict', {}, 400, errors.BadRequestError],
      ['payload_too_large', {}, 413, errors.APIError],
      ['unsupported_feature', {}, 400, errors.BadRequestError],
      ['content_rejected', {}, 400, errors.BadRequestError],
      ['quota_exceeded', {}, 429, errors.RateLimitError],
      ['rate_limited', {}, 429, errors.RateLimitError],
      ['internal', {}, 500, errors.InternalServerError],
      ['engine_failed', {}, 502, errors.InternalServerError],
      ['overloaded', {}, 503, errors.InternalServerError],
      ['timed_out', {}, 504, errors.InternalServerError],
    ];
    for (const [code, details, status, expected] of cases) {
      const { engine } = failingEngine(99, () => new AppError(code, `A sentence about ${code}.`, details));
      await withClient(generation, { engines: [engine], maxRetries: 0 }, async (client) => {
        const error = await thrownBy(client.audio.speech.create(SPEECH));
        assert.ok(error instanceof expected, `${code}: ${error.constructor.name}`);
        assert.equal(error.status, status);
        assert.equal(error.message, `${status} A sentence about ${code}.`);
        assert.equal(error.param ?? undefined, details.param);
      });
    }
  });

  test(`E2: ${name} repeats as often and as soon as it is told`, async () => {
    const overloaded = () => new AppError('overloaded', 'All slots are taken.', { retryAfterMs: 20 });
    const busy = failingEngine(2, overloaded);
    await withClient(generation, { engines: [busy.engine] }, async (client) => {
      const begun = performance.now();
      assert.ok((await bytesOf(await client.audio.speech.create(SPEECH))).length > 1_000);
      // The client's own patience would be at least 1,125 ms.
      assert.ok(performance.now() - begun < 1_000, 'it waited as long as without being told');
    });
    assert.equal(busy.attempts(), 3);

    const limited = failingEngine(99, () => new AppError('rate_limited', 'Too fast.', { retryAfterMs: 20 }));
    await withClient(generation, { engines: [limited.engine] }, async (client) => {
      assert.ok((await thrownBy(client.audio.speech.create(SPEECH))) instanceof errors.RateLimitError);
    });
    assert.equal(limited.attempts(), 3);

    for (const code of ['quota_exceeded', 'internal', 'conflict'] as const) {
      const final = failingEngine(99, () => new AppError(code, 'Never.'));
      await withClient(generation, { engines: [final.engine] }, async (client) => {
        await thrownBy(client.audio.speech.create(SPEECH));
      });
      assert.equal(final.attempts(), 1, code);
    }
  });

  test(`E4: ${name} knows the request id of an answer and of an error`, () =>
    withClient(generation, {}, async (client) => {
      const model = await client.models.retrieve('tts-1');
      assert.match(String((model as { _request_id?: string })._request_id), /^req_[0-9a-f]{32}$/); // Not enumerable.
      const call = client.models.retrieve('tts-1');
      const { data, response } = await call.withResponse();
      assert.equal((data as { _request_id?: string })._request_id, response.headers.get('x-request-id'));
      const error = await thrownBy(client.audio.speech.create({ ...SPEECH, speed: 5 }));
      assert.ok(error instanceof errors.BadRequestError);
      assert.equal(error.param, 'speed');
      const requestId =
        'requestID' in error ? error.requestID : (error as { request_id?: string }).request_id;
      assert.match(String(requestId), /^req_[0-9a-f]{32}$/);
    }));

  test(`E5: ${name} without a right key is told so, and with it speaks`, async () => {
    const keys = ['right'];
    await withClient(generation, { keys, apiKey: 'wrong' }, async (client) => {
      const error = await thrownBy(client.audio.speech.create(SPEECH));
      assert.ok(error instanceof errors.AuthenticationError);
      assert.equal(error.code, 'invalid_api_key');
    });
    await withClient(generation, { keys, apiKey: 'right' }, async (client) => {
      assert.equal((await client.audio.speech.create(SPEECH)).status, 200);
    });
  });

  test(`S9: when ${name} hangs up in the middle the engine stops and the server lives`, async () => {
    const engine = toneEngine();
    await withClient(generation, { engines: [engine] }, async (client) => {
      const hangUp = new AbortController();
      const long = { ...SPEECH, input: 'word '.repeat(800), response_format: 'pcm' } as const;
      const response = await client.audio.speech.create(long, { signal: hangUp.signal });
      // Node's streams and the web's are both async iterables of bytes.
      const body = response.body as unknown as AsyncIterable<Uint8Array>;
      await assert.rejects(async () => {
        for await (const chunk of body) {
          assert.ok(chunk.length > 0);
          assert.equal(engine.open(), 1);
          hangUp.abort();
        }
      });
      await nobodySpeaks(engine);
      assert.equal((await client.audio.speech.create(SPEECH)).status, 200);
    });
  });
}

/** Waits until the engine's streams have ended; the test's own time limit is the only other way out. */
async function nobodySpeaks(engine: { readonly open: () => number }): Promise<void> {
  while (engine.open() > 0) await new Promise((resolve) => setImmediate(resolve));
}
