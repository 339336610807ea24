import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutWindows, speechIntervals, type SpeechWindow } from './speech-windows.ts';

const RATE = 16_000;

/** A hum that is taken for a voice, on and off: pairs of seconds. */
function hum(pattern: readonly (readonly [sounding: number, silent: number])[]): Float32Array {
  const samples = pattern.flatMap(([sounding, silent]) => [
    ...Array.from({ length: sounding * RATE }, (_, index) => {
      const time = index / RATE;
      return (
        0.2 *
        [1, 2, 3, 4].reduce(
          (sum, harmonic) => sum + Math.sin(2 * Math.PI * 150 * harmonic * time) / harmonic,
          0,
        )
      );
    }),
    ...Array.from({ length: silent * RATE }, () => 0),
  ]);
  return Float32Array.from(samples);
}

async function windowsOf(
  samples: Float32Array,
  chunkLength: number,
  maxSeconds = 29.4,
): Promise<SpeechWindow[]> {
  async function* chunks() {
    for (let start = 0; start < samples.length; start += chunkLength)
      yield samples.slice(start, start + chunkLength);
  }
  const windows: SpeechWindow[] = [];
  for await (const window of cutWindows(chunks(), { maxSeconds })) windows.push(window);
  return windows;
}

test('a recording that fits into one window is not cut', async () => {
  const windows = await windowsOf(
    hum([
      [2, 1],
      [2, 1],
    ]),
    1000,
  );
  assert.equal(windows.length, 1);
  assert.equal(windows[0]?.samples.length, 6 * RATE);
  assert.equal(windows[0]?.speech.length, 2);
});

test('windows follow one another without a gap, whatever the chunks, and are cut in the longest silence', async () => {
  const samples = hum([
    [3, 0.2],
    [3, 0.6],
    [3, 0.2],
    [3, 0.6],
    [3, 1],
  ]);
  const windows = await windowsOf(samples, 777, 10);
  assert.deepEqual(windows, await windowsOf(samples, 16_000, 10));
  assert.ok(windows.length >= 2);
  assert.equal(
    windows.reduce((total, window) => total + window.samples.length, 0),
    samples.length,
  );
  windows.forEach((window, index) => {
    if (index > 0) assert.ok(Math.abs(window.startSeconds - (windows[index - 1]?.endSeconds ?? 0)) < 1e-6);
    assert.ok(window.endSeconds - window.startSeconds <= 10.001);
  });
  // The 0.6 s of silence after the second hum: from 6.2 s to 6.8 s.
  assert.ok(Math.abs((windows[0]?.endSeconds ?? 0) - 6.5) < 0.15, `cut at ${windows[0]?.endSeconds}`);
});

test('the next window is made while the caller works on one, and no further', async () => {
  let pulled = 0;
  async function* seconds() {
    for (; pulled < 60; pulled += 1) yield new Float32Array(RATE);
  }
  const windows = cutWindows(seconds(), { maxSeconds: 10 });
  const first = await windows.next();
  assert.equal(first.value?.startSeconds, 0);
  for (let turn = 0; turn < 200; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  // In silence a window of ten seconds is cut after seven and a half, and the cut is made when it is full.
  assert.ok(pulled > 11 && pulled < 20, `${pulled} s were pulled`);
  await windows.return(undefined);
  assert.ok(pulled < 20, 'a caller who leaves ends the work');
});

test('sound without a pause is cut all the same', async () => {
  const windows = await windowsOf(hum([[25, 0]]), 4000, 10);
  assert.ok(windows.every((window) => window.samples.length <= 10 * RATE && window.samples.length > 0));
  assert.equal(
    windows.reduce((total, window) => total + window.samples.length, 0),
    25 * RATE,
  );
});

test('silence and faint noise hold no speech', async () => {
  const faint = Float32Array.from({ length: 3 * RATE }, (_, index) => 0.0005 * Math.sin(index * index));
  assert.deepEqual((await windowsOf(faint, 480))[0]?.speech, []);
  assert.deepEqual((await windowsOf(hum([[0, 3]]), 480))[0]?.speech, []);
});

test('a lone click is no speech, and stretches closer than the silence duration are one', () => {
  const frames = (pattern: string) => pattern.split('').map((sign) => sign === 'x');
  const settings = { prefixPaddingMs: 0, silenceDurationMs: 200 };
  assert.deepEqual(speechIntervals(frames('..xx......'), settings), []);
  const seconds = (count: number) => count * 0.03;
  const [one, ...others] = speechIntervals(frames('.xxxxx...xxxxx'), settings);
  assert.deepEqual(others, []);
  assert.deepEqual([one?.startSeconds, one?.endSeconds], [seconds(1), seconds(14)]);
  assert.equal(speechIntervals(frames('.xxxxx..........xxxxx'), settings).length, 2);
});
