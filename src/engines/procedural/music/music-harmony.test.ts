import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SoundGeneration } from '../../../core/sound/sound-engine.ts';
import { resolveBrief } from './music-brief.ts';
import { homeChord, musicKey, toChords, voiceChord } from './music-harmony.ts';
import { writeScore } from './music-players.ts';
import { GENRES } from './music-terms.ts';
import { styleOf } from './music-styles.ts';

const wish = (prompt: string, seed = 1): SoundGeneration => ({
  kind: 'music',
  prompt,
  model: 'music',
  seed,
  durationSeconds: 60,
});

test('every progression of every kind of music is made of chords that exist', () => {
  for (const genre of GENRES) {
    const { bright, dark } = styleOf(genre);
    for (const progression of [...bright, ...dark]) {
      for (const chord of toChords(progression.split(/[| ]/u), 'Eb')) {
        assert.ok(chord.tones.length >= 3, `${genre}: ${progression}: ${chord.symbol}`);
        assert.ok(chord.tones.every((tone) => Number.isInteger(tone)));
      }
    }
  }
});

test('voices of a chord stay in their range and hardly move from one chord to the next', () => {
  const range = { low: 52, high: 69, voices: 4 };
  let before: readonly number[] = [];
  let moved = 0;
  const chords = toChords(['Imaj7', 'VIm7', 'IIm7', 'V7', 'Imaj7'], 'C');
  for (const chord of chords) {
    const notes = voiceChord(chord, range, before);
    assert.equal(notes.length, 4);
    assert.ok(notes.every((note) => note >= 48 && note <= 73));
    assert.ok(notes.every((note) => chord.tones.includes(note % 12)));
    for (const [index, note] of notes.entries())
      if (before.length > 0) moved += Math.abs(note - (before[index] ?? note));
    before = notes;
  }
  assert.ok(moved / (4 * 4) < 2.6, `a voice moves ${moved / 16} semitones`);
});

test('the chord on which everything rests has the third of the mode', () => {
  assert.deepEqual(homeChord(musicKey('D', 'minor')).tones, [2, 5, 9]);
  assert.deepEqual(homeChord(musicKey('D', 'mixolydian')).tones, [2, 6, 9]);
});

for (const genre of GENRES) {
  test(`${genre} keeps to its scale, ends at home and stays in the hands' reach`, () => {
    const brief = resolveBrief(wish(genre));
    const { parts, bars } = writeScore(brief);
    const last = bars.at(-1);
    assert.equal(last?.final, true);
    assert.deepEqual(last?.chords[0]?.chord.root, brief.key.scale[0]);
    for (const { role, notes } of parts) {
      assert.ok(
        notes.every((note) => note.pitch >= 24 && note.pitch <= 103 && note.beats > 0),
        role,
      );
      assert.ok(
        notes.every((note) => note.velocity > 0 && note.velocity <= 1.4),
        role,
      );
    }
    const tune = parts.find((part) => part.role === 'melody');
    if (!tune || tune.notes.length < 8) return;
    const chordTones = new Set(bars.flatMap((bar) => bar.chords.flatMap((span) => span.chord.tones)));
    const fitting = tune.notes.filter(
      (note) => brief.key.scale.includes(note.pitch % 12) || chordTones.has(note.pitch % 12),
    );
    assert.equal(fitting.length, tune.notes.length);
  });
}

test('a theme that comes again is recognised: most of its tune is the same', () => {
  const brief = resolveBrief({ ...wish('pop'), durationSeconds: 120 });
  const { parts } = writeScore(brief);
  const tune = parts.find((part) => part.role === 'melody')?.notes ?? [];
  const choruses = brief.form.sections.filter((section) => section.name === 'Chorus');
  const of = (startBeat: number) =>
    tune
      .filter((note) => note.beat >= startBeat && note.beat < startBeat + 8)
      .map((note) => `${note.beat - startBeat} ${note.pitch % 12}`);
  const [first, second] = choruses.map((section) => of(section.startBeat));
  assert.ok(first && second && first.length > 4);
  const shared = first.filter((one) => second.includes(one)).length;
  assert.ok(shared / first.length > 0.6, `${shared} of ${first.length}`);
});
