import type { Clock } from '../core/ports/clock.ts';
import type { KeyStore } from '../core/ports/store.ts';

/** How long what was read is believed, in milliseconds. */
const BELIEVED_MS = 1000;

/** What is remembered at a time, of each kind. */
const MOST_REMEMBERED = 1000;

/**
 * A store of keys that remembers what it read for a second, so that not every request is a question to a database
 * elsewhere. What this process changes counts at once; what another one changes, within that second. A secret that is
 * not there is never remembered: whoever guesses fills nothing.
 */
export function cachedKeys(keys: KeyStore, clock: Pick<Clock, 'monotonicMs'>): KeyStore {
  const secrets = briefMemory(clock, (hash) => keys.findSecret(hash));
  const records = briefMemory(clock, (id) => keys.find(id));
  const existence = briefMemory(clock, () => keys.any());
  // Keys are revoked and never removed.
  let exists = false;
  const forgetting = async <T>(change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      for (const memory of [secrets, records, existence]) memory.forget();
    }
  };
  return {
    list: () => keys.list(),
    any: async () => (exists ||= await existence.find('')),
    find: (id) => records.find(id),
    findSecret: (hash) => secrets.find(hash),
    add: (record) => forgetting(keys.add(record)),
    change: (id, terms) => forgetting(keys.change(id, terms)),
    rotate: (id, secret) => forgetting(keys.rotate(id, secret)),
    revoke: (id, revokedAt) => forgetting(keys.revoke(id, revokedAt)),
  };
}

/** Remembers what was found, and has those who ask for the same at the same time wait for one answer. */
function briefMemory<Found>(clock: Pick<Clock, 'monotonicMs'>, load: (name: string) => Promise<Found>) {
  const known = new Map<string, { readonly found: Found; readonly askedAt: number }>();
  const asked = new Map<string, Promise<Found>>();
  const ask = async (name: string, askedAt: number): Promise<Found> => {
    const answer = load(name);
    asked.set(name, answer);
    try {
      const found = await answer;
      // Where the answer was forgotten meanwhile, it may be older than what was changed.
      if (found !== undefined && asked.get(name) === answer) {
        if (known.size >= MOST_REMEMBERED) dropOldest(known);
        known.set(name, { found, askedAt });
      }
      return found;
    } finally {
      if (asked.get(name) === answer) asked.delete(name);
    }
  };
  return {
    find: async (name: string): Promise<Found> => {
      const now = clock.monotonicMs();
      const held = known.get(name);
      if (held && now - held.askedAt < BELIEVED_MS) return held.found;
      known.delete(name);
      return asked.get(name) ?? ask(name, now);
    },
    forget: () => {
      known.clear();
      asked.clear();
    },
  };
}

function dropOldest(known: Map<string, unknown>): void {
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
