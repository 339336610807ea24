/**
 * How well real weights hear. They are in no repository: whoever has some names their folder, laid out as the model
 * store lays it out, in ANTIPHON_TEST_MODELS. Without one, the reporting itself is shown to work on tiny models that
 * have memorised the clips.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { WeightsEntry } from '../src/core/models/weights.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { testData, withoutTestData } from './decode-support.ts';
import { describeReport, enginesOn, knownClips, reportOn, type HearingReport } from './hearing-report.ts';
import { emptyFolder } from './sherpa-support.ts';
import { comparableWords, compareWords } from './word-errors.ts';

after(stopDecodePool);

const modelsDir = process.env['ANTIPHON_TEST_MODELS'];
const withoutModels =
  withoutTestData ||
  (modelsDir === undefined
    ? 'no real weights: set ANTIPHON_TEST_MODELS to their folder'
    : !existsSync(modelsDir) && `no real weights in ${modelsDir}`);

/** The smallest real models stay below these on clear recordings; broken ones do not. */
const MOST_ERRORS = { en: 0.25, other: 0.6 };
const MOST_DEVIATION_SECONDS = 0.4;

function assertWithinBounds({ model, byLanguage, wordTimes }: HearingReport): void {
  for (const [language, { errorRate }] of byLanguage) {
    const bound = language === 'en' ? MOST_ERRORS.en : MOST_ERRORS.other;
    assert(errorRate <= bound, `${model} in ${language}: ${errorRate} of the words are wrong`);
  }
  const mean = wordTimes?.mean ?? 0;
  assert(mean <= MOST_DEVIATION_SECONDS, `${model}: words begin ${mean} s off on average`);
}

test(
  'real weights hear the known clips, and begin words when they are said',
  { skip: withoutModels },
  async (t) => {
    const engines = await enginesOn(t, modelsDir ?? '');
    let models = 0;
    for (const engine of engines) {
      for (const card of engine.models.filter(({ capability }) => capability === 'transcription')) {
        models += 1;
        await t.test(card.id, async (inner) => {
          const report = await reportOn(engine, card, knownClips());
          for (const line of describeReport(report)) inner.diagnostic(line);
          assert(report.byLanguage.size > 0);
          assertWithinBounds(report);
        });
      }
    }
    assert(models > 0, `No installed model that hears is in ${modelsDir}.`);
  },
);

/** A catalog of the tiny models, and a folder with them, laid out as the store does it. */
function tinyModels(folder: string): WeightsEntry[] {
  const place = (id: string, from: string, only: (name: string) => boolean): WeightsEntry => {
    mkdirSync(join(folder, id), { recursive: true });
    const names = readdirSync(join(testData, from)).filter(only);
    for (const name of names) symlinkSync(join(testData, from, name), join(folder, id, name));
    return {
      id,
      engine: id.slice(0, id.indexOf('/')),
      kind: 'transcription',
      title: id,
      description: 'For tests',
      source: { kind: 'by_hand', page: 'https://example.com' },
      files: names.map((path) => ({ path })),
      licence: 'test',
      commercialUse: true,
      languages: 'any',
      memoryBytes: 1,
    };
  };
  return [
    place('whisper/tiny-test', 'ggml', (name) => name === 'ggml-mini-test.bin'),
    place('sherpa/tiny-test', 'mini-whisper-test', (name) => name !== 'expected.json'),
  ];
}

test('the report counts wrong words and late words', { skip: withoutTestData }, async (t) => {
  const folder = emptyFolder(t);
  const engines = await enginesOn(t, folder, tinyModels(folder));
  const memorised = [/en\/jfk/, /leopard_(?:en|de|fr)/];
  const clips = knownClips().filter(({ file }) => memorised.some((pattern) => pattern.test(file)));
  assert.equal(clips.length, 4);
  const models: string[] = [];
  for (const engine of engines) {
    for (const card of engine.models) {
      models.push(card.id);
      const report = await reportOn(engine, card, clips);
      for (const line of describeReport(report)) t.diagnostic(line);
      assert.deepEqual([...report.byLanguage.keys()].toSorted(), ['de', 'en', 'fr']);
      for (const { errorRate } of report.byLanguage.values()) assert.equal(errorRate, 0);
      assert((report.wordTimes?.words ?? 0) > 20);
      const late = clips.map((clip) => ({
        ...clip,
        text: `${clip.text} Nobody said this.`,
        words: clip.words.map((word) => ({ ...word, startSeconds: word.startSeconds + 100 })),
      }));
      const spoiled = await reportOn(engine, card, late);
      for (const { errorRate } of spoiled.byLanguage.values()) assert(errorRate > 0.05);
      const { wordTimes } = spoiled;
      assert(wordTimes && wordTimes.mean > 90 && wordTimes.worst >= wordTimes.mean);
      assert.throws(() => assertWithinBounds(spoiled), /words begin/);
    }
  }
  assert.deepEqual(models.toSorted(), ['sherpa/tiny-test', 'whisper/tiny-test']);
});

test('words are compared without case, punctuation and the spelling of numbers', () => {
  const errors = (expected: string, heard: string, language = 'en') =>
    compareWords(comparableWords(expected, language), comparableWords(heard, language));
  assert.equal(errors('In eighteen thirteen,', 'in EIGHTEEN thirteen').errors, 0);
  assert.equal(errors('Five, five.', 'five 5').errors, 0);
  assert.equal(errors('It’s late.', "It's late").errors, 0);
  assert.deepEqual(errors('one two three', 'one three four'), {
    words: 3,
    errors: 2,
    pairs: [
      [0, 0],
      [2, 1],
    ],
  });
  assert.equal(errors('甚至出现交易', '甚至出现 交易。', 'zh').errors, 0);
  assert.deepEqual(errors('a b', ''), { words: 2, errors: 2, pairs: [] });
});
