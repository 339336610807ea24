/** When a word sounds. `start` and `end` are UTF-16 offsets into the text it was found in. */
export interface WordTiming {
  readonly start: number;
  readonly end: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * The times of a text that is still being spoken. `words` grows while samples are pulled: once a chunk has
 * been yielded, every word that begins in it or before it is there, in order.
 */
export interface TimingTrack {
  readonly words: readonly WordTiming[];
}

/** A text and the times of its words. */
export interface AlignmentTrack extends TimingTrack {
  readonly text: string;
}

/** The time of each character (code point) of a stretch of text; the three lists have equal length. */
export interface CharacterAlignment {
  readonly characters: readonly string[];
  readonly startSeconds: readonly number[];
  readonly endSeconds: readonly number[];
}

/** Hands out the characters of a growing track piece by piece, none twice and none left out. */
export interface AlignmentCursor {
  /** The characters of all words that begin before `untilSeconds`, and of what stands before them; undefined when there are none yet. */
  take(untilSeconds: number): CharacterAlignment | undefined;
  /** All characters that are left, trailing white space included; undefined when there are none. */
  takeRest(totalSeconds: number): CharacterAlignment | undefined;
}

/**
 * Spreads the words of a track over its characters: inside a word evenly, and the characters between two
 * words over the gap between them. Times never go back.
 */
export function createAlignmentCursor(track: AlignmentTrack): AlignmentCursor {
  let nextWord = 0;
  let offset = 0;
  let clock = 0;

  const emit = (spread: Spread) => {
    const part = spreadCharacters(track.text, spread);
    offset = spread.end;
    clock = spread.endSeconds;
    return part;
  };

  const takeWords = (untilSeconds: number): CharacterAlignment[] => {
    const parts: CharacterAlignment[] = [];
    for (let word = track.words[nextWord]; word; word = track.words[nextWord]) {
      if (word.startSeconds >= untilSeconds) break;
      nextWord += 1;
      if (word.end <= offset) continue;
      const startSeconds = Math.max(clock, word.startSeconds);
      const wordStart = Math.max(offset, word.start);
      if (wordStart > offset)
        parts.push(emit({ start: offset, end: wordStart, startSeconds: clock, endSeconds: startSeconds }));
      const endSeconds = Math.max(startSeconds, word.endSeconds);
      parts.push(emit({ start: wordStart, end: word.end, startSeconds, endSeconds }));
    }
    return parts;
  };

  return {
    take: (untilSeconds) => joinAlignments(takeWords(untilSeconds)),
    takeRest: (totalSeconds) => {
      const parts = takeWords(Number.POSITIVE_INFINITY);
      if (offset < track.text.length) {
        const endSeconds = Math.max(clock, totalSeconds);
        parts.push(emit({ start: offset, end: track.text.length, startSeconds: clock, endSeconds }));
      }
      return joinAlignments(parts);
    },
  };
}

interface Spread {
  readonly start: number;
  readonly end: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

function spreadCharacters(text: string, spread: Spread): CharacterAlignment {
  const characters = Array.from(text.slice(spread.start, spread.end));
  const step = (spread.endSeconds - spread.startSeconds) / Math.max(1, characters.length);
  const at = (index: number) => roundToMs(spread.startSeconds + index * step);
  return {
    characters,
    startSeconds: characters.map((_, index) => at(index)),
    endSeconds: characters.map((_, index) => at(index + 1)),
  };
}

function joinAlignments(parts: readonly CharacterAlignment[]): CharacterAlignment | undefined {
  if (parts.length === 0) return undefined;
  return {
    characters: parts.flatMap((part) => part.characters),
    startSeconds: parts.flatMap((part) => part.startSeconds),
    endSeconds: parts.flatMap((part) => part.endSeconds),
  };
}

function roundToMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
