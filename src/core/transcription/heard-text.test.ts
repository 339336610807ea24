import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubtAbout } from './heard-text.ts';

const LONG =
  'If the reader will excuse me, I will say nothing of my antecedents, nor of the circumstances which led me to leave my native country.';

function windowWith(...speech: (readonly [number, number])[]) {
  return {
    startSeconds: 0,
    endSeconds: 30,
    samples: new Float32Array(0),
    speech: speech.map(([startSeconds, endSeconds]) => ({ startSeconds, endSeconds })),
  };
}

test('a long text whose segment ends too early is kept where there was speech enough for it', () => {
  const segment = { startSeconds: 0, endSeconds: 2, text: LONG };
  assert.equal(doubtAbout(segment, windowWith([0.2, 8])), undefined);
  assert.equal(doubtAbout(segment, windowWith([0.2, 1], [1.5, 3])), 'loop');
});

test('a long text at the end of a window, where nobody could have said it, is dropped', () => {
  const segment = { startSeconds: 28, endSeconds: 29.4, text: LONG };
  assert.equal(doubtAbout(segment, windowWith([0, 27], [28, 29.4])), 'loop');
});
