import { splitSentences } from '../../media/text/sentence-splitter.ts';

/**
 * What stands at one end of a text that continues another one: a pause between two sentences, or running speech, of
 * which `phrase` is the part nearest to the text, with what separates both.
 */
export type Seam =
  | { readonly kind: 'pause'; readonly seconds: number }
  | { readonly kind: 'running'; readonly phrase: string; readonly pauseSeconds: number };

/** Longest part of a neighbouring text that is looked at, in UTF-16 units. */
const VIEW_CHARACTERS = 400;
/** Longest phrase that is spoken along: about three seconds. */
const PHRASE_CHARACTERS = 40;
/** What a clause ends with, closing quotation marks and brackets included. */
const CLAUSE_END = /[,;:،、；：，—–][\p{Pe}\p{Pf}"']*\s+/gu;
/** Scripts that are written without spaces between words. */
const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The end of a text, as much as matters for what comes after it. */
export function endOfText(text: string): string {
  if (text.length <= VIEW_CHARACTERS) return text;
  return text.slice(-VIEW_CHARACTERS).replace(/^\S*\s+/u, '');
}

/** The beginning of a text, as much as matters for what comes before it. */
export function startOfText(text: string): string {
  if (text.length <= VIEW_CHARACTERS) return text;
  return text.slice(0, VIEW_CHARACTERS).replace(/\s+\S*$/u, '');
}

/** The seam between a text and the one before it; undefined where that is blank. */
export function seamBefore(before: string, text: string, language: string): Seam | undefined {
  if (before.trim() === '') return undefined;
  const joint = joinTexts(endOfText(before), startOfText(text));
  const phrase = lastPhrase(joint.first);
  return toSeam(joint, language, `${phrase}${joint.separator}`);
}

/** The seam between a text and the one after it; undefined where that is blank. */
export function seamAfter(text: string, after: string, language: string): Seam | undefined {
  if (after.trim() === '') return undefined;
  const joint = joinTexts(endOfText(text), startOfText(after));
  return toSeam(joint, language, `${joint.separator}${firstPhrase(joint.second)}`);
}

interface Joint {
  readonly first: string;
  readonly separator: string;
  readonly second: string;
}

function joinTexts(before: string, after: string): Joint {
  const [first, second] = [before.trimEnd(), after.trimStart()];
  const spaces = before.slice(first.length) + after.slice(0, after.length - second.length);
  const runsOn = SPACELESS.test(first.slice(-1)) && SPACELESS.test(second.slice(0, 1));
  const closes = /^[,.;:!?)\]…]/u.test(second);
  return { first, separator: spaces || (runsOn || closes ? '' : ' '), second };
}

function toSeam({ first, separator, second }: Joint, language: string, phrase: string): Seam {
  const whole = `${first}${separator}${second}`;
  const sentences = splitSentences(whole, { language, maxCharacters: whole.length, firstMaxCharacters: 0 });
  const closing = sentences.find(({ end }) => end >= first.length && end <= first.length + separator.length);
  if (closing) return { kind: 'pause', seconds: closing.pauseAfterSeconds };
  const [alone] = splitSentences(first.slice(-PHRASE_CHARACTERS), { language }).slice(-1);
  return { kind: 'running', phrase, pauseSeconds: alone?.pauseAfterSeconds ?? 0 };
}

/** The last phrase of a text: from the last clause mark on, where one is near, and no more than a few words. */
export function lastPhrase(text: string): string {
  const near = nearEnd(text.trim());
  const ends = [...near.matchAll(CLAUSE_END)].map((match) => match.index + match[0].length);
  const start = ends.findLast((end) => hasWord(near.slice(end)));
  return near.slice(start ?? 0);
}

function firstPhrase(text: string): string {
  const near = nearStart(text.trim());
  const ends = [...near.matchAll(CLAUSE_END)].map((match) => match.index + match[0].trimEnd().length);
  const end = ends.find((one) => hasWord(near.slice(0, one)));
  return near.slice(0, end ?? near.length);
}

function nearEnd(text: string): string {
  if (text.length <= PHRASE_CHARACTERS) return text;
  const cut = text.slice(-PHRASE_CHARACTERS - 1);
  const space = cut.search(/\s/u);
  return space < 0 ? wholeCharacters(text.slice(-PHRASE_CHARACTERS)) : cut.slice(space).trim();
}

function nearStart(text: string): string {
  if (text.length <= PHRASE_CHARACTERS) return text;
  const cut = text.slice(0, PHRASE_CHARACTERS + 1);
  const space = cut.search(/\s\S*$/u);
  return space < 0 ? wholeCharacters(text.slice(0, PHRASE_CHARACTERS)) : cut.slice(0, space).trim();
}

/** A text that was cut between the halves of a surrogate pair loses the half. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/gu, '');
}

function hasWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
