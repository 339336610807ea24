import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PRONUNCIATION_LIMITS } from './pronunciation-checks.ts';
import { applyPronunciations } from './pronounced-text.ts';

const PAGE = readFileSync(new URL('../../../docs/pronunciation.md', import.meta.url), 'utf8');
const ROW =
  /^\| `(?<grapheme>.+?)` → `(?<alias>.+?)`(?: \((?<how>[\w ]+)\))? \| `(?<written>.+?)` \| `(?<spoken>.+?)` \|$/gmu;

const rows = [...PAGE.matchAll(ROW)].map(({ groups = {} }) => groups);

test('the page about pronunciation has its table of examples', () => {
  assert.equal(rows.length, [...PAGE.matchAll(/^\| .* → /gmu)].length);
  assert.ok(rows.length >= 8);
});

for (const { grapheme = '', alias = '', how, written = '', spoken } of rows) {
  test(`${written} is spoken as the page says: ${spoken}`, () => {
    assert.ok([undefined, 'any case', 'anywhere'].includes(how), how);
    const matching = { caseSensitive: how !== 'any case', wordBoundaries: how !== 'anywhere' };
    const rule = { type: 'alias', grapheme, alias, ...matching } as const;
    assert.equal(applyPronunciations(written, [[rule]], { phonemes: true }).text, spoken);
  });
}

test('the page tells the limits as they are', () => {
  for (const [what, limit] of [
    ['rules in a dictionary', PRONUNCIATION_LIMITS.rules],
    ['text that a rule looks for', PRONUNCIATION_LIMITS.grapheme],
    ['alias', PRONUNCIATION_LIMITS.alias],
    ['phonemes of a rule', PRONUNCIATION_LIMITS.phonemes],
  ] as const) {
    assert.ok(PAGE.includes(`| ${what} | ${limit.toLocaleString('en')}`), what);
  }
});
