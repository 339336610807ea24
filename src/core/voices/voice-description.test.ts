import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gender, Voice } from './voice.ts';
import { designVoice, sketchVoice } from './voice-description.ts';

function voice(id: string, gender: Gender, languages: readonly string[], rank = 0): Voice {
  const [engine = ''] = id.split('/');
  return { id, name: id, engine, languages, origin: 'built_in', gender, rank, labels: {}, licence: 'own' };
}

const VOICES = [
  voice('good/ann', 'female', ['en-US']),
  voice('good/bob', 'male', ['en-US'], 1),
  voice('good/ben', 'male', ['en-US'], 0),
  voice('plain/ian', 'male', ['en-GB-scotland']),
  voice('plain/uwe', 'male', ['de']),
];

for (const [description, gender, locale, semitones, speed] of [
  ['A woman', 'female', undefined, 0, 1],
  ['An OLD MAN, very deep and slow', 'male', undefined, -6, 0.8],
  ['a squeaky boy who talks fast', 'male', undefined, 7, 1.15],
  ['Scottish grandmother', 'female', 'en-GB-scotland', -1, 0.92],
  ['a human being with manners, warm', undefined, undefined, 0, 1],
  ['eine tiefe Stimme', undefined, undefined, 0, 1],
] as const) {
  test(`‘${description}’ is understood as far as there are words for it`, () => {
    const sketch = sketchVoice(description);
    assert.deepEqual(
      [sketch.gender, sketch.locale, sketch.pitchSemitones, sketch.speed],
      [gender, locale, semitones, speed],
    );
    for (const word of sketch.understood) assert.ok(description.toLowerCase().includes(word), word);
    const plain = gender === undefined && locale === undefined && semitones === 0 && speed === 1;
    assert.equal(sketch.understood.length === 0, plain);
  });
}

test('the language counts for more than the gender, the gender for more than the accent, and engines keep their order', () => {
  const played = (description: string, variant?: number) =>
    designVoice(sketchVoice(description), description, {
      voices: VOICES,
      ...(variant === undefined ? {} : { variant }),
    }).baseVoice;
  assert.equal(played('a woman'), 'good/ann');
  assert.equal(played('a man'), 'good/ben');
  assert.equal(played('a scottish man'), 'plain/ian');
  assert.equal(played('a scottish woman'), 'good/ann');
  assert.deepEqual(
    [0, 1, 2].map((variant) => played('a man', variant)),
    ['good/ben', 'good/bob', 'good/ben'],
  );
});

test('without any engine voice the description is kept for one that comes later', () => {
  const design = designVoice(sketchVoice('a deep voice'), 'a deep voice', { voices: [] });
  assert.deepEqual(design, { prompt: 'a deep voice', pitchSemitones: -3, speed: 1 });
});
