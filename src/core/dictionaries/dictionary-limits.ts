import { AppError } from '../../base/errors.ts';
import type { DictionaryStore } from '../ports/store.ts';

/** How much one owner may keep: nothing of it is ever deleted. */
export interface DictionaryLimits {
  /** Dictionaries of one owner, archived ones included. */
  readonly dictionaries: number;
  /** Versions of one dictionary. */
  readonly versions: number;
}

/** What holds where nothing else is said. */
export const DICTIONARY_LIMITS: DictionaryLimits = { dictionaries: 1_000, versions: 1_000 };

/** Refuses a dictionary to an owner who has as many as there may be. Throws `invalid_request` (reason `dictionary_limit`). */
export async function checkRoomForDictionary(
  store: DictionaryStore,
  ownerId: string,
  { dictionaries: most }: DictionaryLimits,
): Promise<void> {
  if ((await store.count(ownerId)) < most) return;
  throw limitReached(
    `There are ${most} pronunciation dictionaries of this key already, archived ones included, which is the most. Set other rules in one of them.`,
  );
}

/** Refuses a version to a dictionary that has as many as there may be. Throws `invalid_request` (reason `dictionary_limit`). */
export async function checkRoomForVersion(
  store: DictionaryStore,
  dictionaryId: string,
  { versions: most }: DictionaryLimits,
): Promise<void> {
  if ((await store.countVersions(dictionaryId)) < most) return;
  throw limitReached(
    `The pronunciation dictionary '${dictionaryId}' has ${most} versions already, which is the most. Make a new dictionary.`,
  );
}

function limitReached(message: string): AppError {
  return new AppError('invalid_request', message, { reason: 'dictionary_limit' });
}
