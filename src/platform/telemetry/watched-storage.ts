import { AppError } from '../../base/errors.ts';
import type { BlobStore } from '../../core/ports/blob-store.ts';
import type { Store } from '../../core/ports/store.ts';

/** Hears which part of the storage failed. */
export type OnStorageFailure = (part: string) => void;

/** The same store; its failures are counted. */
export function watchedStore<Kind extends Store>(store: Kind, onFailure: OnStorageFailure): Kind {
  const parts = Object.entries(store).map(([name, part]: [string, unknown]) => [
    name,
    typeof part === 'object' && part !== null ? watchedPart(part, name, onFailure) : part,
  ]);
  // Each part has the functions that it had, with the same arguments and results.
  return { ...store, ...(Object.fromEntries(parts) as Partial<Kind>) };
}

/** The same blobs; failures are counted, but for those in the middle of what is read. */
export function watchedBlobs<Kind extends BlobStore>(blobs: Kind, onFailure: OnStorageFailure): Kind {
  return watchedPart(blobs, 'blobs', onFailure);
}

function watchedPart<Part extends object>(part: Part, name: string, onFailure: OnStorageFailure): Part {
  const functions = Object.entries(part).map(([key, call]: [string, unknown]) => {
    if (typeof call !== 'function') return [key, call];
    const watched = (...given: readonly unknown[]) => {
      // Functions of stores are asynchronous, but for those that give something to iterate.
      const outcome: unknown = Reflect.apply(call, part, given);
      if (!(outcome instanceof Promise)) return outcome;
      return outcome.catch((error: unknown) => {
        if (isTrouble(error)) onFailure(name);
        throw error;
      });
    };
    return [key, watched];
  });
  // Each function takes and gives what it did.
  return Object.fromEntries(functions) as Part;
}

/** What is the caller's own fault is no failure of the storage. */
function isTrouble(error: unknown): boolean {
  return !(error instanceof AppError) || error.status >= 500;
}
