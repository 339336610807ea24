import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EFFECT_CLASSES, EFFECTS_BY_ID } from './effect-classes.ts';
import { readPrompt } from './effect-prompt.ts';

function ids(prompt: string, negative?: string): string[][] {
  return readPrompt(prompt, negative).steps.map(({ sounds }) => sounds.map(({ effect }) => effect.id));
}

function first(prompt: string) {
  const sound = readPrompt(prompt).steps[0]?.sounds[0];
  assert(sound);
  return { id: sound.effect.id, ...sound.manner };
}

test('every class has an id of its own, and every part of a class exists', () => {
  assert.equal(EFFECTS_BY_ID.size, EFFECT_CLASSES.length);
  for (const { id, make } of EFFECT_CLASSES) {
    if (typeof make === 'function') continue;
    for (const part of make.parts) assert(EFFECTS_BY_ID.has(part.id), `${id} is made of ${part.id}`);
  }
});

test('every name of every class is understood as that class, or as an earlier one that has it too', () => {
  for (const [place, { id, names }] of EFFECT_CLASSES.entries()) {
    for (const name of names
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean)) {
      const found = readPrompt(name).steps.flatMap(({ sounds }) => sounds.map(({ effect }) => effect));
      const fits = found.some((effect) => effect.id === id || EFFECT_CLASSES.indexOf(effect) < place);
      assert(
        fits && !readPrompt(name).guessed,
        `'${name}' should be ${id}, not ${found.map((effect) => effect.id).join(', ')}`,
      );
    }
  }
});

test('a sound is found in its plural, its verb forms and in any order of its words', () => {
  assert.deepEqual(ids('glass shattering'), [['glass-break']]);
  assert.deepEqual(ids('shattered glass'), [['glass-break']]);
  assert.deepEqual(ids('dripping of water'), [['drips']]);
  assert.deepEqual(ids('church bells'), [['church-bell']]);
  assert.deepEqual(ids('somebody knocks on the door'), [['knock']]);
  assert.deepEqual(ids('horses galloping'), [['gallop']]);
});

test('"with" and "and" layer sounds, "then" and "followed by" put them one after another', () => {
  assert.deepEqual(ids('rain with thunder and wind'), [['rain', 'thunder', 'wind']]);
  assert.deepEqual(ids('thunder, then rain followed by birds'), [['thunder'], ['rain'], ['birds']]);
});

test('a ground is what is walked on, and a sound only by itself', () => {
  assert.deepEqual(ids('footsteps in snow'), [['footsteps']]);
  assert.equal(first('footsteps in snow').material, 'snow');
  assert.deepEqual(ids('snow'), [['snow']]);
  assert.equal(first('rain on a metal roof').material, 'metal');
});

test('a cave is a room when something happens in it', () => {
  const reading = readPrompt('footsteps in a cave');
  assert.equal(reading.steps[0]?.room, 'cave');
  assert.deepEqual(ids('footsteps in a cave'), [['footsteps']]);
  assert.deepEqual(ids('a cave'), [['cave']]);
  assert.equal(readPrompt('an explosion behind a wall').steps[0]?.veil, 'wall');
  assert.equal(readPrompt('underwater explosion').steps[0]?.veil, 'underwater');
});

test('adjectives count for their own phrase, and more behind "very"', () => {
  const [rain, thunder] = readPrompt('light rain and distant thunder').steps[0]?.sounds ?? [];
  assert(rain && thunder);
  assert(rain.manner.strength < 0 && rain.manner.distance === 0);
  assert(thunder.manner.distance > 0.5 && thunder.manner.strength === 0);
  assert(first('very heavy rain').strength > first('heavy rain').strength);
  assert.equal(first('footsteps, slow and distant').distance, 0.6);
});

test('numbers are read as counts, lengths, notes and beats', () => {
  assert.equal(first('three knocks').count, 3);
  assert.equal(first('knock twice').count, 2);
  assert.equal(first('7 gunshots').count, 7);
  assert.equal(readPrompt('rain for 5 seconds').seconds, 5);
  assert.equal(readPrompt('two minutes of rain').seconds, 120);
  assert.equal(first('rain for 5 seconds').count, undefined);
  assert.equal(readPrompt('a 440 Hz tone').hertz, 440);
  assert.equal(readPrompt('a tone at 1.5 kHz').hertz, 1500);
  assert.equal(readPrompt('heartbeat at 120 bpm').beats, 120);
});

test('what is not wanted is left out', () => {
  assert.deepEqual(ids('storm and birds', 'birds'), [['storm']]);
  assert.deepEqual(ids('rain and wind without thunder'), [['rain', 'wind']]);
  assert.equal(readPrompt('footsteps in a hall', 'echo').steps[0]?.room, undefined);
});

test('more sounds than can be told apart are left out, and counted', () => {
  const reading = readPrompt('rain, wind, thunder, birds, crickets, frogs, bees, fire, waves, applause');
  assert.equal(reading.steps[0]?.sounds.length, 8);
  assert.equal(reading.left, 2);
});
