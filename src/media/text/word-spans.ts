import type { TextRange } from './piece-cutter.ts';

const segmenters = new Map<string, Intl.Segmenter>();

/**
 * The words of a text by UTF-16 offsets, in order; punctuation and white space lie between them. Scripts
 * without spaces are split by dictionary. An unknown language tag is treated as none.
 */
export function wordSpans(text: string, language?: string): TextRange[] {
  const spans: TextRange[] = [];
  for (const { index, segment, isWordLike } of segmenterFor(language).segment(text)) {
    if (isWordLike === true) spans.push({ start: index, end: index + segment.length });
  }
  return spans;
}

function segmenterFor(language: string | undefined): Intl.Segmenter {
  // Only tags that the runtime knows get a place, so that callers cannot fill the memory with made-up ones.
  const known = language !== undefined && isKnownTag(language) ? language.slice(0, 2).toLowerCase() : 'en';
  const kept = segmenters.get(known);
  if (kept) return kept;
  const segmenter = new Intl.Segmenter(known, { granularity: 'word' });
  segmenters.set(known, segmenter);
  return segmenter;
}

function isKnownTag(language: string): boolean {
  return /^[a-z]{2}(?:[-_]|$)/iu.test(language);
}
