import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EIGEN_MODELS, EIGEN_VOICES } from './eigen-names.ts';

test('knows the eleven preset voices, each sounding different from the others', () => {
  assert.deepEqual(EIGEN_VOICES.map(({ id }) => id).sort(), [
    'Aiden',
    'Dylan',
    'Eric',
    'Jack',
    'Linda',
    'Ono_Anna',
    'Ryan',
    'Serena',
    'Sohee',
    'Uncle_Fu',
    'Vivian',
  ]);
  const castings = EIGEN_VOICES.map(
    ({ gender, variant, pitchSemitones }) => `${gender} ${variant} ${pitchSemitones}`,
  );
  assert.equal(new Set(castings).size, EIGEN_VOICES.length);
  const women = EIGEN_VOICES.filter(({ gender }) => gender === 'female').map(({ id }) => id);
  assert.deepEqual(women.sort(), ['Linda', 'Ono_Anna', 'Serena', 'Sohee', 'Vivian']);
});

test('knows every media model once and no chat model', () => {
  const names = EIGEN_MODELS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    EIGEN_MODELS.filter(({ capability }) => capability === 'speech').map(({ name }) => name),
    ['higgs2p5', 'chatterbox', 'qwen3-tts'],
  );
  assert.ok(!names.some((name) => /llama|gpt|deepseek|kimi/.test(name)));
});
