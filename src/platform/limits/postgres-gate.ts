import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { PostgresDatabase, Row } from '../store/postgres-database.ts';
import { holdPlaces, type HeldPlaces } from './held-places.ts';
import { createMemoryWindows } from './memory-gate.ts';
import { isOver, type GateAnswer, type GateQuestion, type RequestGate } from './request-limits.ts';

/** How long a place outlives the last sign of life of the process that holds it, in milliseconds. */
const LEASE_MS = 30_000;
/** A request waits no longer than this for the database to count it, in milliseconds. */
const PATIENCE_MS = 1000;
/** How long the database is left alone that did not answer. */
const AWAY_MS = 2000;

/** What a gate in a database is made of. */
export interface SharedGateParts {
  readonly database: Pick<PostgresDatabase, 'rows' | 'change'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Logger;
  /** How long a killed process holds its places; half a minute when absent. */
  readonly leaseMs?: number;
  /** How long a request waits to be counted; a second when absent. */
  readonly patienceMs?: number;
}

/** A gate that several machines share. */
export interface SharedGate extends RequestGate {
  /** Gives all places back and stops. */
  close(): Promise<void>;
}

type Counting = (question: GateQuestion) => Promise<GateAnswer>;

/**
 * Counts the requests of all processes in one database, with one statement for each. While the database is away every process
 * counts its own: nobody is locked out, and nobody gets more than the limit from one process.
 */
export function createPostgresGate({
  leaseMs = LEASE_MS,
  patienceMs = PATIENCE_MS,
  ...parts
}: SharedGateParts): SharedGate {
  const { clock, database, log } = parts;
  const places = holdPlaces({ database, leaseMs });
  const countTogether = rememberSpent(clock, countIn(database, { places, leaseMs, patienceMs }));
  const countAlone = countHere(places);
  let awayUntil: number | undefined;
  return {
    ask: async (question) => {
      if (awayUntil !== undefined && clock.monotonicMs() < awayUntil) return countAlone(question);
      try {
        const answer = await countTogether(question);
        if (awayUntil !== undefined) log.info({}, 'limits-shared-again');
        awayUntil = undefined;
        return answer;
      } catch (error) {
        if (awayUntil === undefined) log.warn({ error }, 'limits-not-shared');
        awayUntil = clock.monotonicMs() + AWAY_MS;
        return countAlone(question);
      }
    },
    leave: (_ownerId, placeId) => places.leave(placeId),
    held: places.count,
    close: () => places.close(),
  };
}

const ENTER = 'SELECT * FROM enter_request($1, $2, $3, $4, $5)';

interface CountingParts {
  readonly places: HeldPlaces;
  readonly leaseMs: number;
  readonly patienceMs: number;
}

function countIn(
  database: Pick<PostgresDatabase, 'rows'>,
  { places, leaseMs, patienceMs }: CountingParts,
): Counting {
  return async ({ ownerId, perMinute, place }) => {
    const held = places.count(ownerId);
    // What this process holds is enough to know that there is no place.
    if (place && perMinute === undefined && held >= place.most) return { places: { held, isTaken: false } };
    const values = [ownerId, place?.id ?? null, perMinute ?? null, place?.most ?? null, leaseMs];
    const asking = database.rows(ENTER, values);
    const [row] = await answered(asking, patienceMs, () => {
      if (place) void asking.then(() => places.forget(place.id)).catch(() => undefined);
    });
    const answer = toAnswer(row);
    if (place && answer.places?.isTaken) places.hold(ownerId, place.id);
    return answer;
  };
}

function toAnswer(row: Row | undefined): GateAnswer {
  const { requests = null, reset_ms: resetMs, held = null, is_taken: isTaken } = row ?? {};
  return {
    ...(requests === null ? {} : { requests: { count: Number(requests), resetMs: Number(resetMs) } }),
    ...(held === null ? {} : { places: { held: Number(held), isTaken: isTaken === 1 } }),
  };
}

/** The places are those of the other way of counting, so that neither forgets what the other has let in. */
function countHere(places: HeldPlaces): Counting {
  const countRequest = createMemoryWindows();
  return async ({ ownerId, perMinute, place }) => {
    const requests = perMinute === undefined ? undefined : await countRequest(ownerId);
    const counted = requests ? { requests } : {};
    if (!place || isOver(counted, perMinute)) return counted;
    const isTaken = places.count(ownerId) < place.most;
    if (isTaken) places.hold(ownerId, place.id);
    return { ...counted, places: { held: places.count(ownerId), isTaken } };
  };
}

/** A minute that is known to be spent is not counted further, so that a flood is no load on the database. */
function rememberSpent(clock: Pick<Clock, 'monotonicMs'>, count: Counting): Counting {
  const spent = new Map<
    string,
    { readonly requests: number; readonly perMinute: number; readonly until: number }
  >();
  return async (question) => {
    const { ownerId, perMinute } = question;
    if (perMinute === undefined) return count(question);
    const known = spent.get(ownerId);
    const resetMs = (known?.until ?? 0) - clock.monotonicMs();
    if (known?.perMinute === perMinute && resetMs > 0)
      return { requests: { count: known.requests, resetMs } };
    spent.delete(ownerId);
    const answer = await count(question);
    const { requests } = answer;
    if (requests && isOver(answer, perMinute)) {
      const until = clock.monotonicMs() + requests.resetMs;
      spent.set(ownerId, { requests: requests.count, perMinute, until });
    }
    return answer;
  };
}

/** What comes in time. Whoever is told of the lateness clears up after what comes later. */
async function answered<T>(work: Promise<T>, patienceMs: number, onLate: () => void): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    onLate();
    late.reject(new Error(`The database did not count a request within ${patienceMs} ms.`));
  }, patienceMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
