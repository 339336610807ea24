import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findPhonemeProblem,
  findPronunciationProblem,
  PRONUNCIATION_LIMITS,
} from './pronunciation-checks.ts';
import type { PronunciationRule } from './pronunciation-rules.ts';

const usual = { caseSensitive: true, wordBoundaries: true } as const;

for (const phonemes of ['təˈmeɪtoʊ', 'ˈkæt', 't͡ʃiːz', 'ã', 'ǃʼ', 'bɔ̃ʒuʁ', 'ma˥˩', 'ɪn|ðə', 'çy', 'nʲet']) {
  test(`${phonemes} is IPA`, () => assert.equal(findPhonemeProblem(phonemes, 'ipa'), undefined));
}

for (const [phonemes, blamed] of [
  ['/təˈmeɪtoʊ/', 'slashes'],
  ['[kæt]', 'brackets'],
  ['K AE1 T', "'K'"],
  ['kæt2', "'2'"],
  ['猫', "'猫'"],
  ['ˈ.', 'no sound'],
] as const) {
  test(`${phonemes} is not IPA, and the message says ${blamed}`, () => {
    assert.ok(findPhonemeProblem(phonemes, 'ipa')?.includes(blamed));
  });
}

test('a rule is blamed for the part that is wrong with it', () => {
  const alias = (grapheme: string, spoken: string): PronunciationRule => ({
    ...usual,
    type: 'alias',
    grapheme,
    alias: spoken,
  });
  assert.equal(findPronunciationProblem(alias('a', 'b')), undefined);
  assert.equal(findPronunciationProblem(alias('', 'b'))?.part, 'grapheme');
  assert.equal(findPronunciationProblem(alias('a', ''))?.part, 'alias');
  const longest = '𝄞'.repeat(PRONUNCIATION_LIMITS.grapheme);
  assert.equal(findPronunciationProblem(alias(longest, 'b')), undefined);
  assert.equal(
    findPronunciationProblem(alias(`${longest}a`, 'b'))?.message,
    'must be at most 200 characters',
  );
  const spoken = { ...usual, type: 'phoneme', grapheme: 'a', alphabet: 'cmu-arpabet' } as const;
  assert.equal(findPronunciationProblem({ ...spoken, phonemes: 'EY1' }), undefined);
  assert.equal(findPronunciationProblem({ ...spoken, phonemes: 'EY9' })?.part, 'phonemes');
});
