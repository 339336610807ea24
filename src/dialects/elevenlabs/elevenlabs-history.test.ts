import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { unzipSync } from 'fflate';
import { decodeWav } from '../../../test/contracts/decode-audio.ts';
import {
  memoryBlobs,
  recordingLogger,
  storageIn,
  testApp,
  type TestAppOptions,
} from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';
const RACHEL = '21m00Tcm4TlvDq8ikWAM';

interface SpeakOptions {
  readonly body?: object;
  readonly query?: string;
  readonly voice?: string;
  readonly path?: string;
}

type Caller = ReturnType<typeof callerOf>;

function callerOf(app: FastifyInstance) {
  const send = async (method: 'GET' | 'DELETE' | 'POST', path: string, payload?: object) => {
    const url = `/v1/history${path}`;
    const reply = await app.inject({ method, url, ...(payload ? { payload } : {}) });
    const isJson = String(reply.headers['content-type']).startsWith('application/json');
    return {
      status: reply.statusCode,
      body: isJson ? reply.json() : undefined,
      bytes: reply.rawPayload,
      type: reply.headers['content-type'],
    };
  };
  const speak = async (text: string, options: SpeakOptions = {}) => {
    const { body = {}, query = '', voice = GEORGE, path = '' } = options;
    const url = `/v1/text-to-speech/${voice}${path}${query}`;
    const reply = await app.inject({ method: 'POST', url, payload: { text, ...body } });
    assert.equal(reply.statusCode, 200, reply.body.slice(0, 300));
    return {
      id: String(reply.headers['history-item-id']),
      requestId: String(reply.headers['request-id']),
      bytes: reply.rawPayload,
      headers: reply.headers,
    };
  };
  return { app, speak, send, get: (path: string) => send('GET', path) };
}

async function calling(options: TestAppOptions, use: (caller: Caller) => Promise<void>) {
  const { app } = await testApp(options);
  try {
    await use(callerOf(app));
  } finally {
    await app.close();
  }
}

const idsOf = ({
  body,
}: {
  readonly body?: { readonly history: readonly { readonly history_item_id: string }[] };
}) => body?.history.map((item) => item.history_item_id);

test('E32: three speeches are listed newest first in pages, heard again, downloaded as a zip, and deleted', () =>
  calling({}, async ({ speak, get, send }) => {
    const [one, two, three] = [await speak('One.'), await speak('Two!'), await speak('Three?')];
    const first = await get('?page_size=2');
    assert.deepEqual(idsOf(first), [three.id, two.id]);
    assert.equal(first.body.has_more, true);
    assert.equal(first.body.last_history_item_id, two.id);
    const second = await get(`?page_size=2&start_after_history_item_id=${two.id}`);
    assert.deepEqual(idsOf(second), [one.id]);
    assert.equal(second.body.has_more, false);
    assert.deepEqual(idsOf(await get('?sort_direction=asc')), [one.id, two.id, three.id]);

    const audio = await get(`/${two.id}/audio`);
    assert.equal(audio.type, 'audio/mpeg');
    assert.ok(audio.bytes.equals(two.bytes));

    const zip = await send('POST', '/download', { history_item_ids: [one.id, three.id] });
    assert.equal(zip.type, 'application/zip');
    const entries = unzipSync(zip.bytes);
    assert.equal(Object.keys(entries).length, 2);
    for (const spoken of [one, three]) {
      const name = Object.keys(entries).find((key) => key.includes(spoken.id)) ?? '';
      assert.match(name, /_George_.*\.mp3$/);
      assert.ok(spoken.bytes.equals(entries[name] ?? new Uint8Array()));
    }

    assert.deepEqual((await send('DELETE', `/${two.id}`)).body, { status: 'ok' });
    for (const path of [`/${two.id}`, `/${two.id}/audio`, `?start_after_history_item_id=${two.id}`]) {
      const gone = await get(path);
      assert.equal(gone.status, 404);
      assert.equal(gone.body.detail.code, 'history_item_not_found');
      assert.match(gone.body.detail.message, new RegExp(two.id));
    }
    assert.equal((await send('DELETE', `/${two.id}`)).status, 404);
    assert.deepEqual(idsOf(await get('')), [three.id, one.id]);
  }));

test('an item tells the text, the voice, the settings and what it cost', () =>
  calling({}, async ({ speak, get }) => {
    const body = { model_id: 'eleven_flash_v2_5', voice_settings: { stability: 0.25 } };
    const spoken = await speak('Ten chars.', { body, query: '?output_format=pcm_16000', path: '/stream' });
    const { body: item } = await get(`/${spoken.id}`);
    const { date_unix: date, ...rest } = item;
    assert.ok(Math.abs(date - Date.now() / 1000) < 60);
    assert.deepEqual(rest, {
      history_item_id: spoken.id,
      request_id: spoken.requestId,
      voice_id: GEORGE,
      model_id: 'eleven_flash_v2_5',
      voice_name: 'George',
      voice_category: 'premade',
      text: 'Ten chars.',
      character_count_change_from: 0,
      character_count_change_to: Number(spoken.headers['character-cost']),
      content_type: 'audio/pcm',
      state: 'created',
      settings: { stability: 0.25 },
      feedback: null,
      share_link_id: null,
      source: 'TTS',
      alignments: null,
      dialogue: null,
      output_format: 'pcm_16000',
    });
    assert.equal(item.character_count_change_to, 5);
  }));

test('the list is narrowed by voice, model, time, source and words', () =>
  calling({}, async ({ speak, get }) => {
    const george = await speak('The Weather is fine.');
    const rachel = await speak('A storm.', { voice: RACHEL, body: { model_id: 'eleven_flash_v2' } });
    const found = async (query: string) => idsOf(await get(query));
    assert.deepEqual(await found(`?voice_id=${RACHEL}`), [rachel.id]);
    assert.deepEqual(await found('?model_id=eleven_multilingual_v2'), [george.id]);
    assert.deepEqual(await found('?search=weather&source=TTS'), [george.id]);
    assert.deepEqual(await found('?source=STS'), []);
    assert.deepEqual(await found('?source=Flows'), []);
    assert.deepEqual(await found('?source=TTS'), [rachel.id, george.id]);
    const now = Math.floor(Date.now() / 1000);
    assert.deepEqual(await found(`?date_before_unix=${now - 60}`), []);
    assert.deepEqual(await found(`?date_after_unix=${now - 60}`), [rachel.id, george.id]);
    assert.deepEqual(await found(`?date_after_unix=${now + 60}`), []);
  }));

for (const [query, field] of [
  ['?page_size=0', 'page_size'],
  ['?page_size=1001', 'page_size'],
  ['?sort_direction=up', 'sort_direction'],
  ['?source=Radio', 'source'],
  ['?search=x', 'source'],
  ['?date_after_unix=yesterday', 'date_after_unix'],
] as const) {
  test(`a list asked for with ${query} is refused by the name of the parameter`, () =>
    calling({}, async ({ get }) => {
      const { status, body } = await get(query);
      assert.equal(status, 422);
      assert.deepEqual(body.detail[0].loc, ['query', field]);
    }));
}

for (const name of ['mp3_44100_128', 'pcm_16000', 'ulaw_8000', 'alaw_8000', 'opus_48000_64', 'wav_22050']) {
  test(`a recording in ${name} is downloaded as it is and as WAV`, () =>
    calling({}, async ({ speak, send }) => {
      const spoken = await speak('Hello there', { query: `?output_format=${name}` });
      const plain = await send('POST', '/download', { history_item_ids: [spoken.id] });
      assert.ok(plain.bytes.equals(spoken.bytes));
      const wav = await send('POST', '/download', { history_item_ids: [spoken.id], output_format: 'wav' });
      assert.equal(wav.type, 'audio/wav');
      const audio = await decodeWav(wav.bytes, { sampleRate: 0, channels: 1 });
      const seconds = audio.frames / audio.sampleRate;
      // Eleven characters of the tone engine, and what the frames of a codec add at the end.
      assert.ok(seconds > 0.54 && seconds < 0.62, `${seconds} s`);
      assert.equal(wav.bytes.readUInt32LE(4), wav.bytes.length - 8);
    }));
}

test('a download in a format that does not exist is refused in the vendor’s own shape', () =>
  calling({}, async ({ speak, send }) => {
    const { id } = await speak('Hello');
    const bad = await send('POST', '/download', { history_item_ids: [id], output_format: 'mp3' });
    assert.equal(bad.status, 400);
    assert.equal(bad.body.error, 'invalid_output_format');
    assert.equal(typeof bad.body.message, 'string');
    assert.equal((await send('POST', '/download', { history_item_ids: [] })).status, 422);
    assert.equal((await send('POST', '/download', {})).status, 422);
    const unknown = await send('POST', '/download', { history_item_ids: [id, 'nothing'] });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.detail.code, 'history_item_not_found');
  }));

test('every way to ask for speech keeps its sound', () =>
  calling({}, async ({ speak, get }) => {
    for (const path of ['', '/stream']) {
      const spoken = await speak('Hello', { path, query: '?output_format=wav_16000' });
      assert.ok((await get(`/${spoken.id}/audio`)).bytes.equals(spoken.bytes));
    }
    const timed = await speak('Hello', { path: '/with-timestamps' });
    const { audio_base64: audio } = JSON.parse(timed.bytes.toString());
    assert.equal((await get(`/${timed.id}/audio`)).bytes.toString('base64'), audio);
    const lines = await speak('Hello', { path: '/stream/with-timestamps' });
    const parts = lines.bytes.toString().trimEnd().split('\n');
    const joined = Buffer.concat(parts.map((line) => Buffer.from(JSON.parse(line).audio_base64, 'base64')));
    assert.ok((await get(`/${lines.id}/audio`)).bytes.equals(joined));
  }));

test('nobody sees, hears, downloads or deletes what another key had spoken', async () => {
  const { app } = await testApp({ keys: ['ann', 'bob'] });
  const as = (key: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, headers: { 'xi-api-key': key }, ...(payload ? { payload } : {}) });
  const spoken = await as('ann', 'POST', `/v1/text-to-speech/${GEORGE}`, { text: 'Mine' });
  const id = String(spoken.headers['history-item-id']);
  assert.deepEqual((await as('bob', 'GET', '/v1/history')).json().history, []);
  assert.equal((await as('bob', 'GET', `/v1/history/${id}`)).statusCode, 404);
  assert.equal((await as('bob', 'GET', `/v1/history/${id}/audio`)).statusCode, 404);
  assert.equal((await as('bob', 'DELETE', `/v1/history/${id}`)).statusCode, 404);
  const download = await as('bob', 'POST', '/v1/history/download', { history_item_ids: [id] });
  assert.equal(download.statusCode, 404);
  assert.equal((await as('ann', 'GET', `/v1/history/${id}`)).statusCode, 200);
  // Neither does another key's speech join it.
  const asked = { text: 'and yours', previous_request_ids: [String(spoken.headers['request-id'])] };
  const joined = await as('bob', 'POST', `/v1/text-to-speech/${GEORGE}`, asked);
  const alone = await as('bob', 'POST', `/v1/text-to-speech/${GEORGE}`, { text: 'and yours' });
  assert.ok(joined.rawPayload.equals(alone.rawPayload));
  await app.close();
});

test('OpenAI and Eigen speech keeps nothing', async () => {
  const blobs = memoryBlobs();
  const { app } = await testApp({ blobs });
  const openai = { model: 'tts-1', input: 'Hello', voice: 'alloy' };
  const reply = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload: openai });
  assert.equal(reply.statusCode, 200);
  assert.equal(blobs.kept.size, 0);
  assert.deepEqual((await app.inject({ method: 'GET', url: '/v1/history' })).json().history, []);
  await app.close();
});

test('a speech that breaks off is not kept', async () => {
  const blobs = memoryBlobs();
  const engines = [toneEngine({ failAfterChunks: 3 })];
  const { app } = await testApp({ blobs, engines });
  const url = `/v1/text-to-speech/${GEORGE}/stream?output_format=pcm_16000`;
  await app.inject({ method: 'POST', url, payload: { text: 'A rather long text.' } }).catch(() => undefined);
  assert.equal(blobs.kept.size, 0);
  assert.deepEqual((await app.inject({ method: 'GET', url: '/v1/history' })).json().history, []);
  await app.close();
});

/** Everything that lies in a folder, as one text. */
function contentsOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('');
}

test('E20: enable_logging=false keeps nothing, writes the text nowhere, and cannot be joined', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-history-'));
  const { store, blobs } = storageIn(folder);
  const log = recordingLogger();
  await calling({ store, blobs, log }, async ({ speak, get }) => {
    const secret = await speak('A clandestine sentence', { query: '?enable_logging=false' });
    assert.equal(secret.headers['history-item-id'], undefined);
    assert.match(secret.requestId, /^[0-9a-f]{32}$/);
    assert.deepEqual((await get('')).body.history, []);
    const open = await speak('A public sentence');
    assert.deepEqual(idsOf(await get('')), [open.id]);
    const kept = contentsOf(folder);
    assert.ok(kept.includes('A public sentence'));
    assert.ok(!kept.includes('clandestine'));
    assert.ok(log.entries.length > 0);
    assert.ok(!JSON.stringify(log.entries).includes('clandestine'));
    const joined = await speak('and more', { body: { previous_request_ids: [secret.requestId] } });
    assert.ok(joined.bytes.equals((await speak('and more')).bytes));
  });
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test('E18: ids of earlier answers that are empty, unknown or too many change nothing or are refused', () =>
  calling({}, async ({ app, speak }) => {
    const earlier = [await speak('We drove'), await speak('through the hills'), await speak('of Wales')];
    const ids = earlier.map(({ requestId }) => requestId);
    const url = `/v1/text-to-speech/${GEORGE}`;
    const four = { text: 'at night.', previous_request_ids: [...ids, 'fourth'] };
    const refused = await app.inject({ method: 'POST', url, payload: four });
    assert.equal(refused.statusCode, 422);
    assert.deepEqual(refused.json().detail[0].loc, ['body', 'previous_request_ids']);
    assert.equal(refused.json().detail[0].type, 'too_long');
    const plain = await speak('at night.');
    for (const useless of [[''], ['unknown'], ['', 'unknown']]) {
      const reply = await speak('at night.', { body: { previous_request_ids: useless } });
      assert.ok(reply.bytes.equals(plain.bytes));
    }
    const joined = await speak('at night.', { body: { previous_request_ids: ids } });
    assert.ok(!joined.bytes.equals(plain.bytes), 'three ids are joined');
    const mixed = await speak('at night.', { body: { previous_request_ids: ['unknown', ids[2], ''] } });
    assert.ok(!mixed.bytes.equals(plain.bytes), 'the known one is joined');
  }));

test('E19: ids win over texts, and give the same bytes without them', async () => {
  const engine = toneEngine();
  await calling({ engines: [engine] }, async ({ speak }) => {
    const [first, last] = [await speak('We drove through'), await speak('at the end of May.')];
    const ids = { previous_request_ids: [first.requestId], next_request_ids: [last.requestId] };
    const alone = await speak('the hills of Wales', { body: ids });
    const both = await speak('the hills of Wales', {
      body: { ...ids, previous_text: 'They walked across', next_text: 'in the rain.' },
    });
    assert.ok(both.bytes.equals(alone.bytes));
    assert.equal(engine.asked.at(-1)?.text, 'We drove through the hills of Wales at the end of May.');
    const again = await speak('the hills of Wales', { body: ids });
    assert.ok(again.bytes.equals(alone.bytes));
  });
});

test('eleven_v3 is not joined to earlier answers, and says so', () =>
  calling({}, async ({ app, speak }) => {
    const first = await speak('We drove through');
    const body = { model_id: 'eleven_v3', previous_request_ids: [first.requestId] };
    const reply = await speak('the hills.', { body });
    assert.match(String(reply.headers['x-antiphon-warnings']), /previous_request_ids.*not joined/);
    const plain = await speak('the hills.', { body: { model_id: 'eleven_v3' } });
    assert.ok(reply.bytes.equals(plain.bytes));
    const strict = await app.inject({
      method: 'POST',
      url: `/v1/text-to-speech/${GEORGE}`,
      payload: { text: 'the hills.', ...body, strict: true },
    });
    assert.equal(strict.statusCode, 400);
    assert.equal(strict.json().detail.param, 'previous_request_ids');
  }));

test('a deleted speech is not joined any more', () =>
  calling({}, async ({ speak, send }) => {
    const first = await speak('We drove through');
    const body = { previous_request_ids: [first.requestId] };
    const joined = await speak('the hills.', { body });
    await send('DELETE', `/${first.id}`);
    const after = await speak('the hills.', { body });
    assert.ok(!joined.bytes.equals(after.bytes));
    assert.ok(after.bytes.equals((await speak('the hills.')).bytes));
  }));

test('with the history switched off nothing is kept, and earlier speech is joined all the same', async () => {
  const blobs = memoryBlobs();
  await calling({ blobs, historyLimits: { days: 0, bytes: 1e9 } }, async ({ speak, get }) => {
    const first = await speak('We drove through');
    assert.equal(first.headers['history-item-id'], undefined);
    assert.deepEqual((await get('')).body.history, []);
    assert.equal(blobs.kept.size, 0);
    const joined = await speak('the hills.', { body: { previous_request_ids: [first.requestId] } });
    assert.ok(!joined.bytes.equals((await speak('the hills.')).bytes));
  });
});

test('an engine without word times joins by pause and level, and the caller is told', () =>
  calling({ engines: [toneEngine({ estimatesWords: true })] }, async ({ speak }) => {
    const query = '?output_format=pcm_16000';
    const plain = await speak('It was late.', { query });
    const reply = await speak('It was late.', { query, body: { previous_text: 'We went home.' } });
    assert.match(String(reply.headers['x-antiphon-warnings']), /previous_text.*pause and level/);
    // Half of the pause between two sentences, 350 ms.
    const added = (reply.bytes.length - plain.bytes.length) / 2 / 16_000;
    assert.ok(Math.abs(added - 0.175) < 0.005, `${added} s`);
  }));
