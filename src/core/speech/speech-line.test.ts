import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  decodeAlaw,
  decodeMp3,
  decodeMulaw,
  decodeOpus,
  decodePcm,
  decodeWav,
  type DecodeAudio,
} from '../../../test/contracts/decode-audio.ts';
import { testApp, testContext } from '../../../test/support.ts';
import { toneEngine, type ToneEngineOptions } from '../../../test/tone-engine.ts';
import { Mailbox } from '../../base/mailbox.ts';
import { concatBytes } from '../../base/stream.ts';
import { codecPoolLoad, stopCodecPool } from '../../media/codec-pool.ts';
import { speakLine, type SpeechLineParts, type SpokenPiece } from './speech-line.ts';
import type { SpeechRequest } from './speech.ts';

after(() => stopCodecPool());

/** The tone engine's: every character sounds for 50 ms, a whole number of waves. */
const SECONDS_PER_CHARACTER = 0.05;

function request(text: string): SpeechRequest {
  return {
    model: 'tone/tone',
    text,
    voice: { kind: 'id', id: 'tone/high' },
    format: { id: 'pcm' },
    delivery: 'stream',
    normalization: 'off',
    alignment: true,
    asked: [],
    spelling: { text: 'text', voice: 'voice', model: 'model', format: 'format' },
  };
}

interface Line {
  readonly requests: Mailbox<SpeechRequest>;
  readonly pieces: SpokenPiece[];
  readonly engine: ReturnType<typeof toneEngine>;
  readonly running: () => number;
  readonly done: Promise<void>;
}

async function openLine(
  options: Partial<SpeechLineParts> = {},
  engineOptions: ToneEngineOptions = {},
): Promise<Line> {
  const engine = toneEngine(engineOptions);
  const { core } = await testApp({ engines: [engine] });
  const requests = new Mailbox<SpeechRequest>();
  const pieces: SpokenPiece[] = [];
  const done = speakLine({
    speech: core.speech,
    requests,
    format: { id: 'pcm', sampleRate: 16_000 },
    everyPieceTimed: false,
    context: testContext(),
    deliver: async (piece) => {
      pieces.push(piece);
    },
    ...options,
  });
  done.catch(() => undefined);
  return { requests, pieces, engine, done, running: () => core.runner.load(engine).running };
}

/** Turns of the event loop until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

const joined = (pieces: readonly SpokenPiece[]) => concatBytes(pieces.map(({ bytes }) => bytes));
const textOf = (pieces: readonly SpokenPiece[]) =>
  pieces.flatMap(({ original }) => original?.characters ?? []).join('');
const secondsOf = (pieces: readonly SpokenPiece[]) => pieces.reduce((sum, { seconds }) => sum + seconds, 0);

/** How many 48 000ths of a second the pages of an Ogg stream hold, pre-skip included. */
function lastGranule(ogg: Uint8Array): number {
  const start = Buffer.from(ogg).lastIndexOf('OggS');
  return Number(new DataView(ogg.buffer, ogg.byteOffset).getBigUint64(start + 6, true));
}

/** The largest step between two samples, and where it is. */
function largestStep(samples: Float32Array): number {
  let largest = 0;
  for (let index = 1; index < samples.length; index += 1)
    largest = Math.max(largest, Math.abs((samples[index] ?? 0) - (samples[index - 1] ?? 0)));
  return largest;
}

const FORMATS: readonly (readonly [id: string, sampleRate: number, decode: DecodeAudio, bitRate?: number])[] =
  [
    ['mp3', 44_100, decodeMp3, 128_000],
    ['mp3', 44_100, decodeMp3, 32_000],
    ['mp3', 22_050, decodeMp3, 32_000],
    ['opus', 48_000, decodeOpus, 32_000],
    ['wav', 24_000, decodeWav],
    ['pcm', 16_000, decodePcm],
    ['mulaw', 8_000, decodeMulaw],
    ['alaw', 8_000, decodeAlaw],
  ];

const TEXTS = ['One two three four five. ', 'Six seven. ', 'Eight nine ten eleven. '];
const SECONDS = TEXTS.join('').length * SECONDS_PER_CHARACTER;

describe('several requests are one stream', () => {
  for (const [id, sampleRate, decode, bitRate] of FORMATS) {
    const format = { id, sampleRate, ...(bitRate === undefined ? {} : { bitRate }) };

    test(`${id} at ${sampleRate} Hz, ${bitRate ?? '-'} bit/s: the pieces joined are a single file, without clicks or gaps`, async () => {
      const line = await openLine({ format });
      for (const text of TEXTS) line.requests.put(request(text));
      line.requests.end();
      await line.done;
      assert.ok(line.pieces.length > 5, `only ${line.pieces.length} pieces`);
      const decoded = await decode(joined(line.pieces), { sampleRate, channels: 1 });
      const expected = Math.round(SECONDS * decoded.sampleRate);
      const slack = decoded.delayFrames + decoded.mostPaddingFrames;
      assert.ok(
        decoded.frames >= expected && decoded.frames <= expected + slack,
        `${decoded.frames} of ${expected}`,
      );
      const { samples = new Float32Array(0), delayFrames } = decoded;
      const steepest = 0.3 * 2 * Math.PI * (440 / sampleRate);
      assert.ok(
        largestStep(samples) < steepest * 1.6 + 0.02,
        `a step of ${largestStep(samples)}, ${steepest} is usual`,
      );
      // Nowhere is there silence: it would be heard as a gap between two requests.
      const window = Math.round(decoded.sampleRate * 0.01);
      for (let start = delayFrames + window; start + 2 * window < delayFrames + expected; start += window) {
        const loudest = samples.subarray(start, start + window).reduce((most, one) => Math.max(most, one), 0);
        assert.ok(loudest > 0.15, `silence after ${start / decoded.sampleRate} s`);
      }
      assert.equal(Math.round(secondsOf(line.pieces) * 1000), Math.round(SECONDS * 1000));
    });

    test(`${id} at ${sampleRate} Hz, ${bitRate ?? '-'} bit/s: when the text runs dry, all of it has been sent`, async () => {
      const line = await openLine({ format });
      line.requests.put(request(TEXTS[0] ?? ''));
      await until(
        () => line.requests.isAwaited && line.pieces.length > 0 && textOf(line.pieces) === TEXTS[0],
      );
      const heard = joined(line.pieces);
      line.requests.end();
      await line.done;
      const seconds = (TEXTS[0] ?? '').length * SECONDS_PER_CHARACTER;
      // An Ogg stream that has not ended does not please the reader; its pages say how far it has come.
      if (id === 'opus') {
        assert.ok(lastGranule(heard) >= seconds * 48_000 + 312, `${lastGranule(heard)} granules`);
        return;
      }
      const decoded = await decode(heard, { sampleRate, channels: 1 });
      assert.ok(
        decoded.frames >= decoded.delayFrames + Math.floor(seconds * sampleRate),
        `${decoded.frames} frames`,
      );
    });
  }
});

test('the times of a piece count from its start, and those of all pieces add up to the line', async () => {
  const line = await openLine();
  for (const text of TEXTS) line.requests.put(request(text));
  line.requests.end();
  await line.done;
  assert.equal(textOf(line.pieces), TEXTS.join(''));
  let lineSeconds = 0;
  const starts: number[] = [];
  for (const { seconds, original, normalized } of line.pieces) {
    assert.deepEqual(normalized, original);
    assert.ok(original, 'a piece without characters');
    const { startSeconds, endSeconds } = original;
    assert.ok(
      startSeconds.every((start, index) => start >= 0 && start <= (endSeconds[index] ?? -1)),
      `${startSeconds.join(' ')} until ${endSeconds.join(' ')}`,
    );
    assert.ok(Math.abs((endSeconds.at(-1) ?? 0) - seconds) < 1e-9, 'the last character ends with the piece');
    starts.push(...startSeconds.map((start) => lineSeconds + start));
    lineSeconds += seconds;
  }
  for (const [index, start] of starts.entries()) {
    const late = start - index * SECONDS_PER_CHARACTER;
    // How long a space lasts is known only when the next word begins, so it may come with the piece after its own.
    const isSpace = TEXTS.join('')[index] === ' ';
    assert.ok(late > -0.002 && late < (isSpace ? SECONDS_PER_CHARACTER : 0.002), `${index}: ${start}`);
  }
});

test('says with the first piece of each request who speaks, and with no other', async () => {
  const line = await openLine();
  for (const text of TEXTS) line.requests.put(request(text));
  line.requests.end();
  await line.done;
  const answers = line.pieces.flatMap(({ answer }) => answer?.servedBy ?? []);
  assert.deepEqual(answers, ['tone/tone', 'tone/tone', 'tone/tone']);
  assert.ok(line.pieces[0]?.answer);
  assert.ok(line.pieces[0].seconds < 0.1, 'the first piece comes at once');
});

test('passes over a text in which there is nothing to speak', async () => {
  const line = await openLine();
  for (const text of ['One. ', ' ', 'Two. ']) line.requests.put(request(text));
  line.requests.end();
  await line.done;
  assert.equal(textOf(line.pieces), 'One. Two. ');
});

test('makes nothing more while nobody takes a piece', async () => {
  const gate = Promise.withResolvers<void>();
  let delivered = 0;
  const line = await openLine({
    deliver: async () => {
      delivered += 1;
      await gate.promise;
    },
  });
  line.requests.put(request('A text that takes quite some time to be spoken. '.repeat(20)));
  line.requests.put(request('More. '));
  line.requests.end();
  await until(() => delivered === 1);
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([delivered, line.engine.asked.length, line.running()], [1, 1, 1]);
  gate.resolve();
  await line.done;
  assert.equal(line.engine.asked.length, 2);
});

for (const id of ['pcm', 'mp3', 'opus']) {
  test(`an abort in the middle of ${id} stops the engine, gives the slot back and frees the encoder`, async () => {
    const leaving = new AbortController();
    let delivered = 0;
    const line = await openLine({
      format: { id, sampleRate: id === 'opus' ? 48_000 : 44_100 },
      context: testContext({ signal: leaving.signal }),
      deliver: async () => {
        delivered += 1;
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    line.requests.put(request('A text that takes quite some time to be spoken. '.repeat(100)));
    await until(() => delivered > 2);
    leaving.abort();
    line.requests.endAfter(0);
    assert.equal(line.running(), 0);
    await assert.rejects(line.done, { code: 'cancelled' });
    assert.equal(line.engine.open(), 0);
    assert.equal(codecPoolLoad().encodings, 0);
  });
}

test('an abort while the text is awaited ends the line', async () => {
  const leaving = new AbortController();
  const line = await openLine({ context: testContext({ signal: leaving.signal }) });
  line.requests.put(request('One. '));
  await until(() => line.requests.isAwaited && line.pieces.length > 0);
  leaving.abort();
  line.requests.endAfter(0);
  await assert.rejects(line.done, { code: 'cancelled' });
});

test('holds no encoder before there is something to speak', async () => {
  const line = await openLine({ format: { id: 'mp3', sampleRate: 44_100 } });
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(codecPoolLoad().encodings, 0);
  line.requests.end();
  await line.done;
  assert.deepEqual(line.pieces, []);
});

test('what the engine throws ends the line', async () => {
  const line = await openLine({}, { failAfterChunks: 3 });
  line.requests.put(request('A text that is never spoken to its end. '));
  await assert.rejects(line.done, { code: 'engine_failed' });
  assert.equal(line.running(), 0);
});
