import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { AppError } from '../base/errors.ts';
import { collectSamples, concatSamples, rootMeanSquare } from '../media/pcm.ts';
import { wordSpans } from '../media/text/word-spans.ts';
import {
  type SentenceSpeechRequest,
  speakSentences,
  type SpeechPiece,
  type SpokenPart,
} from './sentence-speech.ts';

const SAMPLE_RATE = 16_000;
const SILENCE_SECONDS = 0.2;
const WORD_SECONDS = 0.3;

/** Frequency of the tone that stands for a word, so that the test can hear which word it is. */
function toneOf(word: string): number {
  return 300 + 100 * (word.length % 8);
}

function tone(frequency: number, seconds: number): Float32Array {
  const step = (2 * Math.PI * frequency) / SAMPLE_RATE;
  return Float32Array.from(
    { length: Math.round(seconds * SAMPLE_RATE) },
    (_, index) => 0.5 * Math.sin(index * step),
  );
}

function silence(seconds: number): Float32Array {
  return new Float32Array(Math.round(seconds * SAMPLE_RATE));
}

/** Speaks a piece as one tone per word, with silence before and after, in parts of a given length. */
async function* speakTones(piece: SpeechPiece, partSeconds: number): AsyncGenerator<SpokenPart> {
  const spans = wordSpans(piece.text);
  const words = spans.map((span, index) => ({
    ...span,
    startSeconds: SILENCE_SECONDS + index * WORD_SECONDS,
    endSeconds: SILENCE_SECONDS + (index + 1) * WORD_SECONDS,
  }));
  const samples = concatSamples([
    silence(SILENCE_SECONDS),
    ...spans.map(({ start, end }) => tone(toneOf(piece.text.slice(start, end)), WORD_SECONDS)),
    silence(SILENCE_SECONDS),
  ]);
  const length = Math.round(partSeconds * SAMPLE_RATE);
  for (let start = 0; start < samples.length; start += length) {
    const [from, to] = [start / SAMPLE_RATE, (start + length) / SAMPLE_RATE];
    const own = words.filter((word) => word.startSeconds >= from && word.startSeconds < to);
    yield { samples: samples.slice(start, start + length), words: own };
    await setImmediate();
  }
}

function request(changes: Partial<SentenceSpeechRequest>): SentenceSpeechRequest {
  return {
    text: '',
    sampleRate: SAMPLE_RATE,
    speed: 1,
    pitchSemitones: 0,
    signal: new AbortController().signal,
    speakPiece: (piece) => speakTones(piece, 10),
    ...changes,
  };
}

/** How much of a frequency is in some samples: 1 for a pure tone of full length. */
function share(samples: Float32Array, frequency: number): number {
  let [real, imaginary] = [0, 0];
  samples.forEach((sample, index) => {
    const angle = (2 * Math.PI * frequency * index) / SAMPLE_RATE;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
  });
  return Math.hypot(real, imaginary) / (samples.length / 2) / (Math.SQRT2 * rootMeanSquare(samples) || 1);
}

const TEXT = 'One apple fell. Seven enormous elephants came, slowly! Did nobody see? Yes.';

describe('speech sentence by sentence', () => {
  for (const speed of [1, 0.5, 1.7]) {
    test(`times each word where it is heard, at tempo ${speed}`, async () => {
      const { pcm, timings } = speakSentences(request({ text: TEXT, speed }));
      const samples = await collectSamples(pcm.chunks);
      assert.deepEqual(
        timings.words.map(({ start, end }) => TEXT.slice(start, end)),
        TEXT.match(/\w+/g),
      );
      for (const word of timings.words) {
        // The middle half: tempo changes may blur the borders.
        const quarter = (word.endSeconds - word.startSeconds) / 4;
        const heard = samples.slice(
          (word.startSeconds + quarter) * SAMPLE_RATE,
          (word.endSeconds - quarter) * SAMPLE_RATE,
        );
        assert(
          share(heard, toneOf(TEXT.slice(word.start, word.end))) > 0.8,
          TEXT.slice(word.start, word.end),
        );
        assert(Math.abs(word.endSeconds - word.startSeconds - WORD_SECONDS / speed) < 1e-6);
      }
    });
  }

  test('drops the silence around each piece and puts in the pause of its punctuation', async () => {
    const { pcm, timings } = speakSentences(request({ text: 'One apple fell. Two\n\nThree.' }));
    const samples = await collectSamples(pcm.chunks);
    const [, , fell, two, three] = timings.words;
    assert(timings.words[0] && timings.words[0].startSeconds < 0.03);
    assert(Math.abs((two?.startSeconds ?? 0) - (fell?.endSeconds ?? 0) - 0.35) < 0.01, 'a sentence');
    assert(Math.abs((three?.startSeconds ?? 0) - (two?.endSeconds ?? 0) - 0.7) < 0.01, 'a paragraph');
    assert(samples.length / SAMPLE_RATE - (three?.endSeconds ?? 0) < 0.05);
  });

  test('begins and ends each piece at zero', async () => {
    const abrupt = (): AsyncIterable<SpokenPart> =>
      (async function* () {
        yield { samples: new Float32Array(SAMPLE_RATE).fill(0.5) };
      })();
    const samples = await collectSamples(
      speakSentences(request({ text: 'One. Two.', speakPiece: abrupt })).pcm.chunks,
    );
    const steps = samples.subarray(1).map((sample, index) => Math.abs(sample - (samples[index] ?? 0)));
    assert(Math.max(...steps) < 0.01, `a step of ${Math.max(...steps)}`);
    assert.equal(samples[0], 0);
    assert.equal(samples.at(-1), 0);
  });

  test('gives the same samples and times however the engine cuts its parts and however slow the reader is', async () => {
    for (const speed of [1, 1.3]) {
      const whole = speakSentences(request({ text: TEXT, speed }));
      const expected = await collectSamples(whole.pcm.chunks);
      const cut = speakSentences(
        request({ text: TEXT, speed, speakPiece: (piece) => speakTones(piece, 0.0137) }),
      );
      const chunks: Float32Array[] = [];
      for await (const chunk of cut.pcm.chunks) {
        assert(chunk.length <= 0.2 * SAMPLE_RATE);
        chunks.push(chunk);
        for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      }
      assert.deepEqual(concatSamples(chunks), expected);
      assert.deepEqual(cut.timings.words, whole.timings.words);
    }
  });

  test('knows each word by the time the chunk in which it begins is there', async () => {
    const { pcm, timings } = speakSentences(
      request({ text: TEXT, speakPiece: (piece) => speakTones(piece, 0.05) }),
    );
    const known: { seconds: number; words: number }[] = [];
    let frames = 0;
    for await (const chunk of pcm.chunks)
      known.push({ seconds: (frames += chunk.length) / SAMPLE_RATE, words: timings.words.length });
    for (const { seconds, words } of known) {
      assert(words >= timings.words.filter((word) => word.startSeconds < seconds).length, `at ${seconds} s`);
    }
  });

  test('asks for the next piece while the current one is heard, and for no other', async () => {
    const asked: number[] = [];
    const speakPiece = (piece: SpeechPiece) => {
      asked.push(piece.index);
      return speakTones(piece, 10);
    };
    const chunks = speakSentences(request({ text: TEXT, speakPiece })).pcm.chunks[Symbol.asyncIterator]();
    assert.deepEqual(asked, []);
    await chunks.next();
    await chunks.next();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    assert.deepEqual(asked, [0, 1]);
    await chunks.return?.();
  });

  test('makes a later piece due later, by as much as there is to hear before it', async () => {
    const due: number[] = [];
    const speakPiece: SentenceSpeechRequest['speakPiece'] = (piece, options) => {
      due.push(options.dueMs);
      return speakTones(piece, 10);
    };
    await collectSamples(speakSentences(request({ text: TEXT, speakPiece })).pcm.chunks);
    for (const [index, dueMs] of due.entries()) {
      if (index > 0) assert(dueMs - (due[index - 1] ?? 0) > WORD_SECONDS * 1000);
    }
  });

  test('leaves out a piece without sound, and is empty when no piece has any', async () => {
    const speakPiece = (piece: SpeechPiece) =>
      speakTones(piece.text === 'Two.' ? { ...piece, text: '' } : piece, 10);
    const spoken = speakSentences(request({ text: 'One. Two. Three.', speakPiece }));
    await collectSamples(spoken.pcm.chunks);
    assert.deepEqual(
      spoken.timings.words.map((word) => word.start),
      [0, 10],
    );
    for (const text of ['', '  \n', 'One. Two.']) {
      const nothing = speakSentences(
        request({ text, speakPiece: () => speakTones({ text: '', start: 0, index: 0 }, 10) }),
      );
      assert.equal((await collectSamples(nothing.pcm.chunks)).length, 0);
    }
  });

  test('ends with cancelled, and cancels what is being made, when the signal fires', async () => {
    const caller = new AbortController();
    const signals: AbortSignal[] = [];
    const speakPiece: SentenceSpeechRequest['speakPiece'] = (piece, { signal }) => {
      signals.push(signal);
      return speakTones(piece, 10);
    };
    const chunks = speakSentences(request({ text: TEXT, signal: caller.signal, speakPiece })).pcm.chunks[
      Symbol.asyncIterator
    ]();
    await chunks.next();
    caller.abort();
    await assert.rejects(
      async () => await chunks.next(),
      (error) => error instanceof AppError && error.code === 'cancelled',
    );
    assert(signals.length > 0 && signals.every((signal) => signal.aborted));
  });

  test('cancels what is being made when the reader leaves', async () => {
    const signals: AbortSignal[] = [];
    const speakPiece: SentenceSpeechRequest['speakPiece'] = (piece, { signal }) => {
      signals.push(signal);
      return speakTones(piece, 10);
    };
    for await (const chunk of speakSentences(request({ text: TEXT, speakPiece })).pcm.chunks)
      if (chunk.length > 0) break;
    assert(signals.length > 0 && signals.every((signal) => signal.aborted));
  });

  test('passes on the failure of a piece, also of one that was made in advance', async () => {
    const speakPiece = (piece: SpeechPiece): AsyncIterable<SpokenPart> =>
      (async function* () {
        if (piece.index > 0) throw new AppError('engine_failed', 'The engine broke.');
        yield* speakTones(piece, 10);
      })();
    const { pcm } = speakSentences(request({ text: TEXT, speakPiece }));
    let heard = 0;
    await assert.rejects(
      async () => {
        for await (const chunk of pcm.chunks) heard += chunk.length;
      },
      (error) => error instanceof AppError && error.code === 'engine_failed',
    );
    assert(heard > 0.8 * SAMPLE_RATE, 'The first sentence must have been heard.');
  });
});
