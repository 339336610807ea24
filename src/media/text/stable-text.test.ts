import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStableText } from './stable-text.ts';

test('only words that two guesses agree on are told, and never the last one, which may still grow', () => {
  const text = createStableText();
  assert.equal(text.guess('And so my fell'), '');
  assert.equal(text.guess('And so my fellow Amer'), 'And so my');
  assert.equal(text.guess('And so my fellow Americans, ask'), ' fellow');
  assert.equal(text.guess('And so my fellow American is'), '');
  assert.equal(text.settle('And so my fellow Americans, ask not.'), ' Americans, ask not.');
});

test('a guess that says otherwise than what was told adds nothing', () => {
  const text = createStableText();
  text.guess('one two three');
  assert.equal(text.guess('one two three'), 'one two');
  assert.equal(text.guess('One two three four'), '');
  assert.equal(text.guess('One two three four'), '');
  assert.equal(text.guess('one two three four'), '');
  assert.equal(text.guess('one two three four'), ' three');
});

test('a certain text that says otherwise goes on after as many words as were told', () => {
  const text = createStableText();
  text.guess('I scream for ice');
  assert.equal(text.guess('I scream for ice'), 'I scream for');
  assert.equal(text.settle('Ice cream for everybody here.'), ' everybody here.');
  assert.equal(text.settle('Ice cream for everybody here. Yes.'), ' Yes.');
});

test('where no spaces are written, signs are agreed on', () => {
  const text = createStableText();
  text.guess('今日は良い天');
  assert.equal(text.guess('今日は良い天気です'), '今日は良い');
  assert.equal(text.settle('今日は良い天気ですね。'), '天気ですね。');
});

test('the pieces of guesses that only grow join to the text', () => {
  const words = 'ask not what your country can do for you ask what you can do for your country'.split(' ');
  const text = createStableText();
  let told = '';
  for (let count = 1; count <= words.length; count += 1) told += text.guess(words.slice(0, count).join(' '));
  assert.equal(told, words.slice(0, -2).join(' '));
  assert.equal(told + text.settle(words.join(' ')), words.join(' '));
});
