import { once } from './once.ts';

/** Cuts text into words. Its tables take a hundredth of a second and 4 MB, so that it is made when it is needed. */
export const wordSegmenter = once(() => new Intl.Segmenter(undefined, { granularity: 'word' }));

/** Cuts text into characters as a reader sees them. It is made when it is needed. */
export const graphemeSegmenter = once(() => new Intl.Segmenter('und', { granularity: 'grapheme' }));
