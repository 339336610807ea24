import { mapRangeToSource, type NormalizedText } from './normalized-text.ts';

type Piece = NormalizedText['pieces'][number];

/**
 * What becomes of a text that is rewritten twice, as if it were once: `second` was made of `first.text`. Stretches
 * that both steps rewrote only in part are joined, so that each still maps as a whole.
 */
export function composeNormalized(first: NormalizedText, second: NormalizedText): NormalizedText {
  const pieces: Piece[] = [];
  let read = 0;
  for (const piece of second.pieces) {
    if (piece.replaced) {
      append(pieces, { ...piece, ...sourceOf(first, piece) });
      continue;
    }
    while ((first.pieces[read]?.end ?? Infinity) <= piece.sourceStart) read += 1;
    for (let index = read; (first.pieces[index]?.start ?? Infinity) < piece.sourceEnd; index += 1) {
      const inner = first.pieces[index];
      if (inner) append(pieces, throughBoth(inner, piece));
    }
  }
  return { text: second.text, pieces };
}

function sourceOf(first: NormalizedText, { sourceStart, sourceEnd }: Piece) {
  const { start, end } = mapRangeToSource(first, sourceStart, sourceEnd);
  return { sourceStart: start, sourceEnd: end };
}

/** The part of a stretch of the first step that an untouched stretch of the second hands on. */
function throughBoth(inner: Piece, outer: Piece): Piece {
  const from = Math.max(inner.start, outer.sourceStart);
  const to = Math.min(inner.end, outer.sourceEnd);
  const shift = outer.start - outer.sourceStart;
  const range = { start: from + shift, end: to + shift };
  if (inner.replaced) return { ...inner, ...range };
  const back = inner.sourceStart - inner.start;
  return { sourceStart: from + back, sourceEnd: to + back, ...range };
}

/** Two stretches that share a part of their source are one. */
function append(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (!last || piece.sourceStart >= last.sourceEnd) {
    pieces.push(piece);
    return;
  }
  const { sourceStart, start } = last;
  const sourceEnd = Math.max(last.sourceEnd, piece.sourceEnd);
  pieces[pieces.length - 1] = { sourceStart, sourceEnd, start, end: piece.end, replaced: true };
}
