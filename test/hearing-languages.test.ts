import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageName, findLanguage } from '../src/dialects/openai/openai-languages.ts';
import { findSpokenLanguage, threeLetterCode } from '../src/dialects/spoken-languages.ts';
import {
  findWhisperLanguage,
  fromWhisperLanguage,
  whisperLanguages,
} from '../src/engines/whisper/whisper-languages.ts';

/** Whisper has its own code for one of them, and two have no code of two letters. */
const WITHOUT_TWO_LETTERS = ['haw', 'yue'];

test('Whisper knows 99 languages, and a hundredth since its third large model', () => {
  assert.equal(whisperLanguages(99).length, 99);
  assert.equal(new Set(whisperLanguages(100)).size, 100);
  assert.deepEqual(
    whisperLanguages(100).filter((code) => !whisperLanguages(99).includes(code)),
    ['yue'],
  );
  assert.deepEqual(whisperLanguages(1), ['en']);
});

test('every language of Whisper has an ISO code, and every way to write it leads back to the model', () => {
  const canonical = (code: string) => new Intl.Locale(code).language;
  for (const code of whisperLanguages(100)) {
    assert.match(code, WITHOUT_TWO_LETTERS.includes(code) ? /^[a-z]{3}$/ : /^[a-z]{2}$/);
    // The registry of language tags prefers Filipino, which Whisper's list calls by the name that most use.
    if (code !== 'tl') assert.equal(canonical(code), code, `${code} is an outdated code`);
    const long = threeLetterCode(code);
    assert.match(long, /^[a-z]{3}$/, code);
    if (code !== 'tl' && code !== 'no')
      assert.equal(canonical(long), code, `${long} is ${code} in ISO 639-3`);
    const own = findWhisperLanguage(code, 100) ?? '';
    assert.equal(fromWhisperLanguage(own), code);
    for (const spelled of [code, code.toUpperCase(), long, `${code}-XX`, languageName(code)]) {
      assert.equal(findSpokenLanguage(spelled) ?? findLanguage(spelled), code, spelled);
      assert.equal(findLanguage(spelled), code, spelled);
    }
  }
});

test("Whisper's Javanese is 'jw' for the model and 'jv' for everybody else", () => {
  assert.equal(findWhisperLanguage('jv', 99), 'jw');
  assert.equal(findWhisperLanguage('jw', 99), 'jw');
  assert.equal(fromWhisperLanguage('jw'), 'jv');
  assert.equal(threeLetterCode('jv'), 'jav');
  assert.equal(languageName('jv'), 'javanese');
});

test('older codes, regions and scripts reach the model that knows the language', () => {
  const reached = (spelled: string) => findWhisperLanguage(spelled, 100);
  assert.deepEqual(['iw', 'nb', 'fil', 'in', 'cmn'].map(reached), ['he', 'no', 'tl', 'id', 'zh']);
  assert.deepEqual(['pt-BR', 'zh-CN', 'zh-Hant-TW', 'nb_NO'].map(reached), ['pt', 'zh', 'zh', 'no']);
  assert.deepEqual(['xx', 'english', '', 'pt-', 'e'].map(reached), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(findWhisperLanguage('yue-HK', 99), undefined, 'an older model does not know Cantonese');
});
