import { createMarkedTextWriter, PLAIN_MANNER, type MarkedText, type Saying } from './marked-text.ts';
import { findPhonemeProblem } from './pronunciation-checks.ts';
import { BREAK_SECONDS, DEFAULT_BREAK, parseSeconds } from './ssml-values.ts';
import { BREAK_LIMITS } from './ssml.ts';

/** Longest break inside plain text, in seconds. */
const LONGEST_BREAK_SECONDS = 3;

const TAG =
  /<break(?<breakAttributes>(?:\s[^<>]{0,100}?)?)\s*(?:\/>|>\s*<\/break\s*>|>)|<phoneme(?<phonemeAttributes>\s[^<>]{0,600}?)\s*>(?<word>[^<>]{1,500})<\/phoneme\s*>/giu;
const ATTRIBUTE = /(?<name>[\w:-]+)\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)')/gu;

/** Whether a text may hold an element that `readInlineMarkup` knows. */
export function holdsInlineMarkup(text: string): boolean {
  return /<(?:break|phoneme)[\s/>]/iu.test(text);
}

/**
 * Reads the two elements that may stand in otherwise plain text: `<break time="1.5s"/>` and
 * `<phoneme alphabet="cmu-arpabet" ph="M AE1 D IH0 S AH0 N">Madison</phoneme>`. All else, and what is no such
 * element after all, is text. A phoneme element with a wrong pronunciation is its word.
 */
export function readInlineMarkup(source: string): MarkedText {
  const writer = createMarkedTextWriter();
  let read = 0;
  let all = 0;
  for (const match of source.matchAll(TAG)) {
    const { breakAttributes, phonemeAttributes = '', word } = match.groups ?? {};
    if (word === undefined) {
      const seconds = breakSeconds(attributesOf(breakAttributes ?? ''));
      if (seconds === undefined) continue;
      writer.text(source.slice(read, match.index), PLAIN_MANNER);
      if (seconds > LONGEST_BREAK_SECONDS)
        writer.ignore(`a break is at most ${LONGEST_BREAK_SECONDS} seconds long`);
      const length = Math.min(seconds, LONGEST_BREAK_SECONDS, BREAK_LIMITS.all - all);
      all += length;
      writer.pause(length);
    } else {
      writer.text(source.slice(read, match.index), PLAIN_MANNER);
      const saying = phonemesOf(attributesOf(phonemeAttributes));
      if (typeof saying === 'string') writer.ignore(`the pronunciation of '${word}' ${saying}`);
      writer.text(word, typeof saying === 'string' ? PLAIN_MANNER : { ...PLAIN_MANNER, saying });
    }
    read = match.index + match[0].length;
  }
  writer.text(source.slice(read), PLAIN_MANNER);
  return writer.finish();
}

type Attributes = Readonly<Record<string, string>>;

function attributesOf(text: string): Attributes {
  return Object.fromEntries(
    Array.from(text.matchAll(ATTRIBUTE), ({ groups }) => [
      groups?.['name']?.toLowerCase() ?? '',
      groups?.['double'] ?? groups?.['single'] ?? '',
    ]),
  );
}

function breakSeconds({ time, strength }: Attributes): number | undefined {
  return time === undefined ? BREAK_SECONDS[strength ?? DEFAULT_BREAK] : parseSeconds(time);
}

/** How the word is said, or what is wrong with it as a sentence without its subject. */
function phonemesOf({ ph, alphabet = 'ipa' }: Attributes): Saying | string {
  const known = alphabet.toLowerCase();
  if (ph === undefined) return 'is missing';
  if (known !== 'ipa' && known !== 'cmu-arpabet') return `is in '${alphabet}', not in ipa or cmu-arpabet`;
  return findPhonemeProblem(ph, known) ?? { as: 'phonemes', phonemes: ph, alphabet: known };
}
