import { findArpabetProblem } from './arpabet.ts';
import type { PhonemeAlphabet, PronunciationRule } from './pronunciation-rules.ts';

/** How large a set of rules and the parts of one rule may be; lengths in characters. */
export const PRONUNCIATION_LIMITS = {
  rules: 10_000,
  grapheme: 200,
  alias: 2_000,
  phonemes: 1_000,
} as const;

/** What is wrong with a rule: with which part of it, and a sentence that goes on behind the name of the part. */
export interface PronunciationProblem {
  readonly part: 'grapheme' | 'alias' | 'phonemes';
  readonly message: string;
}

/** What makes a rule unusable; undefined when nothing does. */
export function findPronunciationProblem(rule: PronunciationRule): PronunciationProblem | undefined {
  const graphemeProblem = findTextProblem(rule.grapheme, PRONUNCIATION_LIMITS.grapheme);
  if (graphemeProblem) return { part: 'grapheme', message: graphemeProblem };
  if (rule.type === 'alias') {
    const message = findTextProblem(rule.alias, PRONUNCIATION_LIMITS.alias);
    return message === undefined ? undefined : { part: 'alias', message };
  }
  const message =
    findTextProblem(rule.phonemes, PRONUNCIATION_LIMITS.phonemes) ??
    findPhonemeProblem(rule.phonemes, rule.alphabet);
  return message === undefined ? undefined : { part: 'phonemes', message };
}

/** What XML cannot hold, and so no lexicon either. */
const UNWRITABLE = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/u;

function findTextProblem(text: string, limit: number): string | undefined {
  if (text === '') return 'must not be empty';
  if (UNWRITABLE.test(text) || !text.isWellFormed()) {
    return 'must not hold control characters or halves of characters';
  }
  // A surrogate pair is one character, so that only a text longer than the limit is counted.
  if (text.length <= limit || Array.from(text).length <= limit) return undefined;
  return `must be at most ${limit} characters`;
}

/** Why a text is no pronunciation in an alphabet, as a sentence without its subject; undefined when it is one. */
export function findPhonemeProblem(phonemes: string, alphabet: PhonemeAlphabet): string | undefined {
  return alphabet === 'ipa' ? findIpaProblem(phonemes) : findArpabetProblem(phonemes);
}

/** Letters of the alphabet's own chart, click letters and phonetic extensions. */
const SOUND = /[a-zæçðøħŋœβθχǀ-ǃ\u0250-\u02af\u1d00-\u1d7f\u2c71]/u;
/** Stress, length, tone, ties, breaks and diacritics, which stand beside a letter. */
const SIGN = /[\u02b0-\u036f\u1d80-\u1dff\u207f\ua700-\ua71f\u2016\u203f\u2191\u2193\u2197\u2198'|.\s]/u;

function findIpaProblem(phonemes: string): string | undefined {
  const characters = Array.from(phonemes.normalize('NFD'));
  const wrong = characters.find((character) => !SOUND.test(character) && !SIGN.test(character));
  if (wrong === '/' || wrong === '[' || wrong === ']') {
    return `has '${wrong}': write the phonemes without slashes or brackets around them`;
  }
  if (wrong !== undefined) return `has '${wrong}', which is no symbol of the International Phonetic Alphabet`;
  return characters.some((character) => SOUND.test(character)) ? undefined : 'has no sound in it';
}
