import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { normalizeForSpeech } from './speech-normalizer.ts';

const PAGE = readFileSync(new URL('../../../docs/text-normalization.md', import.meta.url), 'utf8');
const ROWS = [...PAGE.matchAll(/^\| (\w\w) \| `(.+?)` \| `(.+?)` \|$/gmu)].map((row) => ({
  language: row[1] ?? '',
  written: row[2] ?? '',
  spoken: row[3] ?? '',
}));

test('the page about reading aloud has its table of examples', () => {
  const lines = PAGE.split('\n').filter((line) => line.startsWith('|')).length;
  // Heading and rule are the two lines that are no example.
  assert.equal(ROWS.length, lines - 2);
  assert.ok(ROWS.length >= 25);
});

for (const { language, written, spoken } of ROWS) {
  test(`reads as the page says: ${written} (${language})`, () => {
    assert.equal(normalizeForSpeech(written, { language }).text, spoken);
  });
}
