import type { Interval } from '../../media/speech-windows.ts';
import type { SpokenWord } from './spoken-words.ts';

/** A spoken word and where it was found; undefined for one whose sound nobody knows. */
export interface FoundWord extends Pick<SpokenWord, 'word'> {
  readonly interval: Interval | undefined;
}

/** Longest time that a word is given which could not be looked for. */
const MOST_UNHEARD_SECONDS = 0.5;

/**
 * Turns the times of spoken words into those of the given ones, one for each, in order and without overlap. A given
 * word that could not be looked for gets the gap between its neighbours.
 */
export function toGivenTimes(
  count: number,
  found: readonly FoundWord[],
  durationSeconds: number,
): readonly Interval[] {
  const times = Array.from({ length: count }, (): Interval | undefined => undefined);
  for (const { word, interval } of found) {
    if (interval) times[word] = union(times[word], interval);
  }
  return inOrder(fillGaps(times, durationSeconds), durationSeconds);
}

function union(one: Interval | undefined, other: Interval): Interval {
  if (!one) return other;
  return {
    startSeconds: Math.min(one.startSeconds, other.startSeconds),
    endSeconds: Math.max(one.endSeconds, other.endSeconds),
  };
}

function fillGaps(times: readonly (Interval | undefined)[], durationSeconds: number): Interval[] {
  const filled: Interval[] = [];
  while (filled.length < times.length) {
    const index = filled.length;
    const known = times[index];
    if (known) {
      filled.push(known);
      continue;
    }
    const next = times.findIndex((time, at) => at > index && time !== undefined);
    const end = next < 0 ? times.length : next;
    filled.push(...gap({ count: end - index, before: filled.at(-1), after: times[end], durationSeconds }));
  }
  return filled;
}

interface Gap {
  readonly count: number;
  readonly before: Interval | undefined;
  readonly after: Interval | undefined;
  readonly durationSeconds: number;
}

/** Words without times, evenly between their neighbours; close to the only neighbour where there is but one. */
function gap({ count, before, after, durationSeconds }: Gap): Interval[] {
  const most = count * MOST_UNHEARD_SECONDS;
  const end = after?.startSeconds ?? durationSeconds;
  const start = before?.endSeconds ?? Math.max(0, end - most);
  const each = Math.max(0, Math.min(most, end - start)) / count;
  return Array.from({ length: count }, (_, index) => ({
    startSeconds: start + index * each,
    endSeconds: start + (index + 1) * each,
  }));
}

function inOrder(times: readonly Interval[], durationSeconds: number): Interval[] {
  let clock = 0;
  return times.map(({ startSeconds, endSeconds }) => {
    const start = Math.min(durationSeconds, Math.max(clock, startSeconds));
    clock = Math.min(durationSeconds, Math.max(start, endSeconds));
    return { startSeconds: start, endSeconds: clock };
  });
}
