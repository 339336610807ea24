import * as fc from 'fast-check';
import type { Schema } from './torture-operations.ts';

type Json = unknown;

/** Most of what names a length of work; valid values of these stay small, so that many requests fit into a minute. */
const COSTLY = /second|duration|_ms$|length|frame|^n$|count|steps|width|height|^size$|num_/i;

/** Short texts of all kinds. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Hello.', 'Rain on a roof', 'one two three', 'Ein Satz.', 'a') },
  { weight: 2, arbitrary: fc.string({ maxLength: 24 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 24 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 24 }) },
);

/** Texts that something somewhere may take for more than a text. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u0001\u0002\u001b[31m\u007f\u0085\u2028\u2029',
  '\ud800',
  'a\udc00b',
  '\ufeff',
  '\u202e\u2066\u200b\u200d',
  'e\u0301'.repeat(40),
  `a${'\u0301'.repeat(300)}`,
  '👩‍👩‍👧‍👦🏳️‍🌈🇩🇪',
  'NaN',
  'Infinity',
  '-0',
  '1e400',
  '0x10',
  '99999999999999999999',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '..\\..\\x',
  '%2e%2e%2f',
  '%00',
  '$(id)',
  '`id`',
  '{{7*7}}',
  '${7*7}',
  "' OR 1=1 --",
  '%s%n%x',
  '<script>alert(1)</script>',
  '<speak><break time="9999999s"/></speak>',
  '<speak><prosody rate="constructor" pitch="__proto__" volume="valueof">a</prosody></speak>',
  'a constructor boat and valueof houses',
  '<speak>'.repeat(50),
  '<phoneme alphabet="ipa" ph="x',
  '[pause 99999999s]',
  '[voice:]',
  '\r\nx-injected: 1',
  'data:audio/wav;base64,////',
  'data:image/png;base64,',
  'data:,',
  'javascript:alert(1)',
  '2026-02-30',
  '-1',
  '1.5',
  'auto',
];

const LETTERS_OF_MUCH = fc.constantFrom('a', 'Rain. ', '語', '🎙', ' ', '\n', '<', '[', '"', '\\');

/** JSON texts, valid or hardly, to be put in the place of a value; `1,"model":2` brings a repeated key along. */
export const fragment: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ODD_TEXTS).map((odd) => JSON.stringify(odd)) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'null',
      'true',
      'false',
      '0',
      '-0',
      '-1',
      '1.5',
      '1e999',
      '-1e999',
      '1e-400',
      '9007199254740993',
      '18446744073709551616',
      '4294967296',
      '2147483648',
      '0.1',
      '[]',
      '{}',
      '[[]]',
      '[null]',
      '[{}]',
      '{"a":{"b":[{"c":null}]}}',
      '{"__proto__":{"strict":true}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '{"toString":1,"valueOf":1,"length":-1}',
      '{"then":1}',
      '{"toJSON":"x"}',
      '{"0":1,"length":1}',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'NaN',
      'undefined',
      '-',
      '01',
      '.5',
      '"\\ud800"',
      '"\\x"',
      "'a'",
      '',
      '"\n"',
      '"',
      '{',
      '//x',
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('model', 'text', 'input', '__proto__', 'a'), fc.jsonValue({ maxDepth: 1 }))
      .map(([name, value]) => `1,${JSON.stringify(name)}:${JSON.stringify(value)}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(LETTERS_OF_MUCH, fc.constantFrom(257, 4_097, 70_000))
      .map(([letter, times]) => JSON.stringify(letter.repeat(times))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(30, 600, 20_000))
      .map(([open, depth]) => open.repeat(depth) + (open === '[' ? ']' : '0}').repeat(depth)),
  },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)) },
);

/** What a schema takes, as far as a schema can say. */
export function valid(schema: Schema, name = ''): fc.Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valid(one, name)));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return fc.oneof(text, fc.integer({ min: 0, max: 9 }), fc.boolean());
  return fc.oneof(...types.map((type) => ofType(type, schema, name)));
}

function ofType(type: string, schema: Schema, name: string): fc.Arbitrary<Json> {
  if (type === 'string') return validText(schema);
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  if (type === 'integer') return fc.integer(bounds(schema, name));
  if (type === 'number') {
    const { min, max } = bounds(schema, name);
    return fc.double({ min, max, noNaN: true });
  }
  if (type === 'array') {
    const { items = {}, minItems = 0, maxItems = 3 } = schema;
    return fc.array(valid(items, name), { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) });
  }
  return validObject(schema);
}

function validText({ minLength = 0, maxLength = 60, pattern, format }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'date') return fc.constantFrom('2026-01-01', '2026-11-21', '1970-01-01');
  if (format === 'uri') return fc.constant('http://127.0.0.1:9/x');
  return text.map((one) => one.slice(0, maxLength).padEnd(Math.min(minLength, 200), 'a'));
}

function bounds(schema: Schema, name: string): { min: number; max: number } {
  const min = Math.ceil((schema.minimum ?? schema.exclusiveMinimum ?? 0) * 1000) / 1000;
  const most = Math.max(min, schema.maximum ?? 1_000);
  return { min, max: COSTLY.test(name) ? Math.min(most, Math.max(min * 1.2, 4)) : most };
}

function validObject({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<Json> {
  const named = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valid(schema, name)]),
  );
  const known = fc.record(named, { requiredKeys: [...required].filter((name) => name in named) });
  if (typeof additionalProperties !== 'object') return known;
  const others = fc.dictionary(fc.string({ maxLength: 8 }), valid(additionalProperties), { maxKeys: 2 });
  return fc.tuple(known, others).map(([own, more]) => ({ ...more, ...own }));
}

const HERE = '~here~';

/** A value with one of its members, chosen by a number, replaced by a piece of JSON; as text. */
export function withFragment(value: Json, which: number, piece: string): string {
  const places = placesIn(value);
  const place = places[which % places.length] ?? [];
  const replaced = replacedAt(value, place);
  // Pieces may hold `$&` and the like.
  return JSON.stringify(replaced).replace(`"${HERE}"`, () => piece);
}

/** A value without one of its members. */
export function without(value: Json, which: number): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const names = Object.keys(value);
  const left = names[which % Math.max(1, names.length)];
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== left));
}

type Place = readonly (string | number)[];

function placesIn(value: Json, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([name, member]) => placesIn(member, [...at, name]));
  return [...inner, ...(at.length > 0 || inner.length === 0 ? [at] : [])];
}

function replacedAt(value: Json, [first, ...rest]: Place): Json {
  if (first === undefined) return HERE;
  if (Array.isArray(value)) {
    return value.map((item, index) => (String(index) === String(first) ? replacedAt(item, rest) : item));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === first ? replacedAt(member, rest) : member]),
  );
}
