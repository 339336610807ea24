import { z } from 'zod';
import type { VoiceOwners } from '../../core/voices/voice-studio.ts';
import { looseBoolean, looseNumber, queryList, queryValue } from './elevenlabs-fields.ts';
import type { VoiceFacts } from './elevenlabs-voice-listing.ts';

const word = queryValue(z.string().optional());

/** How voices are searched for. What no voice here has (collections, fine-tuning) finds none. */
export const voiceSearchQuery = z.object({
  next_page_token: word,
  page_size: queryValue(looseNumber(z.int().min(1).max(100).default(10))),
  search: word,
  sort: queryValue(z.enum(['created_at_unix', 'name']).optional()),
  sort_direction: queryValue(z.enum(['asc', 'desc']).default('asc')),
  voice_type: queryValue(
    z
      .enum(['personal', 'community', 'default', 'workspace', 'non-default', 'non-community', 'saved'])
      .optional(),
  ),
  category: queryValue(z.enum(['premade', 'cloned', 'generated', 'professional']).optional()),
  fine_tuning_state: word,
  collection_id: word,
  gender: word,
  age: word,
  accent: word,
  language: queryList(),
  use_cases: queryList(),
  include_total_count: queryValue(looseBoolean(z.boolean().optional())),
  voice_ids: queryList(100),
});

export type VoiceSearch = z.output<typeof voiceSearchQuery>;

/** A search whose answer is known without a look at each voice that was added. */
export interface PlainSearch {
  /** Whose voices among those that were added are found; undefined: none. */
  readonly whose: VoiceOwners | undefined;
}

/** Reads what a search asks for, where it can be told from whose a voice is; undefined where voices must be looked at. */
export function plainSearch(search: VoiceSearch): PlainSearch | undefined {
  const { category, voice_type: type, collection_id: collection, fine_tuning_state: state } = search;
  const isOfNone = [
    category === 'premade',
    category === 'professional',
    type === 'default',
    type === 'community',
  ];
  if (collection !== undefined || state !== undefined || isOfNone.includes(true)) return { whose: undefined };
  if (category !== undefined || looksAtVoices(search)) return undefined;
  if (type === 'personal') return { whose: 'own' };
  return { whose: type === 'workspace' ? 'others' : 'all' };
}

function looksAtVoices(search: VoiceSearch): boolean {
  const { gender, age, accent, language, use_cases: useCases, voice_ids: ids } = search;
  return (
    [search.search, gender, age, accent].some((one) => one !== undefined) ||
    [language, useCases, ids].some((list) => list.length > 0)
  );
}

/** The words of a search that are certain to stand in what is kept of every voice that is found, so that a database can pass over the others. */
export function keptWords({ search }: VoiceSearch): readonly string[] {
  return wordsOf(search ?? '').filter(
    (one) => /^[a-z0-9]+$/.test(one) && !ADDED_CATEGORIES.some((category) => category.includes(one)),
  );
}

/** What an added voice is searched by and is not kept under that name. */
const ADDED_CATEGORIES = ['cloned', 'generated'];

function wordsOf(search: string): readonly string[] {
  return search.toLowerCase().split(/\s+/);
}

type Filter = (voice: VoiceFacts, search: VoiceSearch) => boolean;

const filters: readonly Filter[] = [
  (voice, { category }) => category === undefined || voice.category === category,
  (voice, { gender }) => gender === undefined || matches(voice.labels.gender, [gender]),
  (voice, { age }) => age === undefined || matches(voice.labels.age, [age]),
  (voice, { accent }) => accent === undefined || matches(voice.labels.accent, [accent]),
  (voice, { language }) => language.length === 0 || matches(voice.labels.language, language),
  (voice, { use_cases: useCases }) => useCases.length === 0 || matches(voice.labels.use_case, useCases),
  (voice, { voice_ids: ids }) => ids.length === 0 || ids.includes(voice.voice_id),
  (voice, { voice_type: type }) => type === undefined || isOfType(voice, type),
  (voice, { search }) => search === undefined || mentions(voice, search),
  (_, { collection_id: collection, fine_tuning_state: state }) =>
    collection === undefined && state === undefined,
];

/** Whether a voice is found. */
export function fits(voice: VoiceFacts, search: VoiceSearch): boolean {
  return filters.every((filter) => filter(voice, search));
}

function matches(label: string | undefined, wanted: readonly string[]): boolean {
  return label !== undefined && wanted.some((one) => fold(one) === fold(label));
}

/** `middle aged`, `middle-aged` and `middle_aged` are the same label. */
function fold(label: string): string {
  return label.toLowerCase().replace(/[\s-]+/g, '_');
}

function isOfType(voice: VoiceFacts, type: NonNullable<VoiceSearch['voice_type']>): boolean {
  const premade = voice.category === 'premade';
  switch (type) {
    case 'default':
      return premade;
    case 'non-community':
      return true;
    case 'community':
      return false;
    case 'personal':
      return voice.is_owner;
    case 'workspace':
      return !premade && !voice.is_owner;
    case 'non-default':
    case 'saved':
      return !premade;
  }
}

/** Every word of a search has to stand somewhere in what is told about a voice. */
function mentions(voice: VoiceFacts, search: string): boolean {
  const told = [
    voice.voice_id,
    voice.name,
    voice.description ?? '',
    voice.category,
    ...Object.values(voice.labels),
  ]
    .join(' ')
    .toLowerCase();
  return wordsOf(search).every((one) => told.includes(one));
}
