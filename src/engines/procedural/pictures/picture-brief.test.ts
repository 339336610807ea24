import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeBrief, readBrief } from './picture-brief.ts';
import { COLOUR_WORDS } from './picture-words.ts';

const things = (prompt: string, negative?: string) =>
  readBrief(prompt, negative).subjects.map(({ kind, count }) => `${count} ${kind}`);

test('reads how many of each thing are wanted, in words and digits', () => {
  assert.deepEqual(things('three boats and a lighthouse'), ['3 boat', '1 lighthouse']);
  assert.deepEqual(things('12 balloons over 2 houses'), ['12 balloon', '2 house']);
  assert.deepEqual(things('a flock of birds'), ['9 bird']);
  assert.deepEqual(things('a bus'), ['1 bus']);
  assert.deepEqual(things('a cup of tea and two cups of coffee'), ['1 cup', '2 cup']);
  assert.deepEqual(things('9999 trees'), ['24 tree']);
});

test('tells a palm tree from a tree and a Christmas tree from both', () => {
  assert.deepEqual(things('two palm trees, a christmas tree and an oak'), ['2 palm', '1 pine', '1 tree']);
});

test('gives a colour to the thing that it stands before, and else to the whole picture', () => {
  const brief = readBrief('a red car and a blue boat');
  assert.deepEqual(
    brief.subjects.map(({ colour }) => colour),
    [COLOUR_WORDS['red'], COLOUR_WORDS['blue']],
  );
  assert.deepEqual(brief.colours, []);
  assert.deepEqual(readBrief('abstract shapes in green and gold').colours, [
    COLOUR_WORDS['green'],
    COLOUR_WORDS['gold'],
  ]);
  assert.equal(readBrief('purple mountains under a green sky').parts.sky, COLOUR_WORDS['green']);
  assert.equal(readBrief('purple mountains under a green sky').parts.ground, COLOUR_WORDS['purple']);
});

test('reads two things of one kind apart, and one that is named again only once', () => {
  const cars = readBrief('a red car on the left and a blue car on the right').subjects;
  assert.deepEqual(
    cars.map(({ side }) => side),
    ['left', 'right'],
  );
  assert.deepEqual(things('a cat on a hill, the cat looks at the moon'), ['1 cat']);
});

test('reads positions and distances', () => {
  const [house, tree] = readBrief('a house on the right, a small tree in the distance').subjects;
  assert.equal(house?.side, 'right');
  assert.equal(tree?.distance, 'far');
});

for (const [prompt, time] of [
  ['mountains at sunset', 'sunset'],
  ['the sea in the early morning', 'dawn'],
  ['a city at night', 'night'],
  ['stars over a desert', 'night'],
  ['a meadow', 'day'],
] as const) {
  test(`"${prompt}" is seen by ${time}`, () => assert.equal(readBrief(prompt).time, time));
}

for (const [prompt, scene] of [
  ['a lake in the mountains', 'river'],
  ['a boat', 'sea'],
  ['an apple on a table', 'table'],
  ['logo with a rocket', 'emblem'],
  ['a nebula', 'space'],
  ['a coral reef', 'underwater'],
  ['quantum finance synergy', 'abstract'],
] as const) {
  test(`"${prompt}" is composed as ${scene}`, () => assert.equal(readBrief(prompt).scene, scene));
}

test('leaves out what the negative prompt or the prompt itself does not want', () => {
  assert.deepEqual(things('a house and a tree', 'trees'), ['1 house']);
  assert.deepEqual(things('a house without trees'), ['1 house']);
  assert.equal(readBrief('a meadow without clouds').weather, 'clear');
  assert.equal(readBrief('cloudy meadow', 'clouds, cloudy').sky.has('clouds'), false);
});

test('knows when it understood nothing', () => {
  assert.equal(readBrief('quantum finance synergy').understood, false);
  assert.equal(readBrief('a lighthouse').understood, true);
});

test('changes of a brief keep what they do not mention', () => {
  const changed = changeBrief(readBrief('three boats on the sea'), readBrief('make it night, add a whale'));
  assert.deepEqual([changed.scene, changed.time], ['sea', 'night']);
  assert.deepEqual(
    changed.subjects.map(({ kind }) => kind),
    ['boat', 'whale'],
  );
});

test('words that every object has inside are neither colours nor numbers', () => {
  const { colours, subjects } = readBrief('the constructor of a constructor boat');
  assert.deepEqual(colours, []);
  assert.deepEqual(
    subjects.map(({ kind, count, colour }) => [kind, count, colour]),
    [['boat', 1, undefined]],
  );
});
