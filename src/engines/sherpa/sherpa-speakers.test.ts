import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { requestContext } from '../../../test/contracts/engine-contract.ts';
import { testData } from '../../../test/decode-support.ts';
import { diarizationError, readRttm, type NamedTurn } from '../../../test/diarization-error.ts';
import { SEGMENTATION_METADATA, segmentationModel } from '../../../test/segmentation-model.ts';
import {
  emptyFolder,
  fill,
  needsData,
  onnxOutline,
  readClip,
  sourceOf,
  speakerStub,
  startSherpa,
  weightsIn,
} from '../../../test/sherpa-support.ts';
import { recordingLogger, testContext } from '../../../test/support.ts';
import type { Engine, InstalledWeights } from '../../core/engine.ts';
import { createSpeakerTracker, type SpeakerWishes } from '../../core/transcription/speaker-turns.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import { concatSamples } from '../../media/pcm.ts';
import { cutWindows } from '../../media/speech-windows.ts';
import { createSherpaCatalog } from './sherpa-catalog.ts';

after(stopDecodePool);

const RATE = 16_000;
const STUB = ['speaker-embedding-stub', 'audio/diarization/synthetic3.wav'] as const;
/** What the made model knows its voices by: too high for most speech, and too faint to change what a voice sounds like. */
const MARKS: Readonly<Record<string, number>> = { A: 7000, B: 7300, C: 7600 };

function segmentation(t: TestContext, file = segmentationModel([7000, 7300, 7600])): InstalledWeights {
  return weightsIn(fill(emptyFolder(t), { 'model.onnx': file }), {
    id: 'sherpa/pyannote-segmentation-3.0',
    kind: 'speaker_segmentation',
  });
}

/** Puts a faint mark under each turn. */
function marked(samples: Float32Array, turns: readonly NamedTurn[]): Float32Array {
  const copy = samples.slice();
  for (const { speaker, startSeconds, endSeconds } of turns) {
    const step = (2 * Math.PI * (MARKS[speaker] ?? 0)) / RATE;
    for (let at = Math.round(startSeconds * RATE); at < Math.round(endSeconds * RATE); at += 1) {
      copy[at] = (copy[at] ?? 0) + 0.01 * Math.sin(step * at);
    }
  }
  return copy;
}

/** A recording of three voices, and the same again some times, with who speaks when. */
async function threeVoices(times = 1) {
  const once = readRttm(readFileSync(join(testData, 'audio/diarization/synthetic3.rttm'), 'utf8'));
  const samples = await readClip('diarization/synthetic3.wav');
  const length = samples.length / RATE;
  const turns = Array.from({ length: times }, (_, index) =>
    once.map((turn) => ({
      ...turn,
      startSeconds: turn.startSeconds + index * length,
      endSeconds: turn.endSeconds + index * length,
    })),
  ).flat();
  return { samples, once, turns, times };
}

async function diarize(
  engine: Engine,
  recording: { readonly samples: Float32Array; readonly times: number },
  wishes: SpeakerWishes & { readonly known?: { readonly name: string; readonly samples: Float32Array } } = {},
): Promise<NamedTurn[]> {
  assert(engine.speakers);
  const tracker = createSpeakerTracker(engine.speakers, testContext(), wishes);
  if (wishes.known) await tracker.introduce(wishes.known.name, wishes.known.samples);
  const chunks = async function* () {
    for (let index = 0; index < recording.times; index += 1) yield recording.samples;
  };
  for await (const window of cutWindows(chunks())) await tracker.listen(window);
  return tracker.turns();
}

/** What the part answers; undefined where it has no model for turns. */
async function turnsIn(engine: Engine, samples: Float32Array, signal = new AbortController().signal) {
  return engine.speakers?.turns?.(samples, requestContext(signal));
}

const speakersIn = (turns: readonly NamedTurn[]) => [...new Set(turns.map(({ speaker }) => speaker))];

test('by embeddings alone three voices are told apart without a mistake, and most of their time is found', async (t) => {
  if (!needsData(t, ...STUB)) return;
  const engine = await startSherpa(t, [speakerStub]);
  assert.equal(await turnsIn(engine, new Float32Array(RATE)), undefined);
  const recording = await threeVoices();
  for (const wishes of [{}, { speakerCount: 3 }, { speakerCount: 8 }]) {
    const found = await diarize(engine, recording, wishes);
    assert.deepEqual(speakersIn(found), ['A', 'B', 'C']);
    const error = diarizationError(recording.turns, found);
    // 6.2 % when measured, all of it a pause of a second inside a turn.
    assert(error.confused < 0.01 && error.total < 0.08, JSON.stringify(error));
  }
  assert.deepEqual(speakersIn(await diarize(engine, recording, { speakerCount: 2 })), ['A', 'B']);
  assert.deepEqual(speakersIn(await diarize(engine, recording, { speakerCount: 1 })), ['A']);
});

test('one voice is one speaker, with pauses, over a bad microphone too', async (t) => {
  const clips = ['en/jfk.wav', 'diarization/ami_ES2011a_headset0_40s-46s.wav', 'tts-roundtrip/rt_sid1_0.wav'];
  if (!needsData(t, 'speaker-embedding-stub', ...clips.map((clip) => `audio/${clip}`))) return;
  const engine = await startSherpa(t, [speakerStub]);
  for (const clip of clips) {
    const found = await diarize(engine, { samples: await readClip(clip), times: 1 });
    assert.deepEqual(speakersIn(found), ['A'], clip);
  }
});

test('two voices that take turns are told apart by embeddings alone', async (t) => {
  const clips = ['sid0_0', 'sid1_0', 'sid0_1', 'sid1_1'].map((name) => `tts-roundtrip/rt_${name}.wav`);
  if (!needsData(t, 'speaker-embedding-stub', ...clips.map((clip) => `audio/${clip}`))) return;
  const engine = await startSherpa(t, [speakerStub]);
  const sounds = await Promise.all(clips.map(readClip));
  const pause = new Float32Array(0.3 * RATE);
  const real: NamedTurn[] = [];
  let samples = new Float32Array(0);
  for (const [index, sound] of sounds.entries()) {
    const startSeconds = samples.length / RATE;
    real.push({
      speaker: index % 2 ? 'b' : 'a',
      startSeconds,
      endSeconds: startSeconds + sound.length / RATE,
    });
    samples = concatSamples([samples, sound, pause]);
  }
  const error = diarizationError(real, await diarize(engine, { samples, times: 1 }));
  assert(error.confused < 0.02 && error.total < 0.15, JSON.stringify(error));
});

test('with a segmentation model the real runtime finds the turns of a window to a few hundredths of a second', async (t) => {
  if (!needsData(t, ...STUB)) return;
  const engine = await startSherpa(t, [speakerStub, segmentation(t)]);
  const real = [
    { speaker: 'A', startSeconds: 1, endSeconds: 4 },
    { speaker: 'B', startSeconds: 3, endSeconds: 8 },
    { speaker: 'C', startSeconds: 12, endSeconds: 18 },
    { speaker: 'A', startSeconds: 17, endSeconds: 26 },
  ];
  const found = (await turnsIn(engine, marked(new Float32Array(28 * RATE), real))) ?? [];
  const names = found.map(({ voice, ...turn }) => ({ ...turn, speaker: String(voice) }));
  assert.equal(found.length, 4);
  real.forEach((turn, index) => {
    assert(Math.abs((found[index]?.startSeconds ?? 0) - turn.startSeconds) < 0.06);
    assert(Math.abs((found[index]?.endSeconds ?? 0) - turn.endSeconds) < 0.06);
  });
  // Whoever was silent for long is a new voice here: only embeddings can tell.
  assert.equal(speakersIn(names).length, 4);
  assert.deepEqual(await turnsIn(engine, new Float32Array(28 * RATE)), []);
  assert.deepEqual(await turnsIn(engine, new Float32Array(100)), []);
});

test('with a segmentation model speakers keep their names through a recording of many windows', async (t) => {
  if (!needsData(t, ...STUB)) return;
  const engine = await startSherpa(t, [speakerStub, segmentation(t)]);
  const recording = await threeVoices(6);
  const samples = marked(recording.samples, recording.once);
  const found = await diarize(engine, { samples, times: recording.times });
  assert.deepEqual(speakersIn(found), ['A', 'B', 'C']);
  const error = diarizationError(recording.turns, found);
  // 1.3 % when measured.
  assert(error.confused < 0.005 && error.total < 0.03, JSON.stringify(error));
});

test('a known speaker is found by a clip, and the others begin at A, with and without a segmentation model', async (t) => {
  if (!needsData(t, ...STUB, 'audio/en/librivox_sense_0930.wav')) return;
  const recording = await threeVoices();
  const known = { name: 'Reader', samples: await readClip('en/librivox_sense_0930.wav') };
  const samples = marked(recording.samples, recording.once);
  for (const weights of [[speakerStub], [speakerStub, segmentation(t)]]) {
    const engine = await startSherpa(t, weights);
    const found = await diarize(engine, { samples, times: 1 }, { known });
    assert.deepEqual(speakersIn(found), ['A', 'B', 'Reader']);
  }
});

test('stops looking for turns when the caller hangs up', async (t) => {
  if (!needsData(t, ...STUB)) return;
  const engine = await startSherpa(t, [speakerStub, segmentation(t)]);
  const caller = new AbortController();
  const finding = turnsIn(engine, new Float32Array(30 * RATE), caller.signal);
  caller.abort();
  await assert.rejects(finding, { code: 'cancelled' });
  assert.deepEqual(await turnsIn(engine, new Float32Array(RATE)), []);
});

for (const [what, changes, reason] of [
  ['no window', { window_size: '' }, /has a window of 0 samples/],
  ['no steps', { receptive_field_shift: 0 }, /and steps of 0/],
  ['a window of a minute', { window_size: 960_000 }, /has a window of 960000 samples/],
  ['another rate', { sample_rate: 8000 }, /is for 8000 hertz/],
  ['classes that are not those of its voices', { num_classes: 4 }, /has 4 classes for 3 voices/],
  ['three voices at once', { powerset_max_classes: 3 }, /of which 3 speak at once/],
  ['a word for a number', { num_speakers: 'three' }, /has no number for num_speakers/],
] as const) {
  test(`a segmentation model with ${what} is never given to the runtime`, async (t) => {
    const log = recordingLogger();
    const weights = segmentation(t, onnxOutline({ ...SEGMENTATION_METADATA, ...changes }));
    const models = await createSherpaCatalog(sourceOf([weights]), log).refresh();
    assert.deepEqual(models, []);
    assert.match(JSON.stringify(log.entries), reason);
  });
}
