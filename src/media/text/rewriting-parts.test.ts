import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeForSpeech } from './speech-normalizer.ts';
import { partsOfRewriting } from './rewriting-parts.ts';

/** Parts that are not spaces, as `source=spoken`; what stays as it is as itself. */
function told(source: string, spoken: string): string[] {
  const parts = partsOfRewriting(source, spoken);
  assert.equal(parts.map((part) => part.source).join(''), source);
  assert.equal(parts.map((part) => part.spoken).join(''), spoken);
  assert.ok(parts.every((part) => part.source !== '' && part.spoken !== ''));
  return parts
    .filter((part) => part.source.trim() !== '')
    .map((part) => (part.source === part.spoken ? part.source : `${part.source}=${part.spoken}`));
}

test('each word of what is written out has its own words', () => {
  for (const [source, spoken, parts] of [
    ['July 4, 1776', 'July fourth, seventeen seventy-six', 'July|4=fourth|,|1776=seventeen seventy-six'],
    [
      '4 July 1776',
      'the fourth of July, seventeen seventy-six',
      '4=the fourth of|July=July,|1776=seventeen seventy-six',
    ],
    ['Jan. 5', 'January fifth', 'Jan.=January|5=fifth'],
    ['121 km', 'one hundred twenty-one kilometres', '121=one hundred twenty-one|km=kilometres'],
    ['$5.30', 'five dollars and thirty cents', '$5.30=five dollars and thirty cents'],
    ['$5 million', 'five million dollars', '$5=five|million=million dollars'],
    ['5 ft 11 in', 'five feet, eleven inches tall', '5 ft 11 in=five feet, eleven inches tall'],
    ['No. 1,200', 'number one thousand two hundred', 'No.=number|1,200=one thousand two hundred'],
    ['a b', 'c', 'a b=c'],
  ] as const)
    assert.equal(told(source, spoken).join('|'), parts, source);
});

test('what is very long is left in one part', () => {
  const source = 'one '.repeat(40);
  assert.equal(told(source, `${source}!`).length, 1);
});

test('a date keeps the words of its parts apart, whatever stands around it', () => {
  const source = 'On July 4, 1776 it rained.';
  const { text, pieces } = normalizeForSpeech(source, { language: 'en' });
  assert.equal(text, 'On July fourth, seventeen seventy-six it rained.');
  const rewritten = pieces
    .filter((piece) => piece.replaced)
    .map((piece) => [source.slice(piece.sourceStart, piece.sourceEnd), text.slice(piece.start, piece.end)]);
  assert.deepEqual(rewritten, [
    ['4', 'fourth'],
    ['1776', 'seventeen seventy-six'],
  ]);
  for (const piece of pieces.filter((one) => !one.replaced))
    assert.equal(source.slice(piece.sourceStart, piece.sourceEnd), text.slice(piece.start, piece.end));
});
