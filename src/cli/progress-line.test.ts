import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteText, createProgressLine, progressText } from './progress-line.ts';

function clockAt(times: readonly number[]) {
  let index = 0;
  return {
    now: () => 0,
    monotonicMs: () => times[Math.min(index, times.length - 1)] ?? 0,
    tick: () => (index += 1),
  };
}

const half = { id: 'whisper/small', file: 'x', receivedBytes: 50_000_000, totalBytes: 100_000_000 };

test('bytes are told in three digits of decimal units', () => {
  assert.deepEqual([0, 999, 1000, 885_098, 1_624_555_275].map(byteText), [
    '0 B',
    '999 B',
    '1.00 kB',
    '885 kB',
    '1.62 GB',
  ]);
});

test('a line tells per cent, bytes, speed and the time that is left', () => {
  assert.equal(
    progressText(half, 1_000_000),
    'whisper/small  [==========          ]  50 %  50.0 MB of 100 MB  1.00 MB/s  50 s left',
  );
  assert.match(progressText(half, 10_000), / 1 h 23 min left$/);
  assert.equal(progressText({ id: 'a', file: 'x', receivedBytes: 1500 }, undefined), 'a  1.50 kB');
  assert.match(
    progressText({ ...half, receivedBytes: 100_000_000 }, 1),
    /100 % {2}100 MB of 100 MB {2}1 B\/s$/,
  );
});

test('a terminal is redrawn ten times a second at most, within its width, and always at the end', () => {
  const clock = clockAt([0, 10, 150, 160]);
  const written: string[] = [];
  const line = createProgressLine({ isTTY: true, columns: 30, write: (text) => written.push(text) }, clock);
  for (const receivedBytes of [0, 1, 40_000_000, 100_000_000]) {
    line.show({ ...half, receivedBytes });
    clock.tick();
  }
  line.end();
  assert.equal(written.length, 4);
  assert.ok(
    written
      .slice(0, 3)
      .every(
        (text) =>
          text.startsWith('\rwhisper/small') && text.endsWith('\u001B[K') && text.length <= 1 + 29 + 3,
      ),
  );
  assert.equal(written[3], '\n');
});

test('the speed counts only what came in this run', () => {
  const clock = clockAt([0, 1000]);
  const written: string[] = [];
  const line = createProgressLine({ isTTY: true, columns: 200, write: (text) => written.push(text) }, clock);
  line.show({ ...half, receivedBytes: 48_000_000 });
  clock.tick();
  line.show(half);
  assert.match(written[1] ?? '', /2\.00 MB\/s {2}25 s left/);
});

test('elsewhere there is a line per tenth and model', () => {
  const written: string[] = [];
  const line = createProgressLine({ write: (text) => written.push(text) }, clockAt([0]));
  for (const receivedBytes of [0, 4, 10, 19, 20, 100])
    line.show({ id: 'a', file: 'x', receivedBytes, totalBytes: 100 });
  line.show({ id: 'b', file: 'x', receivedBytes: 0, totalBytes: 100 });
  assert.deepEqual(
    written.map((text) => /^(\w).* (\d+) %/.exec(text)?.slice(1)),
    [
      ['a', '0'],
      ['a', '10'],
      ['a', '20'],
      ['a', '100'],
      ['b', '0'],
    ],
  );
});
