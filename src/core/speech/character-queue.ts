import type { CharacterAlignment } from './alignment.ts';

/** A stretch of time on a line of speech. */
export interface LineSpan {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Keeps the characters of a line of speech until the sound in which they begin is sent. */
export interface CharacterQueue {
  /** Adds characters whose times count from `originSeconds`. */
  add(characters: CharacterAlignment | undefined, originSeconds: number): void;
  /** Whether a character that is here begins before that time. */
  hasBefore(seconds: number): boolean;
  /** Lets the next `take` have all that is here, however late it begins. */
  release(): void;
  /**
   * The characters that begin before the end of the span, in times from its start. None begins before it or ends
   * behind it, and the last one ends with it: the times of one span after the other add up to the whole line.
   */
  take(span: LineSpan): CharacterAlignment | undefined;
}

interface LineCharacter {
  readonly character: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Makes an empty queue. */
export function createCharacterQueue(): CharacterQueue {
  let waiting: LineCharacter[] = [];
  let released = 0;
  return {
    add: (characters, originSeconds) => {
      if (!characters) return;
      for (const [index, character] of characters.characters.entries()) {
        waiting.push({
          character,
          startSeconds: originSeconds + (characters.startSeconds[index] ?? 0),
          endSeconds: originSeconds + (characters.endSeconds[index] ?? 0),
        });
      }
    },
    hasBefore: (seconds) => released > 0 || (waiting[0]?.startSeconds ?? Number.POSITIVE_INFINITY) < seconds,
    release: () => {
      released = waiting.length;
    },
    take: (span) => {
      const later = waiting.findIndex(
        ({ startSeconds }, index) => index >= released && startSeconds >= span.endSeconds,
      );
      const due = later === -1 ? waiting : waiting.slice(0, later);
      waiting = later === -1 ? [] : waiting.slice(later);
      released = 0;
      return due.length === 0 ? undefined : withinSpan(due, span);
    },
  };
}

function withinSpan(
  due: readonly LineCharacter[],
  { startSeconds, endSeconds }: LineSpan,
): CharacterAlignment {
  const inside = (seconds: number) => Math.min(Math.max(seconds, startSeconds), endSeconds) - startSeconds;
  const ends = due.map((one) => inside(one.endSeconds));
  return {
    characters: due.map(({ character }) => character),
    startSeconds: due.map((one) => inside(one.startSeconds)),
    endSeconds: [...ends.slice(0, -1), endSeconds - startSeconds],
  };
}
