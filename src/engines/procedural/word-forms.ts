import { ownValue } from '../../base/own-value.ts';
/** A word of a prompt, and the words of a dictionary that it may be a form of. */
export interface WordForms {
  /** As it is written, in lower case. */
  readonly written: string;
  readonly forms: readonly string[];
  /** Whether it ends like several things, or like something that goes on. */
  readonly ending: 'plural' | 'continuous' | 'other';
}

const IRREGULAR: Readonly<Record<string, string>> = {
  hooves: 'hoof',
  leaves: 'leaf',
  feet: 'foot',
  knives: 'knife',
  mice: 'mouse',
  broken: 'break',
  broke: 'break',
  fell: 'fall',
  fallen: 'fall',
  ran: 'run',
  rang: 'ring',
  rung: 'ring',
  struck: 'strike',
  blown: 'blow',
  blew: 'blow',
  torn: 'tear',
  tore: 'tear',
  burnt: 'burn',
  flew: 'fly',
  sang: 'sing',
  rising: 'rise',
  dying: 'die',
  windy: 'wind',
  rainy: 'rain',
  stormy: 'storm',
  snowy: 'snow',
  grasses: 'grass',
  glasses: 'glass',
};

/** Cuts a text into words: letters and digits; an apostrophe and what follows it is dropped. */
export function cutWords(text: string): WordForms[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return Array.from(plain.matchAll(/[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu), ([word]) =>
    wordForms(word.replace(/['’].*$/, '')),
  );
}

/** The forms of English words; a form that is no word harms nobody, because no dictionary has it. */
export function wordForms(written: string): WordForms {
  const irregular = ownValue(IRREGULAR, written);
  const singular = singularForms(written);
  const continuous = baseForms(written, 'ing');
  const forms = new Set([
    written,
    ...(irregular === undefined ? [] : [irregular]),
    ...singular,
    ...continuous,
    ...baseForms(written, 'ed'),
    ...adverbForms(written),
  ]);
  const plural = singular.length > 0 || (irregular !== undefined && /(?:ves|feet|mice)$/.test(written));
  const ending = plural ? 'plural' : continuous.length > 0 ? 'continuous' : 'other';
  return { written, forms: Array.from(forms), ending };
}

function singularForms(written: string): string[] {
  if (written.length <= 3 || !/[^su]s$/.test(written)) return [];
  const forms = [written.slice(0, -1)];
  if (written.endsWith('ies')) forms.push(`${written.slice(0, -3)}y`);
  else if (written.endsWith('es')) forms.push(written.slice(0, -2));
  return forms;
}

function baseForms(written: string, suffix: 'ing' | 'ed'): string[] {
  const base = written.slice(0, -suffix.length);
  if (!written.endsWith(suffix) || base.length < 3 || !/[aeiouy]/.test(base)) return [];
  const forms = [base, `${base}e`];
  if (base.at(-1) === base.at(-2)) forms.push(base.slice(0, -1));
  return forms;
}

function adverbForms(written: string): string[] {
  if (!written.endsWith('ly') || written.length <= 4) return [];
  const base = written.slice(0, -2);
  return [base, `${base}e`, `${base}le`];
}
