import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSpeakerClusters } from './speaker-clusters.ts';

const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

test('voices that sound alike get one letter, others the next', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8 });
  assert.deepEqual(
    [0, 10, 90, 5, 95, 180].map((degrees) => clusters.assign(at(degrees))),
    ['A', 'A', 'B', 'A', 'B', 'C'],
  );
});

test('a known voice keeps its name and the unknown ones still begin at A', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8 });
  clusters.introduce('agent', at(90));
  assert.deepEqual(
    [0, 85, 2].map((degrees) => clusters.assign(at(degrees))),
    ['A', 'agent', 'A'],
  );
});

test('no more unknown voices are found than there may be', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8, most: 2 });
  assert.deepEqual(
    [0, 90, 170, 45].map((degrees) => clusters.assign(at(degrees))),
    ['A', 'B', 'B', 'A'],
  );
});

test('after Z comes AA', () => {
  const clusters = createSpeakerClusters({ threshold: 2 });
  const names = Array.from({ length: 28 }, (_, index) => clusters.assign(at(index)));
  assert.deepEqual([names[25], names[26], names[27]], ['Z', 'AA', 'AB']);
});
