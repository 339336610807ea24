import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { holdsInlineMarkup, readInlineMarkup } from './inline-markup.ts';
import type { MarkedText } from './marked-text.ts';

function outline({ text, parts }: MarkedText): unknown[] {
  return parts.map((part) => {
    if (part.kind === 'pause') return part.seconds;
    const slice = text.slice(part.start, part.end);
    const { saying } = part.manner;
    return saying?.as === 'phonemes' ? [slice, saying.phonemes, saying.alphabet] : slice;
  });
}

const READ: readonly (readonly [source: string, parts: readonly unknown[]])[] = [
  ['Wait <break time="1.5s" /> now', ['Wait ', 1.5, ' now']],
  ['<break time="500ms"></break>a<BREAK time=\'1s\'/>b<break time="0.2s">c', [0.5, 'a', 1, 'b', 0.2, 'c']],
  ['<break/>a<break strength="strong"/>b', [0.4, 'a', 0.7, 'b']],
  [
    'in <phoneme alphabet="cmu-arpabet" ph="M AE1 D IH0 S AH0 N">Madison</phoneme>!',
    ['in ', ['Madison', 'M AE1 D IH0 S AH0 N', 'cmu-arpabet'], '!'],
  ],
  ['<phoneme ph="ˈaktʃuəli">actually</phoneme>', [['actually', 'ˈaktʃuəli', 'ipa']]],
  ['a < b, <b>bold</b> & <breakfast/>', ['a < b, <b>bold</b> & <breakfast/>']],
  ['<break time="soon"/>', ['<break time="soon"/>']],
  ['<phoneme ph="x">never closed', ['<phoneme ph="x">never closed']],
];

describe('elements in plain text', () => {
  for (const [source, parts] of READ) {
    test(`are read from ${source}`, () => {
      assert.deepEqual(outline(readInlineMarkup(source)), parts);
    });
  }

  test('pause no longer than the vendor’s do', () => {
    const { parts, ignored } = readInlineMarkup('a<break time="20s"/>');
    assert.deepEqual(parts[1], { kind: 'pause', at: 1, seconds: 3 });
    assert.equal(ignored.length, 1);
  });

  test('with a wrong pronunciation are their word, and say so', () => {
    const { text, parts, ignored } = readInlineMarkup('<phoneme alphabet="cmu-arpabet" ph="XX">Bo</phoneme>');
    assert.deepEqual([text, parts.length], ['Bo', 1]);
    assert.match(ignored[0] ?? '', /^the pronunciation of 'Bo' has 'XX'/);
  });

  test('are looked for only where they may be', () => {
    for (const text of ['<break/>', 'a <phoneme ph=""', '<Break time="1s">'])
      assert(holdsInlineMarkup(text), text);
    for (const text of ['a < break', '<breakfast>', 'plain']) assert(!holdsInlineMarkup(text), text);
  });

  test('take linear time to look for', () => {
    const started = performance.now();
    readInlineMarkup('<break '.repeat(50_000));
    readInlineMarkup(`<phoneme ${'a="b" '.repeat(50_000)}`);
    readInlineMarkup('<phoneme ph="a">'.repeat(20_000));
    assert(performance.now() - started < 3000);
  });
});
