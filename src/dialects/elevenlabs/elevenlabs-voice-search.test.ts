import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { toListedVoice, type ListedVoice, type VoiceViewer } from './elevenlabs-voice-listing.ts';
import { searchVoices, voiceSearchQuery, type VoicePage } from './elevenlabs-voice-search.ts';
import { presetVoices } from './elevenlabs-presets.ts';

const viewer: VoiceViewer = { principalId: 'me', canClone: true, previewUrl: (id) => `/preview/${id}` };

function added(name: string, ownerId: string): ListedVoice {
  const record = {
    id: `id-of-${name}`,
    ownerId,
    name,
    description: '',
    labels: { gender: 'male', language: 'de' },
    origin: 'cloned',
    traits: {},
    samples: [],
    createdAt: 100_000,
  } as const;
  return toListedVoice({ kind: 'added', record }, viewer);
}

const voices = [
  added('Mine', 'me'),
  added('Ours', 'everybody'),
  ...presetVoices.map((preset) => toListedVoice({ kind: 'preset', preset }, viewer)),
];

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

test('a voice that is deleted between two pages neither ends the walk nor hides another one', () => {
  const walk = (all: readonly ListedVoice[], token?: string) =>
    searchVoices(
      all,
      parseFields('query', voiceSearchQuery, {
        page_size: '5',
        ...(token ? { next_page_token: token } : {}),
      }),
    );
  const first = walk(voices);
  const last = first.voices.at(-1);
  const second = walk(
    voices.filter((voice) => voice !== last),
    first.next_page_token ?? '',
  );
  assert.deepEqual(
    second.voices.map((voice) => voice.name),
    voices.slice(5, 10).map((voice) => voice.name),
  );
});

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
  assert.deepEqual(names({ sort: 'created_at_unix', sort_direction: 'desc' }).slice(0, 2), ['Mine', 'Ours']);
  assert.deepEqual(names({ sort: 'created_at_unix' }).slice(-2), ['Mine', 'Ours']);
});

test('filters narrow by label, kind and id', () => {
  assert.deepEqual(names({ category: 'cloned' }), ['Mine', 'Ours']);
  assert.deepEqual(names({ voice_type: 'personal' }), ['Mine']);
  assert.deepEqual(names({ voice_type: 'workspace' }), ['Ours']);
  assert.deepEqual(names({ voice_type: 'non-default' }), ['Mine', 'Ours']);
  assert.deepEqual(names({ voice_type: 'saved', search: 'mine' }), ['Mine']);
  assert.equal(names({ voice_type: 'default' }).length, presetVoices.length);
  assert.deepEqual(names({ voice_type: 'community' }), []);
  assert.deepEqual(names({ gender: 'neutral' }), ['River']);
  assert.deepEqual(names({ accent: 'australian' }), ['Charlie']);
  assert.deepEqual(names({ age: 'old' }), ['Bill']);
  assert.ok(names({ age: 'middle-aged' }).includes('George'));
  assert.deepEqual(names({ language: 'de' }), ['Mine', 'Ours']);
  assert.equal(names({ language: ['de', 'en'] }).length, voices.length);
  assert.deepEqual(names({ use_cases: ['advertisement'] }), ['Bill']);
  assert.deepEqual(names({ voice_ids: ['JBFqnCBsd6RMkjVDRZzb', 'nobody'] }), ['George']);
  assert.deepEqual(names({ collection_id: 'c' }), []);
});
