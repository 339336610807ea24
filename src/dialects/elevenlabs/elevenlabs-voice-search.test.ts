import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { VoiceRecord } from '../../core/voices/voice-record.ts';
import type { PresetVoice } from '../../core/voices/voice.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { shippedPreset, type VoiceViewer } from './elevenlabs-voice-listing.ts';
import { searchVoices, type VoicePage, type VoiceShelf } from './elevenlabs-voice-pages.ts';
import { keptWords, voiceSearchQuery } from './elevenlabs-voice-search.ts';
import { presetVoices } from './elevenlabs-presets.ts';

const viewer: VoiceViewer = { principalId: 'me', canClone: true, previewUrl: (id) => `/preview/${id}` };

function added(name: string, ownerId: string, facts: Partial<VoiceRecord> = {}): VoiceRecord {
  return {
    id: `id-of-${name}`,
    ownerId,
    name,
    description: '',
    labels: { gender: 'male', language: 'de' },
    origin: 'cloned',
    traits: {},
    samples: [],
    createdAt: 100_000,
    ...facts,
  };
}

const OWN = [added('Mine', 'me'), added('Ours', 'everybody')];

/** A shelf in memory, which counts the voices that are read. */
function shelfOf(records: readonly VoiceRecord[], presets: readonly PresetVoice[] = presetVoices) {
  let read = 0;
  const isOf = (whose: string, { ownerId }: VoiceRecord) =>
    whose === 'all' || (ownerId === 'me') === (whose === 'own');
  const shelf: VoiceShelf = {
    shipped: presets.map(shippedPreset),
    added: {
      page: async ({ whose = 'all', limit, direction, after, mentioning = [] }) => {
        const sign = direction === 'newest_first' ? -1 : 1;
        const page = records
          .map((record, row) => ({ record, place: { createdAt: record.createdAt, row } }))
          .filter(
            ({ record }) =>
              isOf(whose, record) &&
              mentioning.every((word) => JSON.stringify(record).toLowerCase().includes(word)),
          )
          .toSorted((a, b) => sign * (a.place.createdAt - b.place.createdAt || a.place.row - b.place.row))
          .filter(
            ({ place }) => !after || sign * (place.createdAt - after.createdAt || place.row - after.row) > 0,
          )
          .slice(0, limit);
        read += page.length;
        return page;
      },
      count: async (whose) => records.filter((record) => isOf(whose, record)).length,
      find: async (id) => records.find((record) => record.id === id),
    },
    viewer,
  };
  return { shelf, read: () => read };
}

const everything = [...OWN.map(({ id }) => id), ...presetVoices.map(({ id }) => id)];

function search(query: Record<string, unknown>, shelf = shelfOf(OWN).shelf): Promise<VoicePage> {
  return searchVoices(parseFields('query', voiceSearchQuery, query), shelf);
}

async function names(query: Record<string, unknown>): Promise<string[]> {
  return (await search({ page_size: '100', ...query })).voices.map((voice) => voice.name);
}

/** The ids of all pages, and how many pages there were. */
async function walk(query: Record<string, unknown>, shelf: VoiceShelf) {
  const ids: string[] = [];
  let token: string | null | undefined;
  let pages = 0;
  do {
    const page = await search({ ...query, ...(token ? { next_page_token: token } : {}) }, shelf);
    assert.equal(page.has_more, page.next_page_token !== null);
    ids.push(...page.voices.map((voice) => voice.voice_id));
    token = page.next_page_token;
    pages += 1;
  } while (token);
  return { ids, pages };
}

test('E30: walking page by page meets every voice once, and always says how many there are', async () => {
  const { shelf } = shelfOf(OWN);
  for (const size of [1, 2, 3, 7, 100]) {
    const { ids, pages } = await walk({ page_size: String(size) }, shelf);
    assert.equal(pages, Math.ceil(everything.length / size));
    assert.deepEqual(ids, everything);
    assert.equal((await search({ page_size: String(size) })).total_count, everything.length);
  }
});

test('every order and every kind of search walks through the voices that it finds on one page', async () => {
  const many = Array.from({ length: 23 }, (_, at) =>
    added(`Voice ${at}`, at % 3 ? 'me' : 'everybody', {
      createdAt: 100_000 + Math.floor(at / 4) * 1000,
      origin: at % 2 ? 'cloned' : 'designed',
    }),
  );
  const { shelf } = shelfOf(many, presetVoices.slice(0, 5));
  const searches: readonly Record<string, unknown>[] = [
    {},
    { sort: 'created_at_unix' },
    { sort: 'created_at_unix', sort_direction: 'desc' },
    { sort: 'name' },
    { sort: 'name', sort_direction: 'desc' },
    { voice_type: 'personal', sort: 'created_at_unix', sort_direction: 'desc' },
    { voice_type: 'workspace' },
    { category: 'generated' },
    { search: 'voice 1' },
    { search: 'voice', sort: 'created_at_unix' },
  ];
  for (const query of searches) {
    const whole = await search({ ...query, page_size: '100' }, shelf);
    assert.ok(whole.voices.length > 5, JSON.stringify(query));
    assert.equal(whole.total_count, whole.voices.length);
    for (const size of ['1', '4']) {
      const { ids } = await walk({ ...query, page_size: size }, shelf);
      assert.deepEqual(
        ids,
        whole.voices.map((voice) => voice.voice_id),
        JSON.stringify(query),
      );
    }
  }
});

test('a page reads no more of the voices that were added than it shows', async () => {
  const many = Array.from({ length: 2000 }, (_, at) => added(`Voice ${at}`, 'me', { createdAt: at }));
  const { shelf, read } = shelfOf(many);
  const first = await search({ page_size: '10' }, shelf);
  await search({ page_size: '10', next_page_token: first.next_page_token }, shelf);
  await search({ sort: 'created_at_unix', sort_direction: 'desc' }, shelf);
  await search({ voice_type: 'personal' }, shelf);
  await search({ category: 'premade' }, shelf);
  await search({ voice_ids: ['id-of-Voice 3'] }, shelf);
  assert.equal(read(), 44);
});

test('a database is asked for the words of a search that are certain to be in what it keeps', () => {
  const wordsOf = (text: string) => keptWords(parseFields('query', voiceSearchQuery, { search: text }));
  assert.deepEqual(wordsOf('Warm STORYTELLER'), ['warm', 'storyteller']);
  assert.deepEqual(wordsOf('generated clone e'), []);
  assert.deepEqual(wordsOf('Straße "quoted" x1'), ['x1']);
});

test('a voice that is added or deleted between two pages neither ends the walk nor hides another one', async () => {
  const many = Array.from({ length: 9 }, (_, at) => added(`Voice ${at}`, 'me', { createdAt: at }));
  const first = await search({ page_size: '5' }, shelfOf(many).shelf);
  const later = [...many.filter((_, at) => at !== 1), added('Late', 'me', { createdAt: 100 })];
  const { shelf } = shelfOf(later);
  // Rows keep their place when others go.
  const placed: VoiceShelf = {
    ...shelf,
    added: {
      ...shelf.added,
      page: (query) => shelfOf([...many, added('Late', 'me', { createdAt: 100 })]).shelf.added.page(query),
    },
  };
  const second = await search({ page_size: '5', next_page_token: first.next_page_token }, placed);
  assert.deepEqual(
    second.voices.map((voice) => voice.name),
    ['Voice 5', 'Voice 6', 'Voice 7', 'Voice 8', 'Late'],
  );
});

test('a page has ten voices when nothing is said, and the total comes even when it is declined', async () => {
  const page = await search({ include_total_count: 'false' });
  assert.equal(page.voices.length, 10);
  assert.equal(page.total_count, everything.length);
});

for (const size of ['0', '101', 'many']) {
  test(`E31: a page size of ${size} is refused`, async () => {
    await assert.rejects(
      async () => search({ page_size: size }),
      (error) => error instanceof AppError && error.param === 'page_size',
    );
  });
}

test('a voice that came with the server and is gone on the next page neither ends the walk nor hides another one', async () => {
  const first = await search({ page_size: '5' });
  const without = presetVoices.filter(({ id }) => id !== first.voices.at(-1)?.voice_id);
  const second = await search(
    { page_size: '5', next_page_token: first.next_page_token },
    shelfOf(OWN, without).shelf,
  );
  assert.deepEqual(
    second.voices.map((voice) => voice.voice_id),
    everything.slice(5, 10),
  );
});

test('a token of another search is refused by name', async () => {
  await assert.rejects(
    async () => search({ next_page_token: 'bm9ib2R5' }),
    (error) => error instanceof AppError && error.param === 'next_page_token',
  );
});

test('a search looks at names, descriptions and labels for every word', async () => {
  assert.deepEqual(await names({ search: 'RACHEL' }), ['Rachel']);
  assert.deepEqual(await names({ search: 'warm british' }), ['George']);
  assert.deepEqual(await names({ search: 'nobody' }), []);
});

test('voices are sorted by name in both directions and by age', async () => {
  const ascending = await names({ sort: 'name' });
  assert.deepEqual(
    ascending,
    (await names({ sort: 'name' })).toSorted((a, b) => a.localeCompare(b, 'en')),
  );
  assert.deepEqual(await names({ sort: 'name', sort_direction: 'desc' }), ascending.toReversed());
  assert.deepEqual((await names({ sort: 'created_at_unix', sort_direction: 'desc' })).slice(0, 2), [
    'Ours',
    'Mine',
  ]);
  assert.deepEqual((await names({ sort: 'created_at_unix' })).slice(-2), ['Mine', 'Ours']);
});

test('filters narrow by label, kind and id', async () => {
  assert.deepEqual(await names({ category: 'cloned' }), ['Mine', 'Ours']);
  assert.deepEqual(await names({ voice_type: 'personal' }), ['Mine']);
  assert.deepEqual(await names({ voice_type: 'workspace' }), ['Ours']);
  assert.deepEqual(await names({ voice_type: 'non-default' }), ['Mine', 'Ours']);
  assert.deepEqual(await names({ voice_type: 'saved', search: 'mine' }), ['Mine']);
  assert.equal((await names({ voice_type: 'default' })).length, presetVoices.length);
  assert.deepEqual(await names({ voice_type: 'community' }), []);
  assert.deepEqual(await names({ gender: 'neutral' }), ['River']);
  assert.deepEqual(await names({ accent: 'australian' }), ['Charlie']);
  assert.deepEqual(await names({ age: 'old' }), ['Bill']);
  assert.ok((await names({ age: 'middle-aged' })).includes('George'));
  assert.deepEqual(await names({ language: 'de' }), ['Mine', 'Ours']);
  assert.equal((await names({ language: ['de', 'en'] })).length, everything.length);
  assert.deepEqual(await names({ use_cases: ['advertisement'] }), ['Bill']);
  assert.deepEqual(await names({ voice_ids: ['JBFqnCBsd6RMkjVDRZzb', 'nobody'] }), ['George']);
  assert.deepEqual(await names({ collection_id: 'c' }), []);
});
