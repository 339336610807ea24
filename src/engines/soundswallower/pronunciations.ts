import { englishSounds } from './english-letters.ts';
import { frenchSounds } from './french-letters.ts';
import type { SpokenWord } from './spoken-words.ts';

/** A pronouncing dictionary: the sounds of a word, or undefined for a word that it has not. */
export type SoundLookup = (word: string) => string | undefined;

/** A word of the dictionary, or one that is missing there, with the sounds that its letters suggest. */
export interface Pronounced {
  readonly entry: string;
  readonly guessed?: string;
}

/** Longer runs of letters are no words; guessing their sounds would only cost time. */
const LONGEST_GUESS = 40;
/** Capitals that are no word are said letter by letter, up to this many. */
const LONGEST_INITIALS = 6;

/**
 * What to look for in the sound in order to find a word: entries of the dictionary for it or for its parts, else a
 * guess from its letters. Empty when nothing is known of how it sounds.
 */
export function pronounce(word: SpokenWord, language: string, lookup: SoundLookup): readonly Pronounced[] {
  const spelling = word.spelling.replaceAll('œ', 'oe').replaceAll('æ', 'ae');
  const whole = [spelling, `${spelling}.`, spelling.replace(/'$/u, '')].find(
    (one) => lookup(one) !== undefined,
  );
  if (whole !== undefined) return [{ entry: whole }];
  if (word.upper && spelling.length <= LONGEST_INITIALS) {
    return Array.from(spelling).flatMap((letter) => guess(letter, language, lookup));
  }
  return partsOf(spelling, language).flatMap((part) => guess(part, language, lookup));
}

/** English keeps its endings ('s) with the word; French joins whole words with its apostrophe. */
function partsOf(spelling: string, language: string): readonly string[] {
  const joints = language === 'fr' ? /[-.]|(?<=')/u : /[-.]/u;
  return spelling.split(joints).filter((part) => part !== '');
}

function guess(part: string, language: string, lookup: SoundLookup): readonly Pronounced[] {
  if (lookup(part) !== undefined) return [{ entry: part }];
  if (part.length > LONGEST_GUESS) return [];
  const guessed = language === 'fr' ? frenchSounds(part) : englishWithEnding(part, lookup);
  return guessed === '' ? [] : [{ entry: part, guessed }];
}

function englishWithEnding(part: string, lookup: SoundLookup): string {
  const stem = /^(?<stem>.+)'s$/u.exec(part)?.groups?.['stem'];
  if (stem === undefined) return englishSounds(part);
  const sounds = lookup(stem) ?? englishSounds(stem);
  if (/(?:S|Z|CH|SH|JH|ZH)$/u.test(sounds)) return `${sounds} IH Z`;
  return /(?:P|T|K|F|TH)$/u.test(sounds) ? `${sounds} S` : `${sounds} Z`;
}
