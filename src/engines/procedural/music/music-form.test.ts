import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SoundGeneration } from '../../../core/sound/sound-engine.ts';
import { resolveBrief } from './music-brief.ts';
import { planMusic } from './music-composer.ts';
import { secondsAt } from './music-form.ts';
import { writeScore } from './music-players.ts';

const wish = (prompt: string, more: Partial<SoundGeneration> = {}): SoundGeneration => ({
  kind: 'music',
  prompt,
  model: 'music',
  seed: 4,
  ...more,
});

for (const seconds of [0.5, 3, 29.7, 240]) {
  test(`sections of a piece of ${seconds} s follow one another and fill it`, () => {
    const { form } = resolveBrief(wish('pop', { durationSeconds: seconds }));
    assert.equal(form.totalSeconds, seconds);
    for (const [index, section] of form.sections.entries()) {
      const before = form.sections[index - 1];
      const begins = before ? before.startSeconds + before.beats * before.secondsPerBeat : 0;
      assert.ok(Math.abs(section.startSeconds - begins) < 1e-6);
    }
    assert.ok(form.playedSeconds <= seconds);
    assert.ok(Math.abs(secondsAt(form, form.totalBeats) - form.playedSeconds) < 1e-6);
  });
}

test('a tempo that is named is kept exactly, whatever the length', () => {
  for (const durationSeconds of [7, 11.3, 30, 61.9]) {
    const { form } = resolveBrief(wish('rock, 123 bpm', { durationSeconds }));
    assert.ok(Math.abs(form.beatsPerMinute - 123) < 1e-6);
  }
});

test('a loop is filled by whole beats', () => {
  const { form, warnings } = resolveBrief(wish('techno 130 bpm', { durationSeconds: 7.37, loop: true }));
  assert.ok(Number.isInteger(form.totalBeats));
  assert.ok(Math.abs((form.totalBeats * 60) / form.beatsPerMinute - 7.37) < 1e-9);
  assert.deepEqual(warnings, []);
});

test('a loop that cannot keep the tempo that was named says so', () => {
  const { warnings } = resolveBrief(wish('techno 130 bpm', { durationSeconds: 1, loop: true }));
  assert.equal(warnings[0]?.type, 'adjusted');
});

test('a plan that is made for a prompt makes the same kind of piece again', () => {
  const first = planMusic(wish('waltz in G minor, 150 bpm, with harp, no drums', { durationSeconds: 40 }));
  assert.equal(
    first.sections.reduce((sum, section) => sum + section.durationSeconds, 0),
    40,
  );
  const again = resolveBrief(wish('', { plan: first }));
  assert.equal(again.style.genre, 'waltz');
  assert.equal(`${again.key.tonic} ${again.key.mode}`, 'G minor');
  assert.equal(again.metre.name, '3/4');
  assert.equal(again.arrangement.drums, undefined);
  assert.ok(again.arrangement.parts.some((part) => part.instrument === 'harp'));
  assert.ok(Math.abs(again.form.beatsPerMinute / 150 - 1) < 0.02);
});

test('sections of a plan begin when it says', () => {
  const plan = {
    styles: ['house'],
    avoidedStyles: [],
    sections: [5, 10.5, 4.321].map((durationSeconds, index) => ({
      name: `Part ${index}`,
      durationSeconds,
      styles: [],
      avoidedStyles: [],
      lines: [],
    })),
  };
  const { form, durationSeconds } = resolveBrief(wish('', { plan }));
  assert.ok(Math.abs(durationSeconds - 19.821) < 1e-9);
  assert.deepEqual(
    form.sections.map((section) => section.startSeconds),
    [0, 5, 15.5],
  );
});

test('a section without drums in the plan has none, and its neighbour has', () => {
  const section = (name: string, styles: string[], avoidedStyles: string[]) => ({
    name,
    durationSeconds: 8,
    styles,
    avoidedStyles,
    lines: [],
  });
  const plan = {
    styles: ['rock'],
    avoidedStyles: [],
    sections: [section('Chorus', [], ['drums']), section('Chorus', [], [])],
  };
  const brief = resolveBrief(wish('', { plan }));
  const { strokes } = writeScore(brief);
  const second = brief.form.sections[1]?.startBeat ?? 0;
  assert.ok(strokes.length > 0);
  assert.ok(strokes.every((stroke) => stroke.beat >= second - 1e-9));
});

test('nobody plays who must not, whoever they are replaced by', () => {
  const names = (prompt: string, negativePrompt?: string) =>
    resolveBrief(wish(prompt, negativePrompt === undefined ? {} : { negativePrompt })).arrangement;
  assert.ok(
    !names('jazz without saxophone or piano').parts.some((one) =>
      ['saxophone', 'piano'].includes(one.instrument),
    ),
  );
  assert.equal(names('house', 'drums').drums, undefined);
  assert.ok(!names('rock, no bass').parts.some((one) => one.role === 'bass'));
  assert.deepEqual(
    names('solo piano').parts.map((one) => one.instrument),
    ['piano', 'piano'],
  );
  assert.equal(names('drums only').parts.length, 0);
});

test('says that it cannot sing, and what of a plan it does not sing', () => {
  const of = (more: Partial<SoundGeneration>) =>
    resolveBrief(wish('pop', more)).warnings.map((one) => ('setting' in one ? one.setting : ''));
  assert.deepEqual(of({ lyrics: 'la la' }), ['lyrics']);
  assert.deepEqual(of({ prompt: 'pop with vocals' }), ['prompt']);
  assert.deepEqual(of({ prompt: 'pop with vocals', instrumental: true }), []);
  const section = { name: 'Verse', durationSeconds: 8, styles: [], avoidedStyles: [], lines: ['hello'] };
  assert.deepEqual(of({ plan: { styles: ['pop'], avoidedStyles: [], sections: [section] } }), ['lines']);
});

test('says when it knows nothing of what a prompt says', () => {
  assert.equal(resolveBrief(wish('xyzzy')).warnings.length, 1);
  assert.equal(resolveBrief(wish('something calm')).warnings.length, 0);
});

test('chooses a length by the prompt where none is given', () => {
  assert.equal(resolveBrief(wish('a 2 minute rock song')).durationSeconds, 120);
  assert.equal(resolveBrief(wish('a short jingle')).durationSeconds, 6);
  assert.equal(resolveBrief(wish('rock')).durationSeconds, 30);
});
