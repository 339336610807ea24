import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLanguage, languageName } from './openai-languages.ts';

for (const [code, name] of [
  ['en', 'english'],
  ['zh', 'chinese'],
  ['ht', 'haitian creole'],
  ['yue', 'cantonese'],
  ['ga', 'irish'],
  ['jv', 'javanese'],
] as const) {
  test(`${code} is called ${name}`, () => {
    assert.equal(languageName(code), name);
  });
}

for (const [spelled, code] of [
  ['en', 'en'],
  ['EN', 'en'],
  ['english', 'en'],
  ['English', 'en'],
  ['haitian creole', 'ht'],
  ['Mandarin', 'zh'],
  ['haw', 'haw'],
  ['jw', 'jv'],
  ['javanese', 'jv'],
  ['ga', 'ga'],
  ['xx', undefined],
  ['en-US', 'en'],
  ['pt-BR', 'pt'],
  ['zh-CN', 'zh'],
  ['zh-Hant-TW', 'zh'],
  ['ga-IE', 'ga'],
  ['eng', 'en'],
  ['deu', 'de'],
  ['iw', 'he'],
  ['nb', 'no'],
  ['Norwegian', 'no'],
  ['en-', undefined],
  ['xx-US', undefined],
  ['und', undefined],
  ['klingon', undefined],
  ['constructor', undefined],
  ['', undefined],
] as const) {
  test(`'${spelled}' means ${code ?? 'no language'}`, () => {
    assert.equal(findLanguage(spelled), code);
  });
}

test('every name that is written is understood', () => {
  for (const code of ['af', 'my', 'nn', 'no', 'tl', 'su'])
    assert.equal(findLanguage(languageName(code)), code);
});
