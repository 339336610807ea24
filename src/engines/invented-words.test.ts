import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mapRangeToSource } from '../media/text/normalized-text.ts';
import { findInventedWords, inventWords, soundWarnings } from './invented-words.ts';

describe('invented words', () => {
  const text = 'Bob ate a tomato, a tomato’s skin.';
  const stretches = ['Bob', 'tomato', 'tomato’s'].map((word, index) => {
    const start = index === 2 ? text.lastIndexOf(word) : text.indexOf(word);
    return { start, end: start + word.length, ipa: `ipa${index}` };
  });

  test('stand for stretches with a pronunciation, and keep how the stretch begins', () => {
    const invented = inventWords(text, stretches);
    const words = findInventedWords(invented.text);
    assert.deepEqual(
      words.map(({ word }) => invented.pronunciations.get(word)),
      ['ipa0', 'ipa1', 'ipa2'],
    );
    assert.match(invented.text, /^Z[a-z]+ ate a z[a-z]+, a z[a-z]+ skin\.$/);
  });

  test('lead back to their stretches', () => {
    const invented = inventWords(text, stretches);
    const found = findInventedWords(invented.text).map(({ word, start }) =>
      mapRangeToSource(invented, start, start + word.length),
    );
    assert.deepEqual(
      found,
      stretches.map(({ start, end }) => ({ start, end })),
    );
    const skin = invented.text.indexOf('skin');
    assert.equal(mapRangeToSource(invented, skin, skin + 4).start, text.indexOf('skin'));
  });

  test('do not grow together with their neighbours', () => {
    const { text: written } = inventWords('re2go', [{ start: 2, end: 3, ipa: 'x' }]);
    assert.match(written, /^re z[a-z]+ go$/);
  });

  test('are different however many there are', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      start: 2 * index,
      end: 2 * index + 1,
      ipa: String(index),
    }));
    const { pronunciations, text: written } = inventWords('a '.repeat(500), many);
    assert.equal(pronunciations.size, 500);
    assert.equal(findInventedWords(written).length, 500);
  });

  test('tell each replaced sound once', () => {
    const change = { from: 'x', to: 'k' };
    assert.equal(soundWarnings([change, change, { from: 'y', to: 'u' }], 'English').length, 2);
  });
});
