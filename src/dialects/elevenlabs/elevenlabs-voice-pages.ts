import { setImmediate } from 'node:timers/promises';
import { AppError } from '../../base/errors.ts';
import type { PlacedVoice, VoicePlace, VoiceQuery, VoiceRecord } from '../../core/voices/voice-record.ts';
import type { VoiceOwners } from '../../core/voices/voice-studio.ts';
import {
  factsOf,
  toListedVoice,
  withPreview,
  type ListedVoice,
  type ShippedVoice,
  type VoiceViewer,
} from './elevenlabs-voice-listing.ts';
import {
  fits,
  keptWords,
  plainSearch,
  type PlainSearch,
  type VoiceSearch,
} from './elevenlabs-voice-search.ts';

/** Voices that are read at once where all must be looked at; others are served in between. */
const LOOKED_AT_ONCE = 500;

/** One page of voices. */
export interface VoicePage {
  readonly voices: readonly ListedVoice[];
  readonly has_more: boolean;
  /** Voices on all pages together. */
  readonly total_count: number;
  readonly next_page_token: string | null;
}

/** The voices that somebody may see, and for whom they are listed. */
export interface VoiceShelf {
  readonly shipped: readonly ShippedVoice[];
  readonly added: {
    page(
      query: Omit<VoiceQuery, 'ownerIds'> & { readonly whose?: VoiceOwners },
    ): Promise<readonly PlacedVoice[]>;
    count(whose: VoiceOwners): Promise<number>;
    find(id: string): Promise<VoiceRecord | undefined>;
  };
  readonly viewer: VoiceViewer;
}

/**
 * The page of a search. What needs no look at each voice comes out of the store as a page; the rest is looked through.
 * Throws `invalid_request` for a token that belongs to no page.
 */
export async function searchVoices(search: VoiceSearch, shelf: VoiceShelf): Promise<VoicePage> {
  const { next_page_token: given } = search;
  const token = given === undefined ? undefined : readToken(given);
  const plain = search.sort === 'name' ? undefined : plainSearch(search);
  return plain ? straightPage(search, shelf, { token, plain }) : soughtPage(search, shelf, token);
}

/** A voice that may be on the page. */
interface Entry {
  readonly id: string;
  /** Absent for a voice that came with the server. */
  readonly place?: VoicePlace;
  /** Undefined once it was removed. */
  readonly listed: () => Promise<ListedVoice | undefined>;
}

/** What a search by age has at its end: voices that came with the server have none. */
function isAddedFirst({ sort, sort_direction: direction }: VoiceSearch): boolean {
  return sort !== 'created_at_unix' || direction === 'desc';
}

function directionOf({ sort, sort_direction: direction }: VoiceSearch): VoiceQuery['direction'] {
  return sort === 'created_at_unix' && direction === 'desc' ? 'newest_first' : 'oldest_first';
}

interface Straight {
  readonly token: Token | undefined;
  readonly plain: PlainSearch;
}

async function straightPage(
  search: VoiceSearch,
  shelf: VoiceShelf,
  { token, plain: { whose } }: Straight,
): Promise<VoicePage> {
  const shipped = shelf.shipped.filter((voice) => fits(voice, search));
  const count = whose === undefined ? 0 : await shelf.added.count(whose);
  const addedFirst = isAddedFirst(search);
  const isAmongAdded = token?.place !== undefined;
  const isAmongShipped = token !== undefined && !isAmongAdded;
  const start = isAmongShipped
    ? startAfter(shipped.map(shippedEntry(shelf)), token, addedFirst ? count : 0)
    : 0;
  // What is in front of the two was seen when the token is behind it.
  const rest = !addedFirst && isAmongAdded ? [] : shipped.slice(start).map(shippedEntry(shelf));
  const readAdded = async (limit: number): Promise<readonly Entry[]> => {
    if (whose === undefined || limit <= 0 || (addedFirst && isAmongShipped)) return [];
    const query = { whose, limit, direction: directionOf(search), after: token?.place };
    return (await shelf.added.page(query)).map(({ record, place }) => ({
      id: record.id,
      place,
      listed: async () => toListedVoice({ kind: 'added', record }, shelf.viewer),
    }));
  };
  const most = search.page_size + 1;
  const found = addedFirst
    ? [...(await readAdded(most)), ...rest]
    : [...rest, ...(await readAdded(most - rest.length))];
  return pageOf(found, { seen: token?.seen ?? 0, size: search.page_size, total: count + shipped.length });
}

/** All voices are looked at; only ids and names of those that are found are remembered. */
async function soughtPage(
  search: VoiceSearch,
  shelf: VoiceShelf,
  token: Token | undefined,
): Promise<VoicePage> {
  const added: NamedEntry[] = [];
  for await (const { id, name } of soughtVoices(search, shelf)) {
    const listed = async () => {
      const record = await shelf.added.find(id);
      return record && toListedVoice({ kind: 'added', record }, shelf.viewer);
    };
    added.push({ id, name, listed });
  }
  const shipped = shelf.shipped.filter((voice) => fits(voice, search)).map(shippedEntry(shelf));
  const found = isAddedFirst(search) ? [...added, ...shipped] : [...shipped, ...added];
  if (search.sort === 'name') found.sort(byName(search.sort_direction));
  const start = token ? startAfter(found, token, 0) : 0;
  return pageOf(found.slice(start), { seen: start, size: search.page_size, total: found.length });
}

interface NamedEntry extends Entry {
  readonly name: string;
}

const { compare } = new Intl.Collator('en');

function byName(direction: VoiceSearch['sort_direction']) {
  const factor = direction === 'desc' ? -1 : 1;
  return (a: NamedEntry, b: NamedEntry) => factor * (compare(a.name, b.name) || compare(a.id, b.id));
}

async function* soughtVoices(search: VoiceSearch, shelf: VoiceShelf): AsyncGenerator<VoiceRecord> {
  const plain = plainSearch(search);
  if (plain && plain.whose === undefined) return;
  for await (const record of candidates(search, shelf)) {
    if (fits(factsOf(record, shelf.viewer.principalId), search)) yield record;
  }
}

async function* candidates(search: VoiceSearch, { added }: VoiceShelf): AsyncGenerator<VoiceRecord> {
  const direction = directionOf(search);
  if (search.voice_ids.length > 0) {
    const named = await Promise.all([...new Set(search.voice_ids)].map((id) => added.find(id)));
    const sign = direction === 'newest_first' ? -1 : 1;
    yield* named
      .filter((record) => record !== undefined)
      .toSorted((a, b) => sign * (a.createdAt - b.createdAt));
    return;
  }
  const query = { limit: LOOKED_AT_ONCE, direction, mentioning: keptWords(search) };
  let after: VoicePlace | undefined;
  do {
    const page = await added.page({ ...query, after });
    yield* page.map(({ record }) => record);
    after = page.length < LOOKED_AT_ONCE ? undefined : page.at(-1)?.place;
    if (after) await setImmediate();
  } while (after);
}

function shippedEntry({ viewer }: VoiceShelf) {
  return (voice: ShippedVoice): NamedEntry => ({
    id: voice.voice_id,
    name: voice.name,
    listed: async () => withPreview(voice, viewer),
  });
}

interface PageFrame {
  /** On the pages before. */
  readonly seen: number;
  readonly size: number;
  readonly total: number;
}

async function pageOf(found: readonly Entry[], { seen, size, total }: PageFrame): Promise<VoicePage> {
  const page = found.slice(0, size);
  const last = page.at(-1);
  const more = found.length > page.length;
  const voices = await Promise.all(page.map(({ listed }) => listed()));
  return {
    voices: voices.filter((voice) => voice !== undefined),
    has_more: more,
    total_count: total,
    next_page_token: more && last ? tokenAfter(seen + page.length, last) : null,
  };
}

/**
 * A token holds the id and the place of the last voice that was seen, so that a voice added or removed meanwhile shifts
 * nothing, and how many were seen, for the case that a voice without a place is gone.
 */
interface Token {
  readonly seen: number;
  readonly place: VoicePlace | undefined;
  readonly id: string;
}

function tokenAfter(seen: number, { id, place }: Entry): string {
  const where = place ? `${place.createdAt}.${place.row}` : '';
  return Buffer.from(`${seen}:${where}:${id}`).toString('base64url');
}

const TOKEN = /^(?<seen>\d{1,9}):(?:(?<createdAt>\d{1,15})\.(?<row>\d{1,15}))?:(?<id>.+)$/s;

function readToken(token: string): Token {
  const { seen, createdAt, row, id } = TOKEN.exec(Buffer.from(token, 'base64url').toString())?.groups ?? {};
  if (seen === undefined || id === undefined) {
    throw new AppError('invalid_request', 'The next_page_token does not belong to this search.', {
      param: 'next_page_token',
      reason: 'invalid_parameters',
    });
  }
  const place = createdAt && row ? { createdAt: Number(createdAt), row: Number(row) } : undefined;
  return { seen: Number(seen), place, id };
}

/** Where to go on in a list, of whose voices so many others were seen before. */
function startAfter(found: readonly Entry[], { id, seen }: Token, before: number): number {
  const place = found.findIndex((entry) => entry.id === id);
  return place >= 0 ? place + 1 : Math.max(0, seen - 1 - before);
}
