import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toSpokenWords } from './spoken-words.ts';

/** Text, language, and what is said for each of its words. */
const SPOKEN: readonly (readonly [text: string, language: string, said: string])[] = [
  ['Ask not, “what” your COUNTRY can…', 'en', 'ask|not|what|your|country|can'],
  ['It’s Mr. O’Neil’s state-of-the-art radio', 'en', "it's|mister|o'neil's|state-of-the-art|radio"],
  ['On July 4, 1776 —', 'en', 'on|july|fourth|seventeen seventy-six|'],
  ['He paid $5 million of 20kg.', 'en', 'he|paid|five|million dollars|of|twenty kilograms'],
  ['3.5% (don’t) ♪ 東京', 'en', "three point five percent|don't||東京"],
  ["L'eau coûte 85 % aujourd’hui !", 'fr', "l'eau|coûte|quatre-vingt-cinq pour cent||aujourd'hui|"],
  ['De\u0301ja\u0300 21', 'fr', 'déjà|vingt et un'],
];

describe('the words of a text as they are said', () => {
  for (const [text, language, said] of SPOKEN) {
    test(`${text} is ${said}`, () => {
      const words = text.split(' ');
      const spoken = toSpokenWords(words, language);
      const perWord = words.map((_, index) =>
        spoken
          .filter(({ word }) => word === index)
          .map(({ spelling }) => spelling)
          .join(' '),
      );
      assert.equal(perWord.join('|'), said);
      assert.deepEqual(
        spoken.map(({ word }) => word),
        spoken.map(({ word }) => word).toSorted((a, b) => a - b),
      );
    });
  }

  test('words in capitals are told from others', () => {
    const spoken = toSpokenWords(['TGV', 'A', 'Paris', 'the'], 'fr');
    assert.deepEqual(
      spoken.map(({ upper }) => upper),
      [true, false, false, false],
    );
  });
});
