import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapeEdges, type ClipEdges } from './clip-edges.ts';
import { createClipMeter } from './clip-meter.ts';
import { collectSamples } from './pcm.ts';

const RATE = 1000;

async function shaped(samples: readonly number[], edges: ClipEdges, size = 7) {
  async function* chunks() {
    for (let at = 0; at < samples.length; at += size) yield Float32Array.from(samples.slice(at, at + size));
  }
  const { pcm, shiftSeconds } = shapeEdges({ sampleRate: RATE, channels: 1, chunks: chunks() }, edges);
  const result = await collectSamples(pcm.chunks);
  return { result: Array.from(result), shift: shiftSeconds() };
}

const silence = (count: number) => Array<number>(count).fill(0);
const SOUND = [0.5, -0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0.5];
const CLIP = [...silence(20), ...SOUND, ...silence(30)];

for (const size of [1, 7, 100]) {
  test(`speech in chunks of ${size} gets exactly the wanted silence at both ends`, async () => {
    const longer = await shaped(CLIP, { leadSeconds: 0.05, tailSeconds: 0.06 }, size);
    assert.deepEqual(longer.result, [...silence(50), ...SOUND, ...silence(60)]);
    assert.equal(longer.shift, 0.03);
    const shorter = await shaped(CLIP, { leadSeconds: 0.005, tailSeconds: 0 }, size);
    assert.deepEqual(shorter.result, [...silence(5), ...SOUND]);
    assert.equal(shorter.shift, -0.015);
  });
}

test('ends that nothing is said about stay as they are', async () => {
  assert.deepEqual((await shaped(CLIP, {})).result, CLIP);
  const { result, shift } = await shaped(CLIP, { tailSeconds: 0.001 });
  assert.deepEqual(result, [...silence(20), ...SOUND, 0]);
  assert.equal(shift, 0);
});

test('silence alone stays as it is', async () => {
  assert.deepEqual((await shaped(silence(40), { leadSeconds: 1, tailSeconds: 1 })).result, silence(40));
});

test('a meter tells the silence at the ends and the level of what sounds', () => {
  const meter = createClipMeter(RATE, 1);
  meter.push(Float32Array.from([...silence(20), ...Array<number>(100).fill(0.2)]));
  meter.push(Float32Array.from([...silence(100), ...Array<number>(100).fill(0.4), ...silence(30)]));
  const { leadSeconds, tailSeconds, level } = meter.measure();
  assert.equal(leadSeconds, 0.02);
  assert.equal(tailSeconds, 0.03);
  assert.ok(Math.abs(level - Math.sqrt((0.04 + 0.16) / 2)) < 1e-6);
  assert.ok(Math.abs(meter.levelFrom(0.2) - 0.4) < 1e-6);
  const nothing = createClipMeter(RATE, 1);
  nothing.push(new Float32Array(50));
  assert.deepEqual(nothing.measure(), { leadSeconds: 0.05, tailSeconds: 0, level: 0 });
});
