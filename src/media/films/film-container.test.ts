import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNote, withNote, type FilmNote } from './film-container.ts';

const box = (kind: string, body: Uint8Array) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(kind, 4, 'latin1');
  return Buffer.concat([head, body]);
};
const film = Uint8Array.from(
  Buffer.concat([box('ftyp', new Uint8Array(8)), box('mdat', new Uint8Array(100))]),
);
const note: FilmNote = {
  prompt: 'Ein Boot – ⛵',
  seed: 0,
  width: 64,
  height: 48,
  frames: 10,
  framesPerSecond: 23.976,
  lastFrame: Uint8Array.of(1, 2, 3),
};

test('finds the note in a film again, and the film without it', () => {
  const read = readNote(withNote(film, { ...note, picture: Uint8Array.of(9, 8) }));
  assert.deepEqual(read, { note: { ...note, picture: Uint8Array.of(9, 8) }, film });
});

test('finds no note in a film of somebody else', () => {
  assert.equal(readNote(film), undefined);
  assert.equal(readNote(new Uint8Array()), undefined);
});

test('does not trust a note that claims more than is there', () => {
  const whole = withNote(film, note);
  for (let cut = film.length + 1; cut < whole.length; cut += 1)
    assert.equal(readNote(whole.slice(0, cut)), undefined);
  for (let at = film.length + 24; at < whole.length - 3; at += 1) {
    const broken = whole.slice();
    broken[at] = 0xff;
    assert.doesNotThrow(() => readNote(broken));
  }
});
