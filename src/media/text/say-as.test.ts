import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sayAs } from './say-as.ts';

const SAID: readonly (readonly [
  interpretation: string,
  text: string,
  spoken: string | undefined,
  rest?: { readonly format?: string; readonly language?: string },
])[] = [
  ['cardinal', '1984', 'one thousand nine hundred eighty-four'],
  ['cardinal', '-12', 'minus twelve'],
  ['cardinal', '25', 'fünfundzwanzig', { language: 'de' }],
  ['ordinal', '21', 'twenty-first'],
  ['ordinal', '3rd', 'third'],
  ['ordinal', '3', '3.', { language: 'de' }],
  ['ordinal', '1', '1er', { language: 'fr' }],
  ['ordinal', 'three', undefined],
  ['digits', '911', 'nine one one'],
  ['digits', '12-34', 'one two, three four'],
  ['digits', '12', 'eins zwei', { language: 'de' }],
  ['spell-out', 'aB1', 'ay bee one'],
  ['characters', 'a@b', 'ay at bee'],
  ['spell-out', 'abc', 'A, B, C', { language: 'de' }],
  ['date', '3/4/2024', 'April third, twenty twenty-four', { format: 'dmy' }],
  ['date', '3/4/2024', 'March fourth, twenty twenty-four', { format: 'mdy' }],
  ['date', '20240304', 'March fourth, twenty twenty-four', { format: 'yyyymmdd' }],
  ['date', '12/99', 'December nineteen ninety-nine', { format: 'my' }],
  ['date', '25.12', 'December twenty-fifth', { format: 'dm' }],
  ['date', '2024-12-31', 'December thirty-first, twenty twenty-four'],
  ['time', '2:30pm', 'two thirty p.m.'],
  ['time', '14:05', 'fourteen oh five'],
  ['telephone', '+1 555-0199', 'plus one, five five five, zero one nine nine'],
  ['fraction', '3/4', 'three quarters'],
  ['fraction', '1+1/2', 'one and one half'],
  ['currency', '$5.30', 'five dollars and thirty cents'],
  ['unit', '10km', 'ten kilometers'],
  ['expletive', 'damn', undefined],
  ['poem', 'roses', undefined],
];

describe('what is to be understood as something', () => {
  for (const [interpretation, text, spoken, rest = {}] of SAID) {
    const { format = '', language = 'en' } = rest;
    test(`says ${JSON.stringify(text)} as ${interpretation} ${format} in ${language}: ${String(spoken)}`, () => {
      assert.equal(sayAs(text, { interpretation, format, language }), spoken);
    });
  }
});
