/** How one word or phrase is to be said. */
export type PronunciationRule = {
  /** What stands in the text; never empty. */
  readonly grapheme: string;
  /** Whether upper and lower case must agree. */
  readonly caseSensitive: boolean;
  /** Whether only whole words count. */
  readonly wordBoundaries: boolean;
} & (
  | { readonly type: 'alias'; readonly alias: string }
  | {
      readonly type: 'phoneme';
      readonly phonemes: string;
      readonly alphabet: PhonemeAlphabet;
    }
);

/** The International Phonetic Alphabet, or the Carnegie Mellon dictionary's (`HH AH0 L OW1`). */
export type PhonemeAlphabet = 'ipa' | 'cmu-arpabet';

/** A stretch of a text that is to be said as its phonemes say. Offsets are UTF-16 offsets. */
export interface PhonemeSpan {
  readonly start: number;
  readonly end: number;
  readonly phonemes: string;
  readonly alphabet: PhonemeAlphabet;
}
