import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ElevenLabs, ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { AppError } from '../../src/base/errors.ts';
import { decodeMp3, decodeOpus, decodeWav } from '../contracts/decode-audio.ts';
import { listening, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';
const TEXT = 'The first move is what sets everything in motion.';
/** The tone engine speaks a character for 50 ms. */
const SECONDS = TEXT.length * 0.05;

interface Caller {
  readonly client: ElevenLabsClient;
  /** Requests that have left the client. */
  readonly sent: () => number;
}

interface CallerOptions extends TestAppOptions {
  readonly apiKey?: string;
  readonly prefix?: string;
  readonly timeoutInSeconds?: number;
}

/** The official client against a server of tones, with a count of what it sends. */
async function calling(options: CallerOptions, use: (caller: Caller) => Promise<void>): Promise<void> {
  const { apiKey = 'any', prefix = '', timeoutInSeconds, ...parts } = options;
  await listening(parts, async ({ origin }) => {
    let sent = 0;
    const client = new ElevenLabsClient({
      apiKey,
      baseUrl: `${origin}${prefix}`,
      ...(timeoutInSeconds === undefined ? {} : { timeoutInSeconds }),
      fetch: (input, init) => {
        sent += 1;
        return fetch(input, init);
      },
    });
    await use({ client, sent: () => sent });
  });
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

/** What a call fails with. */
async function failure(call: () => Promise<unknown>): Promise<ElevenLabsError> {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ElevenLabsError, `got ${String(error)}`);
  return error;
}

function detailOf(error: ElevenLabsError): Record<string, unknown> {
  return (error.body as { detail: Record<string, unknown> }).detail; // What the tests then check.
}

for (const prefix of ['', '/elevenlabs']) {
  test(`E01: a text alone becomes an MP3 file through ${prefix || 'the root'}`, async () => {
    await calling({ prefix }, async ({ client, sent }) => {
      const { data, rawResponse } = await client.textToSpeech
        .convert(GEORGE, { text: TEXT })
        .withRawResponse();
      const audio = await decodeMp3(await read(data), { sampleRate: 44_100, channels: 1 });
      assert.equal(audio.sampleRate, 44_100);
      const surplus = audio.frames - SECONDS * 44_100 - audio.delayFrames;
      assert.ok(surplus >= -24 && surplus <= audio.mostPaddingFrames + 1152, `${surplus} frames too many`);
      assert.equal(rawResponse.headers.get('character-cost'), String(TEXT.length));
      assert.equal(rawResponse.headers.get('request-id'), rawResponse.headers.get('x-request-id'));
      assert.equal(sent(), 1);
    });
  });
}

test('E14: convert gives every kind of output format its true length', async () => {
  await calling({}, async ({ client }) => {
    const convert = async (outputFormat: ElevenLabs.TextToSpeechConvertRequestOutputFormat) =>
      read(await client.textToSpeech.convert(GEORGE, { text: TEXT, outputFormat }));
    for (const rate of [8_000, 22_050, 48_000] as const) {
      const pcm = await convert(`pcm_${rate}`);
      assert.ok(Math.abs(pcm.length / 2 - SECONDS * rate) <= rate / 1000, `pcm_${rate}: ${pcm.length} bytes`);
      const wav = await convert(`wav_${rate}`);
      const decoded = await decodeWav(wav, { sampleRate: rate, channels: 1 });
      assert.equal(decoded.sampleRate, rate);
      assert.equal(decoded.frames, pcm.length / 2);
    }
    assert.ok(Math.abs((await convert('ulaw_8000')).length - SECONDS * 8000) <= 8);
    assert.ok(Math.abs((await convert('alaw_8000')).length - SECONDS * 8000) <= 8);
    const opus = await decodeOpus(await convert('opus_48000_64'), { sampleRate: 48_000, channels: 1 });
    const surplus = opus.frames - SECONDS * 48_000;
    assert.ok(
      surplus >= -48 && surplus <= opus.delayFrames + opus.mostPaddingFrames + 48,
      `${surplus} frames`,
    );
    const small = await convert('mp3_22050_32');
    assert.ok(Math.abs(small.length / 4000 - SECONDS) < 0.3, `${small.length} bytes of 32 kbit/s`);
  });
});

test('E11, E21: the stream is the same sound as the file, in many pieces', async () => {
  await calling({}, async ({ client }) => {
    const request = { text: TEXT, seed: 7, outputFormat: 'pcm_16000' } as const;
    const pieces = await Array.fromAsync(await client.textToSpeech.stream(GEORGE, request));
    assert.ok(pieces.length > 1);
    const file = await read(await client.textToSpeech.convert(GEORGE, request));
    assert.ok(Buffer.concat(pieces).equals(file));
    const again = await read(await client.textToSpeech.convert(GEORGE, request));
    assert.ok(again.equals(file));
  });
});

test('every field of the client is taken, in the body and in the query', async () => {
  const engine = toneEngine();
  await calling({ engines: [engine] }, async ({ client, sent }) => {
    const { data, rawResponse } = await client.textToSpeech
      .convert(GEORGE, {
        text: TEXT,
        modelId: 'eleven_flash_v2_5',
        languageCode: 'de',
        voiceSettings: {
          stability: 0.4,
          similarityBoost: 0.8,
          style: 0.1,
          useSpeakerBoost: true,
          speed: 1.25,
        },
        pronunciationDictionaryLocators: [],
        seed: 4_294_967_295,
        previousText: 'Before.',
        nextText: 'After.',
        usePvcAsIvc: true,
        applyTextNormalization: 'on',
        applyLanguageTextNormalization: true,
        audioEffects: { distance: 0.2, pan: 0.1 },
        enableLogging: false,
        optimizeStreamingLatency: 2,
        outputFormat: 'mp3_44100_192',
      })
      .withRawResponse();
    await read(data);
    assert.equal(sent(), 1);
    const asked = engine.asked[0];
    assert.equal(asked?.speed, 1.25);
    assert.equal(asked?.seed, 4_294_967_295);
    assert.equal(asked?.language, 'de');
    assert.deepEqual(asked?.surroundings, { before: 'Before.', after: 'After.' });
    const warnings: { setting: string }[] = JSON.parse(
      rawResponse.headers.get('x-antiphon-warnings') ?? '[]',
    );
    const ignored = warnings.map((warning) => warning.setting);
    for (const setting of [
      'voice_settings.stability',
      'use_pvc_as_ivc',
      'audio_effects',
      'optimize_streaming_latency',
    ]) {
      assert.ok(ignored.includes(setting), setting);
    }
    for (const setting of ['voice_settings.speed', 'seed', 'language_code', 'apply_text_normalization']) {
      assert.ok(!ignored.includes(setting), setting);
    }
    assert.equal(rawResponse.headers.get('history-item-id'), null);
  });
});

test('E13: convert with timestamps times every character of the text and of what is spoken', async () => {
  await calling({}, async ({ client }) => {
    const text = 'I have 2 cats';
    const timed = await client.textToSpeech.convertWithTimestamps(GEORGE, {
      text,
      outputFormat: 'pcm_16000',
    });
    assert.equal(timed.alignment?.characters.join(''), text);
    assert.equal(timed.normalizedAlignment?.characters.join(''), 'I have two cats');
    const seconds = Buffer.from(timed.audioBase64, 'base64').length / 32_000;
    assert.equal(timed.alignment?.characterEndTimesSeconds.at(-1), seconds);
    assert.equal(timed.alignment?.characterStartTimesSeconds.length, text.length);
    assert.equal(timed.alignment?.characterEndTimesSeconds.length, text.length);
  });
});

test('E22: stream with timestamps yields every line, the last one too', async () => {
  await calling({}, async ({ client }) => {
    const request = { text: `${TEXT} `, outputFormat: 'pcm_16000' } as const;
    const chunks = await Array.fromAsync(await client.textToSpeech.streamWithTimestamps(GEORGE, request));
    assert.ok(chunks.length > 1);
    const audio = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk.audioBase64, 'base64')));
    const plain = await read(await client.textToSpeech.stream(GEORGE, request));
    assert.ok(audio.equals(plain));
    const characters = chunks.flatMap((chunk) => chunk.alignment?.characters ?? []);
    assert.equal(characters.join(''), `${TEXT} `);
    const starts = chunks.flatMap((chunk) => chunk.alignment?.characterStartTimesSeconds ?? []);
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => a - b),
    );
  });
});

test('E23: a speech that takes longer than the client waits succeeds, because its headers come at once', async () => {
  const timeoutInSeconds = 0.5;
  const engine = toneEngine();
  const { speech } = engine;
  assert.ok(speech);
  const slow = {
    ...engine,
    speech: {
      ...speech,
      synthesize: async (...asked: Parameters<typeof speech.synthesize>) => {
        const output = await speech.synthesize(...asked);
        assert.ok(output.kind === 'pcm');
        return {
          ...output,
          pcm: { ...output.pcm, chunks: lateAfterTheFirst(output.pcm.chunks, timeoutInSeconds) },
        };
      },
    },
  };
  await calling({ engines: [slow], timeoutInSeconds }, async ({ client, sent }) => {
    const begun = performance.now();
    const audio = await read(
      await client.textToSpeech.convert(GEORGE, { text: TEXT, outputFormat: 'pcm_16000' }),
    );
    assert.ok(performance.now() - begun > timeoutInSeconds * 1000);
    assert.equal(audio.length, SECONDS * 32_000);
    assert.equal(sent(), 1);
  });
});

/** Holds everything after the first chunk back for longer than the client waits for headers. */
async function* lateAfterTheFirst(
  chunks: AsyncIterable<Float32Array>,
  timeoutInSeconds: number,
): AsyncGenerator<Float32Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield chunk;
    // The claim is about the client's own clock, so real time has to pass.
    if (isFirst) await wait(timeoutInSeconds * 1200);
    isFirst = false;
  }
}

test('E02: a missing and a wrong key are an UnauthorizedError or a 401 with the request id', async () => {
  await calling({ keys: ['right'], apiKey: 'wrong' }, async ({ client, sent }) => {
    const error = await failure(() => client.textToSpeech.convert(GEORGE, { text: TEXT }));
    assert.equal(error.statusCode, 401);
    assert.equal(detailOf(error)['status'], 'invalid_api_key');
    assert.equal(detailOf(error)['request_id'], error.requestId);
    assert.equal((await failure(() => client.models.list())).statusCode, 401);
    assert.equal(sent(), 2);
  });
  await calling({ keys: ['right'], apiKey: 'right' }, async ({ client }) => {
    assert.ok((await client.models.list()).length > 0);
  });
});

test('E08: an unknown voice is a 404 that is asked for once', async () => {
  await calling({}, async ({ client, sent }) => {
    const error = await failure(() => client.textToSpeech.convert('foo', { text: TEXT }));
    assert.equal(error.statusCode, 404);
    assert.equal(detailOf(error)['status'], 'voice_not_found');
    assert.match(error.message, /foo/);
    assert.equal((await failure(() => client.voices.get('foo'))).statusCode, 404);
    assert.equal(sent(), 2);
  });
});

test('E09, E16: a wrong field is an UnprocessableEntityError that says where', async () => {
  await calling({}, async ({ client, sent }) => {
    const error = await failure(() =>
      client.textToSpeech.convert(GEORGE, { text: TEXT, voiceSettings: { stability: 1.5 } }),
    );
    assert.ok(error instanceof ElevenLabs.UnprocessableEntityError);
    const [problem] = (error.body as { detail: { loc: unknown[]; type: string }[] }).detail; // Checked right below.
    assert.deepEqual(problem?.loc, ['body', 'voice_settings', 'stability']);
    assert.equal(problem?.type, 'less_than_equal');
    const pronunciationDictionaryLocators = ['a', 'b', 'c', 'd'].map((id) => ({
      pronunciationDictionaryId: id,
    }));
    const many = await failure(() =>
      client.textToSpeech.stream(GEORGE, { text: TEXT, pronunciationDictionaryLocators }),
    );
    assert.ok(many instanceof ElevenLabs.UnprocessableEntityError);
    assert.equal(sent(), 2);
  });
});

test('E24: what is not there yet is asked for once', async () => {
  const absent: readonly ((client: ElevenLabsClient) => Promise<unknown>)[] = [
    (client) => client.textToSoundEffects.convert({ text: 'Thunder' }),
    (client) => client.music.compose({ prompt: 'A waltz' }),
    (client) => client.textToSpeech.convert(GEORGE, { text: TEXT, modelId: 'eleven_english_sts_v2' }),
  ];
  for (const call of absent) {
    await calling({}, async ({ client, sent }) => {
      const error = await failure(() => call(client));
      assert.ok(error.statusCode === 404 || error.statusCode === 400);
      assert.equal(sent(), 1);
    });
  }
});

test('E25: a server without a free place is asked three times', async () => {
  const engine = toneEngine();
  const { speech } = engine;
  assert.ok(speech);
  const full = {
    ...engine,
    speech: {
      ...speech,
      synthesize: async () => {
        throw new AppError('overloaded', 'All slots are busy.', { retryAfterMs: 10 });
      },
    },
  };
  await calling({ engines: [full] }, async ({ client, sent }) => {
    const error = await failure(() => client.textToSpeech.convert(GEORGE, { text: TEXT }));
    assert.equal(error.statusCode, 429);
    assert.equal(detailOf(error)['code'], 'concurrent_limit_exceeded');
    assert.equal(error.rawResponse?.headers.get('retry-after'), '1');
    assert.equal(sent(), 3);
  });
});

test('E30: the client walks through the voices and meets every one once', async () => {
  await calling({}, async ({ client }) => {
    const { voices: all } = await client.voices.getAll({ showLegacy: true });
    const seen: string[] = [];
    let nextPageToken: string | undefined;
    let more = true;
    while (more) {
      const page = await client.voices.search({
        pageSize: 9,
        includeTotalCount: false,
        ...(nextPageToken ? { nextPageToken } : {}),
      });
      assert.equal(page.totalCount, all.length);
      seen.push(...page.voices.map((voice) => voice.voiceId));
      nextPageToken = page.nextPageToken;
      more = page.hasMore;
    }
    assert.deepEqual(
      seen,
      all.map((voice) => voice.voiceId),
    );
  });
});

test('voices are searched with every parameter of the client', async () => {
  await calling({}, async ({ client }) => {
    const found = await client.voices.search({
      search: 'warm british',
      sort: 'name',
      sortDirection: 'asc',
      voiceType: 'default',
      category: 'premade',
      gender: 'male',
      language: ['en', 'de'],
      voiceIds: [GEORGE, 'onwK4e9ZLuTAKqWW03F9'],
      pageSize: 100,
    });
    assert.deepEqual(
      found.voices.map((voice) => voice.name),
      ['George'],
    );
    assert.equal(found.hasMore, false);
  });
});

test('E31: a page of 0 or 101 voices is refused', async () => {
  await calling({}, async ({ client }) => {
    for (const pageSize of [0, 101]) {
      const error = await failure(() => client.voices.search({ pageSize }));
      assert.ok(error instanceof ElevenLabs.UnprocessableEntityError);
    }
  });
});

test('E44, E45: voices, settings, models, user and subscription are read without complaint', async () => {
  await calling({ keys: ['right'], apiKey: 'right' }, async ({ client }) => {
    const voice = await client.voices.get(GEORGE);
    assert.equal(voice.name, 'George');
    assert.equal(voice.labels?.['accent'], 'british');
    assert.equal((await client.voices.get('tone/high')).voiceId, 'tone/high');
    const settings = { stability: 0.5, useSpeakerBoost: true, similarityBoost: 0.75, style: 0, speed: 1 };
    assert.deepEqual(await client.voices.settings.getDefault(), settings);
    assert.deepEqual(await client.voices.settings.get(GEORGE), settings);
    const models = await client.models.list();
    const flash = models.find((model) => model.modelId === 'eleven_flash_v2_5');
    assert.equal(flash?.maximumTextLengthPerRequest, 40_000);
    assert.equal(flash?.modelRates?.characterCostMultiplier, 0.5);
    assert.ok(flash?.canDoTextToSpeech);
    await read(await client.textToSpeech.convert('tone/low', { text: TEXT }));
    const subscription = await client.user.subscription.get();
    assert.equal(subscription.characterCount, TEXT.length);
    assert.equal(subscription.status, 'active');
    const user = await client.user.get();
    assert.equal(user.subscription.characterCount, TEXT.length);
    assert.equal(user.seatType, 'workspace_admin');
  });
});
