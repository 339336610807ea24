/** A stretch of the source and what became of it, in UTF-16 offsets, ends exclusive. */
export interface NormalizedPiece {
  readonly sourceStart: number;
  readonly sourceEnd: number;
  readonly start: number;
  readonly end: number;
  /** Set where the stretch was rewritten: it then maps as a whole. Elsewhere both stretches are the same text. */
  readonly replaced?: true;
}

/** A text as it is spoken, and where each part of it comes from. The pieces partition both texts in order. */
export interface NormalizedText {
  readonly text: string;
  readonly pieces: readonly NormalizedPiece[];
}

/**
 * The source range that a range of the normalised text comes from. A range that touches a rewritten stretch
 * gets all of that stretch's source.
 */
export function mapRangeToSource(
  normalized: NormalizedText,
  start: number,
  end: number,
): { start: number; end: number } {
  const { pieces } = normalized;
  const first = pieces[findPiece(pieces, start)];
  if (!first) return { start: 0, end: 0 };
  const last = pieces[findPiece(pieces, Math.max(start, end - 1))] ?? first;
  const sourceStart = first.replaced
    ? first.sourceStart
    : first.sourceStart + clampTo(start - first.start, first);
  const sourceEnd = last.replaced ? last.sourceEnd : last.sourceStart + clampTo(end - last.start, last);
  return { start: sourceStart, end: Math.max(sourceStart, sourceEnd) };
}

/** The stretch in which a range of the normalised text lies, where that is one and was rewritten. */
export function rewrittenAround(
  { pieces }: NormalizedText,
  start: number,
  end: number,
): NormalizedPiece | undefined {
  const piece = pieces[findPiece(pieces, start)];
  return piece?.replaced && piece.start <= start && end <= piece.end ? piece : undefined;
}

/** The piece that holds an offset of the normalised text; the nearest one for offsets outside. */
function findPiece(pieces: readonly NormalizedPiece[], offset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function clampTo(offset: number, piece: NormalizedPiece): number {
  return Math.max(0, Math.min(piece.sourceEnd - piece.sourceStart, offset));
}

/** Writes a text anew from left to right and remembers which stretch of it came from which of the source. */
export interface TextRewriter {
  /** UTF-16 units that were written so far. */
  readonly written: number;
  /** How much further right the next unit of the source will stand in the new text. */
  readonly shift: number;
  /** Takes the source over as it stands, up to an offset. */
  keep(sourceEnd: number): void;
  /** Writes something else for the source up to an offset. */
  replace(sourceEnd: number, text: string): void;
  /** Takes over what is left. */
  finish(): NormalizedText;
}

/** A rewriter at the beginning of a text. */
export function rewriteText(source: string): TextRewriter {
  const parts: string[] = [];
  const pieces: NormalizedPiece[] = [];
  let read = 0;
  let written = 0;
  const add = (sourceEnd: number, part: string, mark: { readonly replaced?: true }) => {
    pieces.push({ sourceStart: read, sourceEnd, start: written, end: written + part.length, ...mark });
    parts.push(part);
    read = sourceEnd;
    written += part.length;
  };
  const keep = (sourceEnd: number) => {
    if (sourceEnd > read) add(sourceEnd, source.slice(read, sourceEnd), {});
  };
  return {
    get written() {
      return written;
    },
    get shift() {
      return written - read;
    },
    keep,
    replace: (sourceEnd, text) => add(sourceEnd, text, { replaced: true }),
    finish: () => {
      keep(source.length);
      return { text: parts.join(''), pieces };
    },
  };
}
