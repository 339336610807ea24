import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import { readPls, writePls } from '../../media/text/pls.ts';
import { PRONUNCIATION_LIMITS } from '../../media/text/pronunciation-checks.ts';
import type { PronunciationRule } from '../../media/text/pronunciation-rules.ts';
import type { RequestContext } from '../context.ts';
import type { Clock } from '../ports/clock.ts';
import type { DictionaryStore } from '../ports/store.ts';
import {
  checkRoomForDictionary,
  checkRoomForVersion,
  DICTIONARY_LIMITS,
  type DictionaryLimits,
} from './dictionary-limits.ts';
import type { DictionaryRecord, DictionaryVersion } from './dictionary-record.ts';

/** Most dictionaries that one request may name. */
export const MOST_DICTIONARIES = 3;

/** A dictionary as it is made: from rules that have been checked, or from the bytes of a PLS file. */
export interface NewDictionary {
  readonly name: string;
  readonly description?: string;
  readonly access?: string;
  readonly content: readonly PronunciationRule[] | Uint8Array;
}

/** Which dictionary a request wants, and in which version; without one the latest. */
export interface DictionaryLocator {
  readonly dictionaryId: string;
  readonly versionId?: string;
}

/** A dictionary and the rules of its latest version. */
export interface Dictionary {
  readonly record: DictionaryRecord;
  readonly rules: readonly PronunciationRule[];
}

/** What part of the caller's dictionaries is wanted, and in which order. */
export interface DictionaryQuery {
  readonly sort: 'created' | 'name';
  readonly descending: boolean;
  readonly includeArchived: boolean;
  readonly limit: number;
  /** Id of the last dictionary of the page before. */
  readonly afterId?: string;
}

/** A page of dictionaries. */
export interface DictionaryPage {
  readonly records: readonly DictionaryRecord[];
  readonly hasMore: boolean;
}

/** How the rules of a dictionary are changed. */
export type RuleChange =
  /** A rule with the same grapheme is replaced where it stands. */
  | { readonly kind: 'add'; readonly rules: readonly PronunciationRule[] }
  | { readonly kind: 'set'; readonly rules: readonly PronunciationRule[] }
  /** A grapheme that no rule has is passed over. */
  | { readonly kind: 'remove'; readonly graphemes: readonly string[] };

/**
 * The pronunciation dictionaries of all callers; each sees only its own. Every method throws `not_found` (subject
 * `dictionary`) for one, or a version, that the caller does not have.
 */
export interface DictionaryLibrary {
  /** Throws `payload_too_large` and `invalid_request` for a PLS file that cannot be read, and `invalid_request` for one too many. */
  create(dictionary: NewDictionary, context: RequestContext): Promise<DictionaryRecord>;
  get(id: string, context: RequestContext): Promise<Dictionary>;
  /** Throws `invalid_request` (`cursor`) for a page behind a dictionary that does not exist. */
  list(query: DictionaryQuery, context: RequestContext): Promise<DictionaryPage>;
  /** Renames, archives, or takes out of the archive. An archived dictionary is still spoken with. */
  change(
    id: string,
    change: { readonly name?: string; readonly archived?: boolean },
    context: RequestContext,
  ): Promise<DictionaryRecord>;
  /** Makes a new version, unless nothing changes. Earlier versions stay as they are. Throws `invalid_request` for one too many. */
  changeRules(id: string, change: RuleChange, context: RequestContext): Promise<DictionaryRecord>;
  /** A version as a PLS file. */
  exportPls(locator: Required<DictionaryLocator>, context: RequestContext): Promise<string>;
  /** The rules that a request is spoken with, dictionary by dictionary in its order. */
  resolve(
    locators: readonly DictionaryLocator[],
    context: RequestContext,
  ): Promise<readonly (readonly PronunciationRule[])[]>;
}

/** Builds the library. */
export function createDictionaryLibrary(parts: {
  readonly store: DictionaryStore;
  readonly clock: Clock;
  /** How much one owner may keep; 1,000 dictionaries of 1,000 versions when absent. */
  readonly limits?: DictionaryLimits;
}): DictionaryLibrary {
  const { store, clock, limits = DICTIONARY_LIMITS } = parts;
  const versions = versionReader(store);
  const inTurn = createTurns();
  const add = dictionaryAdder(store, limits);

  const find = async (id: string, { principal }: RequestContext): Promise<DictionaryRecord> => {
    const record = await store.find(id, principal.id);
    if (!record) throw notFound(`There is no pronunciation dictionary '${id}'.`);
    return record;
  };
  const rulesOf = async (record: DictionaryRecord, versionId = record.latestVersionId) =>
    (await versions(record.id, versionId)).rules;
  const rulesAt = async ({ dictionaryId, versionId }: DictionaryLocator, context: RequestContext) =>
    rulesOf(await find(dictionaryId, context), versionId);

  return {
    create: async ({ content, ...facts }, context) => {
      const rules = content instanceof Uint8Array ? readPls(content) : checkCount(content);
      const { record, version } = firstVersion(facts, rules, {
        ownerId: context.principal.id,
        at: clock.now(),
      });
      await add(record, version);
      return record;
    },
    get: async (id, context) => {
      const record = await find(id, context);
      return { record, rules: await rulesOf(record) };
    },
    list: async (query, { principal }) => pageOf(await store.list(principal.id), query),
    change: (id, change, context) =>
      inTurn(id, async () => {
        const record = changedRecord(await find(id, context), change, clock.now());
        await store.replace(record);
        return record;
      }),
    changeRules: (id, change, context) =>
      inTurn(id, async () => {
        const record = await find(id, context);
        const before = await rulesOf(record);
        const rules = checkCount(changedRules(before, change));
        if (sameRules(before, rules)) return record;
        await checkRoomForVersion(store, id, limits);
        const version = newVersion(id, rules, clock.now());
        const next = { ...record, latestVersionId: version.id, latestRuleCount: rules.length };
        await store.replaceWithVersion(next, version);
        return next;
      }),
    exportPls: async (locator, context) => writePls(await rulesAt(locator, context)),
    resolve: async (locators, context) => {
      if (locators.length > MOST_DICTIONARIES) throw tooMany(locators.length);
      return Promise.all(locators.map((locator) => rulesAt(locator, context)));
    },
  };
}

/** Adds while there is room, one after another for each owner, so that many at once do not all find the last place. */
function dictionaryAdder(store: DictionaryStore, limits: DictionaryLimits): DictionaryStore['add'] {
  const inOwnersTurn = createTurns();
  return (record, version) =>
    inOwnersTurn(record.ownerId, async () => {
      await checkRoomForDictionary(store, record.ownerId, limits);
      await store.add(record, version);
    });
}

function notFound(message: string): AppError {
  return new AppError('not_found', message, { subject: 'dictionary', param: 'dictionary' });
}

function tooMany(count: number): AppError {
  return new AppError(
    'invalid_request',
    `A request may name at most ${MOST_DICTIONARIES} pronunciation dictionaries; this one names ${count}.`,
  );
}

function checkCount(rules: readonly PronunciationRule[]): readonly PronunciationRule[] {
  if (rules.length <= PRONUNCIATION_LIMITS.rules) return rules;
  throw new AppError(
    'invalid_request',
    `A pronunciation dictionary may have at most ${PRONUNCIATION_LIMITS.rules} rules; this one would have ${rules.length}.`,
    { param: 'rules' },
  );
}

/** Ids as long as the vendor's whose clients ask most for dictionaries; any dialect can show them. */
const ID_LENGTH = 20;

function newVersion(
  dictionaryId: string,
  rules: readonly PronunciationRule[],
  createdAt: number,
): DictionaryVersion {
  return { id: randomAlphanumeric(ID_LENGTH), dictionaryId, rules, createdAt };
}

function firstVersion(
  { name, description = '', access }: Omit<NewDictionary, 'content'>,
  rules: readonly PronunciationRule[],
  { ownerId, at }: { readonly ownerId: string; readonly at: number },
): { readonly record: DictionaryRecord; readonly version: DictionaryVersion } {
  const id = randomAlphanumeric(ID_LENGTH);
  const version = newVersion(id, rules, at);
  const record = {
    id,
    ownerId,
    name,
    description,
    ...(access === undefined ? {} : { access }),
    createdAt: at,
    latestVersionId: version.id,
    latestRuleCount: rules.length,
  };
  return { record, version };
}

function changedRecord(
  { archivedAt, ...record }: DictionaryRecord,
  { name, archived }: { readonly name?: string; readonly archived?: boolean },
  at: number,
): DictionaryRecord {
  const inArchive = archived ?? archivedAt !== undefined;
  return {
    ...record,
    ...(name === undefined ? {} : { name }),
    ...(inArchive ? { archivedAt: archivedAt ?? at } : {}),
  };
}

function changedRules(
  before: readonly PronunciationRule[],
  change: RuleChange,
): readonly PronunciationRule[] {
  switch (change.kind) {
    case 'set':
      return change.rules;
    case 'remove': {
      const gone = new Set(change.graphemes);
      return before.filter(({ grapheme }) => !gone.has(grapheme));
    }
    case 'add':
      return withAdded(before, change.rules);
  }
}

function withAdded(
  before: readonly PronunciationRule[],
  added: readonly PronunciationRule[],
): readonly PronunciationRule[] {
  // Of several new rules for one grapheme the last counts, as if they had come one after another.
  const waiting = new Map(added.map((rule) => [rule.grapheme, rule]));
  const placed = new Set<string>();
  const kept = before.flatMap((rule) => {
    const replacement = waiting.get(rule.grapheme);
    if (!replacement) return [rule];
    if (placed.has(rule.grapheme)) return [];
    placed.add(rule.grapheme);
    return [replacement];
  });
  return [...kept, ...[...waiting.values()].filter(({ grapheme }) => !placed.has(grapheme))];
}

function sameRules(some: readonly PronunciationRule[], others: readonly PronunciationRule[]): boolean {
  return some.length === others.length && JSON.stringify(some) === JSON.stringify(others);
}

function pageOf(records: readonly DictionaryRecord[], query: DictionaryQuery): DictionaryPage {
  const rising =
    query.sort === 'name'
      ? records.toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
      : records;
  const sorted = query.descending ? rising.toReversed() : rising;
  const start = query.afterId === undefined ? 0 : placeAfter(sorted, query.afterId);
  const found = sorted
    .slice(start)
    .filter(({ archivedAt }) => query.includeArchived || archivedAt === undefined);
  return { records: found.slice(0, query.limit), hasMore: found.length > query.limit };
}

function placeAfter(sorted: readonly DictionaryRecord[], id: string): number {
  const place = sorted.findIndex((record) => record.id === id);
  if (place >= 0) return place + 1;
  throw new AppError('invalid_request', 'The cursor does not belong to this list.', { param: 'cursor' });
}

/** Rules that are kept in memory at once, so that dictionaries in use are not read and prepared for every request. */
const RULES_KEPT = 100_000;

/** Reads versions, and keeps the last used ones: the same list each time, since a version never changes. */
function versionReader(store: DictionaryStore) {
  const kept = new Map<string, DictionaryVersion>();
  let rules = 0;
  return async (dictionaryId: string, versionId: string): Promise<DictionaryVersion> => {
    const key = JSON.stringify([dictionaryId, versionId]);
    const version = kept.get(key) ?? (await store.findVersion(dictionaryId, versionId));
    if (!version) {
      throw notFound(`There is no version '${versionId}' of the pronunciation dictionary '${dictionaryId}'.`);
    }
    if (!kept.delete(key)) rules += version.rules.length;
    kept.set(key, version);
    for (const [oldest, { rules: dropped }] of kept) {
      if (rules <= RULES_KEPT) break;
      kept.delete(oldest);
      rules -= dropped.length;
    }
    return version;
  };
}

/** Lets changes of the same dictionary wait for one another, so that none is lost. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return async <Value>(id: string, work: () => Promise<Value>): Promise<Value> => {
    const before = last.get(id) ?? Promise.resolve();
    const now = before.then(work, work);
    last.set(id, now);
    try {
      return await now;
    } finally {
      if (last.get(id) === now) last.delete(id);
    }
  };
}
