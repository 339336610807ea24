/** Whisper's languages in the order of their tokens. `yue` came with the third large model. */
const CODES = (
  'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml ' +
  'cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am ' +
  'yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue'
).split(' ');

/** Codes that others use for the same languages: those of ISO 639-1, and older ones. */
const ALIASES: Readonly<Record<string, string>> = {
  cmn: 'zh',
  fil: 'tl',
  in: 'id',
  iw: 'he',
  ji: 'yi',
  jv: 'jw',
  mo: 'ro',
  nb: 'no',
};

/** How many of the codes a model with this vocabulary knows: 1 (English only), 99 or 100. */
export function languageCount(vocabulary: number): number {
  if (vocabulary < 51_865) return 1;
  return vocabulary === 51_865 ? 99 : 100;
}

/** The languages of a model that knows the first `count` of them, by the codes that the rest of the house uses. */
export function whisperLanguages(count: number): readonly string[] {
  return CODES.slice(0, count).map(fromWhisperLanguage);
}

/**
 * Whisper's own code for a language, with a region or script behind it or not (`pt-BR`), or undefined when a model
 * that knows the first `count` of them does not.
 */
export function findWhisperLanguage(language: string, count: number): string | undefined {
  const folded = language.toLowerCase().replace(/^([a-z]{2,3})[-_][a-z0-9_-]+$/, '$1');
  const code = ALIASES[folded] ?? folded;
  const place = CODES.indexOf(code);
  return place >= 0 && place < count ? code : undefined;
}

/** The code that the rest of the house uses for one of Whisper's. */
export function fromWhisperLanguage(code: string): string {
  return code === 'jw' ? 'jv' : code;
}
