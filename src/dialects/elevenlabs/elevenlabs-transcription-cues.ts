import type { TranscriptToken } from './elevenlabs-transcription-words.ts';

/** Where a transcript is cut. With no bound at all it is cut where the model cut it. */
export interface CueBounds {
  /** Seconds. */
  readonly longestSilence: number | undefined;
  /** Seconds. */
  readonly longestCue: number | undefined;
  readonly mostCharacters: number | undefined;
}

/** A stretch of a transcript that is shown at once: words and the spaces between them, of one speaker. */
export interface Cue {
  readonly tokens: readonly TranscriptToken[];
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly speaker?: string;
}

/** Cuts a transcript. Speakers never share a cue, and no word is cut, however long. */
export function cutCues(tokens: readonly TranscriptToken[], bounds: CueBounds): Cue[] {
  const groups: TranscriptToken[][] = [];
  for (const token of tokens) {
    const group = groups.at(-1);
    if (group && (token.type === 'spacing' || belongs(token, group, bounds))) group.push(token);
    else if (token.type === 'word') groups.push([token]);
  }
  return groups.flatMap(toCue);
}

function belongs(word: TranscriptToken, group: readonly TranscriptToken[], bounds: CueBounds): boolean {
  const first = group[0];
  const last = group.findLast((token) => token.type === 'word');
  if (!first || !last || last.speaker !== word.speaker) return false;
  const { longestSilence, longestCue, mostCharacters } = bounds;
  const unbounded = longestSilence === undefined && longestCue === undefined && mostCharacters === undefined;
  if (unbounded) return last.segment === word.segment;
  const text = group.reduce((length, token) => length + token.text.length, word.text.length);
  return (
    word.startSeconds - last.endSeconds <= (longestSilence ?? Number.POSITIVE_INFINITY) &&
    word.endSeconds - first.startSeconds <= (longestCue ?? Number.POSITIVE_INFINITY) &&
    text <= (mostCharacters ?? Number.POSITIVE_INFINITY)
  );
}

function toCue(group: readonly TranscriptToken[]): Cue[] {
  const tokens = group.slice(0, group.findLastIndex((token) => token.type === 'word') + 1);
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (!first || !last) return [];
  const text = tokens.map((token) => token.text).join('');
  const { startSeconds } = first;
  const speaker = first.speaker === undefined ? {} : { speaker: first.speaker };
  return [{ tokens, text, startSeconds, endSeconds: last.endSeconds, ...speaker }];
}

/** The words of a cue in lines of at most so many characters; a longer word has a line of its own. */
export function wrapLines(tokens: readonly TranscriptToken[], mostCharacters: number): string[] {
  const lines: string[] = [''];
  for (const { type, text } of tokens) {
    const line = lines.pop() ?? '';
    const fits = type === 'spacing' || line === '' || line.length + text.length <= mostCharacters;
    if (fits) lines.push(line + text.replaceAll(/\s+/g, ' '));
    else lines.push(line.trimEnd(), text);
  }
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** `01:02:03,004`, with the given sign before the milliseconds. */
export function clockTime(seconds: number, sign: ',' | '.'): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  const hours = part(milliseconds / 3_600_000, 2);
  const minutes = part((milliseconds / 60_000) % 60, 2);
  return `${hours}:${minutes}:${part((milliseconds / 1000) % 60, 2)}${sign}${part(milliseconds % 1000, 3)}`;
}
