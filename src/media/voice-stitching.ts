import type { Interval } from './speech-windows.ts';

/** A stretch of time in which one of several voices speaks; several may speak at once. */
export interface LocalTurn extends Interval {
  /** Number of the voice. Numbers mean something only among turns that were found together. */
  readonly voice: number;
}

/** A stretch of samples and the turns that were found in it, in seconds of the whole. */
export interface TurnChunk extends Interval {
  readonly turns: readonly LocalTurn[];
}

/** Two voices are one when they speak together for this share of the time that both chunks cover and either speaks. */
const SAME_SHARE = 0.5;
/** Shorter turns are flicker. */
const LEAST_SECONDS = 0.1;
/** A voice that pauses for less goes on. */
const PAUSE_SECONDS = 0.3;

/**
 * Makes the turns of chunks that overlap into those of the whole: a voice that is heard in the overlap of two chunks
 * keeps its number, and each chunk tells of the time up to the middle of its overlap with the next.
 */
export function stitchTurns(chunks: readonly TurnChunk[]): LocalTurn[] {
  const pieces: LocalTurn[] = [];
  let before: TurnChunk | undefined;
  let voices = 0;
  for (const [index, chunk] of chunks.entries()) {
    const numbers = before ? sameVoices(before, chunk) : new Map<number, number>();
    for (const { voice } of chunk.turns) if (!numbers.has(voice)) numbers.set(voice, voices++);
    const turns = chunk.turns.map((turn) => ({ ...turn, voice: numbers.get(turn.voice) ?? 0 }));
    const from = before ? middle(before, chunk) : chunk.startSeconds;
    const next = chunks[index + 1];
    pieces.push(
      ...within(turns, { startSeconds: from, endSeconds: next ? middle(chunk, next) : chunk.endSeconds }),
    );
    before = { ...chunk, turns };
  }
  return joined(pieces);
}

/** Which voices of a chunk are voices of the one before, each at most once, the surest first. */
function sameVoices(before: TurnChunk, chunk: TurnChunk): Map<number, number> {
  const shared = { startSeconds: chunk.startSeconds, endSeconds: before.endSeconds };
  const old = byVoice(within(before.turns, shared));
  const fresh = byVoice(within(chunk.turns, shared));
  const pairs = [...fresh].flatMap(([voice, turns]) =>
    [...old].map(([number, others]) => {
      const both = overlapOf(turns, others);
      return { voice, number, share: both / (lengthOf(turns) + lengthOf(others) - both) };
    }),
  );
  const numbers = new Map<number, number>();
  for (const { voice, number, share } of pairs.toSorted((a, b) => b.share - a.share)) {
    const taken = numbers.has(voice) || [...numbers.values()].includes(number);
    if (share >= SAME_SHARE && !taken) numbers.set(voice, number);
  }
  return numbers;
}

function byVoice(turns: readonly LocalTurn[]): Map<number, LocalTurn[]> {
  return Map.groupBy(turns, ({ voice }) => voice);
}

function middle(before: Interval, after: Interval): number {
  return (after.startSeconds + before.endSeconds) / 2;
}

/** The parts of turns that lie in an interval. */
function within<T extends Interval>(turns: readonly T[], { startSeconds, endSeconds }: Interval): T[] {
  return turns
    .map((turn) => ({
      ...turn,
      startSeconds: Math.max(startSeconds, turn.startSeconds),
      endSeconds: Math.min(endSeconds, turn.endSeconds),
    }))
    .filter((turn) => turn.endSeconds > turn.startSeconds);
}

/** Turns of one voice without pauses that are too short to be any, in order; without those that are flicker. */
function joined(pieces: readonly LocalTurn[]): LocalTurn[] {
  const turns: LocalTurn[] = [];
  for (const own of byVoice(pieces).values()) {
    const first = turns.length;
    for (const piece of own.toSorted((a, b) => a.startSeconds - b.startSeconds)) {
      const last = turns.at(-1);
      const goesOn = last && turns.length > first && piece.startSeconds - last.endSeconds < PAUSE_SECONDS;
      if (!goesOn) turns.push(piece);
      else turns[turns.length - 1] = { ...last, endSeconds: Math.max(last.endSeconds, piece.endSeconds) };
    }
  }
  return turns
    .filter(({ startSeconds, endSeconds }) => endSeconds - startSeconds >= LEAST_SECONDS)
    .toSorted((a, b) => a.startSeconds - b.startSeconds);
}

/** For how long two lists of intervals, none of which overlap in themselves, are both on. */
export function overlapOf(some: readonly Interval[], others: readonly Interval[]): number {
  let total = 0;
  for (const one of some) {
    for (const other of others) {
      total += Math.max(
        0,
        Math.min(one.endSeconds, other.endSeconds) - Math.max(one.startSeconds, other.startSeconds),
      );
    }
  }
  return total;
}

/** How long intervals are together. */
export function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { startSeconds, endSeconds }) => sum + endSeconds - startSeconds, 0);
}

/** The parts of a voice's turns in which no other voice speaks. */
export function aloneParts(voice: number, turns: readonly LocalTurn[]): Interval[] {
  const others = turns.filter((turn) => turn.voice !== voice);
  const own = turns.filter((turn) => turn.voice === voice);
  return others.reduce<Interval[]>(
    (parts, other) =>
      parts.flatMap((part) => [
        ...within([part], { startSeconds: 0, endSeconds: other.startSeconds }),
        ...within([part], { startSeconds: other.endSeconds, endSeconds: Number.POSITIVE_INFINITY }),
      ]),
    own.map(({ startSeconds, endSeconds }) => ({ startSeconds, endSeconds })),
  );
}
