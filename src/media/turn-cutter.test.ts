import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burstRecording, bursts } from '../../test/burst-recording.ts';
import { concatSamples, fromInt16 } from './pcm.ts';
import { openTurnCutter, type TurnPiece, type TurnSettings } from './turn-cutter.ts';

const SETTINGS: TurnSettings = {
  threshold: 0.5,
  prefixPaddingMs: 120,
  silenceDurationMs: 500,
  minSpeechMs: 90,
};

function sound(count: number, silenceSeconds: number): Float32Array {
  const bytes = burstRecording({ bursts: bursts(count), silenceSeconds }).subarray(44);
  return fromInt16(new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
}

async function cut(all: Float32Array, length: number, settings = SETTINGS): Promise<TurnPiece[]> {
  const cutter = await openTurnCutter(settings);
  const pieces: TurnPiece[] = [];
  for (let at = 0; at < all.length; at += length) pieces.push(...cutter.push(all.subarray(at, at + length)));
  cutter.close();
  return pieces;
}

test('a turn is the sound between its start and its stop, sample by sample, wherever the sound is cut', async () => {
  const all = concatSamples([new Float32Array(16_000), sound(2, 1), sound(1, 1)]);
  for (const length of [all.length, 480, 333]) {
    const pieces = await cut(all, length);
    const edges = pieces.filter((piece) => piece.type !== 'sound');
    assert.deepEqual(
      edges.map(({ type }) => type),
      ['speech-start', 'speech-stop', 'speech-start', 'speech-stop'],
    );
    const [start, stop] = edges;
    assert.ok(start?.type === 'speech-start' && stop?.type === 'speech-stop');
    assert.ok(start.atSample > 13_000 && start.atSample <= 16_000, String(start.atSample));
    const first = pieces.slice(0, pieces.indexOf(stop));
    const samples = concatSamples(first.flatMap((piece) => (piece.type === 'sound' ? [piece.samples] : [])));
    assert.deepEqual(samples, all.slice(start.atSample, stop.atSample));
  }
});

test('what interrupts a turn gets what was not given away, and a new one must begin anew', async () => {
  const cutter = await openTurnCutter(SETTINGS);
  const all = sound(3, 0);
  const given = cutter
    .push(all.subarray(0, 9_999))
    .flatMap((piece) => (piece.type === 'sound' ? [piece.samples] : []));
  assert.equal(cutter.isSpeaking, true);
  const rest = cutter.interrupt();
  assert.equal(cutter.isSpeaking, false);
  const held = concatSamples([...given, rest]);
  assert.deepEqual(held, all.slice(9_999 - held.length, 9_999));
  const next = cutter.push(all.subarray(9_999));
  assert.equal(next[0]?.type, 'speech-start');
  assert.ok(next[0]?.type === 'speech-start' && next[0].atSample >= 9_999);
  cutter.close();
});

test('silence is reported with its sound, and speech in it begins the time anew', async () => {
  const idle = { ...SETTINGS, idleTimeoutMs: 1_200 };
  const pieces = await cut(concatSamples([new Float32Array(40_000), sound(1, 2)]), 700, idle);
  const reported = pieces.filter((piece) => piece.type === 'idle');
  assert.ok(reported.length >= 2);
  assert.ok(
    reported.every(
      ({ fromSample, toSample, samples }) => toSample - fromSample === 19_200 && samples.length === 19_200,
    ),
  );
  const [first, second] = reported;
  assert.equal(first?.toSample, second?.fromSample);
});
