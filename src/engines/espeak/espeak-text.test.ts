import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toEspeakMarkup } from './espeak-text.ts';

describe('text as espeak reads it', () => {
  test('is the same text where nothing can be mistaken', () => {
    for (const text of ['Hello, world!', 'Ünïcode 😀 你好 مرحبا', "l'été – «oui»", '[x] {y} (z)']) {
      assert.equal(toEspeakMarkup(text).markup, text);
    }
  });

  test('has no tags, no entities and no phonemes', () => {
    assert.equal(toEspeakMarkup('a <b> & &lt;').markup, 'a &lt;b&gt; &amp; &amp;lt;');
    assert.equal(toEspeakMarkup('[[h@]] [[[').markup, '[ [h@]] [ [ [');
  });

  test('has no commands, no half pairs and no marks that would break a word', () => {
    assert.equal(toEspeakMarkup('a\u0001b\0c\ud83dd\ue001e').markup, 'a b c d e');
    assert.equal(toEspeakMarkup('\ufeffwo\u200erd').markup, 'word');
  });

  test('has plain letters instead of dressed ones', () => {
    assert.equal(toEspeakMarkup('ＡＢ１＜ 𝒳𝟗').markup, 'AB1&lt; X9');
  });

  test('has the sounds of words that are given, and all else as it was', () => {
    const { markup, origins } = toEspeakMarkup('a [[b]] <c>', [{ start: 4, end: 5, mnemonics: "'a&<" }]);
    assert.equal(markup, "a [ [[['a&amp;&lt;]]]] &lt;c&gt;");
    assert.equal(origins.length, Array.from(markup).length);
    assert.equal(origins[markup.indexOf("'a")], 4);
  });

  test('knows where each of its characters came from', () => {
    const text = 'x & 😀\u200e<𝒳 [[';
    const { markup, origins } = toEspeakMarkup(text);
    const characters = Array.from(markup);
    assert.equal(origins.length, characters.length);
    assert.equal(origins[characters.lastIndexOf('😀')], text.indexOf('😀'));
    assert.equal(origins[characters.lastIndexOf('X')], text.indexOf('𝒳'));
    for (let index = 2; index < 2 + '&amp;'.length; index += 1) assert.equal(origins[index], 2);
    assert.deepEqual(origins.slice(-3), [text.length - 2, text.length - 1, text.length - 1]);
  });
});
