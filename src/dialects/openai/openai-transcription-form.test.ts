import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagIn, numberIn, toFormFields, type FormFields } from './openai-transcription-form.ts';

const LISTS = ['names', 'include'];

const CASES: readonly (readonly [
  what: string,
  parts: readonly (readonly [name: string, ...texts: string[]])[],
  fields: FormFields,
])[] = [
  ['the last of a repeated text counts', [['model', 'a', 'b']], { model: 'b' }],
  ['an empty text is a control that nobody filled in', [['prompt', '']], {}],
  ['a list may be one plain part', [['names', 'Ann']], { names: ['Ann'] }],
  ['a list may be a repeated part', [['names', 'Ann', 'Bob']], { names: ['Ann', 'Bob'] }],
  ['a list may have brackets', [['names[]', 'Ann', 'Bob']], { names: ['Ann', 'Bob'] }],
  [
    'a list may have numbers',
    [
      ['names[0]', 'Ann'],
      ['names[1]', 'Bob'],
    ],
    { names: ['Ann', 'Bob'] },
  ],
  [
    'an object may have its keys in brackets',
    [
      ['vad[type]', 'server_vad'],
      ['vad[threshold]', '0.3'],
    ],
    { vad: { type: 'server_vad', threshold: '0.3' } },
  ],
  [
    'everything may be wrapped in extra_body',
    [
      ['extra_body[names][]', 'Ann', 'Bob'],
      ['extra_body[vad][type]', 'server_vad'],
      ['extra_body[language]', 'en'],
    ],
    { names: ['Ann', 'Bob'], vad: { type: 'server_vad' }, language: 'en' },
  ],
  ['a name of a prototype is only a name', [['vad[__proto__]', 'x']], { vad: { ['__proto__']: 'x' } }],
];

for (const [what, parts, fields] of CASES) {
  test(`T2: ${what}`, () => {
    const form = new Map(parts.map(([name, ...texts]) => [name, texts]));
    assert.deepEqual(toFormFields(form, LISTS), fields);
  });
}

for (const [text, value] of [
  ['0', 0],
  ['0.0', 0],
  ['1e-1', 0.1],
  ['', ''],
  [' ', ' '],
  ['warm', 'warm'],
  ['Infinity', 'Infinity'],
] as const) {
  test(`the text '${text}' is the number ${JSON.stringify(value)} or stays for the schema to blame`, () => {
    assert.equal(numberIn(text), value);
  });
}

for (const [text, value] of [
  ['true', true],
  ['True', true],
  ['1', true],
  ['false', false],
  ['0', false],
  ['yes', 'yes'],
] as const) {
  test(`T18: the text '${text}' means ${value}`, () => {
    assert.equal(flagIn(text), value);
  });
}
