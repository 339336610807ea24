import assert from 'node:assert/strict';
import { after as atEnd, before as atStart, describe, test } from 'node:test';
import type { Engine } from '../src/core/engine.ts';
import { speakJoined } from '../src/core/speech/speech-seams.ts';
import type { SpeechSurroundings, SpeechTrace } from '../src/core/speech/speech-surroundings.ts';
import { engineEntries } from '../src/engines/index.ts';
import { collectSamples, concatSamples, rootMeanSquare } from '../src/media/pcm.ts';
import { semitonesBetween, trackPitch } from '../src/media/pitch.ts';
import { testContext } from './support.ts';

/** Sentences, and where each is cut. */
const SPLIT = [
  ['The old captain walked slowly', 'along the harbour wall.'],
  ['We drove through the rolling', 'hills of northern England.'],
  ['She never found out who had', 'left the yellow roses on her table.'],
] as const;

interface Clip {
  readonly samples: Float32Array;
  readonly sampleRate: number;
  readonly words: readonly { readonly startSeconds: number; readonly endSeconds: number }[];
  readonly trace: SpeechTrace;
}

/** What can be measured where two clips meet. */
interface Join {
  readonly pauseSeconds: number;
  /** How the pitch moves in the last third of a second before the join, in semitones. */
  readonly slope: number;
  /** How far the pitch jumps over the join. */
  readonly pitchStep: number;
  /** How the level changes from before the join to behind it, in decibels. */
  readonly levelStep: number;
  readonly totalSeconds: number;
}

const NEAR_SECONDS = 0.35;

function measureJoin(samples: Float32Array, sampleRate: number, joinSeconds: number): Join {
  const isQuiet = (at: number) => Math.abs(samples[at] ?? 0) < 0.01;
  const frames = Math.round(NEAR_SECONDS * sampleRate);
  let left = Math.round(joinSeconds * sampleRate);
  let right = left;
  while (left > 0 && isQuiet(left - 1)) left -= 1;
  while (right < samples.length && isQuiet(right)) right += 1;
  const [near, far] = [samples.subarray(left - frames, left), samples.subarray(right, right + frames)];
  const [pitchBefore, pitchAfter] = [trackPitch(near, sampleRate), trackPitch(far, sampleRate)];
  const [first, last, next] = [pitchBefore[0], pitchBefore.at(-1), pitchAfter[0]];
  assert.ok(first && last && next, 'there are vowels on both sides of the join');
  return {
    pauseSeconds: (right - left) / sampleRate,
    slope: semitonesBetween(first.hertz, last.hertz),
    pitchStep: semitonesBetween(last.hertz, next.hertz),
    levelStep: 20 * Math.log10(rootMeanSquare(far) / rootMeanSquare(near)),
    totalSeconds: samples.length / sampleRate,
  };
}

function joined(first: Clip, second: Clip): Join {
  const samples = concatSamples([first.samples, second.samples]);
  return measureJoin(samples, first.sampleRate, first.samples.length / first.sampleRate);
}

function distances(one: Join, other: Join): Join {
  return {
    pauseSeconds: Math.abs(one.pauseSeconds - other.pauseSeconds),
    slope: Math.abs(one.slope - other.slope),
    pitchStep: Math.abs(one.pitchStep - other.pitchStep),
    levelStep: Math.abs(one.levelStep - other.levelStep),
    totalSeconds: Math.abs(one.totalSeconds - other.totalSeconds),
  };
}

for (const [id, voice] of [
  ['flite', 'flite/slt'],
  ['espeak', 'espeak/en-029'],
] as const) {
  describe(`${voice}: clips that are joined`, () => {
    let engine: Engine;

    atStart(async () => {
      const entry = engineEntries.find((one) => one.id === id);
      assert.ok(entry);
      const created = await (await entry.load()).create({ workers: 1 });
      assert(!('unavailable' in created));
      engine = created;
    });
    atEnd(() => engine.stop?.());

    async function speak(text: string, surroundings?: SpeechSurroundings): Promise<Clip> {
      assert.ok(engine.speech);
      const request = {
        model: `${id}/${id}`,
        text,
        voice,
        language: 'en',
        speed: 1,
        pitchSemitones: 0,
        alignment: true,
      };
      const task = { request, surroundings, normalize: (other: string) => other };
      const output = await speakJoined(engine.speech, task, testContext());
      assert.ok(output.kind === 'pcm' && output.timings && output.trace);
      const samples = await collectSamples(output.pcm.chunks);
      const { sampleRate } = output.pcm;
      return { samples, sampleRate, words: [...output.timings.words], trace: output.trace() };
    }

    for (const [first, second] of SPLIT) {
      test(`"${first} | ${second}" is nearer to the sentence in one go than clips that know nothing of each other`, async () => {
        const whole = await speak(`${first} ${second}`);
        const seam = whole.words[first.split(' ').length - 1];
        assert.ok(seam);
        const wanted = measureJoin(whole.samples, whole.sampleRate, seam.endSeconds);
        const alone = distances(wanted, joined(await speak(first), await speak(second)));
        const texts = [
          await speak(first, { after: second }),
          await speak(second, { before: first }),
        ] as const;
        const byTexts = distances(wanted, joined(...texts));
        const byIds = distances(wanted, joined(texts[0], await speak(second, { previous: texts[0].trace })));
        for (const stitched of [byTexts, byIds]) {
          const said = JSON.stringify({ stitched, alone });
          assert.ok(stitched.pauseSeconds < 0.02, said);
          assert.ok(stitched.pauseSeconds <= alone.pauseSeconds + 0.005, said);
          assert.ok(stitched.pitchStep < 0.5 && stitched.pitchStep < alone.pitchStep / 2, said);
          assert.ok(stitched.slope < 0.3, said);
          assert.ok(stitched.levelStep < 0.8, said);
          assert.ok(stitched.totalSeconds < 0.03 && stitched.totalSeconds < alone.totalSeconds / 2, said);
        }
        // Over all, and not in one voice of one sentence only, the fall before the join is gone.
        assert.ok(byTexts.slope < alone.slope, JSON.stringify({ byTexts, alone }));
      });
    }

    test('a clip that exists already is joined by what it lacks: no pause is made twice', async () => {
      const [first, second] = ['It was getting late.', 'Nobody wanted to go home.'] as const;
      const whole = await speak(`${first} ${second}`);
      const alone = await speak(first);
      const next = await speak(second, { previous: alone.trace });
      const pause = joined(alone, next).pauseSeconds;
      const wanted = measureJoin(
        whole.samples,
        whole.sampleRate,
        whole.words[3]?.endSeconds ?? 0,
      ).pauseSeconds;
      assert.ok(Math.abs(pause - wanted) < 0.08, `${pause} instead of ${wanted}`);
      const before = joined(await speak(first, { next: next.trace }), next).pauseSeconds;
      assert.ok(before < wanted + 0.08, `${before} instead of ${wanted}`);
    });

    test('what stands around a text changes how it is said, never what', async () => {
      const text = 'the harbour wall at noon';
      for (const [before, after] of [
        ['The old captain walked along', ''],
        ['', 'and nobody saw him.'],
        ['He walked along', 'and nobody saw him.'],
      ] as const) {
        const clip = await speak(text, { before, after });
        const whole = await speak(`${before} ${text} ${after}`.trim());
        const first = before === '' ? 0 : before.split(' ').length;
        const [from, to] = [whole.words[first], whole.words[first + 4]];
        assert.ok(from && to);
        assert.equal(clip.words.length, 5);
        // As long as the five words take in running speech: neither more nor less is said.
        const lead = before === '' ? from.startSeconds : 0;
        const tail = after === '' ? whole.samples.length / whole.sampleRate - to.endSeconds : 0;
        const wanted = lead + to.endSeconds - from.startSeconds + tail;
        const seconds = clip.samples.length / clip.sampleRate;
        assert.ok(Math.abs(seconds - wanted) < 0.06, `${seconds} s instead of ${wanted} s`);
      }
    });

    test('the same clips are joined to the same samples', async () => {
      const surroundings = { before: 'We drove through the', after: 'of northern England.' };
      const [one, two] = [
        await speak('rolling hills', surroundings),
        await speak('rolling hills', surroundings),
      ];
      assert.deepEqual(one.samples, two.samples);
    });

    test('a clip is as loud as the one before it', async () => {
      const first = await speak('We drove through the rolling');
      const quiet = {
        ...first.trace,
        level: first.trace.level / 2,
        closingLevel: first.trace.closingLevel / 2,
      };
      const [usual, halved] = [
        await speak('hills of England.', { previous: first.trace }),
        await speak('hills of England.', { previous: quiet }),
      ];
      const ratio = rootMeanSquare(halved.samples) / rootMeanSquare(usual.samples);
      assert.ok(Math.abs(ratio - 0.5) < 0.01, `${ratio}`);
      const aftersentence = await speak('It rained.', { previous: { ...quiet, closing: 'We left.' } });
      const plain = await speak('It rained.');
      const other =
        rootMeanSquare(aftersentence.samples.subarray(-8000)) / rootMeanSquare(plain.samples.subarray(-8000));
      assert.ok(other < 0.75, `${other}`);
    });
  });
}
