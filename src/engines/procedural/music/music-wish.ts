import { Note } from 'tonal';
import {
  GENRES,
  INSTRUMENTS,
  MOODS,
  ROLES,
  type Genre,
  type Instrument,
  type Metre,
  type ModeName,
  type Mood,
  type Role,
} from './music-terms.ts';
import { GENRE_WORDS, INSTRUMENT_WORDS, MOOD_WORDS, ROLE_WORDS, TEMPO_WORDS } from './music-vocabulary.ts';

/** How a piece is to go as a whole. */
export type MusicShape =
  | 'build'
  | 'drop'
  | 'fade out'
  | 'fade in'
  | 'no intro'
  | 'no outro'
  | 'intro'
  | 'outro';

/** What a text asks of a piece of music. Every list is in the order of the text, without doubles. */
export interface MusicWish {
  readonly genres: readonly Genre[];
  readonly moods: readonly Mood[];
  readonly instruments: readonly Instrument[];
  readonly roles: readonly Role[];
  readonly withoutInstruments: readonly Instrument[];
  readonly withoutRoles: readonly Role[];
  readonly withoutMoods: readonly Mood[];
  /** Only the instruments that are named play. */
  readonly solo: boolean;
  /** Only what is named is there, parts included: "drums only". */
  readonly only: boolean;
  readonly beatsPerMinute?: number;
  /** Against the genre's own tempo. */
  readonly tempoFactor: number;
  readonly tonic?: string;
  readonly mode?: ModeName;
  readonly metre?: Metre;
  readonly shapes: readonly MusicShape[];
  readonly durationSeconds?: number;
  /** Whether singing is asked for. */
  readonly singing: boolean;
}

/** Metres by how they are written. */
const METRES: Readonly<Record<string, Metre>> = {
  '2/4': { beats: 2, division: 4, name: '2/4' },
  '3/4': { beats: 3, division: 4, name: '3/4' },
  '4/4': { beats: 4, division: 4, name: '4/4' },
  '5/4': { beats: 5, division: 4, name: '5/4' },
  '7/4': { beats: 7, division: 4, name: '7/4' },
  '3/8': { beats: 3, division: 4, name: '3/8' },
  '6/8': { beats: 2, division: 3, name: '6/8' },
  '9/8': { beats: 3, division: 3, name: '9/8' },
  '12/8': { beats: 4, division: 3, name: '12/8' },
  '7/8': { beats: 7, division: 4, name: '7/8' },
  '5/8': { beats: 5, division: 4, name: '5/8' },
};

/** The metre of most music. */
export const COMMON_TIME: Metre = { beats: 4, division: 4, name: '4/4' };

const SHAPE_WORDS: Readonly<Record<MusicShape, string>> = {
  'no intro': 'no intro|without (?:an )?intro(?:duction)?',
  'no outro': 'no outro|without (?:an )?outro',
  intro: 'intro(?:duction)?',
  outro: 'outro|coda',
  build: 'builds?(?:[ -]?ups?)?|building|crescendo|gradual\\w*|ris(?:e|es|ing)|swell\\w*|grow\\w*',
  drop: 'drops?|climax\\w*|peak',
  'fade out': 'fad(?:e|es|ing)[ -]?out',
  'fade in': 'fad(?:e|es|ing)[ -]?in',
};

/** What stands before something that must not be there. */
const NEGATION =
  /(?:\b(?:no|not|without|minus|except|excluding|exclude|avoid|lacking|omit|never|sans|free of|instead of)\s+(?:(?:any|the|a|an|much|too|heavy|loud|of)\s+)*)$/iu;
/** A list that a negation goes on through: "no drums, bass or vocals". */
const LISTED = /^\s*(?:,|,?\s*(?:or|and|nor))\s+$/iu;

const SOLO = /\bsolo\b(?! section)|\bunaccompanied\b/iu;
const ONLY =
  /\b(?<!not )only\b|\bnothing but\b|\bjust (?:a |an |the |some )?(?:solo |single )?(?:piano|guitars?|drums?|percussion|bass|strings|flute|pads?|harp|synths?|organ|violin|cello)\b/iu;

/** Characters of a prompt that are read: nobody says more than this about a piece of music. */
export const READ_CHARACTERS = 10_000;

/** Reads what a prompt asks for, and what a second text says that must not be there. */
export function readMusicWish(prompt: string, avoided = ''): MusicWish {
  const text = prompt.slice(0, READ_CHARACTERS).normalize('NFKC').replaceAll('♭', 'b').replaceAll('♯', '#');
  const found = {
    genres: findTerms(text, GENRES, GENRE_WORDS),
    moods: findTerms(text, MOODS, MOOD_WORDS),
    instruments: findTerms(text, INSTRUMENTS, INSTRUMENT_WORDS),
    roles: findTerms(text, ROLES, ROLE_WORDS),
  };
  const banned = {
    moods: findTerms(avoided, MOODS, MOOD_WORDS).wanted,
    instruments: findTerms(avoided, INSTRUMENTS, INSTRUMENT_WORDS).wanted,
    roles: findTerms(avoided, ROLES, ROLE_WORDS).wanted,
  };
  const withoutInstruments = [...found.instruments.refused, ...banned.instruments];
  const withoutRoles = [...found.roles.refused, ...banned.roles];
  return {
    genres: headFirst(text, found.genres.wanted).filter(
      (one) => !findTerms(avoided, [one], GENRE_WORDS).wanted.includes(one),
    ),
    moods: found.moods.wanted.filter((one) => !banned.moods.includes(one)),
    instruments: found.instruments.wanted.filter((one) => !withoutInstruments.includes(one)),
    roles: found.roles.wanted.filter((one) => !withoutRoles.includes(one)),
    withoutInstruments,
    withoutRoles: [...withoutRoles, ...impliedAbsences(text)],
    withoutMoods: [...found.moods.refused, ...banned.moods],
    solo: SOLO.test(text) || ONLY.test(text),
    only: ONLY.test(text),
    ...readTempo(text),
    ...readKey(text),
    ...readMetre(text),
    shapes: readShapes(text),
    ...readDuration(text),
    singing: asksForSinging(text),
  };
}

/** Of "ambient techno with jazz chords" techno is the kind: the last one in the first part of the text that has any. */
function headFirst(text: string, genres: readonly Genre[]): readonly Genre[] {
  for (const clause of text.split(/[,.;:()]|\b(?:with|featuring|over|plus|and then)\b/iu)) {
    const head = findTerms(clause, genres, GENRE_WORDS).wanted.at(-1);
    if (head) return [head, ...genres.filter((one) => one !== head)];
  }
  return genres;
}

interface Found<Term> {
  readonly wanted: readonly Term[];
  readonly refused: readonly Term[];
}

interface Hit<Term> {
  readonly term: Term;
  readonly start: number;
  readonly end: number;
}

function findTerms<Term extends string>(
  text: string,
  terms: readonly Term[],
  words: Readonly<Record<Term, string>>,
): Found<Term> {
  const all = terms.flatMap((term) =>
    Array.from(text.matchAll(wholeWords(words[term])), (match) => ({
      term,
      start: match.index,
      end: match.index + match[0].length,
    })),
  );
  // "Electric piano" is no piano: what lies inside of something longer is not meant.
  const hits = all
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .filter(
      (one, index, sorted) =>
        !sorted.slice(Math.max(0, index - 6), index + 6).some((other) => contains(other, one)),
    );
  const refused = new Set<Hit<Term>>();
  for (const [index, hit] of hits.entries()) {
    const before = hits[index - 1];
    const goesOn = before && refused.has(before) && LISTED.test(text.slice(before.end, hit.start));
    if (goesOn || isRefused(text, hit)) refused.add(hit);
  }
  const distinct = (chosen: readonly Hit<Term>[]) => [...new Set(chosen.map((hit) => hit.term))];
  return {
    wanted: distinct(hits.filter((hit) => !refused.has(hit))),
    refused: distinct([...refused]),
  };
}

function contains(outer: Hit<string>, inner: Hit<string>): boolean {
  const longer = outer.end - outer.start > inner.end - inner.start;
  return longer && outer.start <= inner.start && outer.end >= inner.end;
}

function isRefused(text: string, { start, end }: Hit<string>): boolean {
  return (
    NEGATION.test(text.slice(Math.max(0, start - 40), start)) ||
    /^-?\s?(?:less|free)\b/iu.test(text.slice(end))
  );
}

function wholeWords(source: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${source})(?=(?:less)?(?![\\p{L}\\p{N}]))`, 'giu');
}

/** "A cappella" and "beatless" say what is missing without a word for no. */
function impliedAbsences(text: string): Role[] {
  return /\b(?:beat|drum|percussion)[ -]?(?:less|free)\b/iu.test(text) ? ['drums'] : [];
}

function readTempo(text: string): { beatsPerMinute?: number; tempoFactor: number } {
  const number =
    /(?:\b(?:bpm|tempo)\s*(?:of|at|is|:|=)?\s*(\d{2,3}(?:\.\d+)?)\b)|(?:\b(\d{2,3}(?:\.\d+)?)\s*-?(?:bpm|beats per minute|beats a minute)\b)/iu.exec(
      text,
    );
  const asked = Number(number?.[1] ?? number?.[2]);
  if (asked >= 20 && asked <= 400) return { beatsPerMinute: asked, tempoFactor: 1 };
  const named = TEMPO_WORDS.find(({ words }) => wholeWords(words).test(text));
  if (named?.beatsPerMinute !== undefined) return { beatsPerMinute: named.beatsPerMinute, tempoFactor: 1 };
  return { tempoFactor: named?.factor ?? 1 };
}

const MODES: readonly (readonly [RegExp, ModeName])[] = [
  [/^harmonic[ -]min/iu, 'harmonic minor'],
  [/^(?:natural |melodic )?(?:minor|min|aeolian)\b/iu, 'minor'],
  [/^(?:major|maj|ionian)\b/iu, 'major'],
  [/^dorian/iu, 'dorian'],
  [/^phrygian/iu, 'phrygian'],
  [/^lydian/iu, 'lydian'],
  [/^mixolydian/iu, 'mixolydian'],
];
const MODE_SOURCE =
  '(?:natural |harmonic |melodic |harmonic-)?(?:major|minor|maj|min|dorian|phrygian|lydian|mixolydian|aeolian|ionian)';

function readKey(text: string): { tonic?: string; mode?: ModeName } {
  const lowered = text.replaceAll(/major|minor/giu, (word) => word.toLowerCase());
  // A small "a" before a noun is no note: "in a minor key" names none.
  const named = new RegExp(
    `\\b(?!a ${MODE_SOURCE}\\s+\\p{L})([A-Ga-g])(?:([#b])|[ -](sharp|flat))?[ -]?(${MODE_SOURCE})\\b`,
    'u',
  ).exec(lowered);
  const alone = ALONE.exec(text);
  const tonic = tonicOf(named ?? alone);
  const mode = named ? modeOf(named[4] ?? '') : alone?.[4] === 'm' ? 'minor' : modeAlone(text);
  return { ...(tonic === '' ? {} : { tonic }), ...(mode ? { mode } : {}) };
}

const ALONE = /\b(?:key of|in the key of|in)\s+([A-G])(?:([#b])|[ -](sharp|flat))?(m)?(?![\p{L}\p{N}'])/u;

function tonicOf(match: RegExpExecArray | null): string {
  if (!match) return '';
  const [, letter = '', sign, word] = match;
  const accidental = sign ?? (word === 'sharp' ? '#' : word === 'flat' ? 'b' : '');
  return Note.get(`${letter.toUpperCase()}${accidental}`).name;
}

function modeAlone(text: string): ModeName | undefined {
  const match = new RegExp(
    `\\b(${MODE_SOURCE})(?= (?:key|mode|scale|tonality|chords|harmon))|\\b(?:dorian|phrygian|lydian|mixolydian)\\b|\\bin (?:a )?(?:minor|major)\\b`,
    'iu',
  ).exec(text);
  return match ? modeOf(match[0].replace(/^in (?:a )?/iu, '')) : undefined;
}

function modeOf(name: string): ModeName | undefined {
  return MODES.find(([pattern]) => pattern.test(name))?.[1];
}

function readMetre(text: string): { metre?: Metre } {
  const written = /\b(\d{1,2}\/[48])\b/u.exec(text)?.[1] ?? '';
  const metre =
    METRES[written] ?? (/\b(?:triple (?:time|metre|meter)|waltz)\b/iu.test(text) ? METRES['3/4'] : undefined);
  return metre ? { metre } : {};
}

function readShapes(text: string): MusicShape[] {
  const entries = Object.entries(SHAPE_WORDS).filter(([, words]) => wholeWords(words).test(text));
  // The record has exactly the shapes as its keys.
  const shapes = entries.map(([shape]) => shape as MusicShape);
  return shapes.filter((shape) => !shapes.some((other) => other === `no ${shape}`));
}

function readDuration(text: string): { durationSeconds?: number } {
  const clock = /\b(\d{1,2}):([0-5]\d)\b(?!\s*(?:am|pm))/iu.exec(text);
  if (clock) return { durationSeconds: Number(clock[1]) * 60 + Number(clock[2]) };
  const minutes = /\b(\d+(?:\.\d+)?|one|two|three|four|five|ten|half a)[ -]?min(?:ute)?s?\b/iu.exec(text);
  const seconds = /\b(\d+(?:\.\d+)?)[ -]?s(?:ec(?:ond)?s?)?\b/iu.exec(text.replace(/\b\d0s\b/gu, ''));
  if (minutes) return { durationSeconds: numberOf(minutes[1] ?? '') * 60 + Number(seconds?.[1] ?? 0) };
  if (seconds) return { durationSeconds: Number(seconds[1]) };
  return {};
}

const NUMBERS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  ten: 10,
  'half a': 0.5,
};

function numberOf(text: string): number {
  return NUMBERS[text.toLowerCase()] ?? Number(text);
}

function asksForSinging(text: string): boolean {
  const sung =
    /\b(?:vocals?|singers?|sings?|singing|sung|lyrics?|vocalist|male voice|female voice|rapper|rapping)\b/iu.exec(
      text,
    );
  if (!sung) return false;
  return !NEGATION.test(text.slice(0, sung.index)) && !/\binstrumental\b/iu.test(text);
}
