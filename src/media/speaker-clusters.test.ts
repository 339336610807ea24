import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSpeakerClusters, type ClusterOptions, type SpeakerClusters } from './speaker-clusters.ts';

const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

/** Clusters of voices on a circle, each heard for two seconds. */
function clustersOf(degrees: readonly number[], options: ClusterOptions): SpeakerClusters {
  const clusters = createSpeakerClusters(options);
  degrees.forEach((one, id) => clusters.add({ id, embedding: at(one), seconds: 2 }));
  return clusters;
}

const samplesOf = (clusters: SpeakerClusters) =>
  clusters.groups().map(({ name, samples }) => [name, ...[...samples].toSorted((a, b) => a - b)]);

test('voices that sound alike are one, in order of their first samples', () => {
  assert.deepEqual(samplesOf(clustersOf([0, 10, 90, 5, 95, 180], { threshold: 0.8 })), [
    [undefined, 0, 1, 3],
    [undefined, 2, 4],
    [undefined, 5],
  ]);
});

test('what comes later decides too: the order in which voices are heard changes nothing', () => {
  const forwards = clustersOf([0, 30, 60, 75, 90], { threshold: 0.9 }).groups().length;
  const backwards = clustersOf([90, 75, 60, 30, 0], { threshold: 0.9 }).groups().length;
  assert.equal(forwards, backwards);
});

test('a known voice keeps its name, is not mixed with another known one, and is left out when it was not heard', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8 });
  clusters.introduce('agent', at(90));
  clusters.introduce('twin', at(92));
  clusters.introduce('absent', at(200));
  [0, 85, 2, 99].forEach((one, id) => clusters.add({ id, embedding: at(one), seconds: 2 }));
  assert.deepEqual(samplesOf(clusters), [
    [undefined, 0, 2],
    ['agent', 1],
    ['twin', 3],
  ]);
});

test('no more unknown voices are found than there may be, and those that talk most stay apart', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8, most: 2 });
  const talk: readonly (readonly [number, number])[] = [
    [0, 9],
    [90, 9],
    [200, 1],
    [45, 1],
  ];
  talk.forEach(([degrees, seconds], id) => clusters.add({ id, embedding: at(degrees), seconds }));
  const groups = clusters.groups();
  assert.equal(groups.length, 2);
  assert(groups[0]?.samples.has(0) && groups[1]?.samples.has(1));
});

test('a stricter threshold counts only where it finds as many voices as there may be, and the usual one does not', () => {
  const numberOf = (most: number) =>
    clustersOf([0, 40, 180, 220], { threshold: 0.5, strictThreshold: 0.8, most }).groups().length;
  assert.deepEqual([1, 2, 3, 4, 5].map(numberOf), [1, 2, 3, 4, 2]);
});

test('known voices do not count among those that there may be', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8, most: 1 });
  clusters.introduce('agent', at(90));
  [0, 90, 180].forEach((one, id) => clusters.add({ id, embedding: at(one), seconds: 5 }));
  assert.deepEqual(
    clusters.groups().map(({ name }) => name),
    [undefined, 'agent'],
  );
});

test('a voice of which too little was heard is taken for the one it is most alike; often enough, it is somebody', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8 });
  [0, 90].forEach((one, id) => clusters.add({ id, embedding: at(one), seconds: 2 }));
  clusters.add({ id: 2, embedding: at(140), seconds: 0.3 });
  assert.deepEqual(samplesOf(clusters), [
    [undefined, 0],
    [undefined, 1, 2],
  ]);
  clusters.add({ id: 3, embedding: at(141), seconds: 0.3 });
  assert.deepEqual(samplesOf(clusters).at(-1), [undefined, 2, 3]);
});

test('two voices that speak at once are never one, however alike they are', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8, most: 1 });
  clusters.add({ id: 0, embedding: at(0), seconds: 2 });
  clusters.add({ id: 1, embedding: at(1), seconds: 2, unlike: [0] });
  clusters.add({ id: 2, embedding: at(2), seconds: 2 });
  assert.deepEqual(samplesOf(clusters), [
    [undefined, 0],
    [undefined, 1, 2],
  ]);
});

test('hours of speech keep their voices, the late ones too, and are sorted at once', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8 });
  const count = 2000;
  for (let id = 0; id < count; id += 1) {
    // A third voice is heard only near the end.
    const voice = id > 1900 ? 240 : [0, 120][id % 2];
    clusters.add({ id, embedding: at((voice ?? 0) + (id % 17) - 8), seconds: 1 });
  }
  const groups = clusters.groups();
  assert.deepEqual(
    groups.map(({ samples }) => samples.size),
    [951, 950, 99],
  );
});

test('a voice without any sound does not break the others', () => {
  const clusters = createSpeakerClusters({ threshold: 0.8 });
  clusters.add({ id: 0, embedding: at(0), seconds: 2 });
  clusters.add({ id: 1, embedding: new Float32Array(2), seconds: 2 });
  assert.equal(clusters.groups().length, 2);
});
