import type { Gender, Voice } from '../../core/voices/voice.ts';
import { primaryLanguage } from '../../core/voices/voice-library.ts';
import { ESPEAK_LANGUAGES, ESPEAK_VARIANTS } from './espeak-voices.ts';

/** The package's licence, which holds for its voices too. */
export const ESPEAK_LICENCE = 'GPL-3.0-or-later';

/** A voice and what espeak calls it. */
export interface EspeakVoice extends Voice {
  /** Its file, perhaps with `+` and a variant. */
  readonly file: string;
}

interface Locale {
  /** BCP 47, where espeak's own tag is not (`ca-ba` would be Catalan as spoken in Bosnia) or not all there is to it. */
  readonly languages: readonly string[];
  /** 0 when absent. */
  readonly rank?: number;
}

/** By the name of the file, in lower case. A language without region belongs to its most widespread voice. */
const LOCALES: Readonly<Record<string, Locale>> = {
  'ca-ba': { languages: ['ca-x-balearic'], rank: 1 },
  'ca-nw': { languages: ['ca-x-nw'], rank: 1 },
  'ca-va': { languages: ['ca-valencia'], rank: 1 },
  chr: { languages: ['chr'] },
  cmn: { languages: ['zh', 'zh-CN', 'cmn'] },
  'cmn-latn-pinyin': { languages: ['zh-Latn-pinyin'], rank: 2 },
  en: { languages: ['en-GB'], rank: 1 },
  'en-029': { languages: ['en-029'], rank: 2 },
  'en-gb-scotland': { languages: ['en-GB-scotland'], rank: 2 },
  'en-gb-x-gbclan': { languages: ['en-GB-x-gbclan'], rank: 2 },
  'en-gb-x-gbcwmd': { languages: ['en-GB-x-gbcwmd'], rank: 2 },
  'en-gb-x-rp': { languages: ['en-GB-x-rp'], rank: 2 },
  'en-us': { languages: ['en-US', 'en'] },
  'en-us-nyc': { languages: ['en-US-x-nyc'], rank: 2 },
  es: { languages: ['es-ES', 'es'] },
  'es-419': { languages: ['es-419', 'es-MX', 'es-US', 'es-AR', 'es-CO', 'es-CL', 'es-PE'], rank: 1 },
  'fa-latn': { languages: ['fa-Latn'], rank: 2 },
  fr: { languages: ['fr-FR', 'fr'] },
  'fr-be': { languages: ['fr-BE'], rank: 1 },
  'fr-ch': { languages: ['fr-CH'], rank: 1 },
  hr: { languages: ['hr'] },
  hy: { languages: ['hy'] },
  hyw: { languages: ['hyw'] },
  nb: { languages: ['nb', 'no'] },
  piqd: { languages: ['tlh'] },
  pt: { languages: ['pt-PT'], rank: 1 },
  'pt-br': { languages: ['pt-BR', 'pt'] },
  py: { languages: ['art-x-pyash'] },
  'ru-cl': { languages: ['ru-x-classic'], rank: 1 },
  'ru-lv': { languages: ['ru-LV'], rank: 1 },
  'vi-vn-x-central': { languages: ['vi-VN-x-central'], rank: 1 },
  'vi-vn-x-south': { languages: ['vi-VN-x-south'], rank: 1 },
  xex: { languages: ['art-x-xextan'] },
  yue: { languages: ['yue', 'zh-HK'], rank: 1 },
  'yue-latn-jyutping': { languages: ['yue-Latn-jyutping'], rank: 2 },
};

type Language = (typeof ESPEAK_LANGUAGES)[number];
type Variant = (typeof ESPEAK_VARIANTS)[number];

/** The variant that makes a woman's voice of every language; without one, espeak's voice is a man's. */
const FEMALE_VARIANT = 'f3';

const languagesByName = new Map<string, Language>(nameLanguages());
const variantsByName = new Map<string, Variant>(
  ESPEAK_VARIANTS.map((variant) => [variant.file.toLowerCase(), variant]),
);

/** One male and one female voice for each language and dialect. */
export const ESPEAK_VOICES: readonly EspeakVoice[] = ESPEAK_LANGUAGES.flatMap((language) => [
  toVoice(language),
  toVoice(language, variantsByName.get(FEMALE_VARIANT)),
]);

/** Codes of the languages that the voices speak: ISO 639-1 where there is one, else ISO 639-3. */
export const ESPEAK_LANGUAGE_CODES: readonly string[] = Array.from(
  new Set(ESPEAK_VOICES.flatMap((voice) => voice.languages.map(primaryLanguage))),
).sort();

/** Finds any voice: `espeak/de`, with any variant `espeak/de+Annie`, or by espeak's other tags `espeak/fr-fr`. */
export function findEspeakVoice(id: string): EspeakVoice | undefined {
  const [, name, variantName] = /^espeak\/([^+]+)(?:\+(.+))?$/i.exec(id) ?? [];
  const language = languagesByName.get(name?.toLowerCase() ?? '');
  if (!language) return undefined;
  if (variantName === undefined) return toVoice(language);
  const variant = variantsByName.get(variantName.toLowerCase());
  return variant && toVoice(language, variant);
}

/** A name of its own goes before a tag that several languages may share. */
function nameLanguages(): [string, Language][] {
  const tags = ESPEAK_LANGUAGES.flatMap((language) =>
    language.tags.map((tag): [string, Language] => [tag, language]),
  );
  const own = ESPEAK_LANGUAGES.map((language): [string, Language] => [fileName(language), language]);
  return [...tags.toReversed(), ...own];
}

function fileName({ file }: Language): string {
  return file.slice(file.lastIndexOf('/') + 1).toLowerCase();
}

function toVoice(language: Language, variant?: Variant): EspeakVoice {
  const name = fileName(language);
  const locale: Locale = LOCALES[name] ?? { languages: [name] };
  const accent = /\((.+)\)/.exec(language.name)?.[1];
  return {
    id: `espeak/${name}${variant ? `+${variant.file}` : ''}`,
    name: variant ? `${language.name}, ${spoken(variant.name)}` : language.name,
    engine: 'espeak',
    languages: locale.languages,
    origin: 'built_in',
    gender: genderOf(variant),
    rank: locale.rank ?? 0,
    labels: {
      language: primaryLanguage(locale.languages[0] ?? name),
      ...(accent === undefined ? {} : { accent }),
      ...(variant ? { variant: variant.file } : {}),
    },
    licence: ESPEAK_LICENCE,
    file: variant ? `${language.file}+${variant.file}` : language.file,
  };
}

function genderOf(variant: Variant | undefined): Gender {
  return variant ? variant.gender : 'male';
}

/** `female3` is `female 3`. */
function spoken(variantName: string): string {
  return variantName.replace(/_/g, ' ').replace(/(\D)(\d+)$/, '$1 $2');
}
