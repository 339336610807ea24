import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder } from '../../../test/sherpa-support.ts';
import { looksLikeWhisperVocabulary, readWhisperVocabulary } from './whisper-vocabulary.ts';

const LINES = [
  [Buffer.from(' a'), 0],
  [Buffer.of(0xe5, 0xb9), 1],
  [Buffer.of(0xbf), 2],
] as const;

function vocabularyFile(folder: string): string {
  const path = join(folder, 'tiny-tokens.txt');
  writeFileSync(path, LINES.map(([bytes, id]) => `${bytes.toString('base64')} ${id}\n`).join(''));
  return path;
}

test('gives the bytes of each token that sherpa names by its number', async (t) => {
  const vocabulary = await readWhisperVocabulary(vocabularyFile(emptyFolder(t)));
  const tokens = vocabulary.read('<0><1><2>');
  assert.deepEqual(
    tokens.map(({ id }) => id),
    [0, 1, 2],
  );
  assert.equal(Buffer.concat(tokens.map(({ bytes }) => bytes)).toString('utf8'), ' a广');
});

test('writes each token as its number, and leaves nothing in the temporary folder', async (t) => {
  const vocabulary = await readWhisperVocabulary(vocabularyFile(emptyFolder(t)));
  const ours = () => readdirSync(tmpdir()).filter((name) => /^antiphon-(?!test)/.test(name));
  const before = ours();
  let used = '';
  const lines = await vocabulary.withNumberedTokens(async (path) => {
    used = path;
    // Gone already while it is used, so that not even a process that dies here leaves it.
    if (process.platform === 'linux') assert.deepEqual(ours(), before);
    return readFileSync(path, 'utf8').trim().split('\n');
  });
  const decoded = lines.map((line) => Buffer.from(line.split(' ')[0] ?? '', 'base64').toString());
  assert.deepEqual(decoded, ['<0>', '<1>', '<2>']);
  await assert.rejects(
    vocabulary.withNumberedTokens(() => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.deepEqual(ours(), before);
  assert.equal(existsSync(used), false);
});

test("tells Whisper's vocabulary from others", () => {
  assert(looksLikeWhisperVocabulary('IQ== 0\nIg== 1\n'));
  assert(!looksLikeWhisperVocabulary('<blk> 0\n▁the 1\n'));
  assert(!looksLikeWhisperVocabulary('{"a": 1}'));
  assert(!looksLikeWhisperVocabulary(''));
});
