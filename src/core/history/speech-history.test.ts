import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  memoryBlobs,
  recordingLogger,
  testContext,
  testPrincipal,
  testStorage,
} from '../../../test/support.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { SpeechTrace } from '../speech/speech-surroundings.ts';
import type { SpeechResult } from '../speech/speech.ts';
import { findNext, findPrevious } from './neighbouring-speech.ts';
import { createSpeechHistory, type SpeechFacts } from './speech-history.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const CHUNK = new Uint8Array(100).fill(7);

const FACTS: SpeechFacts = {
  source: 'speech',
  model: 'm',
  voiceId: 'v',
  voiceName: 'Voice',
  text: 'Text',
  characters: 4,
  mediaType: 'audio/pcm',
  format: 'pcm_16000',
  settings: {},
};

function traceOf(text: string): SpeechTrace {
  return { opening: text, closing: text, leadSeconds: 0, tailSeconds: 0.04, level: 0.1, closingLevel: 0.1 };
}

function speechOf(chunks: AsyncIterable<Uint8Array>, text = 'Text'): SpeechResult {
  return {
    mediaType: 'audio/pcm',
    formatId: 'pcm',
    sampleRate: 16_000,
    chunks,
    secondsSoFar: () => 1.5,
    warnings: [],
    servedBy: 'e/m',
    voiceId: 'e/v',
    standIn: false,
    characters: 4,
    trace: () => traceOf(text),
  };
}

async function* chunksOf(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield CHUNK;
  if (failure) throw failure;
}

function setup(more: { days?: number; bytes?: number; blobs?: BlobStore } = {}) {
  const { store } = testStorage();
  const kept = memoryBlobs();
  const log = recordingLogger();
  const clock = { at: 100 * DAY_MS, now: () => clock.at, monotonicMs: () => clock.at };
  const parts = { store: store.history, blobs: more.blobs ?? kept, clock, log };
  const limits = { days: more.days ?? 30, bytes: more.bytes ?? 1e9 };
  const make = () => createSpeechHistory({ ...parts, limits });
  const history = make();
  const contextOf = (requestId: string, ownerId = 'ann', signal = new AbortController().signal) =>
    testContext({ requestId, signal, log, principal: testPrincipal(ownerId) });
  const speak = async (requestId: string, text = requestId, ownerId = 'ann') => {
    const { result, id } = history.keep(speechOf(chunksOf(3), text), FACTS, contextOf(requestId, ownerId));
    await Array.fromAsync(result.chunks);
    return id ?? '';
  };
  const list = async (ownerId = 'ann') => {
    const rows = await history.list({ ownerId, limit: 100, direction: 'oldest_first' });
    return rows.map(({ requestId }) => requestId);
  };
  return { history, make, kept, log, clock, contextOf, speak, list };
}

test('a speech is in the history when its last byte was read, and not before', async () => {
  const { history, contextOf, list, kept } = setup();
  const { result, id } = history.keep(speechOf(chunksOf(3)), FACTS, contextOf('r'));
  assert.match(id ?? '', /^[\dA-Za-z]{20}$/);
  const reader = result.chunks[Symbol.asyncIterator]();
  for (let index = 0; index < 3; index += 1) assert.deepEqual((await reader.next()).value, CHUNK);
  assert.deepEqual(await list(), []);
  assert.equal((await reader.next()).done, true);
  assert.deepEqual(await list(), ['r']);
  const record = await history.get(id ?? '', 'ann');
  assert.equal(record.byteLength, 300);
  assert.equal(record.durationSeconds, 1.5);
  assert.equal(kept.kept.get(record.blobId)?.length, 300);
});

test('a speech that fails, is left, or whose caller hangs up leaves nothing', async () => {
  const { history, contextOf, list, kept } = setup();
  const failing = history.keep(speechOf(chunksOf(2, new Error('broke'))), FACTS, contextOf('fails'));
  await assert.rejects(Array.fromAsync(failing.result.chunks), /broke/);
  const left = history.keep(speechOf(chunksOf(9)), FACTS, contextOf('left'));
  for await (const chunk of left.result.chunks) {
    assert.ok(chunk);
    break;
  }
  const hangUp = new AbortController();
  const hungUp = history.keep(speechOf(chunksOf(2)), FACTS, contextOf('hung-up', 'ann', hangUp.signal));
  await assert.rejects(
    async () => {
      for await (const chunk of hungUp.result.chunks) if (chunk) hangUp.abort();
    },
    { code: 'cancelled' },
  );
  const unread = history.keep(speechOf(chunksOf(2)), FACTS, contextOf('unread'));
  assert.ok(unread.id);
  assert.deepEqual(await list(), []);
  assert.equal(kept.kept.size, 0);
  assert.equal(await history.findTrace('fails', 'ann'), undefined);
  assert.equal(await history.findTrace('hung-up', 'ann'), undefined);
});

test('bytes are made no faster than they are kept', async () => {
  const base = memoryBlobs();
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* slowly(bytes: AsyncIterable<Uint8Array>) {
    for await (const chunk of bytes) {
      await held;
      yield chunk;
    }
  }
  const blobs: BlobStore = {
    ...base,
    put: (id, bytes) => base.put(id, bytes instanceof Uint8Array ? bytes : slowly(bytes)),
  };
  const { history, contextOf } = setup({ blobs });
  let made = 0;
  async function* counted() {
    for await (const chunk of chunksOf(50)) {
      made += 1;
      yield chunk;
    }
  }
  const { result } = history.keep(speechOf(counted()), FACTS, contextOf('r'));
  const read = Array.fromAsync(result.chunks);
  for (let turn = 0; turn < 200; turn += 1) await setImmediate();
  assert.ok(made <= 3, `${made} chunks were made`);
  release?.();
  assert.equal((await read).length, 50);
});

test('where nothing can be written the caller still hears everything, and the log says why', async () => {
  const full: BlobStore = {
    ...memoryBlobs(),
    put: async () => {
      throw new Error('the disk is full');
    },
  };
  const { history, contextOf, list, log } = setup({ blobs: full });
  const { result } = history.keep(speechOf(chunksOf(5)), FACTS, contextOf('r'));
  assert.equal((await Array.fromAsync(result.chunks)).length, 5);
  assert.deepEqual(await list(), []);
  assert.deepEqual(
    log.entries.map(({ event }) => event),
    ['history-write-failed'],
  );
});

test('what is older than the days allowed goes with its sound', async () => {
  const { history, clock, speak, list, kept } = setup({ days: 2 });
  await speak('old');
  clock.at += DAY_MS;
  await speak('newer', 'newer', 'bob');
  clock.at += DAY_MS + 1;
  await history.sweep();
  assert.deepEqual([await list(), await list('bob')], [[], ['newer']]);
  assert.equal(kept.kept.size, 1);
  clock.at += DAY_MS;
  await speak('newest');
  assert.deepEqual([await list(), await list('bob')], [['newest'], []]);
});

test('the oldest make room when all owners together have too much sound, after a restart too', async () => {
  const { make, clock, speak, list, kept, contextOf } = setup({ bytes: 700 });
  for (const id of ['a', 'b']) {
    await speak(id, id, id);
    clock.at += 1000;
  }
  await speak('c');
  assert.deepEqual([await list('a'), await list('b'), await list()], [[], ['b'], ['c']]);
  assert.equal(kept.kept.size, 2);
  clock.at += 1000;
  const { result } = make().keep(speechOf(chunksOf(3)), FACTS, contextOf('d'));
  await Array.fromAsync(result.chunks);
  assert.deepEqual([await list('b'), await list()], [[], ['c', 'd']]);
});

test('a speech can be joined for two hours, by its owner, after a restart too', async () => {
  const { history, make, clock, speak } = setup();
  await speak('r', 'We went');
  assert.equal((await history.findTrace('r', 'ann'))?.closing, 'We went');
  assert.equal(await history.findTrace('r', 'bob'), undefined);
  assert.equal((await make().findTrace('r', 'ann'))?.closing, 'We went');
  clock.at += 2 * HOUR_MS;
  assert.ok(await history.findTrace('r', 'ann'));
  assert.ok(await make().findTrace('r', 'ann'));
  clock.at += 1;
  assert.equal(await history.findTrace('r', 'ann'), undefined);
  assert.equal(await make().findTrace('r', 'ann'), undefined);
});

test('of several earlier requests the nearest gives its sound and all give their words', async () => {
  const { history, speak } = setup();
  await speak('1', 'We went');
  await speak('2', 'to the');
  const ids = ['1', '', 'unknown', '2'];
  assert.equal((await findPrevious(history, { ids, ownerId: 'ann' }))?.closing, 'We went to the');
  assert.equal((await findNext(history, { ids, ownerId: 'ann' }))?.opening, 'We went to the');
  assert.equal(await findPrevious(history, { ids: ['', 'unknown'], ownerId: 'ann' }), undefined);
});
