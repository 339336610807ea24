import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastPhrase, seamAfter, seamBefore } from './seam-plan.ts';

test('a text that goes on in the middle of a sentence is joined with the nearest phrase', () => {
  assert.deepEqual(seamBefore('It rained. When we arrived, the old', 'captain smiled.', 'en'), {
    kind: 'running',
    phrase: 'the old ',
    pauseSeconds: 0,
  });
  assert.deepEqual(seamAfter('When the old', 'captain smiled, we left. Then', 'en'), {
    kind: 'running',
    phrase: ' captain smiled,',
    pauseSeconds: 0,
  });
});

test('a comma before the text belongs to the phrase, and tells the pause', () => {
  const seam = seamBefore('When the rain had stopped,', 'we went out.', 'en');
  assert.deepEqual(seam, { kind: 'running', phrase: 'When the rain had stopped, ', pauseSeconds: 0.15 });
});

test('between two sentences there is only a pause, as long as mark and line break make it', () => {
  assert.deepEqual(seamBefore('It was late.', 'We left.', 'en'), { kind: 'pause', seconds: 0.35 });
  assert.deepEqual(seamAfter('It was late…', 'We left.', 'en'), { kind: 'pause', seconds: 0.5 });
  assert.deepEqual(seamAfter('A heading\n\n', 'We left.', 'en'), { kind: 'pause', seconds: 0.7 });
});

test('an abbreviation does not end a sentence', () => {
  assert.equal(seamBefore('We met Dr.', 'Miller there.', 'en')?.kind, 'running');
});

test('blank surroundings are none', () => {
  assert.equal(seamBefore(' \n', 'Text.', 'en'), undefined);
  assert.equal(seamAfter('Text', '', 'en'), undefined);
});

test('texts without spaces between words are joined without one', () => {
  const seam = seamBefore('我们去了', '河边。', 'zh');
  assert.deepEqual(seam, { kind: 'running', phrase: '我们去了', pauseSeconds: 0 });
});

test('a phrase has a few words at most, and no half ones', () => {
  const long = 'one two three four five six seven eight nine ten eleven twelve';
  assert.equal(lastPhrase(long), 'six seven eight nine ten eleven twelve');
  assert.ok(lastPhrase('x'.repeat(500)).length <= 40);
  assert.ok(lastPhrase('😀'.repeat(500)).isWellFormed());
});
