import type { HeardSegment } from '../../core/engine.ts';
import type { RecognizedSpeech, RecognizedToken } from './sherpa-config.ts';

/** What the caller wants to know beside the text. */
export interface HeardDetails {
  readonly wordTimes: boolean;
  readonly logprobs: boolean;
}

/** A stretch of text that no character or time divides further. */
interface Unit {
  readonly text: string;
  readonly ids: readonly number[];
  readonly times: { readonly startSeconds: number; readonly endSeconds: number } | undefined;
  readonly logprob: number | undefined;
}

/** Scripts that are written without spaces: each of their characters counts as a word. */
const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Marks that belong to the word before them. */
const TRAILING = /^[\p{P}\p{M}\p{Lm}ー]+$/u;
/** Marks that open something and belong to the word behind them. */
const OPENING = /^[\p{Ps}\p{Pi}¿¡]+$/u;
/** The end of a sentence, perhaps inside quotation marks. */
const SENTENCE_END = /[.!?。！？…][\p{Pe}\p{Pf}"']*$/u;

/** Short words and initials whose point is no end: "Mr.", "St.", "J.". A sentence that does end so is joined with the next. */
const ABBREVIATION = /(?:^|\s)(?:\p{Lu}\p{Ll}{0,2}|Prof|etc|vs)\.$/u;

/** Segments of what was heard in `seconds` of sound, with words and probabilities where the model tells them. */
export function toSegments(speech: RecognizedSpeech, seconds: number, details: HeardDetails): HeardSegment[] {
  const units = toUnits(speech, seconds);
  const joined = units.map(({ text }) => text).join('');
  if (speech.text.trim() === '' && joined.trim() === '') return [];
  const bounds = segmentBounds(speech, seconds);
  // A model whose tokens do not make up its text, because a rule rewrote numbers for instance, has but one segment.
  if (joined.trim() !== speech.text.trim()) {
    return [{ startSeconds: 0, endSeconds: seconds, text: withLeadingSpace(speech.text.trim()) }];
  }
  const groups = bounds ? groupByBounds(units, bounds) : groupBySentence(units, seconds);
  return groups.flatMap((group) => toSegment(group, details) ?? []);
}

interface Group {
  readonly units: readonly Unit[];
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Tokens as whole characters: one that ends inside a character is joined with those that complete it. */
function toUnits(speech: RecognizedSpeech, seconds: number): Unit[] {
  const units: Unit[] = [];
  const timed = speech.starts.length === speech.tokens.length;
  const told = speech.logprobs.length === speech.tokens.length;
  let open: number[] = [];
  for (const index of speech.tokens.keys()) {
    open.push(index);
    const bytes = Buffer.concat(open.map((at) => speech.tokens[at]?.bytes ?? new Uint8Array()));
    const isLast = index === speech.tokens.length - 1;
    if (!isLast && endsInsideCharacter(bytes)) continue;
    units.push({
      // What never became a character is not text.
      text: bytes.toString('utf8').replaceAll('\uFFFD', ''),
      ids: open.flatMap((at) => idsOf(speech.tokens[at])),
      times: timed ? timesOf(speech, { first: open[0] ?? index, last: index, seconds }) : undefined,
      logprob: told ? sum(open.map((at) => speech.logprobs[at] ?? 0)) : undefined,
    });
    open = [];
  }
  return units;
}

function idsOf(token: RecognizedToken | undefined): number[] {
  return token?.id === undefined ? [] : [token.id];
}

function endsInsideCharacter(bytes: Uint8Array): boolean {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    // A byte of the form 10xxxxxx continues a character; the one that begins it says how many there are.
    if (byte >= 0b1000_0000 && byte < 0b1100_0000) continue;
    if (byte < 0b1000_0000) return false;
    const wanted = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : 2;
    return wanted > back;
  }
  return false;
}

function timesOf(
  speech: RecognizedSpeech,
  { first, last, seconds }: { first: number; last: number; seconds: number },
): NonNullable<Unit['times']> {
  const within = (value: number) => Math.min(seconds, Math.max(0, value));
  const startSeconds = within(speech.starts[first] ?? 0);
  const next = speech.starts[last + 1] ?? seconds;
  const own = speech.durations[last];
  const end = own === undefined ? next : (speech.starts[last] ?? 0) + own;
  return { startSeconds, endSeconds: Math.max(startSeconds, within(end)) };
}

interface Bound {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly tokens: number;
}

function segmentBounds(speech: RecognizedSpeech, seconds: number): Bound[] | undefined {
  const total = speech.segments.reduce((count, segment) => count + segment.tokens, 0);
  if (speech.segments.length === 0 || total !== speech.tokens.length) return undefined;
  let clock = 0;
  return speech.segments.map(({ startSeconds, durationSeconds, tokens }) => {
    const start = Math.min(seconds, Math.max(clock, startSeconds));
    const end = Math.min(seconds, Math.max(start, startSeconds + durationSeconds));
    clock = end;
    return { startSeconds: start, endSeconds: end, tokens };
  });
}

/** A character that lies across two segments goes to the first. */
function groupByBounds(units: readonly Unit[], bounds: readonly Bound[]): Group[] {
  let place = 0;
  let tokens = 0;
  let limit = 0;
  return bounds.map((bound) => {
    limit += bound.tokens;
    const first = place;
    while (place < units.length && tokens < limit) {
      tokens += Math.max(1, units[place]?.ids.length ?? 1);
      place += 1;
    }
    const { startSeconds, endSeconds } = bound;
    return { units: units.slice(first, place), startSeconds, endSeconds };
  });
}

/** Sentences, where the times of their ends are known; everything at once where they are not. */
function groupBySentence(units: readonly Unit[], seconds: number): Group[] {
  if (units.some(({ times }) => times === undefined)) {
    return [{ units, startSeconds: 0, endSeconds: seconds }];
  }
  const groups: Unit[][] = [];
  let current: Unit[] = [];
  for (const [index, unit] of units.entries()) {
    current.push(unit);
    const next = units[index + 1]?.text ?? '';
    const isEnd = SENTENCE_END.test(unit.text.trim()) && (/^\s/.test(next) || SPACELESS.test(next));
    if (!isEnd || ABBREVIATION.test(current.map(({ text }) => text).join(''))) continue;
    groups.push(current);
    current = [];
  }
  if (current.length > 0) groups.push(current);
  return groups.map((group) => ({
    units: group,
    startSeconds: group[0]?.times?.startSeconds ?? 0,
    endSeconds: group.at(-1)?.times?.endSeconds ?? seconds,
  }));
}

function toSegment(group: Group, details: HeardDetails): HeardSegment | undefined {
  const { units, startSeconds, endSeconds } = group;
  const text = units
    .map((unit) => unit.text)
    .join('')
    .trim();
  if (text === '') return undefined;
  const ids = units.flatMap((unit) => unit.ids);
  const words = details.wordTimes ? toWords(group) : [];
  const told = units.flatMap(({ text: piece, logprob }) =>
    logprob === undefined ? [] : [{ text: piece, logprob }],
  );
  const average = sum(told.map(({ logprob }) => logprob)) / told.length;
  return {
    startSeconds,
    endSeconds,
    text: withLeadingSpace(text),
    ...(ids.length > 0 ? { tokens: ids } : {}),
    ...(told.length > 0 ? { averageLogprob: average } : {}),
    ...(words.length > 0 ? { words } : {}),
    ...(details.logprobs && told.length > 0 ? { logprobs: told } : {}),
  };
}

/** Segments are joined as they are, so one that begins a word brings the space along. */
function withLeadingSpace(text: string): string {
  return SPACELESS.test(Array.from(text)[0] ?? '') ? text : ` ${text}`;
}

type Word = NonNullable<HeardSegment['words']>[number];

interface OpenWord {
  text: string;
  startSeconds: number;
  endSeconds: number;
  logprobs: number[];
}

/** Joins the pieces of words; empty where the model gives no times. */
function toWords({ units, startSeconds, endSeconds }: Group): Word[] {
  const words: OpenWord[] = [];
  for (const { text, times, logprob } of units) {
    if (!times) return [];
    for (const part of cutUnit(text)) {
      const last = words.at(-1);
      const word = last && !beginsWord(part, last.text) ? last : openWord(words, times.startSeconds);
      word.text += part;
      word.endSeconds = Math.max(word.endSeconds, times.endSeconds);
      if (logprob !== undefined) word.logprobs.push(logprob);
    }
  }
  const within = (value: number) => Math.min(endSeconds, Math.max(startSeconds, value));
  return words
    .filter(({ text }) => text.trim() !== '')
    .map((word) => ({
      text: word.text.trim(),
      startSeconds: within(word.startSeconds),
      endSeconds: within(word.endSeconds),
      ...(word.logprobs.length > 0 ? { logprob: sum(word.logprobs) } : {}),
    }));
}

function openWord(words: OpenWord[], startSeconds: number): OpenWord {
  const word: OpenWord = { text: '', startSeconds, endSeconds: startSeconds, logprobs: [] };
  words.push(word);
  return word;
}

/** A unit at its inner spaces, and between characters that are words by themselves. */
function cutUnit(text: string): string[] {
  const characters = Array.from(text);
  const parts: string[] = [];
  for (const character of characters) {
    const last = parts.at(-1);
    if (last !== undefined && !beginsWord(character, last)) parts[parts.length - 1] = last + character;
    else parts.push(character);
  }
  return parts;
}

function beginsWord(part: string, before: string): boolean {
  if (before.trim() === '') return false;
  if (/^\s/.test(part)) return true;
  if (TRAILING.test(part) && !OPENING.test(part)) return false;
  if (OPENING.test(before.trim())) return false;
  const lastCharacter = Array.from(before.replace(/[\p{P}\p{M}\p{Lm}\s]+$/u, '')).at(-1) ?? '';
  return SPACELESS.test(part) || SPACELESS.test(lastCharacter);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
