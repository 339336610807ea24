import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pronounce } from './pronunciations.ts';

const ENGLISH = new Map([
  ['well', 'W EH L'],
  ['u.s.', 'Y UW EH S'],
  ['dog', 'D AO G'],
  ['cat', 'K AE T'],
  ['judge', 'JH AH JH'],
  ['t', 'T IY'],
  ['g', 'JH IY'],
  ['v', 'V IY'],
  ['nasa', 'N AE S AH'],
]);
const FRENCH = new Map([
  ["l'", 'll'],
  ['eau', 'au'],
  ['coeur', 'kk oe rr'],
  ["aujourd'hui", 'au jj ou rr dd uy ii'],
]);

/** Word, language, and the entries with the guesses after a colon. A word that begins in capitals was written so. */
const PRONOUNCED: readonly (readonly [word: string, language: string, entries: string])[] = [
  ['well', 'en', 'well'],
  ['u.s', 'en', 'u.s.'],
  ["dog'", 'en', 'dog'],
  ["dog's", 'en', "dog's:D AO G Z"],
  ["cat's", 'en', "cat's:K AE T S"],
  ["judge's", 'en', "judge's:JH AH JH IH Z"],
  ['well-cat', 'en', 'well cat'],
  ['quilter', 'en', 'quilter:K W IH L T ER'],
  ['naïf', 'en', 'naïf:N EY F'],
  ['TGV', 'en', 't g v'],
  ['NASA', 'en', 'nasa'],
  ['東京', 'en', ''],
  ["l'eau", 'fr', "l' eau"],
  ['cœur', 'fr', 'coeur'],
  ["aujourd'hui", 'fr', "aujourd'hui"],
  ['château', 'fr', 'château:ch aa tt au'],
  ["l'antiphonie", 'fr', "l' antiphonie:an tt ii ff oo nn ii"],
  ['x'.repeat(41), 'en', ''],
];

describe('what is looked for in order to find a word', () => {
  for (const [word, language, expected] of PRONOUNCED) {
    test(`for ${word} it is ${expected || 'nothing'}`, () => {
      const known = language === 'fr' ? FRENCH : ENGLISH;
      const spoken = { spelling: word.toLowerCase(), upper: /^[A-Z]+$/.test(word), word: 0 };
      const entries = pronounce(spoken, language, (one) => known.get(one));
      const shown = entries.map(({ entry, guessed }) =>
        guessed === undefined ? entry : `${entry}:${guessed}`,
      );
      assert.equal(shown.join(' '), expected);
    });
  }
});
