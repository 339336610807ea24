import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { toListedVoice, type ListedVoice } from './elevenlabs-voice-listing.ts';
import { searchVoices, voiceSearchQuery, type VoicePage } from './elevenlabs-voice-search.ts';
import { presetVoices } from './elevenlabs-presets.ts';

const cloned: ListedVoice = {
  ...toListedVoice({
    kind: 'engine',
    voice: {
      id: 'engine/mine',
      name: 'Mine',
      engine: 'engine',
      languages: ['de-AT'],
      origin: 'cloned',
      gender: 'male',
      rank: 0,
      labels: {},
      licence: 'own',
    },
  }),
  created_at_unix: 100,
};
const voices = [...presetVoices.map((preset) => toListedVoice({ kind: 'preset', preset })), cloned];

function search(query: Record<string, unknown>): VoicePage {
  return searchVoices(voices, parseFields('query', voiceSearchQuery, query));
}

function names(query: Record<string, unknown>): string[] {
  return search({ page_size: '100', ...query }).voices.map((voice) => voice.name);
}

test('E30: walking page by page meets every voice once, and always says how many there are', () => {
  for (const size of [1, 7, 100]) {
    const seen: string[] = [];
    let token: string | null | undefined;
    let pages = 0;
    do {
      const page = search({ page_size: String(size), ...(token ? { next_page_token: token } : {}) });
      assert.equal(page.total_count, voices.length);
      assert.equal(page.has_more, page.next_page_token !== null);
      seen.push(...page.voices.map((voice) => voice.voice_id));
      token = page.next_page_token;
      pages += 1;
    } while (token);
    assert.equal(pages, Math.ceil(voices.length / size));
    assert.deepEqual(
      seen,
      voices.map((voice) => voice.voice_id),
    );
  }
});

test('a page has ten voices when nothing is said, and the total comes even when it is declined', () => {
  const page = search({ include_total_count: 'false' });
  assert.equal(page.voices.length, 10);
  assert.equal(page.total_count, voices.length);
});

for (const size of ['0', '101', 'many']) {
  test(`E31: a page size of ${size} is refused`, () => {
    assert.throws(
      () => search({ page_size: size }),
      (error) => error instanceof AppError && error.param === 'page_size',
    );
  });
}

test('a token of another search is refused by name', () => {
  assert.throws(
    () => search({ next_page_token: 'bm9ib2R5' }),
    (error) => error instanceof AppError && error.param === 'next_page_token',
  );
});

test('a search looks at names, descriptions and labels for every word', () => {
  assert.deepEqual(names({ search: 'RACHEL' }), ['Rachel']);
  assert.deepEqual(names({ search: 'warm british' }), ['George']);
  assert.deepEqual(names({ search: 'nobody' }), []);
});

test('voices are sorted by name in both directions and by age', () => {
  const ascending = names({ sort: 'name' });
  assert.deepEqual(
    ascending,
    names({ sort: 'name' }).toSorted((a, b) => a.localeCompare(b, 'en')),
  );
  assert.deepEqual(names({ sort: 'name', sort_direction: 'desc' }), ascending.toReversed());
  assert.equal(names({ sort: 'created_at_unix', sort_direction: 'desc' })[0], 'Mine');
  assert.equal(names({ sort: 'created_at_unix' }).at(-1), 'Mine');
});

test('filters narrow by label, kind and id', () => {
  assert.deepEqual(names({ category: 'cloned' }), ['Mine']);
  assert.deepEqual(names({ voice_type: 'personal' }), ['Mine']);
  assert.ok(!names({ voice_type: 'default' }).includes('Mine'));
  assert.deepEqual(names({ voice_type: 'community' }), []);
  assert.deepEqual(names({ gender: 'neutral' }), ['River']);
  assert.deepEqual(names({ accent: 'australian' }), ['Charlie']);
  assert.deepEqual(names({ age: 'old' }), ['Bill']);
  assert.ok(names({ age: 'middle-aged' }).includes('George'));
  assert.deepEqual(names({ language: 'de' }), ['Mine']);
  assert.equal(names({ language: ['de', 'en'] }).length, voices.length);
  assert.deepEqual(names({ use_cases: ['advertisement'] }), ['Bill']);
  assert.deepEqual(names({ voice_ids: ['JBFqnCBsd6RMkjVDRZzb', 'nobody'] }), ['George']);
  assert.deepEqual(names({ collection_id: 'c' }), []);
});
