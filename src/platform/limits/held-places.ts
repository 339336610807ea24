import { setTimeout } from 'node:timers/promises';
import type { PostgresDatabase } from '../store/postgres-database.ts';

/** How often a process gives a sign of life while it holds places, in milliseconds. */
const RENEWAL_MS = 10_000;

/** How long a process that ends waits until its places are given back, in milliseconds. */
const FAREWELL_MS = 1000;

/** The places that this process holds, kept alive in the database. */
export interface HeldPlaces {
  readonly count: (ownerId: string) => number;
  hold(ownerId: string, placeId: string): void;
  leave(placeId: string): void;
  /** Removes what may have been taken for somebody who did not wait for it. */
  forget(placeId: string): void;
  /** Gives all places back. */
  close(): Promise<void>;
}

/** What holding places takes. */
export interface HoldingParts {
  readonly database: Pick<PostgresDatabase, 'change'>;
  readonly leaseMs: number;
}

const RENEW = `INSERT INTO request_places (id, owner_id, held_until)
  SELECT key, value, clock_timestamp() + make_interval(secs => $2) FROM json_each_text($1::text::json)
  ON CONFLICT (id) DO UPDATE SET held_until = excluded.held_until`;

const GIVE_BACK = `DELETE FROM request_places
  WHERE id IN (SELECT value FROM json_array_elements_text($1::text::json))`;

/**
 * Holds places as long as they are needed. A place that cannot be given back, because the database is away, ends with its
 * lease; one that was lost there is put back with the next sign of life.
 */
export function holdPlaces({ database, leaseMs }: HoldingParts): HeldPlaces {
  const owners = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let renewing = Promise.resolve();
  const renew = () => {
    const held = JSON.stringify(Object.fromEntries(owners));
    renewing = database.change(RENEW, [held, leaseMs / 1000]).then(ignore, ignore);
  };
  const giveBack = async (ids: readonly string[]) => {
    // A sign of life that is on its way would bring back what is removed before it arrives.
    await renewing;
    await database.change(GIVE_BACK, [JSON.stringify(ids)]).catch(ignore);
  };
  const keepAlive = () => {
    if (owners.size > 0) {
      timer ??= setInterval(renew, Math.min(RENEWAL_MS, leaseMs / 3)).unref();
      return;
    }
    clearInterval(timer);
    timer = undefined;
  };
  return {
    count: (ownerId) => owners.values().reduce((sum, owner) => sum + (owner === ownerId ? 1 : 0), 0),
    hold: (ownerId, placeId) => {
      owners.set(placeId, ownerId);
      keepAlive();
    },
    leave: (placeId) => {
      if (!owners.delete(placeId)) return;
      keepAlive();
      void giveBack([placeId]);
    },
    forget: (placeId) => void giveBack([placeId]),
    close: async () => {
      const ids = [...owners.keys()];
      owners.clear();
      keepAlive();
      // A database that is away must not hold the end up: its leases end by themselves.
      const farewell = setTimeout(FAREWELL_MS, undefined, { ref: false });
      if (ids.length > 0) await Promise.race([giveBack(ids), farewell]);
    },
  };
}

function ignore(): void {}
