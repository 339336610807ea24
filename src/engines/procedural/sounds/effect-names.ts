import type { EffectClass } from './effect-class.ts';
import { EFFECT_CLASSES } from './effect-classes.ts';
import type { WordForms } from '../word-forms.ts';

interface EffectName {
  readonly effect: EffectClass;
  readonly words: readonly string[];
  /** Longer names mean more; of equal ones the earlier class is meant. */
  readonly rank: number;
}

const NAMES: readonly EffectName[] = EFFECT_CLASSES.flatMap((effect) =>
  effect.names
    .split(',')
    .map((name) => name.trim().split(/\s+/).filter(Boolean))
    .filter((words) => words.length > 0)
    .map((words) => ({ effect, words })),
)
  .map((name, index) => ({ ...name, rank: name.words.length * 10_000 - index }))
  .sort((one, other) => other.rank - one.rank);

const NAMES_BY_WORD: ReadonlyMap<string, readonly EffectName[]> = Map.groupBy(
  NAMES,
  ({ words }) => words[0] ?? '',
);

/** Whether some name has the word in it. */
const NAME_WORDS: ReadonlySet<string> = new Set(NAMES.flatMap(({ words }) => words));

/** A class that a phrase names, and with which of its words. */
export interface NamedEffect {
  readonly effect: EffectClass;
  /** Places of the words in the phrase, ascending. */
  readonly places: readonly number[];
}

/** The classes that a phrase names: the longest names first, and no word twice. Words that are `taken` name nothing. */
export function findEffects(
  phrase: readonly WordForms[],
  taken: ReadonlySet<number> = new Set(),
): NamedEffect[] {
  const used = new Set(taken);
  const places = placesByWord(phrase);
  const wanted = new Set(Array.from(places.keys()).flatMap((word) => NAMES_BY_WORD.get(word) ?? []));
  const found: NamedEffect[] = [];
  for (const { effect, words } of Array.from(wanted).sort((one, other) => other.rank - one.rank)) {
    for (let own = placesOf(words, places, used); own; own = placesOf(words, places, used)) {
      for (const place of own) used.add(place);
      if (!found.some((other) => other.effect === effect)) found.push({ effect, places: own });
    }
  }
  return found.sort((one, other) => (one.places[0] ?? 0) - (other.places[0] ?? 0));
}

function placesByWord(phrase: readonly WordForms[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  const note = (word: string, place: number) => {
    const known = places.get(word);
    if (known) known.push(place);
    else places.set(word, [place]);
  };
  for (const [place, { forms, written }] of phrase.entries()) {
    const known = forms.some((form) => NAME_WORDS.has(form));
    for (const form of known ? forms : splitCompound(written)) note(form, place);
  }
  return places;
}

/** Letters of a compound at most: longer ones are no words, and every cut of them would be tried. */
const LONGEST_COMPOUND = 40;

/** The two words of a compound that nobody listed, such as `metaldoor`. */
function splitCompound(written: string): readonly string[] {
  if (written.length > LONGEST_COMPOUND) return [];
  for (let at = 3; at <= written.length - 3; at += 1) {
    const parts = [written.slice(0, at), written.slice(at).replace(/s$/, '')];
    if (parts.every((part) => NAME_WORDS.has(part))) return parts;
  }
  return [];
}

function placesOf(
  words: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  used: ReadonlySet<number>,
): number[] | undefined {
  const own: number[] = [];
  for (const word of words) {
    const place = places.get(word)?.find((candidate) => !used.has(candidate));
    if (place === undefined) return undefined;
    if (!own.includes(place)) own.push(place);
  }
  return own.sort((one, other) => one - other);
}

/** Whether the dictionary of sounds knows a word at all. */
export function isKnownWord({ forms, written }: WordForms): boolean {
  return forms.some((form) => NAME_WORDS.has(form)) || splitCompound(written).length > 0;
}
