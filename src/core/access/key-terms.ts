import { AppError } from '../../base/errors.ts';
import type { Capability } from '../models/model.ts';
import type { KeyRecord } from '../ports/store.ts';
import { CAPABILITIES, KEY_LIMITS, type KeyLimits, type Scopes } from './grant.ts';

/** What can be changed about a key. */
export type KeyTerms = Pick<KeyRecord, 'name' | 'role' | 'scopes' | 'limits' | 'expiresAt'>;

/** What is to become of a key's terms: what is absent stays, null takes a scope, a limit or the end away. */
export interface KeyChange {
  readonly name?: string | undefined;
  readonly role?: KeyTerms['role'] | undefined;
  readonly scopes?:
    | { readonly [Scope in keyof Scopes]?: readonly string[] | null | undefined }
    | null
    | undefined;
  readonly limits?: { readonly [Limit in keyof KeyLimits]?: number | null | undefined } | null | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | null | undefined;
}

/** What a change is judged by. */
export interface TermsContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Ids of the dialects that there are. */
  readonly dialects: readonly string[];
}

/** Longest name of a key, in code points. */
const LONGEST_NAME = 200;

/** Entries of one scope. */
const MOST_ENTRIES = 1000;

/** Longest name of a model in a scope, in code points. */
const LONGEST_MODEL = 300;

/** A limit beyond this limits nothing. */
const HIGHEST_LIMIT = 1_000_000_000_000;

/** The last moment that a date can hold (ECMA-262, section 21.4.1.1), in milliseconds. */
const LAST_MOMENT = 8_640_000_000_000_000;

/** The terms after a change. Throws `invalid_request` that names the wrong field. */
export function changedTerms(terms: KeyTerms, change: KeyChange, context: TermsContext): KeyTerms {
  return {
    name: change.name === undefined ? terms.name : checkedName(change.name),
    role: change.role ?? terms.role,
    scopes: change.scopes === null ? {} : changedScopes(terms.scopes, change.scopes ?? {}, context),
    limits: change.limits === null ? {} : changedLimits(terms.limits, change.limits ?? {}),
    expiresAt: changedExpiry(terms.expiresAt, change.expiresAt, context),
  };
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw wrong('name', 'A key needs a name that says who or what it is for.');
  if (Array.from(trimmed).length > LONGEST_NAME)
    throw wrong('name', `The name of a key has at most ${LONGEST_NAME} characters.`);
  // Names are shown in terminals and tables.
  if (/\p{Cc}/u.test(trimmed)) throw wrong('name', 'The name of a key has no control characters.');
  return trimmed;
}

function changedScopes(
  scopes: Scopes,
  change: NonNullable<KeyChange['scopes']>,
  { dialects }: TermsContext,
): Scopes {
  const of = (scope: keyof Scopes) => entriesOf(scope, change[scope], scopes[scope]);
  const changed = {
    dialects: of('dialects')?.map((word) => checkedDialect(word, dialects)),
    capabilities: of('capabilities')?.map(toCapability),
    models: of('models')?.map(checkedModel),
  };
  return {
    ...(changed.dialects ? { dialects: changed.dialects } : {}),
    ...(changed.capabilities ? { capabilities: changed.capabilities } : {}),
    ...(changed.models ? { models: changed.models } : {}),
  };
}

function checkedDialect(word: string, known: readonly string[]): string {
  if (known.includes(word)) return word;
  throw unknownEntry('dialect', word, known);
}

/** What is not installed yet may be named: it is for later. */
function checkedModel(name: string): string {
  if (name.trim() === name && name !== '' && Array.from(name).length <= LONGEST_MODEL) return name;
  throw wrong('scopes.models', `'${name.slice(0, 60)}' is no name of a model.`);
}

function entriesOf(
  scope: keyof Scopes,
  change: readonly string[] | null | undefined,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  if (change === undefined) return before;
  if (change === null) return undefined;
  const entries = [...new Set(change)];
  if (entries.length === 0) {
    const message = `An empty list of ${scope} would leave the key nothing to do; without one it is for all of them.`;
    throw wrong(`scopes.${scope}`, message);
  }
  if (entries.length > MOST_ENTRIES)
    throw wrong(`scopes.${scope}`, `A key names at most ${MOST_ENTRIES} ${scope}.`);
  return entries;
}

function toCapability(word: string): Capability {
  const known = CAPABILITIES.find((capability) => capability === word);
  if (known) return known;
  throw unknownEntry('capability', word, CAPABILITIES);
}

function unknownEntry(kind: 'dialect' | 'capability', word: string, known: readonly string[]): AppError {
  const field = kind === 'dialect' ? 'scopes.dialects' : 'scopes.capabilities';
  return wrong(field, `There is no ${kind} '${word.slice(0, 60)}', only ${known.join(', ')}.`);
}

function changedLimits(limits: KeyLimits, change: NonNullable<KeyChange['limits']>): KeyLimits {
  return Object.fromEntries(
    KEY_LIMITS.flatMap((limit) => {
      const changed = change[limit] === undefined ? limits[limit] : change[limit];
      if (changed === undefined || changed === null) return [];
      if (!Number.isInteger(changed) || changed < 1 || changed > HIGHEST_LIMIT) {
        const message = `The limit ${limit} is a whole number from 1 to ${HIGHEST_LIMIT}, not ${changed}.`;
        throw wrong(`limits.${limit}`, message);
      }
      return [[limit, changed]];
    }),
  );
}

function changedExpiry(
  before: number | undefined,
  change: number | null | undefined,
  { now }: TermsContext,
): number | undefined {
  if (change === undefined) return before;
  if (change === null) return undefined;
  if (!Number.isInteger(change) || change > LAST_MOMENT)
    throw wrong('expiresAt', 'The end of a key is a moment that a calendar has.');
  if (change <= now) {
    const message = `${new Date(change).toISOString()} is past; to end a key at once, revoke it.`;
    throw wrong('expiresAt', message);
  }
  return change;
}

function wrong(param: string, message: string): AppError {
  return new AppError('invalid_request', message, { param });
}
