import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitIpa, isVowelSound, plainIpa } from './ipa-sounds.ts';

const ENGLISH = new Set(
  'p b t d k ɡ tʃ dʒ f v θ ð s z ʃ ʒ h m n ŋ l ɹ j w ɑː æ ʌ ə ɛ ɪ iː ʊ uː ɔː aɪ aʊ eɪ oʊ ɔɪ'.split(' '),
);

function fitted(ipa: string, sounds: ReadonlySet<string> = ENGLISH): string {
  return fitIpa(ipa, sounds)
    .parts.map((part) =>
      part.kind === 'sound' ? part.sound : part.kind === 'break' ? '#' : part.level === 1 ? 'ˈ' : 'ˌ',
    )
    .join(' ');
}

describe('sounds', () => {
  test('are taken the longest first, with stress and breaks', () => {
    assert.equal(fitted('ˈtʃaɪnə ˌtaʊn'), 'ˈ tʃ aɪ n ə # ˌ t aʊ n');
    assert.deepEqual(fitIpa('ˈtʃaɪnə', ENGLISH).changes, []);
  });

  test('are the same however they are spelled', () => {
    assert.equal(plainIpa('t͡ʃʧg'), 'tʃtʃɡ');
    assert.equal(fitted("t͡ʃ'a͡ɪ"), fitted('ʧˈaɪ'));
    assert.equal(fitted('má'), fitted('ma'));
  });

  test('are long or short as there are some', () => {
    assert.equal(fitted('siti'), 's iː t iː');
    assert.equal(fitted('æːt'), 'æ t');
    assert.deepEqual(fitIpa('siæː', ENGLISH).changes, []);
  });

  test('that are missing are those that people say for them', () => {
    const { changes } = fitIpa('bax', ENGLISH);
    assert.deepEqual(changes, [
      { from: 'a', to: 'ɑː' },
      { from: 'x', to: 'k' },
    ]);
    assert.equal(fitted('ʁøy'), 'ɹ ɪ uː');
    assert.equal(fitted('ʔa'), 'ɑː', 'a glottal stop is left out');
  });

  test('that nobody has thought of are the nearest of the chart', () => {
    assert.equal(fitted('ɖʈɱɴ'), 'd t m ŋ');
    assert.equal(fitted('ɶ', new Set(['i', 'u', 'ɑ'])), 'ɑ');
  });

  test('with colours of their own are found by their letter', () => {
    assert.equal(fitted('ko', new Set(['k', 'ə', 'o\u031e'])), 'k o\u031e');
  });

  test('in between two letters can be kept apart', () => {
    assert.equal(fitted('t.ʃ'), 't ʃ');
  });

  test('carry the stress if they are vowels', () => {
    for (const vowel of ['a', 'ɚ', 'aɪ', 'ɔ̃', 'iː']) assert(isVowelSound(vowel), vowel);
    for (const consonant of ['t', 'ɫ', 'ɕ', 'dʒ', 'w']) assert(!isVowelSound(consonant), consonant);
  });
});
