import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMusicWish } from './music-wish.ts';

test('reads kind, tempo, key, metre, instruments and mood out of one sentence', () => {
  const wish = readMusicWish('Sad lo-fi hip hop beat with Rhodes and a flute, 84 BPM, F# minor, 3/4');
  assert.deepEqual(wish.genres, ['lo-fi']);
  assert.deepEqual(wish.moods, ['sad']);
  assert.equal(wish.beatsPerMinute, 84);
  assert.equal(wish.tonic, 'F#');
  assert.equal(wish.mode, 'minor');
  assert.equal(wish.metre?.name, '3/4');
  assert.ok(wish.instruments.includes('electric piano') && wish.instruments.includes('flute'));
});

test('takes the last kind of the first clause for what it is, and the others for what colours it', () => {
  assert.deepEqual(readMusicWish('ambient techno with jazz chords').genres, ['techno', 'ambient', 'jazz']);
  assert.equal(readMusicWish('trap beat with orchestral strings').genres[0], 'trap');
});

for (const [text, missing] of [
  ['house without drums', ['drums']],
  ['no drums, bass or melody', ['drums', 'bass', 'melody']],
  ['a beatless, drumless drone', ['drums']],
  ['rock with no heavy drums', ['drums']],
] as const) {
  test(`understands what must not be there in "${text}"`, () => {
    const wish = readMusicWish(text);
    for (const role of missing) assert.ok(wish.withoutRoles.includes(role), `${role} is not refused`);
    assert.ok(missing.every((role) => !wish.roles.includes(role)));
  });
}

test('refuses what a negative prompt names, whatever the prompt says', () => {
  const wish = readMusicWish('jazz with saxophone, dark', 'saxophone, drums, dark');
  assert.deepEqual(wish.instruments, []);
  assert.deepEqual(wish.withoutInstruments, ['saxophone']);
  assert.deepEqual(wish.withoutRoles, ['drums']);
  assert.deepEqual(wish.moods, []);
});

test('does not hear a piano in an electric piano or an organ in a church organ', () => {
  assert.deepEqual(readMusicWish('electric piano').instruments, ['electric piano']);
  assert.deepEqual(readMusicWish('church organ').instruments, ['church organ']);
});

for (const [text, beatsPerMinute, factor] of [
  ['tempo: 96', 96, 1],
  ['at 128.5 bpm', 128.5, 1],
  ['an andante', 80, 1],
  ['slow rock', undefined, 0.8],
  ['fast', undefined, 1.2],
  ['9000 bpm', undefined, 1],
] as const) {
  test(`reads the tempo of "${text}"`, () => {
    const wish = readMusicWish(text);
    assert.equal(wish.beatsPerMinute, beatsPerMinute);
    assert.equal(wish.tempoFactor, factor);
  });
}

for (const [text, tonic, mode] of [
  ['in the key of B flat major', 'Bb', 'major'],
  ['A♭ minor', 'Ab', 'minor'],
  ['a dorian groove in D dorian', 'D', 'dorian'],
  ['in Em', 'E', 'minor'],
  ['rock in a minor, fast', 'A', 'minor'],
  ['in a minor key', undefined, 'minor'],
  ['I want a song in a minor mood', undefined, 'minor'],
  ['In a happy place', undefined, undefined],
  ['c# harmonic minor', 'C#', 'harmonic minor'],
] as const) {
  test(`reads the key of "${text}"`, () => {
    const wish = readMusicWish(text);
    assert.equal(wish.tonic, tonic);
    assert.equal(wish.mode, mode);
  });
}

test('reads how long the piece is to be, and does not take a decade for it', () => {
  assert.equal(readMusicWish('a 2 minute track').durationSeconds, 120);
  assert.equal(readMusicWish('90s eurodance, 15 seconds').durationSeconds, 15);
  assert.equal(readMusicWish('a song of 1:30').durationSeconds, 90);
  assert.equal(readMusicWish('80s pop').durationSeconds, undefined);
});

test('knows when singing is asked for', () => {
  assert.equal(readMusicWish('pop with female vocals').singing, true);
  assert.equal(readMusicWish('pop without vocals').singing, false);
  assert.equal(readMusicWish('instrumental, no singing').singing, false);
});
