import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { wordSpans } from './word-spans.ts';

function words(text: string, language?: string): string[] {
  return wordSpans(text, language).map(({ start, end }) => text.slice(start, end));
}

test('finds the words and leaves out punctuation and spaces', () => {
  assert.deepEqual(words("Hello, don't stop: 3.5 cats!"), ['Hello', "don't", 'stop', '3.5', 'cats']);
  assert.deepEqual(words(' … 😀 '), []);
  assert.deepEqual(words(''), []);
});

test('finds words of scripts without spaces', () => {
  assert.deepEqual(words('ภาษาไทย', 'th'), ['ภาษา', 'ไทย']);
  assert.deepEqual(words('東京に行きます', 'ja').join(''), '東京に行きます');
  assert.ok(words('東京に行きます', 'ja').length > 2);
});

test('does not mind language tags that nobody knows', () => {
  for (const language of ['', 'x', 'not a tag', 'zz', 'en-US', 'en_US'])
    assert.deepEqual(words('two words', language), ['two', 'words']);
});

test('spans rise, never touch each other out of order, and hold no white space', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      let last = 0;
      for (const { start, end } of wordSpans(text)) {
        assert.ok(start >= last && end > start && end <= text.length);
        assert.doesNotMatch(text.slice(start, end), /\s/u);
        last = end;
      }
    }),
  );
});
