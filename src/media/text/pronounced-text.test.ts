import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AppError } from '../../base/errors.ts';
import { composeNormalized } from './normalized-composition.ts';
import type { PronunciationRule } from './pronunciation-rules.ts';
import { applyPronunciations } from './pronounced-text.ts';
import { mapRangeToSource, type NormalizedText } from './normalized-text.ts';
import { normalizeForSpeech } from './speech-normalizer.ts';

type Matching = Partial<Pick<PronunciationRule, 'caseSensitive' | 'wordBoundaries'>>;

function alias(grapheme: string, spoken: string, matching: Matching = {}): PronunciationRule {
  return { type: 'alias', grapheme, alias: spoken, caseSensitive: true, wordBoundaries: true, ...matching };
}

function phoneme(grapheme: string, phonemes: string, matching: Matching = {}): PronunciationRule {
  const usual = { caseSensitive: true, wordBoundaries: true };
  return { type: 'phoneme', grapheme, phonemes, alphabet: 'ipa', ...usual, ...matching };
}

function apply(text: string, ...dictionaries: PronunciationRule[][]) {
  return applyPronunciations(text, dictionaries, { phonemes: true });
}

const anyCase = { caseSensitive: false };
const anywhere = { wordBoundaries: false };

const SPOKEN: readonly (readonly [string, string, PronunciationRule[], string])[] = [
  ['a word wherever it stands', 'UN and UN.', [alias('UN', 'U N')], 'U N and U N.'],
  ['a phrase', 'in New York City', [alias('New York', 'NY')], 'in NY City'],
  ['not a part of a word', 'UNO, FUN and UN_1', [alias('UN', 'x')], 'UNO, FUN and UN_1'],
  ['a part of a word where that is wanted', 'FUN', [alias('UN', 'x', anywhere)], 'Fx'],
  ['not another case', 'un Un', [alias('UN', 'x')], 'un Un'],
  ['any case where that is wanted', 'un Un', [alias('uN', 'x', anyCase)], 'x x'],
  [
    'German and Greek in any case',
    'STRASSE ΟΔΌΣ',
    [alias('straSSe', 'x', anyCase), alias('οδός', 'y', anyCase)],
    'x y',
  ],
  ['the first of two rules', 'a', [alias('a', '1'), alias('a', '2')], '1'],
  ['the first rule, not the longest', 'New York', [alias('New', '1'), alias('New York', '2')], '1 York'],
  ['the longest where it comes first', 'New York', [alias('New York', '2'), alias('New', '1')], '2'],
  ['the first rule of either case', 'A', [alias('a', '1', anyCase), alias('A', '2')], '1'],
  ['a later rule where words do not end', 'abc', [alias('ab', '1'), alias('abc', '2')], '2'],
  ['a possessive', "Antiphon's", [alias('Antiphon', 'Anti fon')], "Anti fon's"],
  [
    'signs',
    'C++ and .NET',
    [alias('C++', 'C plus plus'), alias('.NET', 'dot net')],
    'C plus plus and dot net',
  ],
  ['an alias with its own grapheme, once', 'a', [alias('a', 'a a')], 'a a'],
  ['two rules in a ring, once', 'a b', [alias('a', 'b'), alias('b', 'a')], 'b a'],
  ['Chinese without spaces', '我在北京大学', [alias('北京', '京')], '我在京大学'],
  ['Japanese beside Latin letters', 'APIを使う', [alias('API', 'エーピーアイ')], 'エーピーアイを使う'],
  ['Korean before its particle', '서울은', [alias('서울', '한양')], '한양은'],
  ['Thai', 'ผมรักกรุงเทพมาก', [alias('กรุงเทพ', 'บางกอก')], 'ผมรักบางกอกมาก'],
  ['Latin words beside digits as one', 'API2', [alias('API', 'x')], 'API2'],
  ['an accent however it is written', 'cafe\u0301', [alias('caf\u00e9', 'x')], 'x'],
  ['no letter without its accent', 'cafe\u0301', [alias('cafe', 'x', anywhere)], 'cafe\u0301'],
  ['no half of a joined sign', '👩\u200d🚀 👩', [alias('👩', 'woman', anywhere)], '👩\u200d🚀 woman'],
  ['a word that is silenced by a space', 'ah well', [alias('ah ', ' ', anywhere)], ' well'],
  ['nothing without rules', 'as it is', [], 'as it is'],
];

for (const [what, text, rules, spoken] of SPOKEN) {
  test(`replaces ${what}`, () => assert.equal(apply(text, rules).text, spoken));
}

test('dictionaries are applied in their order, each to what the one before has written', () => {
  const [first, second] = [[alias('a', 'b')], [alias('b', 'c')]];
  assert.equal(apply('a b', first, second).text, 'c c');
  assert.equal(apply('a b', second, first).text, 'b c');
  assert.equal(apply('a', [alias('a', 'b')], [alias('b', 'a')]).text, 'a');
});

test('phonemes leave the text as it is and mark its place, also behind what another rule made longer', () => {
  const { text, phonemeSpans, pieces } = apply('UN tomato, tomato', [
    alias('UN', 'United Nations'),
    phoneme('tomato', 'təˈmeɪtoʊ'),
  ]);
  assert.equal(text, 'United Nations tomato, tomato');
  assert.deepEqual(phonemeSpans, [
    { start: 15, end: 21, phonemes: 'təˈmeɪtoʊ', alphabet: 'ipa' },
    { start: 23, end: 29, phonemes: 'təˈmeɪtoʊ', alphabet: 'ipa' },
  ]);
  assert.equal(pieces.length, 2);
});

test('what has phonemes is closed to later dictionaries, and keeps its place', () => {
  const { text, phonemeSpans } = apply(
    'see the tomato see',
    [phoneme('tomato', 'a')],
    [alias('the tomato', 'x'), alias('tomato', 'y'), alias('see', 'look at')],
    [phoneme('at', 'b')],
  );
  assert.equal(text, 'look at the tomato look at');
  assert.deepEqual(
    phonemeSpans.map(({ start, end, phonemes }) => [text.slice(start, end), phonemes]),
    [
      ['at', 'b'],
      ['tomato', 'a'],
      ['at', 'b'],
    ],
  );
});

test('where phonemes are of no use a later alias has their place, and the caller learns of it', () => {
  const rules = [phoneme('tomato', 'a'), alias('tomato', 'tom ah to')];
  const plain = applyPronunciations('a tomato', [rules], { phonemes: false });
  assert.equal(plain.text, 'a tom ah to');
  assert.deepEqual(plain.phonemeSpans, []);
  assert.equal(plain.skippedPhonemes, true);
  assert.equal(applyPronunciations('a potato', [rules], { phonemes: false }).skippedPhonemes, false);
  assert.equal(
    applyPronunciations('a tomato', [rules.toReversed()], { phonemes: false }).skippedPhonemes,
    false,
  );
  assert.equal(apply('a tomato', rules).skippedPhonemes, false);
});

test('a dictionary that would make the text grow without end is refused with the limit', () => {
  const bomb = (from: string, to: string) => [alias(from, to.repeat(2_000), anywhere)];
  assert.throws(
    () => apply('a', bomb('a', 'b'), bomb('b', 'c'), bomb('c', 'd')),
    (error: unknown) =>
      error instanceof AppError && error.reason === 'text_too_long' && /200000/.test(error.message),
  );
});

test('thousands of rules on a long text take a moment, not minutes', () => {
  const rules = Array.from({ length: 10_000 }, (_, index) =>
    alias(`${'a'.repeat(190)}${index}`, 'x', anywhere),
  );
  const text = 'a'.repeat(40_000);
  const started = performance.now();
  assert.equal(apply(text, rules, rules, rules).text, text);
  assert.ok(performance.now() - started < 20_000, `${performance.now() - started} ms`);
});

/** What every map from a text to its source has to be. */
function assertPartition({ text, pieces }: NormalizedText, source: string): void {
  let [read, written] = [0, 0];
  for (const piece of pieces) {
    assert.equal(piece.sourceStart, read);
    assert.equal(piece.start, written);
    if (!piece.replaced) {
      assert.equal(source.slice(piece.sourceStart, piece.sourceEnd), text.slice(piece.start, piece.end));
    }
    [read, written] = [piece.sourceEnd, piece.end];
  }
  assert.equal(read, source.length);
  assert.equal(written, text.length);
}

const letters = (maximum: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '1', '2', '$'), minLength: 1, maxLength: maximum });
const anyRule: fc.Arbitrary<PronunciationRule> = fc
  .tuple(letters(3), letters(4), fc.boolean(), fc.boolean())
  .map(([grapheme, spoken, wordBoundaries, spells]) =>
    spells ? alias(grapheme, spoken, { wordBoundaries }) : phoneme(grapheme, 'a', { wordBoundaries }),
  );

test('after any dictionaries, and a normaliser behind them, every part knows where it comes from', () => {
  fc.assert(
    fc.property(
      letters(30),
      fc.array(fc.array(anyRule, { maxLength: 4 }), { maxLength: 3 }),
      (source, rules) => {
        const pronounced = apply(source, ...rules);
        assertPartition(pronounced, source);
        for (const [index, span] of pronounced.phonemeSpans.entries()) {
          assert.ok(
            span.start < span.end && span.end <= (pronounced.phonemeSpans[index + 1]?.start ?? Infinity),
          );
          const { start, end } = mapRangeToSource(pronounced, span.start, span.end);
          assert.ok(source.slice(start, end) !== '' || start < end);
        }
        const normalized = normalizeForSpeech(pronounced.text, { language: 'en' });
        assertPartition(composeNormalized(pronounced, normalized), source);
      },
    ),
  );
});

test('times of replaced words lead back to the words as they were written', () => {
  const source = 'The UN has 2 seats';
  const pronounced = apply(source, [alias('UN', 'United Nations')]);
  const spoken = composeNormalized(pronounced, normalizeForSpeech(pronounced.text, { language: 'en' }));
  assert.equal(spoken.text, 'The United Nations has two seats');
  const written = (word: string) => {
    const at = spoken.text.indexOf(word);
    const { start, end } = mapRangeToSource(spoken, at, at + word.length);
    return source.slice(start, end);
  };
  assert.equal(written('Nations'), 'UN');
  assert.equal(written('two'), '2');
  assert.equal(written('seats'), 'seats');
});
