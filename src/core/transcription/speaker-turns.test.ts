import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext } from '../../../test/support.ts';
import type { SpeechWindow } from '../../media/speech-windows.ts';
import type { SpeakerEngine, VoiceTurn } from '../engine.ts';
import { createSpeakerTracker, type SpeakerWishes } from './speaker-turns.ts';
import type { TranscribedSegment } from './transcription.ts';

const RATE = 16_000;
/** Degrees on a circle stand for voices; each sample is the voice that sounds then, as degrees over 360. */
type Voice = readonly [degrees: number, startSeconds: number, endSeconds: number];

function windowOf(startSeconds: number, seconds: number, voices: readonly Voice[]): SpeechWindow {
  const samples = new Float32Array(seconds * RATE);
  for (const [degrees, from, to] of voices) samples.fill(degrees / 360, from * RATE, to * RATE);
  const endSeconds = startSeconds + seconds;
  return { startSeconds, endSeconds, samples, speech: [{ startSeconds, endSeconds }] };
}

interface FakeSpeakers extends SpeakerEngine {
  /** How many seconds of sound each question had. */
  readonly asked: number[];
}

/** Knows a voice by the mean of its samples, and its turns from a list for each window. */
function speakersOf(...windows: readonly (readonly VoiceTurn[])[]): FakeSpeakers {
  const left = [...windows];
  const asked: number[] = [];
  return {
    asked,
    dimensions: 2,
    embed: async (samples) => {
      asked.push(samples.length / RATE);
      const angle = (2 * Math.PI * samples.reduce((sum, value) => sum + value, 0)) / samples.length;
      return Float32Array.of(Math.cos(angle), Math.sin(angle));
    },
    turns: async () => left.shift() ?? [],
  };
}

const turn = (voice: number, startSeconds: number, endSeconds: number): VoiceTurn => ({
  voice,
  startSeconds,
  endSeconds,
});

function trackerOf(speakers: SpeakerEngine, wishes: SpeakerWishes = {}) {
  return createSpeakerTracker(speakers, testContext(), wishes);
}

function segmentAt(id: number, startSeconds: number, endSeconds: number, text: string): TranscribedSegment {
  const words = [{ text: text.trim(), startSeconds, endSeconds }];
  return {
    id,
    startSeconds,
    endSeconds,
    text,
    words,
    tokens: [],
    temperature: 0,
    compressionRatio: 1,
    logprobs: [],
  };
}

test('voices that a model counts anew in each window are the same speakers throughout the recording', async () => {
  const speakers = speakersOf([turn(0, 0, 5), turn(1, 5, 9)], [turn(0, 0, 4), turn(1, 4, 10)]);
  const tracker = trackerOf(speakers);
  await tracker.listen(
    windowOf(0, 10, [
      [10, 0, 5],
      [100, 5, 9],
    ]),
  );
  await tracker.listen(
    windowOf(10, 10, [
      [104, 0, 4],
      [12, 4, 10],
    ]),
  );
  assert.deepEqual(tracker.turns(), [
    { speaker: 'A', startSeconds: 0, endSeconds: 5 },
    { speaker: 'B', startSeconds: 5, endSeconds: 9 },
    { speaker: 'B', startSeconds: 10, endSeconds: 14 },
    { speaker: 'A', startSeconds: 14, endSeconds: 20 },
  ]);
});

test('a voice is judged by the time in which it speaks alone, and by no more of that than is needed', async () => {
  const speakers = speakersOf([turn(0, 0, 4), turn(1, 3, 30)]);
  const tracker = trackerOf(speakers);
  // While both speak the sound is that of neither.
  await tracker.listen(
    windowOf(0, 30, [
      [10, 0, 3],
      [200, 3, 4],
      [100, 4, 30],
    ]),
  );
  assert.deepEqual(speakers.asked, [3, 12]);
  assert.deepEqual(
    tracker.turns().map(({ speaker }) => speaker),
    ['A', 'B'],
  );
});

test('two who speak at once are two, even when they sound alike', async () => {
  const tracker = trackerOf(speakersOf([turn(0, 0, 5), turn(1, 4, 8)]));
  await tracker.listen(windowOf(0, 10, [[10, 0, 10]]));
  assert.deepEqual(
    tracker.turns().map(({ speaker }) => speaker),
    ['A', 'B'],
  );
});

test('a known speaker is named, in whichever window, and the others still begin at A', async () => {
  const tracker = trackerOf(speakersOf([turn(0, 0, 5)], [turn(0, 0, 5)]));
  await tracker.introduce('Ann', windowOf(0, 3, [[100, 0, 3]]).samples);
  await tracker.listen(windowOf(0, 5, [[10, 0, 5]]));
  await tracker.listen(windowOf(5, 5, [[103, 0, 5]]));
  assert.deepEqual(
    tracker.turns().map(({ speaker }) => speaker),
    ['A', 'Ann'],
  );
});

const four = () => speakersOf([turn(0, 0, 5), turn(1, 5, 10), turn(2, 10, 15), turn(3, 15, 20)]);
const fourVoices = windowOf(0, 20, [
  [0, 0, 5],
  [52, 5, 10],
  [180, 10, 15],
  [232, 15, 20],
]);

for (const [wishes, expected] of [
  [{}, 'AABB'],
  [{ speakerLikeness: 0.8 }, 'ABCD'],
  [{ speakerCount: 2 }, 'AABB'],
  [{ speakerCount: 4 }, 'ABCD'],
  [{ speakerCount: 1 }, 'AAAA'],
  [{ speakerCount: 3, speakerLikeness: 0.5 }, 'AABB'],
] as const) {
  test(`of four voices in two alike pairs, ${JSON.stringify(wishes)} makes ${expected}`, async () => {
    const tracker = trackerOf(four(), wishes);
    await tracker.listen(fourVoices);
    assert.equal(
      tracker
        .turns()
        .map(({ speaker }) => speaker)
        .join(''),
      expected,
    );
  });
}

test('what was told while listening stays; in the end all segments have the names that the whole recording tells', async () => {
  const speakers = speakersOf([turn(0, 0, 5), turn(1, 5, 10)], [turn(0, 0, 10)]);
  const tracker = trackerOf(speakers);
  // Two that are too far apart to be one, until a third is heard that is between them.
  await tracker.listen(
    windowOf(0, 10, [
      [0, 0, 5],
      [80, 5, 10],
    ]),
  );
  const told = [
    ...tracker.split(segmentAt(0, 0, 5, ' One.')),
    ...tracker.split(segmentAt(1, 5, 10, ' Two.')),
  ];
  await tracker.listen(windowOf(10, 10, [[40, 0, 10]]));
  told.push(...tracker.split(segmentAt(2, 10, 20, ' Three.')));
  assert.deepEqual(
    told.map(({ speaker }) => speaker),
    ['A', 'B', 'A'],
  );
  const settled = tracker.settled();
  assert.deepEqual(
    settled.map(({ id, speaker, text }) => [id, speaker, text]),
    [
      [0, 'A', ' One.'],
      [1, 'A', ' Two.'],
      [2, 'A', ' Three.'],
    ],
  );
});

test('nothing is asked about samples in which nobody speaks', async () => {
  const speakers = speakersOf();
  const tracker = trackerOf(speakers);
  await tracker.listen(windowOf(0, 5, []));
  assert.deepEqual([tracker.turns(), speakers.asked], [[], []]);
  assert.equal(tracker.split(segmentAt(0, 0, 5, ' Ghost.'))[0]?.speaker, undefined);
});
