import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAudioTags } from './audio-tags.ts';
import { readInlineMarkup } from './inline-markup.ts';
import { unmarked, type MarkedText } from './marked-text.ts';

const read = (text: string) => readAudioTags(unmarked(text));

function pausesOf({ parts }: MarkedText): [at: number, seconds: number][] {
  return parts.flatMap((part) => (part.kind === 'pause' ? [[part.at, part.seconds]] : []));
}

test('directions are not read out, and the text around them closes up', () => {
  for (const [text, spoken] of [
    ['[whispers] Come here.', 'Come here.'],
    ['Oh [laughs], really?', 'Oh, really?'],
    ['Oh [LAUGHS HARDER] really?', 'Oh really?'],
    ['I know [sighs].', 'I know.'],
    ['I know. [strong French accent]', 'I know.'],
    ['[excited][rushed, nervous] Go!\n[sad] No.', 'Go!\nNo.'],
    ['wait[sighs]what', 'waitwhat'],
    ['[lachend, l’air gêné] Ja.', 'Ja.'],
    ['Ha [笑い] ha', 'Ha ha'],
  ] as const)
    assert.equal(read(text).text, spoken, text);
});

test('brackets that hold anything but words are text', () => {
  for (const text of [
    'As shown in [1] and [2, 3].',
    'See [p. 4].',
    '[] [ ] [!]',
    'An open [bracket',
    '[two\nlines]',
    'a[i] + 1'.replace('[i]', '[0]'),
    `[${'long '.repeat(20)}]`,
  ])
    assert.deepEqual(read(text), unmarked(text));
});

test('pauses of tags become pauses where they stand', () => {
  const marked = read('One. [pause] Two. [long pause] Three [pause 1.2s] four, [short pause] five.');
  assert.equal(marked.text, 'One. Two. Three four, five.');
  assert.deepEqual(pausesOf(marked), [
    [4, 0.8],
    [9, 1.5],
    [15, 1.2],
    [21, 0.4],
  ]);
  assert.deepEqual(marked.ignored, []);
});

test('one remark names every direction once, and counts those that are too many to be named', () => {
  const { ignored } = read('[laughs] a [sighs] b [laughs] c [pause] d');
  assert.deepEqual(ignored, ['audio tags are not performed and not read out: [laughs], [sighs]']);
  const many = Array.from({ length: 14 }, (_, index) => `[word ${'x'.repeat(index + 1)}] a`).join(' ');
  assert.match(read(many).ignored.join(), /\[word xxxxxxxxxx\] and 4 others$/);
});

test('breaks and phonemes of the same text stay, and so do remarks about them', () => {
  const source =
    '[whispers] Wait <break time="2s"/> for <phoneme alphabet="ipa" ph="mæd">Madison</phoneme> [laughs]. <break time="9s"/>';
  const inline = readInlineMarkup(source);
  const marked = readAudioTags(inline);
  assert.equal(marked.text, 'Wait  for Madison. ');
  assert.deepEqual(pausesOf(marked), [
    [5, 2],
    [19, 3],
  ]);
  assert.ok(marked.parts.some((part) => part.kind === 'text' && part.manner.saying?.as === 'phonemes'));
  assert.deepEqual(marked.ignored.slice(0, -1), inline.ignored);
});

test('pauses have the limits of markup, one and all together', () => {
  const marked = read('a [pause 60s] b');
  assert.deepEqual(pausesOf(marked), [[1, 10]]);
  assert.match(marked.ignored.join(), /at most 10 seconds/);
  const all = pausesOf(read('a [pause 10s] '.repeat(80))).reduce((sum, [, seconds]) => sum + seconds, 0);
  assert.equal(all, 600);
});

test('take linear time to look for', () => {
  for (const text of [
    `${' '.repeat(200_000)}x`,
    '[a '.repeat(70_000),
    '[a]   '.repeat(40_000),
    '['.repeat(200_000),
  ]) {
    const startedAt = performance.now();
    read(text);
    assert.ok(performance.now() - startedAt < 2_000, text.slice(0, 10));
  }
});
