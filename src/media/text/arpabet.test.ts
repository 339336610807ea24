import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { arpabetToIpa, findArpabetProblem, ipaToArpabet } from './arpabet.ts';

for (const [arpabet, ipa] of [
  ['HH AH0 L OW1', 'həˈloʊ'],
  ['T AH0 M EY1 T OW2', 'təˈmeɪˌtoʊ'],
  ['K AE1 T', 'ˈkæt'],
  ['EH1 K S T R AH0', 'ˈɛkstɹə'],
  ['IH0 K S T R IY1 M', 'ɪkˈstɹim'],
  ['AE0 B S T R AE1 K T', 'æbˈstɹækt'],
  ['S IH1 NG ER0', 'ˈsɪŋɚ'],
  ['B ER1 D', 'ˈbɝd'],
  ['B AH1 T', 'ˈbʌt'],
  ['JH AH1 JH', 'ˈdʒʌdʒ'],
  ['HH Y UW1 JH', 'ˈhjudʒ'],
  ['D R AO1 IH0 NG', 'ˈdɹɔ.ɪŋ'],
  ['N AH1 T SH EH0 L', 'ˈnʌt.ʃɛl'],
] as const) {
  test(`${arpabet} is ${ipa}, both ways`, () => {
    assert.equal(arpabetToIpa(arpabet), ipa);
    assert.equal(ipaToArpabet(ipa), arpabet);
  });
}

for (const [ipa, arpabet] of [
  ['həˈləʊ', 'HH AH0 L OW1'],
  ['tʃɪə', 'CH IH0 AH0'],
  ['t͡ʃiːz', 'CH IY0 Z'],
  ['ˈbɜːɹd', 'B ER1 D'],
  ['ˈrɛd', 'R EH1 D'],
  ['ˈbʌtn̩', 'B AH1 T AH0 N'],
  ['gʊd deɪ', 'G UH0 D D EY0'],
] as const) {
  test(`${ipa} is near to ${arpabet}`, () => assert.equal(ipaToArpabet(ipa), arpabet));
}

test('sounds that English does not have are not turned into ARPABET', () => {
  for (const ipa of ['x', 'ʁuʒ', 'y', '', 'ˈ', 'hello!']) assert.equal(ipaToArpabet(ipa), undefined, ipa);
});

const CONSONANTS = 'B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH'.split(' ');
const VOWELS = 'AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW'.split(' ');

test('every pronunciation with its stresses comes back from IPA as it went', () => {
  const vowel = fc
    .tuple(fc.constantFrom(...VOWELS), fc.constantFrom('0', '1', '2'))
    .map((pair) => pair.join(''));
  const word = fc.array(fc.oneof(vowel, fc.constantFrom(...CONSONANTS)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(word, (phones) => {
      const arpabet = phones.join(' ');
      assert.equal(findArpabetProblem(arpabet), undefined);
      assert.equal(ipaToArpabet(arpabetToIpa(arpabet) ?? ''), arpabet);
    }),
  );
});

for (const [phonemes, blamed] of [
  ['', 'is empty'],
  ['HH AH0 L OW3', 'OW3'],
  ['HH1 AH0', 'HH1'],
  ['HH XX L', 'XX'],
  ['hh ah0', 'hh'],
  ['həˈloʊ', 'həˈloʊ'],
] as const) {
  test(`'${phonemes}' is no ARPABET, and the message names ${blamed}`, () => {
    assert.ok(findArpabetProblem(phonemes)?.includes(blamed));
    assert.equal(arpabetToIpa(phonemes), undefined);
  });
}
