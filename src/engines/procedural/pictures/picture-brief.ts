import {
  COLOUR_WORDS,
  MOOD_WORDS,
  SCENE_WORDS,
  SEASON_WORDS,
  SKY_WORDS,
  STYLE_WORDS,
  TIME_WORDS,
  WEATHER_WORDS,
  type SceneKind,
  type SkyThing,
  type Style,
} from './picture-words.ts';
import type { Mood, Season, TimeOfDay, Weather } from './picture-words.ts';
import { SUBJECT_KINDS, SUBJECTS, type SubjectKind } from './picture-subjects.ts';
import { ownValue } from '../../../base/own-value.ts';

/** Things of one kind that a prompt names. */
export interface SubjectWish {
  readonly kind: SubjectKind;
  readonly count: number;
  readonly colour?: string;
  readonly side?: 'left' | 'right' | 'centre';
  readonly distance?: 'near' | 'far';
}

/** What a prompt asks of a picture, as far as it is understood. */
export interface PictureBrief {
  /** What it is mainly. */
  readonly scene: SceneKind;
  /** Everything that was named, the main one included. */
  readonly scenes: readonly SceneKind[];
  readonly time: TimeOfDay;
  readonly season?: Season;
  readonly weather: Weather;
  readonly mood?: Mood;
  readonly styles: readonly Style[];
  /** Colours of nothing in particular, as they come in the prompt. */
  readonly colours: readonly string[];
  /** Colours of the large parts. */
  readonly parts: Readonly<Partial<Record<'sky' | 'water' | 'ground', string>>>;
  readonly sky: ReadonlySet<SkyThing>;
  readonly subjects: readonly SubjectWish[];
  /** Which of these were named; the others are guessed. */
  readonly said: ReadonlySet<'time' | 'weather'>;
  /** Whether anything in the prompt says what is to be seen; else the picture is a guess. */
  readonly understood: boolean;
}

const NUMBERS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  single: 1,
  lone: 1,
  solitary: 1,
  two: 2,
  couple: 2,
  pair: 2,
  both: 2,
  twin: 2,
  three: 3,
  trio: 3,
  four: 4,
  few: 4,
  some: 4,
  several: 5,
  five: 5,
  six: 6,
  seven: 7,
  group: 6,
  fleet: 6,
  flock: 9,
  school: 9,
  herd: 7,
  bunch: 6,
  eight: 8,
  nine: 9,
  ten: 10,
  many: 10,
  lots: 10,
  eleven: 11,
  twelve: 12,
  dozen: 12,
  countless: 16,
  swarm: 16,
};

const MOST_OF_A_KIND = 24;
/** Of these, more than a few are meant when somebody says nothing but the plural. */
const SMALL_THINGS =
  /flower|tulip|dais|rose|popp|lil|bloom|bird|gull|swallow|crow|geese|butterfl|moth|mushroom|toadstool|fish/;
const PART_WORDS = {
  sky: /^(sky|skies|heaven|sunsets?|sunrise|dusk|dawn|evening|clouds?)$/,
  water: /^(sea|ocean|water|waters|lake|river|waves?|lagoon)$/,
  ground: /^(sand|grass|hills?|mountains?|field|fields|meadow|ground|snow|dunes?|desert)$/,
} as const;

/** Reads a prompt. What the negative prompt names, or the prompt after "no" and "without", is left out. */
export function readBrief(prompt: string, negativePrompt = ''): PictureBrief {
  const { text, unwanted } = splitUnwanted(prompt, negativePrompt);
  const has = (words: RegExp) => words.test(text) && !words.test(unwanted);
  const subjects = readSubjects(text).filter(({ kind }) => !SUBJECTS[kind].words.test(unwanted));
  const scenes = keys(SCENE_WORDS).filter((scene) => has(SCENE_WORDS[scene]));
  const styles = keys(STYLE_WORDS).filter((style) => has(STYLE_WORDS[style]));
  const sky = new Set(keys(SKY_WORDS).filter((thing) => has(SKY_WORDS[thing])));
  const season = keys(SEASON_WORDS).find((one) => has(SEASON_WORDS[one]));
  const mood = keys(MOOD_WORDS).find((one) => has(MOOD_WORDS[one]));
  const named = keys(TIME_WORDS).find((one) => has(TIME_WORDS[one]));
  const weather = keys(WEATHER_WORDS).find((one) => has(WEATHER_WORDS[one]));
  const { colours, parts } = readColours(text, unwanted);
  const understood =
    scenes.length + subjects.length + sky.size > 0 || named !== undefined || weather !== undefined;
  return {
    scene: mainScene({ scenes, subjects, understood }),
    scenes,
    time: named ?? guessTime(sky, mood),
    ...(season ? { season } : {}),
    weather: weather ?? 'clear',
    ...(mood ? { mood } : {}),
    styles,
    colours: styles.includes('monochrome') ? colours.filter((one) => !isGrey(one)) : colours,
    parts,
    sky,
    said: new Set([...(named ? (['time'] as const) : []), ...(weather ? (['weather'] as const) : [])]),
    subjects: scenes[0] === 'portrait' ? subjects.filter(({ kind }) => kind !== 'person') : subjects,
    understood,
  };
}

/** What an earlier prompt asked for, with everything that a later one says otherwise. */
export function changeBrief(earlier: PictureBrief, later: PictureBrief): PictureBrief {
  const again = later.subjects.map(({ kind }) => kind);
  const subjects = [...earlier.subjects.filter(({ kind }) => !again.includes(kind)), ...later.subjects];
  const place = later.scenes.length > 0 ? later : earlier;
  const season = later.season ?? earlier.season;
  const mood = later.mood ?? earlier.mood;
  return {
    scene: place.scene,
    scenes: place.scenes,
    time: later.said.has('time') || later.time !== 'day' ? later.time : earlier.time,
    ...(season ? { season } : {}),
    weather: (later.said.has('weather') ? later : earlier).weather,
    ...(mood ? { mood } : {}),
    styles: orEarlier(later.styles, earlier.styles),
    colours: orEarlier(later.colours, earlier.colours),
    parts: { ...earlier.parts, ...later.parts },
    sky: new Set([...earlier.sky, ...later.sky]),
    subjects,
    said: new Set([...earlier.said, ...later.said]),
    understood: earlier.understood || later.understood,
  };
}

function orEarlier<Item>(later: readonly Item[], earlier: readonly Item[]): readonly Item[] {
  return later.length > 0 ? later : earlier;
}

function keys<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  // Tables in this folder are literals: they have the keys of their type and no others.
  return Object.keys(table) as Key[];
}

function splitUnwanted(
  prompt: string,
  negativePrompt: string,
): { readonly text: string; readonly unwanted: string } {
  const lower = prompt.toLowerCase();
  const without = /\b(?:without|no)\s+(?:any\s+)?((?:[a-z]+\s+){0,1}[a-z]+)(?=$|[\s,.;!])/g;
  const named = Array.from(lower.matchAll(without), (match) => match[1] ?? '');
  return {
    text: lower.replace(without, ' '),
    unwanted: `${negativePrompt.toLowerCase()} ${named.join(' ')}`,
  };
}

function guessTime(sky: ReadonlySet<SkyThing>, mood: Mood | undefined): TimeOfDay {
  const dark = (['stars', 'moon', 'aurora', 'fireworks'] as const).some((thing) => sky.has(thing));
  return dark || mood === 'scary' ? 'night' : 'day';
}

/** Scenes that are not outdoors come first, as the word tables have them; things bring their usual surroundings along. */
function mainScene({
  scenes,
  subjects,
  understood,
}: Pick<PictureBrief, 'scenes' | 'subjects' | 'understood'>): SceneKind {
  const [first] = scenes;
  if (first) return first;
  const [subject] = subjects;
  if (subject) return SUBJECTS[subject.kind].home;
  return understood ? 'landscape' : 'abstract';
}

function readSubjects(text: string): SubjectWish[] {
  let rest = text;
  const found: { readonly at: number; readonly wish: SubjectWish }[] = [];
  for (const kind of SUBJECT_KINDS) {
    const words = new RegExp(SUBJECTS[kind].words, 'g');
    const matches = Array.from(rest.matchAll(words)).filter(
      (match, index) => index === 0 || !isMeantAgain(rest.slice(0, match.index)),
    );
    for (const match of matches) found.push({ at: match.index, wish: describe(kind, { text: rest, match }) });
    rest = rest.replace(words, (word) => '_'.repeat(word.length));
  }
  return found.sort((one, other) => one.at - other.at).map(({ wish }) => wish);
}

/** Whether what comes next was named before: "the cat" after "a cat". */
function isMeantAgain(before: string): boolean {
  return /\b(?:the|this|that|its|these|those|same)(?: \w+)? $/.test(before);
}

function describe(
  kind: SubjectKind,
  { text, match }: { readonly text: string; readonly match: RegExpExecArray },
): SubjectWish {
  const before = lastWords(text.slice(0, match.index));
  const after = text.slice(match.index + match[0].length).split(/[,.;_]/)[0] ?? '';
  const around = `${before.join(' ')} ${after}`;
  const colour = before.map((word) => ownValue(COLOUR_WORDS, word)).findLast((found) => found !== undefined);
  const side =
    /\b(left|right)\b/.exec(around)?.[1] ??
    (/\b(cent(?:re|er)|middle)\b/.test(around) ? 'centre' : undefined);
  const distance = readDistance(around);
  return {
    kind,
    count: Math.min(MOST_OF_A_KIND, Math.max(1, readCount(before, match[0]))),
    ...(colour ? { colour } : {}),
    ...(side === 'left' || side === 'right' || side === 'centre' ? { side } : {}),
    ...(distance ? { distance } : {}),
  };
}

function readDistance(around: string): 'near' | 'far' | undefined {
  if (/\b(close[- ]?up|foreground|closeup|macro|huge|giant|big|large|near)\b/.test(around)) return 'near';
  return /\b(background|distance|distant|far away|tiny|small|little|horizon)\b/.test(around)
    ? 'far'
    : undefined;
}

/** The words right before a thing, as far as they belong to it. */
function lastWords(text: string): string[] {
  const clause =
    text
      .split(/[,.;_]|\b(?:and|with|in|on|at|near|under|over|above|by|behind|beside|next|through)\b/)
      .at(-1) ?? '';
  return clause.split(/\s+/).filter(Boolean).slice(-6);
}

function readCount(before: readonly string[], word: string): number {
  const noun = word.split(' of ')[0] ?? word;
  const numbers = before.flatMap((one) =>
    /^\d{1,6}$/.test(one) ? [Number(one)] : (ownValue(NUMBERS, one) ?? []),
  );
  const largest = Math.max(0, ...numbers);
  const isPlural =
    /(s|people|men|women|children|cacti|geese|fish)$/.test(noun) && !/(cactus|bus|coffee)$/.test(noun);
  if (largest > 1) return largest;
  if (largest === 1 || !isPlural) return 1;
  return SMALL_THINGS.test(word) ? 8 : 3;
}

function readColours(text: string, unwanted: string): Pick<PictureBrief, 'colours' | 'parts'> {
  const plain = text.replace(
    /\bblack[- ]and[- ]white\b|\bgolden hour\b|\bblue hour\b|\bwhite noise\b|\b(?:an orange|oranges)\b/g,
    ' ',
  );
  const words = plain.split(/[^a-z]+/);
  const colours: string[] = [];
  const parts: Partial<Record<'sky' | 'water' | 'ground', string>> = {};
  words.forEach((word, index) => {
    const colour = ownValue(COLOUR_WORDS, word);
    if (!colour || unwanted.split(/\W+/).includes(word)) return;
    const owner = words.slice(index + 1, index + 3).join(' ');
    const part = keys(PART_WORDS).find((one) => owner.split(' ').some((noun) => PART_WORDS[one].test(noun)));
    if (part) parts[part] = colour;
    else if (!belongsToSubject(words.slice(index + 1, index + 4).join(' '))) colours.push(colour);
  });
  return { colours: Array.from(new Set(colours)), parts };
}

function belongsToSubject(following: string): boolean {
  const clause = following.split(/\b(?:in|on|at|with|and|background|abstract)\b/)[0] ?? '';
  return (
    SUBJECT_KINDS.some((kind) => SUBJECTS[kind].words.test(clause)) ||
    SKY_WORDS.sun.test(clause) ||
    SKY_WORDS.moon.test(clause)
  );
}

function isGrey(colour: string): boolean {
  return ['#f7f7f5', '#1c1d24', '#8a9097'].includes(colour);
}
