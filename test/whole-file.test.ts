import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { present } from '../src/base/assert.ts';
import { collectBytes } from '../src/base/stream.ts';
import { encodeAudio, findAudioFormat } from '../src/media/formats/index.ts';
import { createUploadFolder } from '../src/platform/upload-folder.ts';
import { gatherFile } from '../src/core/speech/whole-file.ts';

const SAMPLE_RATE = 48_000;
const SIGNAL = new AbortController().signal;

async function* noise(seconds: number): AsyncGenerator<Float32Array> {
  const tone = Float32Array.from({ length: SAMPLE_RATE }, (_, index) => Math.sin(index) / 2);
  for (let second = 0; second < seconds; second += 1) yield tone;
}

function encoded(id: string, seconds: number): AsyncIterable<Uint8Array> {
  return encodeAudio({ sampleRate: SAMPLE_RATE, channels: 1, chunks: noise(seconds) }, { id });
}

function formatOf(id: string) {
  return present(findAudioFormat(id), id);
}

function roomIn(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = () => (existsSync(folder) ? readdirSync(folder) : []);
  return { room: createUploadFolder({ folder }), files };
}

test('a large file lies on disk until it was read, and is the very one that fits into memory', async (t) => {
  const { room, files } = roomIn(t);
  const format = formatOf('wav');
  const seconds = 190;
  const inMemory = await gatherFile(encoded('wav', seconds), { format, room: undefined, signal: SIGNAL });
  const onDisk = await gatherFile(encoded('wav', seconds), { format, room, signal: SIGNAL });
  assert.equal(files().length, 1, 'it is on disk');
  assert.equal(onDisk.byteLength, 44 + seconds * SAMPLE_RATE * 2);
  const bytes = await collectBytes(onDisk.chunks);
  assert.ok(Buffer.from(bytes).equals(await collectBytes(inMemory.chunks)));
  assert.equal(new DataView(bytes.buffer).getUint32(40, true), bytes.length - 44);
  await t.waitFor(() => assert.deepEqual(files(), []));
});

test('a large file is gone when its reader leaves, or when the caller hangs up before it was read', async (t) => {
  const { room, files } = roomIn(t);
  const format = formatOf('pcm');
  const left = await gatherFile(encoded('pcm', 190), { format, room, signal: SIGNAL });
  for await (const chunk of left.chunks) {
    assert.ok(chunk.length > 0);
    break;
  }
  const caller = new AbortController();
  await gatherFile(encoded('pcm', 190), { format, room, signal: caller.signal });
  caller.abort();
  await t.waitFor(() => assert.deepEqual(files(), []));
});

test('a small file stays in memory', async (t) => {
  const { room, files } = roomIn(t);
  const file = await gatherFile(encoded('wav', 1), { format: formatOf('wav'), room, signal: SIGNAL });
  assert.deepEqual(files(), []);
  assert.equal((await collectBytes(file.chunks)).length, file.byteLength);
});

test('a FLAC file that is too large to be read again says that its length is unknown', async (t) => {
  const format = formatOf('flac');
  const head = await collectBytes(encoded('flac', 1));
  const before = Uint8Array.from(head);
  format.writeTrueLengths?.(head, head.length + 1);
  assert.deepEqual(head, before);
  format.writeTrueLengths?.(head);
  assert.notDeepEqual(head, before);
  t.diagnostic('the total of samples is written where the whole file is at hand');
});
