import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEspeakVoices } from '../../../scripts/list-espeak-voices.ts';
import { ESPEAK_LANGUAGE_CODES, ESPEAK_VOICES, findEspeakVoice } from './espeak-catalog.ts';
import { ESPEAK_LANGUAGES, ESPEAK_VARIANTS } from './espeak-voices.ts';

describe('the voices of espeak', () => {
  test('are those of the installed package', async () => {
    assert.deepEqual(await readEspeakVoices(), { languages: ESPEAK_LANGUAGES, variants: ESPEAK_VARIANTS });
  });

  test('are a man and a woman for each language', () => {
    assert.equal(ESPEAK_VOICES.length, 2 * ESPEAK_LANGUAGES.length);
    for (const code of ESPEAK_LANGUAGE_CODES) {
      const genders = ESPEAK_VOICES.filter(({ languages }) =>
        languages.some((tag) => tag.split('-')[0] === code),
      ).map(({ gender }) => gender);
      assert(genders.includes('female') && genders.includes('male'), code);
    }
  });

  test('have canonical language tags, each of them served by one best voice of a gender', () => {
    for (const { id, languages } of ESPEAK_VOICES) {
      for (const tag of languages) {
        const canonical = Intl.getCanonicalLocales(tag)[0] ?? '';
        // Another name of the same language is welcome beside the canonical one.
        assert(canonical === tag || (tag !== languages[0] && languages.includes(canonical)), `${id}: ${tag}`);
      }
    }
    const tags = new Set(ESPEAK_VOICES.flatMap(({ languages }) => languages));
    for (const tag of tags) {
      const ranks = ESPEAK_VOICES.filter(
        ({ languages, gender }) => gender === 'male' && languages.includes(tag),
      ).map(({ rank }) => rank);
      assert.equal(ranks.filter((rank) => rank === Math.min(...ranks)).length, 1, tag);
    }
  });

  test('have the codes that the world uses', () => {
    for (const code of [
      'ar',
      'de',
      'en',
      'es',
      'fr',
      'he',
      'hi',
      'ja',
      'ko',
      'nb',
      'no',
      'pt',
      'ru',
      'yue',
      'zh',
    ]) {
      assert(ESPEAK_LANGUAGE_CODES.includes(code), code);
    }
    assert.deepEqual(findEspeakVoice('espeak/cmn')?.languages.slice(0, 1), ['zh']);
    assert.deepEqual(findEspeakVoice('espeak/ca-ba')?.languages, ['ca-x-balearic']);
  });

  test('are found by their name, by their tags, in any case, and with any variant', () => {
    assert.equal(findEspeakVoice('espeak/en-us')?.file, 'gmw/en-US');
    assert.equal(findEspeakVoice('espeak/EN-US+F3')?.id, 'espeak/en-us+f3');
    assert.equal(findEspeakVoice('espeak/fr-fr')?.id, 'espeak/fr');
    assert.equal(findEspeakVoice('espeak/zh')?.id, 'espeak/cmn');
    assert.equal(findEspeakVoice('espeak/de+annie')?.gender, 'female');
    assert.equal(findEspeakVoice('espeak/de+Mr serious')?.file, 'gmw/de+Mr serious');
    assert.equal(findEspeakVoice('espeak/de+robosoft3')?.name, 'German, Robosoft 3');
    for (const voice of ESPEAK_VOICES) assert.deepEqual(findEspeakVoice(voice.id), voice);
  });

  test('are no others: espeak would read any file that it is given the name of', () => {
    for (const id of [
      'espeak/',
      'espeak/xx',
      'espeak/de+',
      'espeak/de+nobody',
      'espeak/de+../../phondata',
      'de',
    ]) {
      assert.equal(findEspeakVoice(id), undefined, id);
    }
  });
});
