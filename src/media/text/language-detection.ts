import { createRequire } from 'node:module';
import { detectLatinLanguage, type LanguageGuess } from './latin-languages.ts';

/** The language of a text, and whether reading it in another one would make nonsense of it. */
interface DetectedLanguage {
  /** ISO 639-1. */
  readonly language: string;
  readonly certain: boolean;
}

/** Reading further does not change the answer. */
const PREFIX_CHARACTERS = 1000;
const SPEAKABLE = /[\p{L}\p{N}]/u;
const LETTERS = /\p{L}/gu;

/** Scripts, the language each is read in, and how many letters of Latin script one of its letters outweighs. */
const SCRIPTS: readonly (readonly [pattern: RegExp, language: string, weight: number])[] = [
  [/\p{Script=Han}/gu, 'zh', 3],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, 'ja', 3],
  [/\p{Script=Hangul}/gu, 'ko', 3],
  [/\p{Script=Cyrillic}/gu, 'ru', 1],
  [/\p{Script=Arabic}/gu, 'ar', 1],
  [/\p{Script=Hebrew}/gu, 'he', 1],
  [/\p{Script=Greek}/gu, 'el', 1],
  [/\p{Script=Devanagari}/gu, 'hi', 1],
  [/\p{Script=Bengali}/gu, 'bn', 1],
  [/\p{Script=Gurmukhi}/gu, 'pa', 1],
  [/\p{Script=Gujarati}/gu, 'gu', 1],
  [/\p{Script=Oriya}/gu, 'or', 1],
  [/\p{Script=Tamil}/gu, 'ta', 1],
  [/\p{Script=Telugu}/gu, 'te', 1],
  [/\p{Script=Kannada}/gu, 'kn', 1],
  [/\p{Script=Malayalam}/gu, 'ml', 1],
  [/\p{Script=Sinhala}/gu, 'si', 1],
  [/\p{Script=Thai}/gu, 'th', 1],
  [/\p{Script=Lao}/gu, 'lo', 1],
  [/\p{Script=Myanmar}/gu, 'my', 1],
  [/\p{Script=Khmer}/gu, 'km', 1],
  [/\p{Script=Georgian}/gu, 'ka', 1],
  [/\p{Script=Armenian}/gu, 'hy', 1],
  [/\p{Script=Ethiopic}/gu, 'am', 1],
];

/** Letters that tell apart the languages of one script, the most telling first. */
const TELLING_LETTERS = new Map<string, readonly (readonly [pattern: RegExp, language: string])[]>([
  [
    'ru',
    [
      [/[ѓќѕ]/iu, 'mk'],
      [/[љњћђџј]/iu, 'sr'],
      [/[әғқңұһ]/iu, 'kk'],
      [/ў/iu, 'be'],
      [/[іїєґ]/iu, 'uk'],
      [/[ыэё]/iu, 'ru'],
      [/ъ[^еёюя]|(?<!\p{L})(?:съм|със|във|тази|този|това|няма)(?!\p{L})/iu, 'bg'],
    ],
  ],
  [
    'ar',
    [
      [/[ٹڈڑےں]/u, 'ur'],
      [/[پچژگ]/u, 'fa'],
    ],
  ],
]);

/**
 * Guesses the language from the first 1 000 characters: by script where that settles it, and between languages
 * of Latin script by common words, telling letters and n-grams. Latin text is English unless several things
 * speak for another language. Undefined where there are no letters.
 */
export function detectLanguage(text: string): DetectedLanguage | undefined {
  const prefix = text.slice(0, PREFIX_CHARACTERS);
  const letters = prefix.match(LETTERS)?.length ?? 0;
  if (letters === 0) return undefined;
  const counts = countScripts(prefix);
  const latin = letters - counts.letters;
  if (counts.weight > latin) return { language: languageOfScript(counts.languages, prefix), certain: true };
  return detectLatinLanguage(prefix, guessByNgrams);
}

/** Whether a text holds anything that has a sound: a letter or a digit of any script. */
export function hasSpeakableLetters(text: string): boolean {
  return SPEAKABLE.test(text);
}

interface ScriptCounts {
  /** Letters of all scripts but Latin. */
  readonly letters: number;
  readonly weight: number;
  readonly languages: ReadonlyMap<string, number>;
}

function countScripts(text: string): ScriptCounts {
  const languages = new Map<string, number>();
  let letters = 0;
  let weight = 0;
  if (!/[\u0370-\uffff]/u.test(text) && !/\p{Script=Han}/u.test(text)) return { letters, weight, languages };
  for (const [pattern, language, worth] of SCRIPTS) {
    const found = text.match(pattern)?.filter((character) => /\p{L}/u.test(character)).length ?? 0;
    if (found === 0) continue;
    languages.set(language, found);
    letters += found;
    weight += found * worth;
  }
  return { letters, weight, languages };
}

function languageOfScript(languages: ReadonlyMap<string, number>, text: string): string {
  const kana = languages.get('ja') ?? 0;
  const han = languages.get('zh') ?? 0;
  // Japanese mixes kana and Han; Chinese has a stray kana at most.
  if (kana > 0 && kana * 12 >= han) return mostCommon(new Map([...languages, ['ja', kana + han], ['zh', 0]]));
  const language = mostCommon(languages);
  const told = TELLING_LETTERS.get(language)?.find(([pattern]) => pattern.test(text));
  return told?.[1] ?? language;
}

function mostCommon(languages: ReadonlyMap<string, number>): string {
  return [...languages].reduce((best, one) => (one[1] > best[1] ? one : best), ['en', 0])[0];
}

type Detector = Pick<typeof import('tinyld/light'), 'detectAll'>;

let detector: Detector | undefined;

/** The n-gram profiles are loaded when the first text needs them: most servers only ever hear English. */
function guessByNgrams(text: string): LanguageGuess | undefined {
  // The package's own declaration describes what its entry exports.
  detector ??= createRequire(import.meta.url)('tinyld/light') as Detector;
  const best = detector.detectAll(text)[0];
  return best && { language: best.lang, accuracy: best.accuracy };
}
