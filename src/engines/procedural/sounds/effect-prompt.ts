import type { EffectClass, Material } from './effect-class.ts';
import type { ROOMS } from '../dsp/dsp-reverb.ts';
import { EFFECTS_BY_ID } from './effect-classes.ts';
import { findEffects, isKnownWord } from './effect-names.ts';
import type { Motion, Veil } from './effect-space.ts';
import {
  DEGREES,
  IDLE_WORDS,
  MATERIALS,
  type Modifier,
  MODIFIERS,
  NUMBER_WORDS,
  ROOM_WORDS,
  VEIL_PHRASES,
} from './effect-words.ts';
import { readFigures, within } from '../prompt-figures.ts';
import { cutWords, type WordForms } from '../word-forms.ts';

/** How a sound of a prompt is to be. */
export interface SoundManner {
  readonly strength: number;
  readonly pitch: number;
  readonly pace: number;
  readonly acceleration: number;
  readonly distance: number;
  readonly side: number;
  readonly motion: Motion | undefined;
  readonly count: number | undefined;
  readonly plural: boolean;
  readonly material: Material | undefined;
  /** Loudness of the whole, in decibels against the usual. */
  readonly loudness: number;
  readonly words: ReadonlySet<string>;
}

/** A sound that a prompt names. */
export interface PromptSound {
  readonly effect: EffectClass;
  readonly manner: SoundManner;
  readonly decibels: number;
}

/** What is heard together. */
export interface PromptStep {
  readonly sounds: readonly PromptSound[];
  readonly room: keyof typeof ROOMS | undefined;
  readonly veil: Veil | undefined;
}

/** A prompt as it was understood. */
export interface PromptReading {
  /** What is heard one after another; at least one, each with at least one sound. */
  readonly steps: readonly PromptStep[];
  readonly seconds: number | undefined;
  readonly hertz: number | undefined;
  readonly beats: number | undefined;
  /** Whether it names no sound that is known. */
  readonly guessed: boolean;
  /** Words that seem to mean a sound, and are not known. */
  readonly unknown: readonly string[];
  /** How many sounds were named beyond the most that are made at once. */
  readonly left: number;
}

/** Most sounds of one prompt: more would only blur one another. */
export const MOST_SOUNDS = 8;

const SEQUENCE =
  /\b(?:and )?(?:then|followed by|afterwards?|after that|finally|ending (?:with|in|on))\b|;|->|→|\bbefore\b/;
const LAYERS =
  /[,.!?:()&+/]|(?<!game |knock )\bover\b|\b(?:and|with|while|plus|amid|amidst|mixed|accompanied|featuring|against)\b/;
const WITHOUT = /\b(?:no|without|minus|excluding|except)\s+((?:\w+\s?){1,3})/g;
const PAST = /\b(?:pass|fly|flie|driv|go|speed|rush|zoom|mov)\w*\s+(?:by|past|overhead)\b/;
const LEFT_TO_RIGHT = /\b(?:from )?(?:the )?left to (?:the )?right\b/g;
const RIGHT_TO_LEFT = /\b(?:from )?(?:the )?right to (?:the )?left\b/g;

/** Understands what a prompt asks for. Words of the negative prompt take sounds and rooms away. */
export function readPrompt(prompt: string, negativePrompt = ''): PromptReading {
  const figures = readFigures(prompt.toLowerCase());
  const banned = bannedBy(negativePrompt);
  const unknown = new Set<string>();
  const steps = figures.text
    .split(SEQUENCE)
    .map((text) => readStep(text, { banned, unknown }))
    .filter((step) => step.sounds.length > 0);
  const kept = limit(steps);
  const { seconds, hertz, beats } = figures;
  const left = countSounds(steps) - countSounds(kept);
  const rest = { seconds, hertz, beats, unknown: Array.from(unknown), left };
  return kept.length > 0
    ? { ...rest, steps: kept, guessed: false }
    : { ...rest, steps: [guess(figures.text)], guessed: true };
}

function countSounds(steps: readonly PromptStep[]): number {
  return steps.reduce((sum, step) => sum + step.sounds.length, 0);
}

function limit(steps: readonly PromptStep[]): PromptStep[] {
  let room = MOST_SOUNDS;
  return steps.flatMap((step) => {
    const sounds = step.sounds.slice(0, room);
    room -= sounds.length;
    return sounds.length > 0 ? [{ ...step, sounds }] : [];
  });
}

/** What must not be heard. */
interface Banned {
  readonly effects: ReadonlySet<EffectClass>;
  readonly rooms: boolean;
}

function bannedBy(text: string): Banned {
  const words = cutWords(text);
  const effects = words.flatMap((word) => findEffects([word])).concat(findEffects(words));
  const rooms = words.some(({ forms }) =>
    forms.some((form) => form === 'reverb' || form === 'echo' || form === 'reverberation'),
  );
  return { effects: new Set(effects.map(({ effect }) => effect)), rooms };
}

interface StepNotes {
  readonly banned: Banned;
  /** Gets the words that are not known. */
  readonly unknown: Set<string>;
}

function readStep(raw: string, { banned, unknown }: StepNotes): PromptStep {
  let text = raw;
  const take = (pattern: RegExp): string[] => {
    const found = Array.from(text.matchAll(pattern), (match) => match[1] ?? match[0]);
    text = text.replaceAll(pattern, ' ');
    return found;
  };
  const without = bannedBy(take(WITHOUT).join(' '));
  const veil = VEIL_PHRASES.find(([pattern]) => take(pattern).length > 0)?.[1];
  const motion: Motion | undefined =
    take(RIGHT_TO_LEFT).length > 0
      ? 'right-to-left'
      : take(LEFT_TO_RIGHT).length > 0 || PAST.test(text)
        ? 'left-to-right'
        : undefined;
  const phrases = joinPhrases(text.split(LAYERS).map((phrase) => cutWords(phrase)));
  const rooms = phrases.flat().flatMap(({ forms }) => forms.flatMap((form) => ROOM_WORDS.get(form) ?? []));
  const named = phrases.flatMap((phrase) => readPhrase(phrase, { motion, unknown }));
  const sounds = settle(named).filter(
    ({ effect }) => !banned.effects.has(effect) && !without.effects.has(effect),
  );
  const under = veil === 'underwater' && sounds.length === 0 ? EFFECTS_BY_ID.get('depths') : undefined;
  return {
    sounds: under ? [{ effect: under, manner: readManner([], new Set()), decibels: 0 }] : sounds,
    room: banned.rooms || without.rooms ? undefined : rooms[0],
    veil: under ? undefined : veil,
  };
}

/** Words without a sound of their own belong to the phrase before them: "footsteps, slow and distant". */
function joinPhrases(phrases: readonly WordForms[][]): WordForms[][] {
  const joined: WordForms[][] = [];
  for (const phrase of phrases.filter((words) => words.length > 0)) {
    const last = joined.at(-1);
    if (last && (findEffects(phrase).length === 0 || findEffects(last).length === 0)) last.push(...phrase);
    else joined.push([...phrase]);
  }
  return joined;
}

function readPhrase(
  phrase: readonly WordForms[],
  { motion, unknown }: { motion: Motion | undefined; unknown: Set<string> },
): PromptSound[] {
  const found = findEffects(phrase);
  const used = new Set(found.filter(({ places }) => places.length > 1).flatMap(({ places }) => places));
  const own = new Set(found.flatMap(({ places }) => places));
  const manner = readManner(phrase, used);
  for (const [place, word] of phrase.entries())
    if (!own.has(place) && isUnknown(word)) unknown.add(word.written);
  const grounds = found.filter(({ places }) => places.length === 1 && isGround(phrase[places[0] ?? 0]));
  // "Footsteps on snow" names a ground; "snow" alone names a sound.
  const named = grounds.length < found.length ? found.filter((one) => !grounds.includes(one)) : found;
  return named.map(({ effect, places }) => {
    const goesOn = places.some(
      (place) =>
        phrase[place]?.ending === 'plural' ||
        (phrase[place]?.ending === 'continuous' && effect.once !== true),
    );
    return {
      effect,
      manner: {
        ...manner,
        motion: effect.moves === true ? undefined : (manner.motion ?? motion),
        plural: manner.plural || goesOn,
      },
      decibels: 0,
    };
  });
}

function isGround(word: WordForms | undefined): boolean {
  return word?.forms.some((form) => MATERIALS.has(form)) ?? false;
}

/** A room is where the others are when there are others; a place is behind them. A sound that is named twice is one. */
function settle(sounds: readonly PromptSound[]): PromptSound[] {
  const others = sounds.filter(({ effect }) => !ROOM_IDS.has(effect.id));
  const heard = others.length > 0 ? others : sounds;
  return heard
    .filter(({ effect }, index) => heard.findIndex((other) => other.effect === effect) === index)
    .map((sound) => ({
      ...sound,
      decibels: heard.length > 1 && typeof sound.effect.make !== 'function' ? -5 : 0,
    }));
}

/** Places that are rooms as soon as something happens in them. */
const ROOM_IDS: ReadonlySet<string> = new Set(['cave', 'room-tone']);

function isUnknown(word: WordForms): boolean {
  const { written, forms } = word;
  if (
    written.length < 3 ||
    /\d/.test(written) ||
    /(?:ly|y|ic|al|ous|ful|less|ish|ive|able|ed|ing|est|er)$/.test(written)
  )
    return false;
  const known = forms.some(
    (form) =>
      IDLE_WORDS.has(form) ||
      MODIFIERS.has(form) ||
      MATERIALS.has(form) ||
      ROOM_WORDS.has(form) ||
      NUMBER_WORDS.has(form) ||
      DEGREES.has(form),
  );
  return !known && !isKnownWord(word);
}

/** What the words of a phrase say of its sounds. Words at the places that are `used` already are part of a name. */
function readManner(phrase: readonly WordForms[], used: ReadonlySet<number>): SoundManner {
  const free = phrase.filter((_, place) => !used.has(place));
  const said = modifiersOf(free);
  const last = <Value>(values: readonly (Value | undefined)[]) =>
    values.findLast((value) => value !== undefined);
  return {
    strength: within(
      sumOf(said, ({ strength = 0 }, degree) => strength * degree),
      -1,
      1,
    ),
    pitch: within(2 ** sumOf(said, ({ pitch = 1 }, degree) => Math.log2(pitch) * degree), 0.4, 2.5),
    pace: within(2 ** sumOf(said, ({ pace = 1 }, degree) => Math.log2(pace) * degree), 0.3, 3),
    acceleration: within(
      sumOf(said, ({ acceleration = 0 }) => acceleration),
      -1,
      1,
    ),
    loudness: within(
      sumOf(said, ({ loudness = 0 }) => loudness),
      -6,
      3,
    ),
    distance: Math.max(
      0,
      ...said.map(({ modifier, degree }) => within((modifier.distance ?? 0) * degree, 0, 1)),
    ),
    side: last(said.map(({ modifier }) => modifier.side)) ?? 0,
    motion: last(said.map(({ modifier }) => modifier.motion)),
    plural: said.some(({ modifier }) => modifier.plural === true),
    count: countOf(free),
    material: [...free, ...phrase].flatMap(({ forms }) => firstOf(forms, MATERIALS) ?? [])[0],
    words: new Set(phrase.flatMap(({ forms }) => forms)),
  };
}

interface Said {
  readonly modifier: Modifier;
  /** How much it counts: more behind "very". */
  readonly degree: number;
}

function modifiersOf(words: readonly WordForms[]): Said[] {
  return words.flatMap(({ forms }, place) => {
    const modifier = firstOf(forms, MODIFIERS);
    return modifier ? [{ modifier, degree: firstOf(words[place - 1]?.forms ?? [], DEGREES) ?? 1 }] : [];
  });
}

function sumOf(said: readonly Said[], part: (modifier: Modifier, degree: number) => number): number {
  return said.reduce((sum, { modifier, degree }) => sum + part(modifier, degree), 0);
}

function firstOf<Value>(forms: readonly string[], map: ReadonlyMap<string, Value>): Value | undefined {
  for (const form of forms) {
    const value = map.get(form);
    if (value !== undefined) return value;
  }
  return undefined;
}

function countOf(words: readonly WordForms[]): number | undefined {
  for (const { written } of words) {
    const number = NUMBER_WORDS.get(written) ?? (/^\d{1,2}$/.test(written) ? Number(written) : undefined);
    if (number !== undefined && number >= 1) return Math.min(60, number);
  }
  return undefined;
}

/** Something for a prompt that names nothing that is known: a texture as bright, low or loud as its adjectives say. */
function guess(text: string): PromptStep {
  const effect = EFFECTS_BY_ID.get('drone');
  if (!effect) throw new Error('There must be a drone.');
  return {
    sounds: [{ effect, manner: readManner(cutWords(text), new Set()), decibels: 0 }],
    room: 'hall',
    veil: undefined,
  };
}
