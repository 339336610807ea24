import { findSpokenLanguage } from '../spoken-languages.ts';

/** The languages of Whisper's vocabulary, by code, as the vendor names them in its answers. */
const NAMES: Readonly<Record<string, string>> = {
  af: 'afrikaans',
  am: 'amharic',
  ar: 'arabic',
  as: 'assamese',
  az: 'azerbaijani',
  ba: 'bashkir',
  be: 'belarusian',
  bg: 'bulgarian',
  bn: 'bengali',
  bo: 'tibetan',
  br: 'breton',
  bs: 'bosnian',
  ca: 'catalan',
  cs: 'czech',
  cy: 'welsh',
  da: 'danish',
  de: 'german',
  el: 'greek',
  en: 'english',
  es: 'spanish',
  et: 'estonian',
  eu: 'basque',
  fa: 'persian',
  fi: 'finnish',
  fo: 'faroese',
  fr: 'french',
  gl: 'galician',
  gu: 'gujarati',
  ha: 'hausa',
  haw: 'hawaiian',
  he: 'hebrew',
  hi: 'hindi',
  hr: 'croatian',
  ht: 'haitian creole',
  hu: 'hungarian',
  hy: 'armenian',
  id: 'indonesian',
  is: 'icelandic',
  it: 'italian',
  ja: 'japanese',
  jv: 'javanese',
  ka: 'georgian',
  kk: 'kazakh',
  km: 'khmer',
  kn: 'kannada',
  ko: 'korean',
  la: 'latin',
  lb: 'luxembourgish',
  ln: 'lingala',
  lo: 'lao',
  lt: 'lithuanian',
  lv: 'latvian',
  mg: 'malagasy',
  mi: 'maori',
  mk: 'macedonian',
  ml: 'malayalam',
  mn: 'mongolian',
  mr: 'marathi',
  ms: 'malay',
  mt: 'maltese',
  my: 'myanmar',
  ne: 'nepali',
  nl: 'dutch',
  nn: 'nynorsk',
  no: 'norwegian',
  oc: 'occitan',
  pa: 'punjabi',
  pl: 'polish',
  ps: 'pashto',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sa: 'sanskrit',
  sd: 'sindhi',
  si: 'sinhala',
  sk: 'slovak',
  sl: 'slovenian',
  sn: 'shona',
  so: 'somali',
  sq: 'albanian',
  sr: 'serbian',
  su: 'sundanese',
  sv: 'swedish',
  sw: 'swahili',
  ta: 'tamil',
  te: 'telugu',
  tg: 'tajik',
  th: 'thai',
  tk: 'turkmen',
  tl: 'tagalog',
  tr: 'turkish',
  tt: 'tatar',
  uk: 'ukrainian',
  ur: 'urdu',
  uz: 'uzbek',
  vi: 'vietnamese',
  yi: 'yiddish',
  yo: 'yoruba',
  yue: 'cantonese',
  zh: 'chinese',
};

/** Other names of the same languages that callers use, and a code that Whisper kept from an old standard. */
const ALIASES: Readonly<Record<string, string>> = {
  burmese: 'my',
  castilian: 'es',
  farsi: 'fa',
  flemish: 'nl',
  haitian: 'ht',
  jw: 'jv',
  letzeburgesch: 'lb',
  mandarin: 'zh',
  moldavian: 'ro',
  moldovan: 'ro',
  panjabi: 'pa',
  pushto: 'ps',
  sinhalese: 'si',
  valencian: 'ca',
};

const CODES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(NAMES).map(([code, name]) => [name, code] as const),
  ...Object.entries(ALIASES),
]);

const englishNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** The name of a language as the vendor's answers write it: English, in lower case. A code without one stays itself. */
export function languageName(code: string): string {
  return NAMES[code] ?? englishNames.of(code)?.toLowerCase() ?? code;
}

/**
 * The code of a language that a caller named by its code of ISO 639-1 or 639-3, with a region (`pt-BR`) or without, or,
 * as the vendor's own answers do, in English; undefined when there is no such language.
 */
export function findLanguage(spelled: string): string | undefined {
  const wanted = spelled.trim().toLowerCase();
  const known = Object.hasOwn(NAMES, wanted) ? wanted : (CODES.get(wanted) ?? findSpokenLanguage(wanted));
  if (known !== undefined || !/^[a-z]{2}$/.test(wanted)) return known;
  // Languages that Whisper lacks and another model may hear.
  return englishNames.of(wanted) === undefined ? undefined : wanted;
}
