import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeMp3, decodeWav } from '../../../test/contracts/decode-audio.ts';
import { listening, recordingLogger, testApp, type TestAppOptions } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { outputFormatNames, outputFormats, type OutputFormatName } from './elevenlabs-formats.ts';

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';
const T1 = `/v1/text-to-speech/${GEORGE}`;
/** The tone engine speaks a character for 50 ms. */
const HELLO_SECONDS = 0.25;

/** The server that everybody asks who wants nothing special of it. */
let usual: ReturnType<typeof testApp> | undefined;
after(async () => (await usual)?.app.close());

async function serverFor(parts: TestAppOptions) {
  if (Object.keys(parts).length > 0) return testApp(parts);
  usual ??= testApp();
  return usual;
}

async function post(
  url: string,
  body: unknown,
  options: TestAppOptions & { headers?: Record<string, string> } = {},
) {
  const { headers = {}, ...parts } = options;
  const { app } = await serverFor(parts);
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });
  if (app !== (await usual)?.app) await app.close();
  return reply;
}

async function refusal(
  url: string,
  body: unknown,
  options: TestAppOptions & { headers?: Record<string, string> } = {},
) {
  const reply = await post(url, body, options);
  const parsed = reply.json();
  return { status: reply.statusCode, detail: parsed.detail, error: parsed.error, headers: reply.headers };
}

test('E01: a text alone comes back as MP3 of 44.1 kHz and 128 kbit/s with its cost', async () => {
  const reply = await post(T1, { text: 'Hello' });
  assert.equal(reply.statusCode, 200);
  assert.equal(reply.headers['content-type'], 'audio/mpeg');
  assert.equal(reply.headers['character-cost'], '5');
  assert.equal(reply.headers['x-character-count'], '5');
  assert.match(String(reply.headers['request-id']), /^[0-9a-f]{32}$/);
  assert.equal(reply.headers['x-request-id'], reply.headers['request-id']);
  assert.equal(reply.headers['x-trace-id'], reply.headers['request-id']);
  assert.equal(reply.headers['maximum-concurrent-requests'], '32');
  assert.equal(reply.headers['current-concurrent-requests'], '1');
  assert.match(String(reply.headers['history-item-id']), /^[\dA-Za-z]{20}$/);
  const audio = await decodeMp3(reply.rawPayload, { sampleRate: 44_100, channels: 1 });
  assert.equal(audio.sampleRate, 44_100);
  // A frame of MPEG-1 layer III at 128 kbit/s and 44.1 kHz starts with these bits and has 417 or 418 bytes.
  const header = reply.rawPayload.readUInt32BE(0);
  assert.equal(header >>> 16, 0xfffb);
  assert.equal((header >>> 12) & 15, 9);
  const expected = HELLO_SECONDS * 44_100 + audio.delayFrames;
  assert.ok(
    audio.frames >= expected && audio.frames <= expected + audio.mostPaddingFrames + 1152,
    `${audio.frames} frames`,
  );
});

test('E02: no key and a wrong key are told apart, and the request id is the trace', async () => {
  const keys = ['right'];
  const without = await refusal(T1, { text: 'Hello' }, { keys });
  assert.equal(without.status, 401);
  assert.equal(without.detail.status, 'needs_authorization');
  assert.equal(without.detail.type, 'authentication_error');
  assert.equal(without.detail.request_id, without.headers['x-trace-id']);
  const wrong = await refusal(T1, { text: 'Hello' }, { keys, headers: { 'xi-api-key': 'wrong' } });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.detail.status, 'invalid_api_key');
  for (const headers of [{ 'xi-api-key': 'right' }, { authorization: 'Bearer right' }]) {
    const right = await post(T1, { text: 'Hello' }, { keys, headers });
    assert.equal(right.statusCode, 200);
  }
});

test('E03: a body without text is blamed for it', async () => {
  const { status, detail } = await refusal(T1, {});
  assert.equal(status, 422);
  assert.deepEqual(detail[0].loc, ['body', 'text']);
  assert.equal(detail[0].type, 'missing');
});

test('E04: a text that is a number is a string_type', async () => {
  const { status, detail } = await refusal(T1, { text: 5 });
  assert.equal(status, 422);
  assert.deepEqual(detail[0].loc, ['body', 'text']);
  assert.equal(detail[0].type, 'string_type');
});

test('E05: a body that is no JSON is json_invalid', async () => {
  const { status, detail } = await refusal(T1, '{"text": "Hel');
  assert.equal(status, 422);
  assert.equal(detail[0].type, 'json_invalid');
  assert.equal(detail[0].loc[0], 'body');
});

for (const text of ['', '   ', '\n\t']) {
  test(`E06: the text ${JSON.stringify(text)} is empty`, async () => {
    const { status, detail } = await refusal(T1, { text });
    assert.equal(status, 400);
    assert.equal(detail.code, 'empty_text');
    assert.equal(detail.param, 'text');
  });
}

for (const [model, limit] of [
  ['eleven_v3', 5_000],
  ['eleven_multilingual_v2', 10_000],
] as const) {
  test(`E07: ${model} takes ${limit} characters and not one more`, async () => {
    // Two UTF-16 units each: it is characters that count.
    const { status, detail } = await refusal(T1, { text: '𝄞'.repeat(limit + 1), model_id: model });
    assert.equal(status, 400);
    assert.equal(detail.code, 'text_too_long');
    assert.equal(detail.status, 'max_character_limit_exceeded');
    assert.equal(detail.param, 'text');
    assert.match(detail.message, new RegExp(`${limit}`));
    assert.match(detail.message, new RegExp(`${limit + 1}`));
    const most = await post(`${T1}?output_format=pcm_8000`, {
      text: 'a '.repeat(limit / 2),
      model_id: model,
    });
    assert.equal(most.statusCode, 200);
    assert.ok(most.rawPayload.length > limit * 0.05 * 8000 * 2 * 0.99);
  });
}

test('E08: an unknown voice is a 404 that names it', async () => {
  for (const path of ['foo', 'foo/stream', 'foo/with-timestamps', 'foo/stream/with-timestamps']) {
    const { status, detail } = await refusal(`/v1/text-to-speech/${path}`, { text: 'Hello' });
    assert.equal(status, 404);
    assert.equal(detail.status, 'voice_not_found');
    assert.match(detail.message, /\bfoo\b/);
  }
});

for (const [stability, status] of [
  [1.5, 422],
  [-0.1, 422],
  [0, 200],
  [1, 200],
  [null, 200],
] as const) {
  test(`E09: a stability of ${stability} is a ${status}`, async () => {
    const reply = await post(T1, { text: 'Hello', voice_settings: { stability } });
    assert.equal(reply.statusCode, status);
  });
}

for (const [seed, status] of [
  [-1, 422],
  [4_294_967_296, 422],
  [0, 200],
  [4_294_967_295, 200],
  [1.5, 422],
] as const) {
  test(`E10: a seed of ${seed} is a ${status}`, async () => {
    const engine = toneEngine();
    const reply = await post(T1, { text: 'Hello', seed }, { engines: [engine] });
    assert.equal(reply.statusCode, status);
    assert.equal(engine.asked[0]?.seed, status === 200 ? seed : undefined);
  });
}

test('E11: the same seed and parameters give the same bytes', async () => {
  const body = { text: 'Hello there', seed: 7, voice_settings: { speed: 1.1 } };
  const [first, second] = [await post(T1, body), await post(T1, body)];
  assert.ok(first.rawPayload.equals(second.rawPayload));
  const faster = await post(T1, { ...body, voice_settings: { speed: 2 } });
  assert.ok(!faster.rawPayload.equals(first.rawPayload));
});

test('E12: a text normalisation of "maybe" is refused', async () => {
  const { status, detail } = await refusal(T1, { text: 'Hello', apply_text_normalization: 'maybe' });
  assert.equal(status, 422);
  assert.deepEqual(detail[0].loc, ['body', 'apply_text_normalization']);
});

test('E13: with normalisation the number is a word in one alignment, and the text itself stands in the other', async () => {
  const text = 'I have 2 cats';
  const spoken = async (how: string) => {
    const reply = await post(`${T1}/with-timestamps`, { text, apply_text_normalization: how });
    assert.equal(reply.statusCode, 200);
    const { alignment, normalized_alignment: normalized } = reply.json();
    assert.equal(alignment.characters.join(''), text);
    return normalized.characters.join('');
  };
  assert.equal(await spoken('on'), 'I have two cats');
  assert.equal(await spoken('auto'), 'I have two cats');
  assert.equal(await spoken('off'), text);
});

test('E13: models of generation 2.5 keep the digit under auto', async () => {
  const reply = await post(`${T1}/with-timestamps`, { text: 'I have 2 cats', model_id: 'eleven_flash_v2_5' });
  assert.equal(reply.json().normalized_alignment.characters.join(''), 'I have 2 cats');
});

/** Bytes of the formats whose size follows from the length of the speech. */
function exactBytes(name: OutputFormatName): number | undefined {
  const { id, sampleRate } = outputFormats[name].format;
  if (id === 'pcm') return HELLO_SECONDS * sampleRate * 2;
  if (id === 'wav') return HELLO_SECONDS * sampleRate * 2 + 44;
  return id === 'mulaw' || id === 'alaw' ? HELLO_SECONDS * sampleRate : undefined;
}

for (const name of outputFormatNames) {
  test(`E14: ${name} has its content type and size on every route`, async () => {
    const { app } = await testApp();
    const get = async (path: string) => {
      const url = `${T1}${path}?output_format=${name}`;
      const reply = await app.inject({ method: 'POST', url, payload: { text: 'Hello' } });
      assert.equal(reply.statusCode, 200, reply.body.slice(0, 200));
      return reply;
    };
    const whole = await get('');
    assert.equal(whole.headers['content-type'], outputFormats[name].contentType);
    const bytes = exactBytes(name);
    if (bytes !== undefined) assert.equal(whole.rawPayload.length, Math.round(bytes / 2) * 2);
    const streamed = await get('/stream');
    assert.equal(streamed.headers['content-type'], outputFormats[name].contentType);
    const timed = Buffer.from((await get('/with-timestamps')).json().audio_base64, 'base64');
    const lines = (await get('/stream/with-timestamps')).body.trimEnd().split('\n');
    const joined = Buffer.concat(lines.map((line) => Buffer.from(JSON.parse(line).audio_base64, 'base64')));
    // Ogg numbers each stream at random, so of two Opus files only the length is the same.
    const same = (one: Buffer, other: Buffer) =>
      name.startsWith('opus') ? one.length === other.length : one.equals(other);
    assert.ok(same(timed, whole.rawPayload), 'with-timestamps differs from the bytes');
    assert.ok(same(joined, streamed.rawPayload), 'stream/with-timestamps differs from the stream');
    await app.close();
  });
}

test('E14: a WAV file states its true length, in its header and before it', async () => {
  const reply = await post(`${T1}?output_format=wav_22050`, { text: 'Hello' });
  assert.equal(reply.headers['content-length'], String(reply.rawPayload.length));
  assert.equal(reply.rawPayload.readUInt32LE(4), reply.rawPayload.length - 8);
  assert.equal(reply.rawPayload.readUInt32LE(40), reply.rawPayload.length - 44);
  const audio = await decodeWav(reply.rawPayload, { sampleRate: 22_050, channels: 1 });
  assert.equal(audio.sampleRate, 22_050);
  assert.equal(audio.channels, 1);
});

test('E15: an output format that does not exist is blamed in the query', async () => {
  const { status, detail } = await refusal(`${T1}?output_format=mp3_1_1`, { text: 'Hello' });
  assert.equal(status, 422);
  assert.deepEqual(detail[0].loc, ['query', 'output_format']);
});

test('E16: four dictionaries are too many, none is fine, an unknown one is a 404', async () => {
  const locators = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ pronunciation_dictionary_id: `d${index}` }));
  const body = (count: number) => ({ text: 'Hello', pronunciation_dictionary_locators: locators(count) });
  const four = await refusal(T1, body(4));
  assert.equal(four.status, 422);
  assert.equal(four.detail[0].type, 'too_long');
  assert.deepEqual(four.detail[0].ctx, { field_type: 'List', max_length: 3, actual_length: 4 });
  assert.equal((await post(T1, body(0))).statusCode, 200);
  const unknown = await refusal(T1, body(1));
  assert.equal(unknown.status, 404);
  assert.equal(unknown.detail.code, 'pronunciation_dictionary_not_found');
  assert.match(unknown.detail.message, /d0/);
});

test('E18: four ids of earlier answers are too many; three, empty and unknown ones are spoken past', async () => {
  const ask = (ids: string[]) =>
    post(T1, { text: 'Hello', previous_request_ids: ids, next_request_ids: ids });
  assert.equal((await ask(['a', 'b', 'c', 'd'])).statusCode, 422);
  const plain = await post(T1, { text: 'Hello' });
  for (const ids of [['a', 'b', 'c'], [''], ['unknown']]) {
    const reply = await ask(ids);
    assert.equal(reply.statusCode, 200);
    assert.ok(reply.rawPayload.equals(plain.rawPayload));
  }
});

test('E19: with ids of earlier answers the text before is as good as not there', async () => {
  const engine = toneEngine();
  const ids = { text: 'Hello', previous_request_ids: ['a'] };
  const both = await post(T1, { ...ids, previous_text: 'Well.' }, { engines: [engine] });
  assert.equal(engine.asked[0]?.surroundings, undefined);
  const alone = await post(T1, ids);
  assert.ok(both.rawPayload.equals(alone.rawPayload));
  await post(T1, { text: 'Hello', previous_text: 'Well.' }, { engines: [engine] });
  assert.deepEqual(engine.asked[1]?.surroundings, { before: 'Well.' });
});

test('E20: without logging there is no history item, and no text in the log', async () => {
  const log = recordingLogger();
  const reply = await post(`${T1}?enable_logging=false`, { text: 'A secret sentence' }, { log });
  assert.equal(reply.statusCode, 200);
  assert.equal(reply.headers['history-item-id'], undefined);
  assert.ok(reply.headers['request-id']);
  assert.ok(log.entries.length > 0);
  assert.ok(!JSON.stringify(log.entries).includes('secret'));
  assert.equal((await post(`${T1}?enable_logging=maybe`, { text: 'Hello' })).statusCode, 422);
});

test('E21: the first bytes arrive while the engine still holds the rest back', async () => {
  let open: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const engine = toneEngine();
  const speech = engine.speech;
  assert.ok(speech);
  const held = {
    ...engine,
    speech: {
      ...speech,
      synthesize: async (...asked: Parameters<typeof speech.synthesize>) => {
        const output = await speech.synthesize(...asked);
        assert.ok(output.kind === 'pcm');
        return { ...output, pcm: { ...output.pcm, chunks: afterTheFifth(output.pcm.chunks, gate) } };
      },
    },
  };
  const text = 'A sentence that is long enough for many chunks.';
  await listening({ engines: [held] }, async ({ origin }) => {
    const reply = await fetch(`${origin}${T1}/stream?output_format=pcm_16000`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text, seed: 1 }),
    });
    assert.equal(reply.headers.get('transfer-encoding'), 'chunked');
    assert.equal(reply.headers.get('content-length'), null);
    const parts: Uint8Array[] = [];
    for await (const part of reply.body ?? []) {
      if (parts.length === 0) open?.();
      parts.push(part);
    }
    const whole = await post(`${T1}?output_format=pcm_16000`, { text, seed: 1 });
    assert.ok(Buffer.concat(parts).equals(whole.rawPayload));
  });
});

async function* afterTheFifth(
  chunks: AsyncIterable<Float32Array>,
  gate: Promise<void>,
): AsyncGenerator<Float32Array> {
  let count = 0;
  for await (const chunk of chunks) {
    count += 1;
    if (count > 5) await gate;
    yield chunk;
  }
}

test('E22: every line is an object and ends, the last one too, and times count from the beginning', async () => {
  const text = 'One two three four.';
  const reply = await post(`${T1}/stream/with-timestamps?output_format=pcm_16000`, { text });
  assert.equal(reply.headers['content-type'], 'application/json');
  assert.ok(reply.body.endsWith('\n'));
  const lines = reply.body
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(lines.length > 1);
  const characters = lines.flatMap((line) => line.alignment?.characters ?? []);
  const starts = lines.flatMap((line) => line.alignment?.character_start_times_seconds ?? []);
  assert.equal(characters.join(''), text);
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  );
  assert.ok(
    Math.abs(starts.at(-1) - (text.length - 1) * 0.05) < 0.051,
    `the last character begins at ${starts.at(-1)} s`,
  );
});

test('E25: when every place is taken and as many wait as may, the caller is told to come back', async () => {
  let open: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { app, core } = await testApp({ engines: [toneEngine({ concurrency: 1, gate })] });
  const ask = () =>
    app.inject({ method: 'POST', url: `${T1}?output_format=pcm_8000`, payload: { text: 'Hello' } });
  const [engine] = core.engines;
  assert.ok(engine);
  const patient: ReturnType<typeof ask>[] = [];
  let refused: Awaited<ReturnType<typeof ask>> | undefined;
  while (!refused && patient.length < 1000) {
    const asked = ask();
    const waiting = core.runner.load(engine).waiting;
    const settled = await Promise.race([
      asked,
      queued(() => core.runner.load(engine).waiting > waiting || patient.length === 0),
    ]);
    if (settled) refused = settled;
    else patient.push(asked);
  }
  open?.();
  const served = await Promise.all(patient);
  assert.ok(served.length > 1 && served.every((reply) => reply.statusCode === 200));
  assert.equal(refused?.statusCode, 429);
  const { detail } = refused.json();
  assert.equal(detail.code, 'concurrent_limit_exceeded');
  assert.equal(detail.status, 'too_many_concurrent_requests');
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  await app.close();
});

/** Waits for a request to stand in the queue, turn by turn of the event loop; gives up when it does not. */
async function queued(isQueued: () => boolean): Promise<undefined> {
  for (let turn = 0; turn < 1000 && !isQueued(); turn += 1) await new Promise(setImmediate);
}

test('an unknown model is a 404 and one that cannot speak a 400, both naming model_id', async () => {
  const unknown = await refusal(T1, { text: 'Hello', model_id: 'eleven_nothing' });
  assert.equal(unknown.status, 404);
  assert.equal(unknown.detail.code, 'model_not_found');
  assert.equal(unknown.detail.param, 'model_id');
  assert.match(unknown.detail.message, /eleven_nothing/);
  for (const model of ['scribe_v1', 'eleven_english_sts_v2', 'music_v1', 'eleven_text_to_sound_v2']) {
    const mute = await refusal(T1, { text: 'Hello', model_id: model });
    assert.equal(mute.status, 400, model);
    assert.equal(mute.detail.code, 'unsupported_model');
    assert.equal(mute.detail.param, 'model_id');
  }
});

test('a fast model costs half a credit for a character', async () => {
  const reply = await post(T1, { text: 'Hello you!', model_id: 'eleven_flash_v2_5' });
  assert.equal(reply.headers['character-cost'], '5');
  assert.equal(reply.headers['x-character-count'], '10');
});

test('the speed is honoured, what an engine cannot do is told, and strict callers are refused', async () => {
  const slow = await post(`${T1}?output_format=pcm_16000`, { text: 'Hello', voice_settings: { speed: 0.5 } });
  assert.equal(slow.rawPayload.length, 0.5 * 16_000 * 2);
  const body = { text: 'Hello', voice_settings: { style: 0.3, speed: 1 } };
  const told = await post(T1, body);
  const warnings = JSON.parse(String(told.headers['x-antiphon-warnings']));
  assert.deepEqual(
    warnings.map((one: { setting: string }) => one.setting),
    ['voice_settings.style'],
  );
  assert.equal(told.headers['x-antiphon-stand-in'], 'true');
  const strict = await refusal(T1, body, { headers: { 'x-antiphon-strict': '1' } });
  assert.equal(strict.status, 400);
  assert.equal(strict.detail.code, 'feature_not_available');
  assert.equal(strict.detail.param, 'voice_settings.style');
});

test('an engine voice is found with its slash escaped and as it is', async () => {
  for (const id of ['tone%2Flow', 'tone/low', 'low']) {
    for (const suffix of ['', '/stream', '/with-timestamps', '/stream/with-timestamps']) {
      const reply = await post(`/v1/text-to-speech/${id}${suffix}`, { text: 'Hello' });
      assert.equal(reply.statusCode, 200, `${id}${suffix}`);
      assert.equal(reply.headers['x-antiphon-voice'], 'tone/low');
    }
  }
});

test('the routes live under the name of the vendor as well', async () => {
  const reply = await post(`/elevenlabs${T1}`, { text: 'Hello' });
  assert.equal(reply.statusCode, 200);
});

test('an engine that breaks before the first sample is an honest failure', async () => {
  const { status, detail } = await refusal(
    T1,
    { text: 'Hello' },
    { engines: [toneEngine({ failAfterChunks: 0 })] },
  );
  assert.equal(status, 500);
  assert.equal(detail.type, 'internal_error');
});

test('E46: an error carries its text where other clients look for it', async () => {
  for (const [url, body] of [
    [T1, { text: '' }],
    [T1, {}],
    ['/v1/text-to-speech/foo', { text: 'a' }],
  ] as const) {
    const { status, error } = await refusal(url, body);
    assert.equal(error.code, status);
    assert.ok(error.message.length > 10);
  }
});

test('a path or method that does not exist is refused in the envelope, with and without a key in the header', async () => {
  const { app } = await testApp();
  for (const [method, url, headers] of [
    ['POST', '/v1/dubbing', {}],
    ['GET', '/v1/studio/projects', {}],
    ['GET', '/v1/nothing', { 'xi-api-key': 'k' }],
    ['GET', T1, {}],
  ] as const) {
    const reply = await app.inject({ method, url, headers });
    assert.equal(reply.statusCode, url === T1 ? 405 : 404);
    assert.equal(reply.json().detail.request_id, reply.headers['x-request-id']);
  }
  await app.close();
});
