/** Titles, after which a sentence always goes on; capitalised only, for some are words too. */
const TITLES = wordSet(`
  Mr Mrs Ms Messrs Mmes Prof Rev Hon Gen Capt Cmdr Lt Sgt Cpl Pvt Maj Col Gov Sen Rep Supt Dr Hr Fr Frl Mme Mlle Mgr
  Sra Srta Dra Uds Sig Dott Avv Ing Geom Exmo Exma
`);

/** Shortened words after which a sentence always goes on, lower case, without their last full stop. */
const NEVER_FINAL = wordSet(`
  mr mrs dr prof
  e.g i.e vs cf viz approx
  bzw ca d.h z.b ggf evtl inkl exkl vgl sog zzgl hrsg geb gest
  p.ex p.ej aprox dhr mevr bijv d.w.z o.a np tzn tzw ul godz т.е ул
`);

/** Abbreviations that may close a sentence; what follows decides. */
const SOMETIMES_FINAL = wordSet(`
  inc ltd co corp bros jr sr st ave blvd rd ln hwy sq mt ft dept univ assn est esq
  u.a mio mrd str ud г др руб тыс млн
`);

/** Abbreviations only before a figure: `No. 5` goes on, `I said no.` does not. */
const BEFORE_FIGURES = wordSet(`
  no nos vol vols fig figs p pp pg ch chap sec art par para eq ex op ver tel ext nr núm pág pag abs bd ст стр
`);

/** English, German, French and Spanish words that often open a sentence and are capitalised mostly there. */
const SENTENCE_OPENERS = wordSet(`
  the a an he she it they we i you this that these those there here his her its their our my your
  in on at by for from with after before when while since because if as but and or so yet however then now
  what why who where how which not no yes also still both each every some many most one two please let
  der die das ein eine er sie es wir ich du ihr und aber doch wenn weil als dann danach dort hier nun
  le la les un une il elle nous vous ils elles je tu et mais ce cette ces
  el los las una ella nosotros ellos yo pero este esta
`);

const GERMAN_AFTER_ORDINAL = wordSet(`
  januar jänner februar märz april mai juni juli august september oktober november dezember
  jahrhundert jahrhunderts klasse platz mal stock etage jahrestag geburtstag
`);

/** Languages that write ordinals as a figure with a full stop. */
const DOTTED_ORDINALS = new Set([
  'de',
  'da',
  'nb',
  'nn',
  'no',
  'fi',
  'cs',
  'sk',
  'pl',
  'hu',
  'hr',
  'sr',
  'sl',
  'et',
  'lv',
  'is',
  'tr',
]);

const AFTER_HALF_OF_DAY = /^(?:mon|tue|wed|thu|fri|sat|sun|e[sd]t|p[sd]t|c[se]?t|mst|gmt|utc|cet|cest)/iu;
const HALVES_OF_DAY = new Set(['a.m', 'p.m']);
const AND_SO_ON = new Set(['etc', 'al', 'usw', 'ecc', 'enz', 'itd', 'itp', 'т.д', 'т.п']);
/** `J`, `U.S`, `Ph.D`: letters that stand for names and words. */
const INITIALS = /^\p{L}(?:\p{L}?(?:\.\p{L}{1,2})+)?$/u;
const LONGEST_WORD = 24;

/** A full stop, where the text goes on after it, and the language if known. */
export interface FullStop {
  readonly text: string;
  /** Offset of the full stop. */
  readonly index: number;
  /** Offset of the first character after the white space that follows. */
  readonly next: number;
  readonly language: string | undefined;
}

/**
 * Whether a single full stop that white space follows ends its sentence: not after a title, an initial, a list
 * number, or an ordinal of a language that dots them. Reads at most 24 characters to either side.
 */
export function endsSentence(stop: FullStop): boolean {
  const word = wordEndingAt(stop.text, stop.index);
  if (word === '') return true;
  if (/^\p{Nd}+$/u.test(word)) return numberEndsSentence(stop, word);
  const key = word.toLowerCase();
  if (TITLES.has(word) || NEVER_FINAL.has(key)) return false;
  if (BEFORE_FIGURES.has(key)) return !/^\p{Nd}/u.test(stop.text.slice(stop.next, stop.next + 2));
  if (HALVES_OF_DAY.has(key)) return halfOfDayEndsSentence(stop);
  if (AND_SO_ON.has(key)) return !startsLowerCase(stop.text, stop.next);
  if (INITIALS.test(word) || SOMETIMES_FINAL.has(key)) return opensSentence(stop.text, stop.next);
  return true;
}

/** Whether a capitalised word that often opens a sentence stands at the offset, or the text ends there. */
export function opensSentence(text: string, offset: number): boolean {
  if (offset >= text.length) return true;
  const word = wordStartingAt(text, offset);
  return /^\p{Lu}/u.test(word) && SENTENCE_OPENERS.has(word.toLowerCase());
}

/** Whether a lower-case letter stands at the offset. */
export function startsLowerCase(text: string, offset: number): boolean {
  return /^\p{Ll}/u.test(text.slice(offset, offset + 2));
}

function numberEndsSentence(stop: FullStop, digits: string): boolean {
  if (startsLowerCase(stop.text, stop.next)) return false;
  if (digits.length <= 3 && opensLine(stop.text, stop.index - digits.length))
    return stop.next >= stop.text.length;
  if (digits.length > 2) return true;
  const next = wordStartingAt(stop.text, stop.next).toLowerCase();
  if (GERMAN_AFTER_ORDINAL.has(next)) return false;
  const dotted = stop.language !== undefined && DOTTED_ORDINALS.has(stop.language);
  return !dotted || stop.next >= stop.text.length || opensSentence(stop.text, stop.next);
}

function halfOfDayEndsSentence(stop: FullStop): boolean {
  const next = wordStartingAt(stop.text, stop.next);
  return !startsLowerCase(stop.text, stop.next) && !AFTER_HALF_OF_DAY.test(next);
}

function opensLine(text: string, offset: number): boolean {
  let index = offset - 1;
  while (index >= 0 && offset - index < LONGEST_WORD && (text[index] === ' ' || text[index] === '\t'))
    index -= 1;
  return index < 0 || text[index] === '\n' || text[index] === '\r';
}

function wordEndingAt(text: string, end: number): string {
  const before = text.slice(Math.max(0, end - LONGEST_WORD), end);
  return /[\p{L}\p{Nd}.]+$/u.exec(before)?.[0].replace(/^\.+/u, '') ?? '';
}

function wordStartingAt(text: string, start: number): string {
  return (
    /^[\p{L}\p{M}]+/u.exec(text.slice(start, start + LONGEST_WORD).replace(/^["'“‘«»„([{¿¡]+/u, ''))?.[0] ??
    ''
  );
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/u));
}
