import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describesMusic, genresIn } from './music-words.ts';

test('a description of music is told from one of a noise', () => {
  const music = [
    'lo-fi hip-hop with a mellow piano and rain in the background',
    'Epic orchestral music, explosions of brass',
    'Uplifting house track at 124 bpm',
    'x',
    'A calm morning',
    'Rock',
  ];
  const noises = [
    'Heavy rain on a tin roof, distant thunder',
    'three knocks on a wooden door',
    'a cinematic braam with a long riser, sound effect',
    'The sound of a forest at night',
    'Spacious braam impact suitable for high-impact trailers',
    'dog barking',
  ];
  assert.deepEqual(
    music.filter((text) => !describesMusic(text)),
    [],
  );
  assert.deepEqual(noises.filter(describesMusic), []);
});

test('genres are found in every spelling, in the order of the text, each once', () => {
  assert.deepEqual(genresIn('Jazzy? No: R&B, then lofi hip-hop, hip hop and Drum & Bass.'), [
    'rhythm and blues',
    'lo-fi',
    'hip hop',
    'drum and bass',
  ]);
  assert.deepEqual(genresIn('popcorn in a greenhouse'), []);
});
