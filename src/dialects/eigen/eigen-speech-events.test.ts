import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { playablePieces, speechEvents } from './eigen-speech-events.ts';

async function* inChunksOf(size: number, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

async function linesOf(chunks: AsyncIterable<Uint8Array>): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const line of speechEvents({ chunks, sampleRate: 24_000 })) {
    assert.match(line, /^data: \{.*\}\n\n$/);
    lines.push(JSON.parse(line.slice('data: '.length)));
  }
  return lines;
}

for (const total of [38, 2_000, 4_800, 4_802, 4_838, 4_840, 9_600, 9_640, 48_000, 48_002, 100_002]) {
  for (const size of [2, 1_000, 4_800, 6_001, 200_000]) {
    test(`cuts ${total} bytes that come ${size} at a time into pieces of 100 to 200 ms`, async () => {
      const bytes = numbered(total);
      const pieces = await Array.fromAsync(playablePieces(inChunksOf(size, bytes)));
      assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytes));
      for (const piece of pieces) {
        assert.equal(piece.length % 2, 0);
        assert.ok(piece.length <= 9_600);
        assert.ok(
          Buffer.from(piece).toString('base64').length > 50,
          `${piece.length} bytes would be dropped`,
        );
      }
      for (const piece of pieces.slice(0, -1)) assert.ok(piece.length >= 4_800);
    });
  }
}

test('hands out a piece as soon as it is full', async () => {
  let pulled = 0;
  async function* source() {
    for (; pulled < 100; pulled += 1) yield new Uint8Array(2_420);
  }
  for await (const piece of playablePieces(source())) {
    assert.equal(piece.length, 4_800);
    break;
  }
  assert.equal(pulled, 1);
});

test('tells start, metadata, sound, complete and done in this order and nothing else', async () => {
  const lines = await linesOf(inChunksOf(4_800, numbered(12_000)));
  assert.deepEqual(
    lines.map((line) => line['type']),
    ['start', 'metadata', 'audio_chunk', 'audio_chunk', 'complete', 'done'],
  );
  assert.deepEqual(lines[0], { type: 'start', creditsCharged: 0, creditsRemaining: 0, estimatedMinutes: 0 });
  assert.deepEqual(lines[1], {
    type: 'metadata',
    data: { sample_rate: 24_000, channels: 1, format: 'pcm16' },
  });
  assert.deepEqual([lines[4], lines[5]], [{ type: 'complete' }, { type: 'done' }]);
  for (const line of lines.slice(2, 4)) {
    assert.equal(Buffer.from(String(line['data']), 'base64').length, line['size']);
  }
});

test('ends with an error event, and without done, when the speech breaks off', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(9_600);
    throw new AppError('engine_failed', 'The engine broke.');
  }
  const lines = await linesOf(broken());
  assert.deepEqual(lines.at(-1), { type: 'error', error: 'The engine broke.' });
  assert.ok(!lines.some((line) => line['type'] === 'done'));
});

test('shows nothing of an unexpected failure', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(9_600);
    throw new Error('secret path');
  }
  const last = (await linesOf(broken())).at(-1);
  assert.equal(last?.['type'], 'error');
  assert.doesNotMatch(String(last?.['error']), /secret/);
});
