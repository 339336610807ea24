import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTags, voiceNamesIn } from './text-tags.ts';

const VOICES = new Set(['alloy', 'onyx', 'flite/slt']);

function outline(source: string): unknown[] {
  const { text, parts } = readTags(source, { isVoice: (name) => VOICES.has(name.toLowerCase()) });
  return parts.map((part) => {
    if (part.kind === 'pause') return part.seconds;
    const slice = text.slice(part.start, part.end);
    return part.manner.voice === undefined ? slice : [slice, part.manner.voice];
  });
}

const READ: readonly (readonly [source: string, parts: readonly unknown[]])[] = [
  ['a [pause 1.2s] b', ['a ', 1.2, ' b']],
  ['[pause:500ms]a[PAUSE 2]b[silence 0.5s]c[silent 1s]', [0.5, 'a', 2, 'b', 0.5, 'c', 1]],
  ['a[short pause]b[pause]c[long pause]', ['a', 0.4, 'b', 0.8, 'c', 1.5]],
  ['a [voice:onyx]b[/voice] c', ['a ', ['b', 'onyx'], ' c']],
  ['[voice flite/slt]b[voice]c', [['b', 'flite/slt'], 'c']],
  ['[voice:nobody] [laughs] [1] [pause soon]', ['[voice:nobody] [laughs] [1] [pause soon]']],
  [
    'alloy: Hi.\nonyx: Hello!',
    [
      ['Hi.\n', 'alloy'],
      ['Hello!', 'onyx'],
    ],
  ],
  [
    'Alloy: Hi.\nMore of it.\nOnyx: Yes: no.',
    [
      ['Hi.\nMore of it.\n', 'Alloy'],
      ['Yes: no.', 'Onyx'],
    ],
  ],
  ['alloy: one speaker is a heading', ['alloy: one speaker is a heading']],
  ['Alice: Hi.\nBob: Hello!', ['Alice: Hi.\nBob: Hello!']],
];

describe('tags in a text', () => {
  for (const [source, parts] of READ) {
    test(`are read from ${JSON.stringify(source)}`, () => {
      assert.deepEqual(outline(source), parts);
    });
  }

  test('name every voice that is to be looked up', () => {
    assert.deepEqual(voiceNamesIn('Bob: a\nAmy: [voice:Cid] b'), ['Cid', 'Bob', 'Amy']);
  });

  test('pause ten seconds at most', () => {
    const { parts, ignored } = readTags('a[pause 60s]', { isVoice: () => false });
    assert.deepEqual(parts[1], { kind: 'pause', at: 1, seconds: 10 });
    assert.equal(ignored.length, 1);
  });

  test('take linear time to look for', () => {
    const started = performance.now();
    readTags('[voice:a '.repeat(30_000), { isVoice: () => true });
    readTags('a b c d '.repeat(30_000), { isVoice: () => true });
    assert(performance.now() - started < 3000);
  });
});
