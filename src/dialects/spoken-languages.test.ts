import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSpokenLanguage, threeLetterCode } from './spoken-languages.ts';

for (const [name, code] of [
  ['en', 'en'],
  ['EN', 'en'],
  ['eng', 'en'],
  ['English', 'en'],
  [' english ', 'en'],
  ['en-US', 'en'],
  ['pt_BR', 'pt'],
  ['deu', 'de'],
  ['German', 'de'],
  ['zh', 'zh'],
  ['zho', 'zh'],
  ['cmn', 'zh'],
  ['zh-Hant-TW', 'zh'],
  ['Mandarin', 'zh'],
  ['yue', 'yue'],
  ['Cantonese', 'yue'],
  ['fil', 'tl'],
  ['Tagalog', 'tl'],
  ['jw', 'jv'],
  ['iw', 'he'],
  ['iw-IL', 'he'],
  ['nb-NO', 'no'],
  ['nob', 'no'],
  ['nn', 'nn'],
  ['nno', 'nn'],
  ['zh-CN', 'zh'],
  ['zh-TW', 'zh'],
  ['zh-yue', 'yue'],
  ['yue-HK', 'yue'],
  ['chi', 'zh'],
  ['fre', 'fr'],
  ['es-419', 'es'],
  ['Bengali', 'bn'],
  ['Bangla', 'bn'],
  ['Haitian Creole', 'ht'],
  ['Norwegian', 'no'],
] as const) {
  test(`knows '${name}' as ${code}`, () => assert.equal(findSpokenLanguage(name), code));
}

for (const name of ['', 'xx', 'klingon', 'englisch', 'en us', '-US', '<en>', 'en-', 'en-!', 'und']) {
  test(`does not know '${name}'`, () => assert.equal(findSpokenLanguage(name), undefined));
}

test('every language has a three-letter code that leads back to it', () => {
  for (const code of ['af', 'he', 'jv', 'no', 'tl', 'yue', 'zh', 'zu']) {
    assert.match(threeLetterCode(code), /^[a-z]{3}$/);
    assert.equal(findSpokenLanguage(threeLetterCode(code)), code);
  }
  assert.equal(threeLetterCode('fr'), 'fra');
  assert.equal(threeLetterCode('qq'), 'qq');
});
