import type { HeardSegment } from '../../core/engine.ts';
import { findSentenceEnds } from '../../media/text/sentence-boundaries.ts';
import type { WhisperPiece } from './whisper-binding.ts';

/** No space stands between the words of these languages; every piece is a word of its own. */
const SPACELESS = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue', 'bo', 'km']);
const HAS_LETTER = /[\p{L}\p{N}]/u;
/** Opening marks belong to the word after them; marks that can also close open only after a space. */
const OPENING = /^(\s+["'“‘«¿¡([{-]+|[“‘«¿¡([{]+)$/;

interface TimedText {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Segments as the model made them, with times inside the window that never go back. */
export function toSegments(pieces: readonly WhisperPiece[], durationSeconds: number): HeardSegment[] {
  return settleTimes(pieces, durationSeconds).filter(({ text }) => text.trim() !== '');
}

/** The one segment of a model that tells no times: it fills the window. */
export function toUntimedSegment(pieces: readonly WhisperPiece[], durationSeconds: number): HeardSegment[] {
  const text = pieces.map((piece) => piece.text).join('');
  return text.trim() === '' ? [] : [{ startSeconds: 0, endSeconds: durationSeconds, text }];
}

/** Segments with words, from pieces about as long as a token. */
export function toWordedSegments(
  pieces: readonly WhisperPiece[],
  { durationSeconds, language }: { readonly durationSeconds: number; readonly language: string | undefined },
): HeardSegment[] {
  const timed = settleTimes(pieces, durationSeconds).filter(({ text }) => text !== '');
  const words = joinWords(timed, SPACELESS.has(language ?? ''));
  return groupSentences(words, language).map((group) => ({
    startSeconds: group[0]?.startSeconds ?? 0,
    endSeconds: group.at(-1)?.endSeconds ?? 0,
    text: group.map((word) => word.text).join(''),
    words: group.map((word) => ({ ...word, text: word.text.trim() })).filter(({ text }) => text !== ''),
  }));
}

function settleTimes(pieces: readonly WhisperPiece[], durationSeconds: number): TimedText[] {
  let latest = 0;
  const settle = (milliseconds: number) => {
    latest = Math.min(durationSeconds, Math.max(latest, milliseconds / 1000));
    return latest;
  };
  return pieces.map(({ text, t0, t1 }) => {
    const startSeconds = settle(t0);
    return { text, startSeconds, endSeconds: settle(t1) };
  });
}

function joinWords(pieces: readonly TimedText[], spaceless: boolean): TimedText[] {
  const words: TimedText[] = [];
  for (const piece of pieces) {
    const last = words.at(-1);
    if (last && belongsTo(last, piece, spaceless)) {
      words[words.length - 1] = { ...last, text: last.text + piece.text, endSeconds: piece.endSeconds };
    } else {
      words.push(piece);
    }
  }
  return words;
}

function belongsTo(last: TimedText, piece: TimedText, spaceless: boolean): boolean {
  if (OPENING.test(last.text)) return true;
  if (!HAS_LETTER.test(piece.text)) return !OPENING.test(piece.text);
  return !spaceless && !piece.text.startsWith(' ');
}

/**
 * Segments end with sentences here: whisper.cpp does not tell its own segments apart once they are pieces, except
 * where it left a gap. Inside a segment of its own, each piece begins where the last one ends.
 */
function groupSentences(words: readonly TimedText[], language: string | undefined): TimedText[][] {
  return groupByGaps(words).flatMap((group) => {
    const text = group.map((word) => word.text).join('');
    const ends = new Set(findSentenceEnds(text, language).map((end) => text.slice(0, end).trimEnd().length));
    const sentences: TimedText[][] = [[]];
    let offset = 0;
    for (const word of group) {
      if (ends.has(offset) && offset > 0) sentences.push([]);
      sentences.at(-1)?.push(word);
      offset += word.text.length;
    }
    return sentences;
  });
}

function groupByGaps(words: readonly TimedText[]): TimedText[][] {
  const groups: TimedText[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && last.endSeconds >= word.startSeconds) group.push(word);
    else groups.push([word]);
  }
  return groups;
}
