import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, cancelledError } from '../../base/errors.ts';
import { estimateUsage, speechEvents } from './openai-speech-events.ts';

async function* chunks(lengths: readonly number[], failure?: Error): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const length of lengths) yield Uint8Array.from({ length }, () => next++ % 251);
  if (failure) throw failure;
}

async function eventsFor(lengths: readonly number[], failure?: Error): Promise<string[]> {
  const result = { chunks: chunks(lengths, failure), secondsSoFar: () => 6, characters: 41 };
  return Array.fromAsync(speechEvents(result));
}

function slicesIn(events: readonly string[]): Buffer[] {
  return events
    .filter((event) => event.includes('"speech.audio.delta"'))
    .map((event) => Buffer.from(JSON.parse(event.slice('data: '.length)).audio, 'base64'));
}

for (const [lengths, sliced] of [
  [[1], [1]],
  [[4_096], [4_096]],
  [
    [4_095, 2],
    [4_096, 1],
  ],
  [
    [10, 20, 12_000],
    [4_096, 4_096, 3_838],
  ],
] as const) {
  test(`chunks of ${lengths.join(', ')} bytes become slices of ${sliced.join(', ')}, in order and complete`, async () => {
    const events = await eventsFor(lengths);
    const slices = slicesIn(events);
    assert.deepEqual(
      slices.map((slice) => slice.length),
      sliced,
    );
    const whole = await Array.fromAsync(chunks(lengths));
    assert.deepEqual(Buffer.concat(slices), Buffer.concat(whole));
    assert.deepEqual(events.slice(-2), [
      'data: {"type":"speech.audio.done","usage":{"input_tokens":11,"output_tokens":125,"total_tokens":136}}\r\n\r\n',
      'data: [DONE]\r\n\r\n',
    ]);
  });
}

test('speech that breaks off ends with the error and nothing else', async () => {
  const events = await eventsFor([5_000], new AppError('engine_failed', 'The engine broke.'));
  assert.equal(slicesIn(events).length, 1);
  assert.equal(
    events.at(-1),
    'data: {"error":{"message":"The engine broke.","type":"server_error","param":null,"code":"engine_failed"}}\r\n\r\n',
  );
});

test('a caller who hung up is told nothing more', async () => {
  const events = await eventsFor([5_000], cancelledError());
  assert.equal(events.length, 1);
});

test('usage is whole numbers that add up, and never nothing for something', () => {
  assert.deepEqual(estimateUsage(1, 0.001), { input_tokens: 1, output_tokens: 1, total_tokens: 2 });
  assert.deepEqual(estimateUsage(4_000, 60), { input_tokens: 1000, output_tokens: 1250, total_tokens: 2250 });
});
