import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findUnspeakable, holdsSpeech, toFliteText } from './flite-text.ts';

const SPELLED: readonly (readonly [string, string])[] = [
  ['Plain ASCII stays: 5 & 6!', 'Plain ASCII stays: 5 & 6!'],
  ['“Don’t”', '"Don\'t"'],
  ['now — or never', 'now,  or never'],
  ['now—or never', 'now, or never'],
  ['— and so', ',  and so'],
  ['wait…', 'wait...'],
  ['naïve café, Ångström', 'naive cafe, Angstrom'],
  ['Straße, Łódź, smørrebrød', 'Strasse, Lodz, smorrebrod'],
  ['5€ and 20 °C', '5 euros  and 20  degrees C'],
  ['1½ x²', '1 1/2 x 2'],
  ['ＡＢＣ １２３', 'ABC 123'],
  ['٣٤ and ४२', '34 and 42'],
  ['co\u00adoperate', 'cooperate'],
  ['e\u0301te\u0301', 'ete'],
  ['a\0b\nc\u007fd', 'a b c d'],
  ['hi 😀', 'hi  '],
  ['мир', '   '],
  ['half \ud83d of it', 'half   of it'],
];

describe('a text for flite', () => {
  for (const [text, ascii] of SPELLED) {
    test(`spells ${JSON.stringify(text)} as ${JSON.stringify(ascii)}`, () => {
      assert.equal(toFliteText(text).ascii, ascii);
    });
  }

  test('knows where each of its characters comes from, also behind one that grew or shrank', () => {
    const text = '😀 ß… e\u0301nd';
    const { ascii, origins } = toFliteText(text);
    assert.equal(origins.length, ascii.length + 1);
    const from = (part: string) => origins[ascii.indexOf(part)];
    assert.equal(from('ss'), text.indexOf('ß'));
    assert.equal(from('...'), text.indexOf('…'));
    assert.equal(from('nd'), text.indexOf('nd'));
    assert.equal(origins.at(-1), text.length);
  });

  test('names what cannot be spoken, each once, and only what somebody would miss', () => {
    assert.deepEqual(findUnspeakable('Ça va — “мир” мир 😀👍🏽 \u200d. 東京'), [
      'м',
      'и',
      'р',
      '😀',
      '👍',
      '🏽',
      '東',
      '京',
    ]);
    assert.deepEqual(findUnspeakable('Curly ‘quotes’, naïve café, 20 °C… ¿no?'), []);
  });

  test('holds speech when there is a letter, a digit or a symbol with a name', () => {
    for (const text of ['a', '7', 'é', '٣', '&', '50 %', '… x']) assert(holdsSpeech(text), text);
    for (const text of ['', ' \n', '…', '?!', '--', '😀', 'мир', '\0', '( )', '“”'])
      assert(!holdsSpeech(text), text);
  });
});
