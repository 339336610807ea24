import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { isOver, type GateAnswer, type RequestGate } from './request-limits.ts';

/** A minute, in seconds. */
const WINDOW_SECONDS = 60;

/** Counts the requests of this process alone. Nothing is kept of those who have no limits. */
export function createMemoryGate(): RequestGate {
  const countRequest = createMemoryWindows();
  const places = new Map<string, Set<string>>();
  const takePlace = (ownerId: string, place: { readonly id: string; readonly most: number }) => {
    const taken = places.get(ownerId) ?? new Set();
    if (taken.size >= place.most) return { held: taken.size, isTaken: false };
    places.set(ownerId, taken.add(place.id));
    return { held: taken.size, isTaken: true };
  };
  return {
    ask: async ({ ownerId, perMinute, place }) => {
      const requests = perMinute === undefined ? undefined : await countRequest(ownerId);
      const counted = requests ? { requests } : {};
      if (isOver(counted, perMinute)) return counted;
      return {
        ...counted,
        ...(place ? { places: takePlace(ownerId, place) } : {}),
      };
    },
    leave: (ownerId, placeId) => {
      const taken = places.get(ownerId);
      taken?.delete(placeId);
      if (taken?.size === 0) places.delete(ownerId);
    },
    held: (ownerId) => places.get(ownerId)?.size ?? 0,
  };
}

/** Counts requests per minute in memory. The minute of a key begins with its first request. */
export function createMemoryWindows(): (ownerId: string) => Promise<NonNullable<GateAnswer['requests']>> {
  let windows: Promise<RateLimiterMemory> | undefined;
  return async (ownerId) => {
    windows ??= openWindows();
    const { consumedPoints, msBeforeNext } = await (await windows).penalty(ownerId);
    // The library goes by the clock of the day, which may be put back.
    const resetMs = Math.min(Math.max(0, msBeforeNext), WINDOW_SECONDS * 1000);
    return { count: consumedPoints, resetMs };
  };
}

/** The library takes some milliseconds to load, which programs without limits need not wait for. */
async function openWindows(): Promise<RateLimiterMemory> {
  const library = await import('rate-limiter-flexible');
  // Only its counters are used: how many are too many differs from key to key.
  return new library.RateLimiterMemory({ points: 1, duration: WINDOW_SECONDS });
}
