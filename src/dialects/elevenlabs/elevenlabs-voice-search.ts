import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { looseBoolean, looseNumber, queryList, queryValue } from './elevenlabs-fields.ts';
import type { ListedVoice } from './elevenlabs-voice-listing.ts';

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

/** One page of voices. */
export interface VoicePage {
  readonly voices: readonly ListedVoice[];
  readonly has_more: boolean;
  /** Voices on all pages together. */
  readonly total_count: number;
  readonly next_page_token: string | null;
}

/** The page of a search. Throws `invalid_request` for a token that belongs to no page. */
export function searchVoices(voices: readonly ListedVoice[], search: VoiceSearch): VoicePage {
  const found = sorted(
    voices.filter((voice) => fits(voice, search)),
    search,
  );
  const start = search.next_page_token === undefined ? 0 : startAfter(found, search.next_page_token);
  const page = found.slice(start, start + search.page_size);
  const last = page.at(-1);
  const more = start + page.length < found.length;
  return {
    voices: page,
    has_more: more,
    total_count: found.length,
    next_page_token: more && last ? tokenAfter(start + page.length, last) : null,
  };
}

/**
 * A token holds the id of the last voice that was seen, so that a voice added meanwhile shifts nothing, and how many
 * were seen, for the case that this voice is deleted meanwhile.
 */
function tokenAfter(seen: number, last: ListedVoice): string {
  return Buffer.from(`${seen}:${last.voice_id}`).toString('base64url');
}

function startAfter(found: readonly ListedVoice[], token: string): number {
  const [, seen, lastSeen] = /^(\d{1,9}):(.+)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (seen === undefined) {
    throw new AppError('invalid_request', 'The next_page_token does not belong to this search.', {
      param: 'next_page_token',
      reason: 'invalid_parameters',
    });
  }
  const place = found.findIndex((voice) => voice.voice_id === lastSeen);
  return place >= 0 ? place + 1 : Math.max(0, Number(seen) - 1);
}

function sorted(voices: readonly ListedVoice[], search: VoiceSearch): readonly ListedVoice[] {
  const { sort } = search;
  if (sort === undefined) return voices;
  const factor = search.sort_direction === 'desc' ? -1 : 1;
  const byName = (a: ListedVoice, b: ListedVoice) =>
    a.name.localeCompare(b.name, 'en') || a.voice_id.localeCompare(b.voice_id, 'en');
  const byAge = (a: ListedVoice, b: ListedVoice) => (a.created_at_unix ?? 0) - (b.created_at_unix ?? 0);
  const compare = sort === 'name' ? byName : byAge;
  return voices.toSorted((a, b) => factor * compare(a, b));
}

type Filter = (voice: ListedVoice, search: VoiceSearch) => boolean;

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

function fits(voice: ListedVoice, search: VoiceSearch): boolean {
  return filters.every((filter) => filter(voice, search));
}

function matches(label: string | undefined, wanted: readonly string[]): boolean {
  return label !== undefined && wanted.some((one) => fold(one) === fold(label));
}

/** `middle aged`, `middle-aged` and `middle_aged` are the same label. */
function fold(label: string): string {
  return label.toLowerCase().replace(/[\s-]+/g, '_');
}

function isOfType(voice: ListedVoice, type: NonNullable<VoiceSearch['voice_type']>): boolean {
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
function mentions(voice: ListedVoice, search: string): boolean {
  const told = [
    voice.voice_id,
    voice.name,
    voice.description ?? '',
    voice.category,
    ...Object.values(voice.labels),
  ]
    .join(' ')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((one) => told.includes(one));
}
