import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import OpenAIv4 from 'openai-v4';
import OpenAIv6 from 'openai-v6';
import { AppError, type AppErrorDetails, type ErrorCode } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { hearingEngine, type HearingEngine, type HearingEngineOptions } from '../hearing-engine.ts';
import { listening } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const SEVEN = burstRecording({ bursts: bursts(7) });
const TEXT = 'one two three four five. six seven.';
const LONG = burstRecording({ bursts: bursts(60) });
const DIALOGUE = burstRecording({ bursts: [...bursts(5), 0, 0, ...bursts(5, 2_300)] });
const LOW = `data:audio/wav;base64,${burstRecording({ bursts: bursts(4) }).toString('base64')}`;

/** What these tests use of the client; the three generations agree on it. */
type Client = {
  readonly audio: {
    readonly transcriptions: Pick<OpenAI['audio']['transcriptions'], 'create'>;
    readonly translations: Pick<OpenAI['audio']['translations'], 'create'>;
  };
  readonly models: Pick<OpenAI['models'], 'list' | 'retrieve'>;
};

type ErrorClass = new (...args: never[]) => object;

interface Generation {
  readonly name: string;
  readonly connect: (options: {
    readonly apiKey: string;
    readonly baseURL: string;
    readonly maxRetries: number;
  }) => Client;
  readonly errors: Pick<
    typeof OpenAI,
    | 'APIError'
    | 'BadRequestError'
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
  use: (client: Client, engine: HearingEngine) => Promise<void>,
  options: HearingEngineOptions = {},
): Promise<void> {
  const engine = hearingEngine(options);
  await listening({ engines: [toneEngine(), engine] }, ({ origin }) =>
    use(generation.connect({ apiKey: 'anything', baseURL: `${origin}/v1`, maxRetries: 0 }), engine),
  );
}

/** An ear that refuses the first requests in a given way. */
function refusingEar(refusals: number, refusal: () => AppError): { engine: Engine; attempts: () => number } {
  const ear = hearingEngine();
  const { transcription } = ear;
  assert.ok(transcription);
  let attempts = 0;
  const open: typeof transcription.open = async (request, context) => {
    attempts += 1;
    if (attempts <= refusals) throw refusal();
    return transcription.open(request, context);
  };
  return { engine: { ...ear, transcription: { ...transcription, open } }, attempts: () => attempts };
}

function wav(bytes: Uint8Array = SEVEN, name = 'speech.wav'): Promise<File> {
  return toFile(bytes, name, { type: 'audio/wav' });
}

async function thrownBy(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call;
  } catch (error) {
    return error as InstanceType<typeof OpenAI.APIError>; // Every test asserts its class.
  }
  throw new Error('It was accepted.');
}

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recordings-'));
});
after(async () => {
  await rm(folder, { recursive: true });
});

for (const generation of GENERATIONS) {
  const { name, errors } = generation;

  test(`T1 T2: ${name} asks for words and segments and gets both`, () =>
    withClient(generation, async (client, engine) => {
      const heard = await client.audio.transcriptions.create({
        model: 'whisper-1',
        language: 'en',
        file: await wav(),
        response_format: 'verbose_json',
        temperature: 0.4,
        timestamp_granularities: ['word', 'segment'],
      });
      assert.deepEqual([heard.text, heard.language, heard.duration], [TEXT, 'english', 4.4]);
      assert.deepEqual(
        heard.words?.map(({ word }) => word),
        ['one', 'two', 'three', 'four', 'five', 'six', 'seven'],
      );
      assert.deepEqual(
        heard.segments?.map(({ id, text, temperature }) => [id, text, temperature]),
        [
          [0, ' one two three four five.', 0.4],
          [1, ' six seven.', 0.4],
        ],
      );
      const opened = engine.opened[0];
      assert.deepEqual([opened?.language, opened?.temperature, opened?.wordTimes], ['en', 0.4, true]);
    }));

  test(`T3 T4: ${name} streams a file from the disk, whatever it is called`, () =>
    withClient(generation, async (client) => {
      for (const filename of ['speech.wav', 'unknown_file', 'no sound.txt']) {
        const path = join(folder, filename);
        await writeFile(path, SEVEN);
        const file = createReadStream(path);
        assert.equal((await client.audio.transcriptions.create({ model: 'whisper-1', file })).text, TEXT);
      }
      const nameless = await toFile(SEVEN);
      const heard = await client.audio.transcriptions.create({ model: 'whisper-1', file: nameless });
      assert.equal(heard.text, TEXT);
    }));

  test(`T5: ${name} gets the granularities that it asked for`, () =>
    withClient(generation, async (client) => {
      for (const [granularities, hasSegments, hasWords] of [
        [['word'], false, true],
        [['segment'], true, false],
        [['word', 'segment'], true, true],
        [undefined, true, false],
      ] as const) {
        const heard = await client.audio.transcriptions.create({
          model: 'whisper-1',
          file: await wav(),
          response_format: 'verbose_json',
          ...(granularities ? { timestamp_granularities: [...granularities] } : {}),
        });
        assert.deepEqual([heard.segments !== undefined, heard.words !== undefined], [hasSegments, hasWords]);
      }
    }));

  test(`T6: ${name} gets text and subtitles as strings`, () =>
    withClient(generation, async (client) => {
      const file = await wav();
      const ask = (format: 'text' | 'srt' | 'vtt') =>
        client.audio.transcriptions.create({ model: 'whisper-1', file, response_format: format });
      assert.equal(await ask('text'), `${TEXT}\n`);
      assert.match(await ask('srt'), /^1\n00:00:00,001 --> 00:00:02,800\none two .*five\.\n\n2\n[^]*\n\n\n$/);
      assert.match(await ask('vtt'), /^WEBVTT\n\n00:00:00\.001 --> 00:00:02\.800\n/);
    }));

  test(`T7 T8: ${name} gets usage and log probabilities`, () =>
    withClient(generation, async (client) => {
      const whisper = await client.audio.transcriptions.create({ model: 'whisper-1', file: await wav() });
      assert.deepEqual(whisper.usage, { type: 'duration', seconds: 5 });
      const newer = await client.audio.transcriptions.create({
        model: 'gpt-4o-transcribe',
        file: await wav(),
        include: ['logprobs'],
      });
      assert.equal(newer.usage?.type, 'tokens');
      assert.deepEqual(
        newer.logprobs?.map(({ token, bytes }) => [token, Buffer.from(bytes ?? []).toString()]),
        ['one', ' two', ' three', ' four', ' five', ' six', ' seven'].map((token) => [token, token]),
      );
    }));

  test(`T9: ${name} sends a chunking strategy as an object and as a word`, () =>
    withClient(generation, async (client) => {
      for (const strategy of [
        'auto',
        { type: 'server_vad', threshold: 0.4, prefix_padding_ms: 200, silence_duration_ms: 300 },
      ] as const) {
        const heard = await client.audio.transcriptions.create({
          model: 'gpt-4o-transcribe',
          file: await wav(),
          chunking_strategy: strategy,
        });
        assert.equal(heard.text, TEXT);
      }
      const wrong = client.audio.transcriptions.create({
        model: 'gpt-4o-transcribe',
        file: await wav(),
        // A type that the vendor does not have.
        chunking_strategy: { type: 'client_vad' as 'server_vad' },
      });
      const error = await thrownBy(wrong);
      assert.ok(error instanceof errors.BadRequestError);
      assert.equal(error.param, 'chunking_strategy.type');
    }));

  test(`T10 T11: ${name} gets speakers, known ones by the vendor's own sample too`, () =>
    withClient(
      generation,
      async (client) => {
        const known = { known_speaker_names: ['agent'], known_speaker_references: [LOW] };
        for (const spelled of [known, { extra_body: known }]) {
          const heard = await client.audio.transcriptions.create({
            model: 'gpt-4o-transcribe-diarize',
            file: await wav(DIALOGUE),
            response_format: 'diarized_json',
            chunking_strategy: 'auto',
            ...spelled,
          });
          // The overload for the extra spelling gives the plainest of the answers.
          const { segments } = heard as OpenAI.Audio.TranscriptionDiarized;
          assert.deepEqual(
            segments.map(({ id, speaker, type }) => [id, speaker, type]),
            [
              ['seg_0', 'agent', 'transcript.text.segment'],
              ['seg_1', 'A', 'transcript.text.segment'],
            ],
          );
        }
        const names = ['a', 'b', 'c', 'd', 'e'];
        for (const wrong of [
          { known_speaker_names: ['agent'], known_speaker_references: [LOW, LOW] },
          { known_speaker_names: names, known_speaker_references: names.map(() => LOW) },
        ]) {
          const error = await thrownBy(
            client.audio.transcriptions.create({
              model: 'gpt-4o-transcribe-diarize',
              file: await wav(DIALOGUE),
              ...wrong,
            }),
          );
          assert.ok(error instanceof errors.BadRequestError);
          assert.equal(error.param, 'known_speaker_names');
        }
      },
      { speakers: true },
    ));

  test(`T11: ${name} streams segments with speakers`, () =>
    withClient(
      generation,
      async (client) => {
        const stream = await client.audio.transcriptions.create({
          model: 'gpt-4o-transcribe-diarize',
          file: await wav(DIALOGUE),
          response_format: 'diarized_json',
          stream: true,
        });
        const events = await Array.fromAsync(stream);
        assert.deepEqual(
          events.map(({ type }) => type as string), // Older clients do not know the type of segments.
          ['transcript.text.segment', 'transcript.text.segment', 'transcript.text.done'],
        );
      },
      { speakers: true },
    ));

  test(`T12: ${name} streams text that joins to the whole`, () =>
    withClient(generation, async (client) => {
      for (const model of ['whisper-1', 'gpt-4o-transcribe']) {
        const file = await wav(LONG);
        const stream = await client.audio.transcriptions.create({ model, file, stream: true });
        let text = '';
        let done = '';
        let deltas = 0;
        for await (const event of stream) {
          if (event.type === 'transcript.text.delta') {
            text += event.delta;
            deltas += 1;
          }
          if (event.type === 'transcript.text.done') {
            done = event.text;
            assert.equal(event.usage?.type, 'tokens');
          }
        }
        assert.equal(deltas, 13);
        assert.equal(text, done);
      }
    }));

  test(`T13: ${name} throws when the engine breaks in the middle`, () =>
    withClient(
      generation,
      async (client, engine) => {
        const file = await wav(LONG);
        const stream = await client.audio.transcriptions.create({ model: 'whisper-1', file, stream: true });
        const seen: string[] = [];
        const error = await thrownBy(
          (async () => {
            for await (const event of stream) seen.push(event.type);
          })(),
        );
        assert.ok(error instanceof errors.APIError);
        assert.ok(seen.length > 0 && seen.every((type) => type === 'transcript.text.delta'));
        assert.equal(engine.open(), 0);
      },
      { failInWindow: 1 },
    ));

  test(`T14: ${name} hears that a file is too large, also when it is streamed`, () =>
    withClient(generation, async (client) => {
      for (const [path, bytes] of [
        ['little.wav', 26_214_401],
        ['much.wav', 60_000_000],
      ] as const) {
        await writeFile(join(folder, path), Buffer.alloc(bytes));
        const file = createReadStream(join(folder, path));
        const error = await thrownBy(client.audio.transcriptions.create({ model: 'whisper-1', file }));
        assert.deepEqual([error.status, error.type, error.param], [413, 'server_error', 'file']);
      }
      const heard = await client.audio.transcriptions.create({ model: 'whisper-1', file: await wav() });
      assert.equal(heard.text, TEXT);
    }));

  test(`T15 T16: ${name} is told what is wrong with a file, and nothing is made of silence`, () =>
    withClient(generation, async (client) => {
      for (const [bytes, code] of [
        [Buffer.from('Not a sound. '.repeat(99)), null],
        [Buffer.alloc(0), null],
        [silence(0.05), 'audio_too_short'],
      ] as const) {
        const error = await thrownBy(
          client.audio.transcriptions.create({ model: 'whisper-1', file: await wav(bytes) }),
        );
        assert.ok(error instanceof errors.BadRequestError);
        assert.deepEqual([error.type, error.param, error.code], ['invalid_request_error', 'file', code]);
      }
      const quiet = await client.audio.transcriptions.create({
        model: 'whisper-1',
        file: await wav(silence(1)),
      });
      assert.equal(quiet.text, '');
    }));

  test(`T18 T19: ${name} sends false and line ends, and they arrive as such`, () =>
    withClient(generation, async (client, engine) => {
      const heard = await client.audio.transcriptions.create({
        model: 'gpt-4o-transcribe',
        file: await wav(),
        prompt: 'one\ntwo',
        stream: false,
      });
      assert.equal(heard.text, TEXT);
      assert.equal(engine.heard[0]?.prompt, 'one\ntwo');
    }));

  test(`L1: ${name} translates`, () =>
    withClient(generation, async (client, engine) => {
      const file = await wav();
      assert.deepEqual(
        { ...(await client.audio.translations.create({ model: 'whisper-1', file })) },
        { text: TEXT },
      );
      const verbose = await client.audio.translations.create({
        model: 'whisper-1',
        file,
        response_format: 'verbose_json',
        temperature: 0,
      });
      assert.ok('segments' in verbose && 'language' in verbose && Array.isArray(verbose.segments));
      assert.deepEqual([verbose.language, verbose.segments.length], ['english', 2]);
      const text = await client.audio.translations.create({
        model: 'whisper-1',
        file,
        response_format: 'text',
      });
      assert.equal(text, `${TEXT}\n`);
      assert.ok(engine.opened.every(({ task }) => task === 'translate'));
    }));

  test(`E1: ${name} throws the class that belongs to each error of hearing`, async () => {
    const cases: readonly (readonly [ErrorCode, AppErrorDetails, number, ErrorClass])[] = [
      ['invalid_request', { param: 'language' }, 400, errors.BadRequestError],
      ['permission_denied', {}, 403, errors.PermissionDeniedError],
      ['not_found', { subject: 'model', param: 'model' }, 404, errors.NotFoundError],
      ['unsupported_feature', {}, 400, errors.BadRequestError],
      ['quota_exceeded', {}, 429, errors.RateLimitError],
      ['rate_limited', {}, 429, errors.RateLimitError],
      ['internal', {}, 500, errors.InternalServerError],
      ['engine_failed', {}, 502, errors.InternalServerError],
      ['overloaded', {}, 503, errors.InternalServerError],
      ['timed_out', {}, 504, errors.InternalServerError],
    ];
    for (const [code, details, status, expected] of cases) {
      const { engine } = refusingEar(99, () => new AppError(code, `A sentence about ${code}.`, details));
      await listening({ engines: [engine] }, async ({ origin }) => {
        const client = generation.connect({ apiKey: 'any', baseURL: `${origin}/v1`, maxRetries: 0 });
        for (const stream of [false, true]) {
          const call = client.audio.transcriptions.create({ model: 'whisper-1', file: await wav(), stream });
          const error = await thrownBy(call);
          assert.ok(error instanceof expected, `${code}: ${error.constructor.name}`);
          assert.deepEqual([error.status, error.message], [status, `${status} A sentence about ${code}.`]);
          assert.equal(error.param ?? undefined, details.param);
        }
      });
    }
  });

  // The oldest generation announces the recording a second time and then sends none of it, to any server.
  const again = name === 'openai 4' ? 'the client cannot send a recording twice' : false;
  test(
    `E2: ${name} sends a recording again as often and as soon as it is told`,
    { skip: again },
    async () => {
      const overloaded = () => new AppError('overloaded', 'All slots are taken.', { retryAfterMs: 20 });
      const busy = refusingEar(2, overloaded);
      await listening({ engines: [busy.engine] }, async ({ origin }) => {
        const client = generation.connect({ apiKey: 'any', baseURL: `${origin}/v1`, maxRetries: 2 });
        const heard = await client.audio.transcriptions.create({ model: 'whisper-1', file: await wav() });
        assert.equal(heard.text, TEXT);
      });
      assert.equal(busy.attempts(), 3);
      const final = refusingEar(99, () => new AppError('internal', 'Never.'));
      await listening({ engines: [final.engine] }, async ({ origin }) => {
        const client = generation.connect({ apiKey: 'any', baseURL: `${origin}/v1`, maxRetries: 2 });
        await thrownBy(client.audio.transcriptions.create({ model: 'whisper-1', file: await wav() }));
      });
      assert.equal(final.attempts(), 1);
    },
  );

  test(`E4: ${name} knows the request id of a transcription, of a stream and of a refusal`, () =>
    withClient(generation, async (client) => {
      const whole = client.audio.transcriptions.create({ model: 'whisper-1', file: await wav() });
      const { data, response } = await whole.withResponse();
      const { _request_id: id } = data as { _request_id?: string }; // Not in the type of every generation.
      assert.match(String(id), /^req_[0-9a-f]{32}$/);
      assert.equal(id, response.headers.get('x-request-id'));
      const streamed = client.audio.transcriptions.create({
        model: 'whisper-1',
        file: await wav(),
        stream: true,
      });
      const events = await streamed.withResponse();
      assert.match(events.response.headers.get('x-request-id') ?? '', /^req_[0-9a-f]{32}$/);
      await Array.fromAsync(events.data);
      const error = await thrownBy(
        client.audio.transcriptions.create({ model: 'whisper-1', file: await wav(silence(0.05)) }),
      );
      const told = error as { requestID?: string; request_id?: string }; // Spelled by generation.
      assert.match(String(told.requestID ?? told.request_id), /^req_[0-9a-f]{32}$/);
    }));

  test(`M1: ${name} finds the models that hear under the vendor's names and our own`, () =>
    withClient(generation, async (client) => {
      const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id);
      for (const id of ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'ear/ear']) {
        assert.ok(ids.includes(id), id);
        assert.equal((await client.models.retrieve(id)).id, id);
      }
    }));

  test(`${name} that hangs up in the middle stops the engine`, async () => {
    const gate = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    const ear = hearingEngine({ gate: gate.promise });
    const { transcription } = ear;
    assert.ok(transcription);
    const opened = Promise.withResolvers<void>();
    const engine: Engine = {
      ...ear,
      transcription: {
        ...transcription,
        open: (request, context) => {
          context.signal.addEventListener('abort', () => noticed.resolve());
          opened.resolve();
          return transcription.open(request, context);
        },
      },
    };
    await listening({ engines: [engine] }, async ({ origin }) => {
      const options = { apiKey: 'anything', baseURL: `${origin}/v1`, maxRetries: 0 };
      const hangUp = new AbortController();
      const call = generation
        .connect(options)
        .audio.transcriptions.create({ model: 'whisper-1', file: await wav() }, { signal: hangUp.signal });
      await opened.promise;
      hangUp.abort();
      await assert.rejects(Promise.resolve(call));
      await noticed.promise;
      gate.resolve();
      while (ear.open() > 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(ear.heard.length, 0);
    });
  });
}

test('openai 7 gives gpt-transcribe languages and keywords, and hears which language it was', () =>
  withClient(
    { name: 'openai 7', connect: (options) => new OpenAI(options), errors: OpenAI },
    async (client, engine) => {
      const heard = await client.audio.transcriptions.create({
        model: 'gpt-transcribe',
        file: await wav(),
        languages: ['de'],
        keywords: ['Antiphon', 'Psalter'],
      });
      assert.deepEqual(heard.languages, [{ code: 'de' }]);
      assert.deepEqual([engine.opened[0]?.language, engine.heard[0]?.prompt], ['de', 'Antiphon, Psalter']);
    },
  ));
