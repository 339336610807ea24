import {
  mapRangeToSource,
  rewrittenAround,
  type NormalizedPiece,
  type NormalizedText,
} from '../../media/text/normalized-text.ts';
import type { AlignmentTrack, TimingTrack, WordTiming } from './alignment.ts';

/**
 * The same times over the text before it was normalised. Words that come from one source stretch ("$5" spoken
 * as "five dollars") become one timing. The track grows with the one it is made from.
 */
export function mapTimingsToSource(
  timings: TimingTrack,
  normalized: NormalizedText,
  sourceText: string,
): AlignmentTrack {
  const mapped: WordTiming[] = [];
  let read = 0;
  const catchUp = () => {
    for (let word = timings.words[read]; word; word = timings.words[read]) {
      read += 1;
      append(mapped, { ...word, ...mapRangeToSource(normalized, word.start, word.end) });
    }
    return mapped;
  };
  return {
    text: sourceText,
    get words() {
      return catchUp();
    },
  };
}

/**
 * The times of characters of the text before it was normalised. Words that come from one source stretch share its
 * characters out ("$5" spoken as "five dollars": "$" for "five"), so that each is placed as soon as it is there, and the
 * first begins and the last ends when it is heard. The track grows with the one it is made from.
 */
export function spreadTimingsToSource(
  timings: TimingTrack,
  normalized: NormalizedText,
  sourceText: string,
): AlignmentTrack {
  const mapped: WordTiming[] = [];
  let read = 0;
  let sharing: Sharing | undefined;
  const place = (word: WordTiming) => {
    const piece = rewrittenAround(normalized, word.start, word.end);
    if (!piece) {
      append(mapped, { ...word, ...mapRangeToSource(normalized, word.start, word.end) });
      return;
    }
    if (sharing?.piece.start !== piece.start) sharing = { piece, from: piece.sourceStart };
    const end = shareEnd(word, sharing, { spoken: normalized.text, source: sourceText });
    const startSeconds = sharing.startSeconds ?? word.startSeconds;
    if (end > sharing.from) append(mapped, { ...word, startSeconds, start: sharing.from, end });
    sharing = { piece, from: end, ...(end > sharing.from ? {} : { startSeconds }) };
  };
  return {
    text: sourceText,
    get words() {
      for (let word = timings.words[read]; word; word = timings.words[read]) {
        read += 1;
        place(word);
      }
      return mapped;
    },
  };
}

/** How far the characters of a source stretch have been shared out. */
interface Sharing {
  readonly piece: NormalizedPiece;
  readonly from: number;
  /** When a word began for which there was no character. */
  readonly startSeconds?: number;
}

const LETTER = /[\p{L}\p{N}]/u;

/** Where the share of a word ends: in proportion to what was said, one character at least, and the last one for the last word. */
function shareEnd(
  word: WordTiming,
  { piece, from }: Sharing,
  texts: { readonly spoken: string; readonly source: string },
): number {
  const next = texts.spoken.slice(word.end, piece.end).search(LETTER);
  if (next < 0) return piece.sourceEnd;
  const share = (word.end + next - piece.start) / (piece.end - piece.start);
  const wanted = piece.sourceStart + Math.floor(share * (piece.sourceEnd - piece.sourceStart));
  const end = Math.max(from, Math.min(Math.max(wanted, from + 1), piece.sourceEnd - 1));
  return isInsideCharacter(texts.source, end) ? Math.max(from, end - 1) : end;
}

/** Whether an offset is between the two halves of a character. */
function isInsideCharacter(text: string, offset: number): boolean {
  return /[\uD800-\uDBFF]/.test(text[offset - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[offset] ?? '');
}

function append(mapped: WordTiming[], word: WordTiming): void {
  const last = mapped.at(-1);
  if (last && word.start < last.end) {
    mapped[mapped.length - 1] = { ...last, end: Math.max(last.end, word.end), endSeconds: word.endSeconds };
    return;
  }
  mapped.push(word);
}
