import assert from 'node:assert/strict';
import { after as afterAll, test } from 'node:test';
import {
  decodeFlac,
  decodeMp3,
  decodeOpus,
  decodePcm,
  decodeWav,
  decodeAac,
  type DecodeAudio,
} from '../../../test/contracts/decode-audio.ts';
import { describeDialectContract, type ContractRequest } from '../../../test/contracts/dialect-contract.ts';
import { testApp, type TestAppOptions } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { openaiDialect } from './openai-dialect.ts';

const SPEECH = { model: 'tts-1', voice: 'alloy', input: 'Good evening.' };
const RAW = { sampleRate: 24_000, channels: 1 } as const;

function speech(fields: Readonly<Record<string, unknown>> = {}): ContractRequest {
  return { method: 'POST', url: '/v1/audio/speech', payload: { ...SPEECH, ...fields } };
}

function assertEnvelope(body: unknown, facts: { readonly param?: string } = {}): void {
  assert.ok(typeof body === 'object' && body !== null && 'error' in body);
  const error = body.error as Record<string, unknown>; // Every assertion below checks it.
  assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
  assert.equal(typeof error['message'], 'string');
  assert.equal(typeof error['type'], 'string');
  assert.ok(error['param'] === null || typeof error['param'] === 'string');
  assert.ok(error['code'] === null || typeof error['code'] === 'string');
  if (facts.param !== undefined) assert.equal(error['param'], facts.param);
}

const LISTS = ['/models', '/models/tts-1', '/audio/models', '/audio/voices', '/audio/voice_consents'];

describeDialectContract(openaiDialect, {
  routes: openaiDialect.mounts.flatMap((mount): ContractRequest[] => [
    { method: 'POST', url: `${mount}/audio/speech`, payload: SPEECH },
    { method: 'POST', url: `${mount}/audio/speech`, payload: { ...SPEECH, stream_format: 'sse' } },
    { method: 'POST', url: `${mount}/audio/voices`, payload: { type: 'prompt', name: 'A', prompt: 'A man' } },
    ...LISTS.map((path): ContractRequest => ({ method: 'GET', url: `${mount}${path}` })),
  ]),
  assertEnvelope,
  withKey: (key) => ({ authorization: `Bearer ${key}` }),
  commonHeaders: ['x-request-id', 'openai-version'],
  unknownPaths: [
    { method: 'GET', url: '/v1/nothing/here' },
    { method: 'POST', url: '/v1/audio/speeches', payload: SPEECH },
    { method: 'GET', url: '/openai/v1/nothing' },
  ],
  wrongMethods: [
    { method: 'GET', url: '/v1/audio/speech' },
    { method: 'DELETE', url: '/v1/models/tts-1' },
    { method: 'POST', url: '/v1/models', payload: {} },
    { method: 'PUT', url: '/openai/v1/audio/voices', payload: {} },
    { method: 'GET', url: '/v1/audio/voices/alloy' },
    { method: 'DELETE', url: '/v1/audio/voice_consents' },
  ],
  wrongFields: [
    { ...speech({ model: undefined }), param: 'model' },
    { ...speech({ input: undefined }), param: 'input' },
    { ...speech({ voice: undefined }), param: 'voice' },
    { ...speech({ model: 3 }), param: 'model' },
    { ...speech({ input: ['a'] }), param: 'input' },
    { ...speech({ input: ' \n' }), param: 'input' },
    { ...speech({ voice: {} }), param: 'voice' },
    { ...speech({ voice: 'nobody' }), param: 'voice' },
    { ...speech({ speed: 'fast' }), param: 'speed' },
    { ...speech({ speed: 4.01 }), param: 'speed' },
    { ...speech({ response_format: 'midi' }), param: 'response_format' },
    { ...speech({ stream_format: 'ndjson' }), param: 'stream_format' },
    { ...speech({ instructions: 'x'.repeat(4_097) }), param: 'instructions' },
    { method: 'GET', url: '/v1/audio/voices?limit=none', param: 'limit' },
    { method: 'GET', url: '/v1/audio/voices?after=nobody', param: 'after' },
    { method: 'GET', url: '/v1/audio/voice_consents?after=nobody', param: 'after' },
    { method: 'DELETE', url: '/v1/audio/voices/voice_id', param: 'voice_id' },
    { method: 'POST', url: '/v1/audio/voices', payload: { type: 'prompt', name: 'A' }, param: 'prompt' },
  ],
});

/** The server that everybody asks who wants nothing special of it. */
let usual: ReturnType<typeof testApp> | undefined;
afterAll(async () => (await usual)?.app.close());

async function serverFor(options: TestAppOptions) {
  if (Object.keys(options).length > 0) return testApp(options);
  usual ??= testApp();
  return usual;
}

async function ask(request: ContractRequest, options: TestAppOptions = {}) {
  const { app } = await serverFor(options);
  try {
    const { method, url, payload, headers } = request;
    return await app.inject({
      method,
      url,
      ...(payload ? { payload } : {}),
      ...(headers ? { headers } : {}),
    });
  } finally {
    if (app !== (await usual)?.app) await app.close();
  }
}

for (const mount of openaiDialect.mounts) {
  test(`S1: ${mount}/audio/speech answers with an MP3 file, 24 kHz, mono, 128 kbit/s`, async () => {
    const response = await ask({ ...speech(), url: `${mount}/audio/speech` });
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers['content-type'], 'audio/mpeg');
    const sound = await decodeMp3(response.rawPayload, RAW);
    assert.deepEqual([sound.sampleRate, sound.channels], [24_000, 1]);
    // Layer III of MPEG 2: bit rate index 12 is 128 kbit/s, sample rate index 1 is 24 kHz.
    assert.deepEqual([...response.rawPayload.subarray(0, 3)], [0xff, 0xf3, 0xc4]);
  });
}

const FORMATS: readonly (readonly [string, string, RegExp, DecodeAudio])[] = [
  ['mp3', 'audio/mpeg', /^\xff\xf3/, decodeMp3],
  ['opus', 'audio/opus', /^OggS[^]{24}OpusHead/, decodeOpus],
  ['aac', 'audio/aac', /^\xff\xf1/, decodeAac],
  ['flac', 'audio/flac', /^fLaC/, decodeFlac],
  ['wav', 'audio/wav', /^RIFF\xff\xff\xff\xffWAVEfmt [^]{20}data\xff\xff\xff\xff/, decodeWav],
  ['pcm', 'audio/pcm', /^/, decodePcm],
];

for (const [format, contentType, magic, decode] of FORMATS) {
  test(`S2: response_format ${format} has its type, its first bytes, one channel and its whole length`, async () => {
    const input = 'A sentence that is long enough to be cut into several pieces on its way.';
    const response = await ask(speech({ input, response_format: format }));
    assert.equal(response.headers['content-type'], contentType);
    assert.match(response.rawPayload.toString('latin1'), magic);
    const sound = await decode(response.rawPayload, RAW);
    assert.deepEqual([sound.sampleRate, sound.channels], [format === 'opus' ? 48_000 : 24_000, 1]);
    const seconds = input.length * 0.05;
    const frames = seconds * sound.sampleRate;
    const surplus = sound.frames - frames;
    // Half a millisecond for the filter between the engine's rate and the format's.
    assert.ok(
      surplus >= -12 && surplus <= sound.delayFrames + sound.mostPaddingFrames + 12,
      `${surplus} frames`,
    );
  });
}

test('S3: pcm has an even length that is 48,000 bytes for each second', async () => {
  const response = await ask(speech({ input: 'x'.repeat(20), response_format: 'pcm' }));
  assert.equal(response.rawPayload.length % 2, 0);
  assert.ok(Math.abs(response.rawPayload.length - 48_000) <= 48, `${response.rawPayload.length} bytes`);
});

test('S4: a voice may be an object with an id; an unknown one is refused and named', async () => {
  assert.equal((await ask(speech({ voice: { id: 'onyx' } }))).headers['x-antiphon-voice'], 'tone/low');
  assert.equal((await ask(speech({ voice: { id: 'tone/high' } }))).statusCode, 200);
  const refused = await ask(speech({ voice: { id: 'voice_unknown' } }));
  assert.equal(refused.statusCode, 400);
  assert.match(refused.json().error.message, /voice_unknown/);
});

for (const [what, input, status] of [
  ['4,096 letters', 'a'.repeat(4_096), 200],
  ['4,097 letters', 'a'.repeat(4_097), 400],
  ['4,096 characters of two code units each', '𝐚'.repeat(4_096), 200],
  ['4,097 characters of two code units each', '𝐚'.repeat(4_097), 400],
] as const) {
  test(`S5: input of ${what} gets ${status}`, async () => {
    const response = await ask(speech({ input, response_format: 'pcm', speed: 4 }));
    assert.equal(response.statusCode, status, response.body.slice(0, 300));
    if (status === 400) assert.match(response.json().error.message, /at most 4096 characters, but has 4097/);
  });
}

for (const [speed, status, seconds] of [
  [0.25, 200, 2],
  [1, 200, 0.5],
  [4, 200, 0.125],
  [0.24, 400, 0],
  [4.01, 400, 0],
] as const) {
  test(`S6: speed ${speed} gets ${status}`, async () => {
    const response = await ask(speech({ input: 'x'.repeat(10), response_format: 'pcm', speed }));
    assert.equal(response.statusCode, status);
    if (status === 200) assert.ok(Math.abs(response.rawPayload.length / 48_000 - seconds) < 0.001);
    else assert.match(response.json().error.message, new RegExp(`but is ${speed}`));
  });
}

interface SpeechEvent {
  readonly type: string;
  readonly audio?: string;
  readonly usage?: Readonly<Record<string, number>>;
}

function eventsOf(body: string): SpeechEvent[] {
  const blocks = body.split('\r\n\r\n');
  assert.equal(blocks.pop(), '', 'the last event is complete');
  assert.equal(blocks.pop(), 'data: [DONE]');
  return blocks.map((block) => JSON.parse(block.replace(/^data: /, '')) as SpeechEvent); // What the test then checks.
}

for (const model of ['tts-1', 'gpt-4o-mini-tts']) {
  test(`S7: ${model} as events: slices of one file, then the usage, then the end mark`, async () => {
    const input = 'A sentence for the stream of events, long enough for several slices.';
    const response = await ask(speech({ model, input, stream_format: 'sse' }));
    assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.equal(response.headers['cache-control'], 'no-store');
    assert.equal(response.headers['x-antiphon-voice'], 'tone/high');
    const events = eventsOf(response.body);
    const done = events.pop();
    assert.ok(events.length > 1);
    assert.ok(events.every((event) => event.type === 'speech.audio.delta'));
    const slices = events.map((event) => Buffer.from(event.audio ?? '', 'base64'));
    assert.ok(slices.slice(0, -1).every((slice) => slice.length === 4_096));
    const whole = await ask(speech({ model, input }));
    assert.deepEqual(Buffer.concat(slices), whole.rawPayload);
    assert.equal(done?.type, 'speech.audio.done');
    const { input_tokens = 0, output_tokens = 0, total_tokens } = done?.usage ?? {};
    assert.deepEqual(Object.keys(done?.usage ?? {}), ['input_tokens', 'output_tokens', 'total_tokens']);
    assert.equal(input_tokens, Math.ceil(input.length / 4));
    assert.equal(output_tokens, Math.ceil((input.length * 0.05 * 1_250) / 60));
    assert.equal(total_tokens, input_tokens + output_tokens);
  });
}

for (const [what, payload, contentType] of [
  ['no JSON', '{"model": "tts-1",', 'application/json'],
  ['nothing', '', 'application/json'],
  ['a list', '[1]', 'application/json'],
  ['null', 'null', 'application/json'],
  ['text', JSON.stringify(SPEECH), 'text/plain'],
  ['XML', '<speech/>', 'application/xml'],
  [
    'a form with files',
    '--x\r\ncontent-disposition: form-data; name="input"\r\n\r\nHi\r\n--x--\r\n',
    'multipart/form-data; boundary=x',
  ],
] as const) {
  test(`S8: a body that is ${what}, sent as ${contentType.split(';')[0]}, gets 400`, async () => {
    const response = await ask({ ...speech(), payload, headers: { 'content-type': contentType } });
    assert.equal(response.statusCode, 400);
    assertEnvelope(response.json());
    assert.equal(response.json().error.type, 'invalid_request_error');
  });
}

test('S8: every wrong field is named in one message', async () => {
  const response = await ask({ ...speech(), payload: { voice: 'alloy', input: 5, speed: true } });
  assert.equal(
    response.json().error.message,
    "'model' is required. 'input' must be of type string, but is 5. 'speed' must be of type number, but is true.",
  );
});

test('null in an optional field is the same as no field', async () => {
  const nothing = { speed: null, instructions: null, response_format: null, stream_format: null };
  const response = await ask(speech(nothing));
  assert.equal(response.headers['content-type'], 'audio/mpeg');
  assert.equal(response.headers['x-antiphon-warnings'], undefined);
});

test('instructions that nobody can follow are told, and refused when the caller is strict', async () => {
  const wish = speech({ instructions: 'Whisper.' });
  const told = await ask(wish);
  assert.match(String(told.headers['x-antiphon-warnings']), /"setting":"instructions"/);
  assert.equal(told.headers['x-antiphon-stand-in'], 'true');
  const refused = await ask({ ...wish, headers: { 'x-antiphon-strict': '1' } });
  assert.equal(refused.statusCode, 400);
  assertEnvelope(refused.json(), { param: 'instructions' });
  assert.equal(refused.json().error.code, 'unsupported_parameter');
});

test('a model that is no speech model, or none at all, is refused by name', async () => {
  const unknown = await ask(speech({ model: 'tts-99' }));
  assert.equal(unknown.statusCode, 404);
  assert.equal(unknown.json().error.code, 'model_not_found');
  assertEnvelope(unknown.json(), { param: 'model' });
  const other = await ask(speech({ model: 'whisper-1' }));
  assert.equal(other.statusCode, 400);
  assertEnvelope(other.json(), { param: 'model' });
  const strict = await ask(speech(), { strictModels: true });
  assert.deepEqual([strict.statusCode, strict.json().error.code], [404, 'model_not_found']);
});

test('M1: the list names every model of every dialect once, and what serves it', async () => {
  const { app, core } = await testApp();
  const response = await app.inject({ method: 'GET', url: '/v1/models' });
  await app.close();
  const { object, data } = response.json();
  assert.equal(object, 'list');
  const ids: string[] = data.map((model: { id: string }) => model.id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  for (const { name } of core.models.publicModels) assert.ok(ids.includes(name), name);
  const byId = new Map<string, Record<string, unknown>>(
    data.map((model: { id: string }) => [model.id, model]),
  );
  assert.deepEqual(byId.get('tts-1'), {
    id: 'tts-1',
    object: 'model',
    created: 1681940951,
    owned_by: 'openai',
    shutdown_date: '2027-01-06',
    antiphon: { capability: 'speech', title: 'TTS 1', served_by: ['tone/tone'], stand_in: true },
  });
  assert.deepEqual(byId.get('whisper-1')?.['antiphon'], {
    capability: 'transcription',
    title: 'Whisper',
    served_by: [],
    stand_in: false,
  });
  assert.equal(byId.get('tone/tone')?.['owned_by'], 'tone');
});

for (const path of ['/v1/models/tone%2Ftone', '/v1/models/tone/tone', '/api/v1/models/tone/tone']) {
  test(`M1: GET ${path} finds a name with a slash`, async () => {
    const response = await ask({ method: 'GET', url: path });
    assert.deepEqual([response.statusCode, response.json().id], [200, 'tone/tone']);
  });
}

test('M1: an unknown model is not found, by that name', async () => {
  const response = await ask({ method: 'GET', url: '/v1/models/no%2Fsuch' });
  assert.equal(response.statusCode, 404);
  const { error } = response.json();
  assert.deepEqual(
    [error.type, error.param, error.code],
    ['invalid_request_error', 'model', 'model_not_found'],
  );
  assert.match(error.message, /no\/such/);
});

test('V2: the voices are listed, this vendor’s first, under both names that clients read', async () => {
  const { app, core } = await testApp();
  const response = await app.inject({ method: 'GET', url: '/v1/audio/voices' });
  await app.close();
  const { voices, data, has_more } = response.json();
  assert.deepEqual(voices, data);
  assert.equal(has_more, false);
  assert.equal(voices.length, core.voices.presets.length + core.voices.engineVoices.length);
  const first = voices.slice(0, 13).map((voice: { owned_by: string }) => voice.owned_by);
  assert.deepEqual(new Set(first), new Set(['openai']));
  assert.deepEqual([voices[0].id, voices[0].name], ['alloy', 'Alloy']);
  assert.equal(voices.at(-1).id, 'tone/low');
});

test('V2: the voices can be read page by page', async () => {
  const { app } = await testApp();
  const all = (await app.inject({ method: 'GET', url: '/v1/audio/voices' })).json().voices;
  const read = [];
  for (let after = '', more = true; more;) {
    const query = after ? `&after=${encodeURIComponent(after)}` : '';
    const page = (await app.inject({ method: 'GET', url: `/v1/audio/voices?limit=7${query}` })).json();
    read.push(...page.voices);
    after = page.last_id;
    more = page.has_more;
  }
  await app.close();
  assert.deepEqual(read, all);
});

test('V2: the speech models are listed for clients that ask beside the voices', async () => {
  const { models } = (await ask({ method: 'GET', url: '/v1/audio/models' })).json();
  const ids: string[] = models.map((model: { id: string }) => model.id);
  for (const id of ['tts-1', 'gpt-4o-mini-tts', 'tone/tone']) assert.ok(ids.includes(id), id);
  assert.ok(!ids.includes('whisper-1'));
});

test('every listed voice can be spoken with', async () => {
  const { app } = await testApp();
  const { voices } = (await app.inject({ method: 'GET', url: '/v1/audio/voices' })).json();
  for (const { id } of voices) {
    const payload = { ...SPEECH, input: 'Hi', voice: id, response_format: 'pcm' };
    const response = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
    assert.equal(response.statusCode, 200, `${id}: ${response.body.slice(0, 200)}`);
  }
  await app.close();
});

test('an engine that breaks before its first sample is a 502 that may be repeated', async () => {
  const response = await ask(speech(), { engines: [toneEngine({ failAfterChunks: 0 })] });
  assert.equal(response.statusCode, 502);
  assertEnvelope(response.json());
  assert.equal(response.headers['x-should-retry'], 'true');
  assert.equal(response.headers['retry-after'], '1');
});

test('an engine that breaks later ends the events with an error that clients throw, and without the end mark', async () => {
  const response = await ask(speech({ stream_format: 'sse', response_format: 'pcm' }), {
    engines: [toneEngine({ failAfterChunks: 4 })],
  });
  assert.equal(response.statusCode, 200);
  const last = response.body.trimEnd().split('\r\n\r\n').at(-1) ?? '';
  const body: unknown = JSON.parse(last.replace(/^data: /, ''));
  assertEnvelope(body);
  assert.doesNotMatch(response.body, /speech\.audio\.done|\[DONE\]/);
});

test('E3: nothing that fails for good has a status that clients repeat', async () => {
  for (const request of [
    speech({ model: 'tts-99' }),
    speech({ voice: 'nobody' }),
    speech({ input: '' }),
    { method: 'DELETE', url: '/v1/models/tts-1' } as const,
  ]) {
    const response = await ask(request);
    assert.ok(![408, 409, 429].includes(response.statusCode) && response.statusCode < 500);
    assert.equal(response.headers['x-should-retry'], 'false');
  }
});

test('E4: every answer has a request id of its own, in the vendor’s shape, and says how long it took', async () => {
  const ids = new Set<unknown>();
  for (const request of [
    speech(),
    speech({ voice: 'nobody' }),
    { method: 'GET', url: '/v1/models' } as const,
  ]) {
    const response = await ask(request);
    assert.match(String(response.headers['x-request-id']), /^req_[0-9a-f]{32}$/);
    assert.match(String(response.headers['openai-processing-ms']), /^\d+$/);
    ids.add(response.headers['x-request-id']);
  }
  assert.equal(ids.size, 3);
});

for (const [what, authorization, code] of [
  ['no key', undefined, null],
  ['an empty key', 'Bearer ', null],
  ['another scheme', 'Basic c2VjcmV0', null],
  ['a wrong key', 'Bearer wrong', 'invalid_api_key'],
] as const) {
  test(`E5: ${what} gets 401 and says how to authenticate`, async () => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await ask({ ...speech(), headers }, { keys: ['right'] });
    assert.equal(response.statusCode, 401);
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="OpenAI API"');
    assertEnvelope(response.json());
    assert.equal(response.json().error.code, code);
  });
}

test('E5: the scheme of a right key may be written in any case', async () => {
  const response = await ask(
    { ...speech(), headers: { authorization: 'bearer right' } },
    { keys: ['right'] },
  );
  assert.equal(response.statusCode, 200);
});
