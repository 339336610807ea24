const ENGLISH = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Codes of two letters that may be told by their English names. */
const CODES = (
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha he hi hr ht hu hy id ' +
  'is it ja jv ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd ' +
  'si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh'
).split(' ');

const BY_NAME: ReadonlyMap<string, string> = new Map(
  CODES.flatMap((code) => {
    const name = ENGLISH.of(code)?.toLowerCase();
    return name === undefined ? [] : [[name, code] as const];
  }),
);

/** The English name of a language, with a capital: `Chinese`. Undefined for what is no code of a language. */
export function languageName(tag: string): string | undefined {
  const code = languageCode(tag);
  return code === undefined ? undefined : ENGLISH.of(code);
}

/** The code of two or three letters in a tag. Undefined for what is none. */
export function languageCode(tag: string): string | undefined {
  const code = tag.split('-')[0]?.toLowerCase() ?? '';
  return /^[a-z]{2,3}$/.test(code) ? code : undefined;
}

/** The code of a language that a server told by its code or its English name, as Whisper does. */
export function codeOfLanguage(told: string): string | undefined {
  const word = told.trim().toLowerCase();
  return BY_NAME.get(word) ?? languageCode(word);
}
