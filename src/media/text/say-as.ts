import { clockTime } from './english-times.ts';
import { englishCardinal, englishDigits, englishOrdinal, englishShare } from './english-numbers.ts';
import { normalizeForSpeech } from './speech-normalizer.ts';

/** What is to be understood as what. */
export interface Interpretation {
  readonly interpretation: string;
  /** Such as `mdy` for dates; empty where none was given. */
  readonly format: string;
  /** ISO 639-1. */
  readonly language: string;
}

/**
 * A text as it is said when it is taken for a number, letters, a date and so on (`say-as` of SSML). Undefined where
 * the interpretation, or the language for it, is not known: the text is then said as any other.
 */
export function sayAs(
  text: string,
  { interpretation, format, language }: Interpretation,
): string | undefined {
  const trimmed = text.trim();
  return trimmed === '' ? undefined : SAYINGS[interpretation]?.(trimmed, { format, language });
}

interface Wish {
  readonly format: string;
  readonly language: string;
}

type Say = (text: string, wish: Wish) => string | undefined;

const asWritten: Say = (text, { language }) => normalized(text, language);
const cardinal: Say = (text, { language }) => sayCardinal(text, language);
const spelled: Say = (text, { language }) => spellOut(text, language);

const SAYINGS: Readonly<Record<string, Say>> = {
  cardinal,
  number: cardinal,
  ordinal: (text, { language }) => sayOrdinal(text, language),
  digits: (text, { language }) => sayDigits(text, language),
  characters: spelled,
  character: spelled,
  'spell-out': spelled,
  verbatim: spelled,
  letters: spelled,
  date: (text, { format, language }) =>
    (language === 'en' ? sayDate(text, format) : undefined) ?? normalized(text, language),
  time: (text, { language }) =>
    language === 'en' ? (sayTime(text) ?? normalized(text, language)) : undefined,
  telephone: (text, { language }) => sayTelephone(text, language),
  fraction: (text, { language }) => (language === 'en' ? sayFraction(text) : undefined),
  currency: asWritten,
  unit: asWritten,
  address: asWritten,
};

function normalized(text: string, language: string): string {
  return normalizeForSpeech(text, { language }).text;
}

function sayCardinal(text: string, language: string): string {
  const { sign = '', whole = '' } = /^(?<sign>[-−]?)(?<whole>\d+)$/u.exec(text)?.groups ?? {};
  if (language !== 'en' || whole === '') return normalized(text, language);
  return `${sign === '' ? '' : 'minus '}${englishCardinal(whole)}`;
}

/** How a figure is written that is read as an ordinal. */
const ORDINAL_MARKS: Readonly<Record<string, string>> = {
  de: '.',
  fr: 'e',
  es: 'º',
  it: 'º',
  pt: 'º',
  nl: 'e',
};

function sayOrdinal(text: string, language: string): string | undefined {
  const { digits } = /^(?<digits>[\d,.]*\d)(?:st|nd|rd|th|\.|º|ª|e|er)?$/u.exec(text)?.groups ?? {};
  if (digits === undefined) return undefined;
  if (language === 'en') return englishOrdinal(digits.replace(/\D/gu, ''));
  const mark = ORDINAL_MARKS[language];
  return mark === undefined ? undefined : `${digits}${language === 'fr' && digits === '1' ? 'er' : mark}`;
}

/** Every figure by itself; a comma makes a voice pause as people do. */
function sayDigits(text: string, language: string): string {
  const groups = text.match(/\d+/gu) ?? [];
  if (groups.length === 0) return normalized(text, language);
  return groups.map((group) => oneByOne(group, language)).join(', ');
}

function oneByOne(digits: string, language: string): string {
  if (language === 'en') return englishDigits(digits);
  return Array.from(digits, (digit) => normalized(digit, language)).join(' ');
}

const LETTER_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  'a ay,b bee,c see,d dee,e ee,f eff,g jee,h aitch,i eye,j jay,k kay,l ell,m em,n en,o oh,p pee,q cue,r are,s ess,t tee,u you,v vee,w double you,x ex,y why,z zee,. dot,@ at,- dash,_ underscore,/ slash,# hash,& and,+ plus,* star,% percent,! exclamation mark,? question mark'
    .split(',')
    .map((pair): [string, string] => [pair.slice(0, 1), pair.slice(2)]),
);

function spellOut(text: string, language: string): string {
  const names = Array.from(text.normalize('NFC'))
    .filter((character) => /\S/u.test(character))
    .map((character) => nameOf(character, language));
  return names.join(language === 'en' ? ' ' : ', ');
}

function nameOf(character: string, language: string): string {
  if (/\d/u.test(character)) return oneByOne(character, language);
  return (language === 'en' ? LETTER_NAMES[character.toLowerCase()] : undefined) ?? character.toUpperCase();
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** A date whose parts are told by the format: any order of `d`, `m` and `y`, each at most once. */
function sayDate(text: string, format: string): string | undefined {
  const order = format
    .toLowerCase()
    .replace(/[^dmy]/gu, '')
    .replace(/(?<part>.)\k<part>+/gu, '$<part>');
  const figures = /^\d{8}$/u.test(text) ? compactDate(text, order) : (text.match(/\d+/gu) ?? []);
  if (order === '' || figures.length !== order.length || /\p{L}/u.test(text)) return undefined;
  const part = (name: string) => figures[order.indexOf(name)] ?? '';
  const month = part('m');
  const monthName = month === '' ? '' : MONTHS[Number(month) - 1];
  if (monthName === undefined || Number(part('d')) > 31) return undefined;
  const day = part('d') === '' ? '' : englishOrdinal(String(Number(part('d'))));
  return joinedDate([monthName, day].filter(Boolean).join(' '), { year: part('y'), withDay: day !== '' });
}

function joinedDate(
  date: string,
  { year, withDay }: { readonly year: string; readonly withDay: boolean },
): string {
  if (year === '') return date;
  const spokenYear = normalized(`January ${fullYear(year)}`, 'en').replace('January ', '');
  return date === '' ? spokenYear : `${date}${withDay ? ', ' : ' '}${spokenYear}`;
}

function compactDate(text: string, order: string): string[] {
  let at = 0;
  return Array.from(order, (part) => {
    const length = part === 'y' ? 4 : 2;
    at += length;
    return text.slice(at - length, at);
  });
}

function fullYear(year: string): string {
  if (year.length !== 2) return year;
  return Number(year) < 50 ? `20${year}` : `19${year}`;
}

function sayTime(text: string): string | undefined {
  const {
    hour,
    minute = '',
    second,
    half,
  } = /^(?<hour>\d{1,2})(?::(?<minute>\d{2}))?(?::(?<second>\d{2}))?\s*(?:(?<half>[ap])\.?m?\.?)?$/iu.exec(
    text,
  )?.groups ?? {};
  if (hour === undefined) return undefined;
  return clockTime({
    hour,
    minute,
    ...(second === undefined ? {} : { second }),
    ...(half === undefined ? {} : { half }),
  });
}

function sayTelephone(text: string, language: string): string {
  const digits = sayDigits(text, language);
  return language === 'en' && text.startsWith('+') ? `plus ${digits}` : digits;
}

function sayFraction(text: string): string | undefined {
  const { whole, top, bottom } =
    /^(?:(?<whole>\d+)\s*[+ ]\s*)?(?<top>\d+)\s*[/⁄]\s*(?<bottom>\d+)$/u.exec(text)?.groups ?? {};
  if (top === undefined || bottom === undefined || Number(bottom) < 1) return undefined;
  const share = `${Number(top) === 1 ? 'one' : englishCardinal(top)} ${englishShare(bottom, Number(top) !== 1)}`;
  return whole === undefined ? share : `${englishCardinal(whole)} and ${share}`;
}
