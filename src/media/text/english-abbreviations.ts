import { opensSentence } from './sentence-abbreviations.ts';
import { isLineBreak, skipSpaces } from './sentence-boundaries.ts';
import { patternRule, wordBefore, type RuleMatch, type SpeechRule } from './speech-rule.ts';

/** Before a name, with or without a full stop. */
const TITLES = new Map([
  ['Mr', 'Mister'],
  ['Mrs', 'Missus'],
  ['Ms', 'Miz'],
  ['Dr', 'Doctor'],
  ['Prof', 'Professor'],
  ['St', 'Saint'],
  ['Rev', 'Reverend'],
  ['Gen', 'General'],
  ['Sen', 'Senator'],
  ['Rep', 'Representative'],
  ['Gov', 'Governor'],
  ['Capt', 'Captain'],
  ['Lt', 'Lieutenant'],
  ['Col', 'Colonel'],
  ['Sgt', 'Sergeant'],
  ['Maj', 'Major'],
  ['Cpl', 'Corporal'],
  ['Mt', 'Mount'],
  ['Ft', 'Fort'],
]);

/** Titles that British English writes without a full stop, and that are nothing else. */
const BARE_TITLES = new Set(['Mr', 'Mrs', 'Ms', 'Dr', 'Prof', 'St']);

/** Behind the name of a street. */
const STREETS = new Map([
  ['St', 'Street'],
  ['Dr', 'Drive'],
  ['Ave', 'Avenue'],
  ['Blvd', 'Boulevard'],
  ['Rd', 'Road'],
  ['Ln', 'Lane'],
  ['Hwy', 'Highway'],
]);

/** With a full stop, anywhere. */
const WORDS = new Map([
  ['etc', 'et cetera'],
  ['vs', 'versus'],
  ['approx', 'approximately'],
  ['dept', 'department'],
  ['Dept', 'Department'],
  ['Inc', 'Incorporated'],
  ['Ltd', 'Limited'],
  ['Corp', 'Corporation'],
  ['Co', 'Company'],
  ['Bros', 'Brothers'],
  ['Jr', 'Junior'],
  ['Sr', 'Senior'],
  ['govt', 'government'],
  ['Govt', 'Government'],
  ['Jan', 'January'],
  ['Feb', 'February'],
  ['Aug', 'August'],
  ['Sept', 'September'],
  ['Oct', 'October'],
  ['Nov', 'November'],
  ['Dec', 'December'],
  ['Tues', 'Tuesday'],
  ['Thurs', 'Thursday'],
]);

/** With a full stop, before a figure. */
const BEFORE_FIGURES = new Map([
  ['no', 'number'],
  ['nos', 'numbers'],
  ['vol', 'volume'],
  ['fig', 'figure'],
  ['figs', 'figures'],
  ['p', 'page'],
  ['pp', 'pages'],
  ['ch', 'chapter'],
  ['sec', 'section'],
  ['ext', 'extension'],
  ['tel', 'telephone'],
]);

const LATIN = new Map([
  ['e.g.', 'for example'],
  ['i.e.', 'that is'],
  ['a.k.a.', 'also known as'],
]);

/** Abbreviations that stand for words. */
export const ABBREVIATIONS: readonly SpeechRule[] = [
  patternRule(String.raw`(?<latin>[eE]\.\s?g\.|[iI]\.\s?e\.|a\.k\.a\.)`, (match) =>
    LATIN.get(match.group('latin').toLowerCase().replace(/\s/gu, '')),
  ),
  patternRule(String.raw`(?<word>[A-Za-z]{1,7})\.(?![\p{L}\p{N}.])`, sayShortened),
  patternRule(String.raw`(?<word>[A-Z][a-z]{1,3})(?=[ \u00a0](?:\p{Lu}|and |& ))`, sayBareTitle),
  patternRule(String.raw`(?:vs)(?=[ \u00a0])`, () => 'versus'),
];

function sayShortened(match: RuleMatch): string | undefined {
  const word = match.group('word');
  const spoken = spokenWord(word, match);
  if (spoken === undefined || spoken.kind !== 'may-close') return spoken?.word;
  return closesSentence(match) ? `${spoken.word}.` : spoken.word;
}

interface SpokenWord {
  readonly word: string;
  /** Whether the full stop may also be the one of the sentence. */
  readonly kind: 'goes-on' | 'may-close';
}

function spokenWord(word: string, match: RuleMatch): SpokenWord | undefined {
  const street = STREETS.get(word);
  if (street !== undefined && endsStreetName(match)) return { word: street, kind: 'may-close' };
  const next = firstUnits(match.text, skipSpaces(match.text, match.end));
  return spokenTitle(word, next) ?? spokenShort(word) ?? spokenCounted(word, next);
}

function spokenTitle(word: string, next: string): SpokenWord | undefined {
  const title = TITLES.get(word);
  if (title === undefined) return undefined;
  const alwaysTitle = BARE_TITLES.has(word) && word !== 'St';
  return alwaysTitle || /^\p{Lu}/u.test(next) ? { word: title, kind: 'goes-on' } : undefined;
}

function spokenShort(word: string): SpokenWord | undefined {
  const shortened = WORDS.get(word);
  if (shortened === undefined) return undefined;
  return { word: shortened, kind: word === 'vs' || word === 'approx' ? 'goes-on' : 'may-close' };
}

function spokenCounted(word: string, next: string): SpokenWord | undefined {
  const counted = BEFORE_FIGURES.get(word.toLowerCase());
  if (counted === undefined || !/^\d/u.test(next)) return undefined;
  return { word: /^[A-Z]/u.test(word) ? capitalised(counted) : counted, kind: 'goes-on' };
}

/** A capitalised word stands before, and no name follows in the same sentence: `Main St. is closed`. */
function endsStreetName(match: RuleMatch): boolean {
  const before = wordBefore(match.text, match.start);
  if (
    !/^\p{Lu}\p{Ll}/u.test(before) &&
    !/\d(?:st|nd|rd|th)[ \u00a0]$/u.test(match.text.slice(Math.max(0, match.start - 6), match.start))
  )
    return false;
  const next = skipSpaces(match.text, match.end);
  return !/^\p{Lu}/u.test(match.text.slice(next, next + 2)) || opensSentence(match.text, next);
}

function closesSentence(match: RuleMatch): boolean {
  const next = skipSpaces(match.text, match.end);
  if (next >= match.text.length || isLineBreak(match.text[match.end])) return true;
  const isEtc = match.group('word') === 'etc';
  return isEtc ? /^["“'(]?\p{Lu}/u.test(match.text.slice(next, next + 3)) : opensSentence(match.text, next);
}

function sayBareTitle(match: RuleMatch): string | undefined {
  const word = match.group('word');
  if (!BARE_TITLES.has(word)) return undefined;
  if (word === 'St' && !/^[ \u00a0]\p{Lu}/u.test(match.text.slice(match.end, match.end + 3)))
    return undefined;
  // Behind a street's name it is none of the titles: Main St Bridge.
  if ((word === 'St' || word === 'Dr') && /^\p{Lu}\p{Ll}/u.test(wordBefore(match.text, match.start)))
    return undefined;
  return TITLES.get(word);
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function firstUnits(text: string, offset: number): string {
  return text.slice(offset, offset + 2);
}
