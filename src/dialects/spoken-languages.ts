import { once } from '../base/once.ts';

/**
 * Languages that recognisers write down, as `ISO 639-1:ISO 639-3`. A few have no two-letter code and stand with three
 * letters on both sides; `zh` stands for the macrolanguage.
 */
const CODE_PAIRS =
  'af:afr am:amh ar:ara as:asm ast:ast az:aze ba:bak be:bel bg:bul bn:ben bo:bod br:bre bs:bos ca:cat ceb:ceb cs:ces ' +
  'cy:cym da:dan de:deu el:ell en:eng es:spa et:est eu:eus fa:fas ff:ful fi:fin fo:fao fr:fra ga:gle gl:glg gu:guj ' +
  'ha:hau haw:haw he:heb hi:hin hr:hrv ht:hat hu:hun hy:hye id:ind ig:ibo is:isl it:ita ja:jpn jv:jav ka:kat kea:kea ' +
  'kk:kaz km:khm kn:kan ko:kor ku:kur ky:kir la:lat lb:ltz lg:lug ln:lin lo:lao lt:lit luo:luo lv:lav mg:mlg mi:mri ' +
  'mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya ne:nep nl:nld nn:nno no:nor nso:nso ny:nya oc:oci or:ori pa:pan ' +
  'pl:pol ps:pus pt:por ro:ron ru:rus sa:san sd:snd si:sin sk:slk sl:slv sn:sna so:som sq:sqi sr:srp su:sun sv:swe ' +
  'sw:swa ta:tam te:tel tg:tgk th:tha tk:tuk tl:tgl tr:tur tt:tat uk:ukr umb:umb ur:urd uz:uzb vi:vie wo:wol xh:xho ' +
  'yi:yid yo:yor yue:yue zh:zho zu:zul';

const THREE_LETTERS: ReadonlyMap<string, string> = new Map(pairsIn(CODE_PAIRS));

function pairsIn(pairs: string): [string, string][] {
  return pairs.split(' ').map((pair) => {
    const [first = '', second = ''] = pair.split(':');
    return [first, second];
  });
}

/** Other codes and names by which some callers know a language. */
const ALIASES: Readonly<Record<string, string>> = {
  cmn: 'zh',
  fil: 'tl',
  in: 'id',
  iw: 'he',
  ji: 'yi',
  jw: 'jv',
  mo: 'ro',
  nb: 'no',
  nob: 'no',
  'zh-yue': 'yue',
  bengali: 'bn',
  castilian: 'es',
  farsi: 'fa',
  flemish: 'nl',
  haitian: 'ht',
  letzeburgesch: 'lb',
  mandarin: 'zh',
  'mandarin chinese': 'zh',
  moldavian: 'ro',
  moldovan: 'ro',
  myanmar: 'my',
  nynorsk: 'nn',
  panjabi: 'pa',
  pushto: 'ps',
  sinhalese: 'si',
  tagalog: 'tl',
  valencian: 'ca',
};

/** Codes of ISO 639-2 that libraries use and that differ from those of ISO 639-3. */
const LIBRARY_CODES =
  'alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk mao:mi may:ms per:fa ' +
  'rum:ro slo:sk tib:bo wel:cy';

/** Names of languages are a table of 4 MB, so that it is read when somebody names one. */
const codes = once(
  (): ReadonlyMap<string, string> =>
    new Map([
      ...[...THREE_LETTERS].map(([short, long]): [string, string] => [long, short]),
      ...[...THREE_LETTERS.keys()].flatMap((code): [string, string][] => [
        [englishName(code).toLowerCase(), code],
        [code, code],
      ]),
      ...pairsIn(LIBRARY_CODES),
      ...Object.entries(ALIASES),
    ]),
);

function englishName(code: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? code;
}

/** The code of ISO 639-3 for a language that nobody can tell. */
export const UNDETERMINED = 'und';

/** Letters and digits behind a code: a script, a region, a variant (BCP 47). */
const SUBTAGS = /^([a-z]{2,3})(?:[-_][a-z0-9]{1,8})+$/;

/**
 * The ISO 639-1 code of a language that is named by a code of two or three letters, with script and region or without
 * (`pt-BR`, `zh-Hant-TW`), or by its English name, whatever its case. Undefined for a language that no recogniser here
 * could know.
 */
export function findSpokenLanguage(name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return codes().get(wanted) ?? codes().get(SUBTAGS.exec(wanted)?.[1] ?? '');
}

/** The ISO 639-3 code of a language; one that has none known here is given back as it is. */
export function threeLetterCode(code: string): string {
  return THREE_LETTERS.get(code) ?? code;
}
