import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLiveSound } from './live-sound.ts';

test('samples are the same wherever the bytes are cut, and as many come out as the time takes', () => {
  const integers = Int16Array.from({ length: 24_000 }, (_, at) => 9_000 * Math.sin(at / 20));
  const bytes = new Uint8Array(integers.buffer);
  const read = (length: number) => {
    const sound = openLiveSound({ encoding: 's16le', sampleRate: 24_000 }, 16_000);
    const samples: number[] = [];
    for (let at = 0; at < bytes.length; at += length) {
      samples.push(...sound.push(bytes.subarray(at, at + length)));
    }
    assert.ok(sound.heldSeconds > 0 && sound.heldSeconds < 0.005, String(sound.heldSeconds));
    samples.push(...sound.finish());
    assert.equal(sound.heldSeconds, 0);
    return samples;
  };
  const whole = read(bytes.length);
  assert.equal(whole.length, 16_000);
  assert.deepEqual(read(1_001), whole);
  assert.deepEqual(read(1), whole);
});

test('half a sample is forgotten where the sound ends', () => {
  const sound = openLiveSound({ encoding: 's16le', sampleRate: 16_000 }, 16_000);
  assert.equal(sound.push(Uint8Array.of(0, 64, 0)).length, 1);
  sound.finish();
  assert.deepEqual([...sound.push(Uint8Array.of(0, 64))], [0.5]);
});
