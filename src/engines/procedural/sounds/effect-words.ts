import type { Material } from './effect-class.ts';
import type { Motion, Veil } from './effect-space.ts';
import { ROOMS } from '../dsp/dsp-reverb.ts';

/** What a word says about a sound. */
export interface Modifier {
  readonly strength?: number;
  readonly pitch?: number;
  readonly pace?: number;
  readonly acceleration?: number;
  readonly distance?: number;
  /** Loudness of the whole, in decibels. */
  readonly loudness?: number;
  readonly plural?: boolean;
  readonly side?: number;
  readonly motion?: Motion;
}

const MODIFIER_LINES: readonly (readonly [string, Modifier])[] = [
  ['heavy hard strong intense powerful fierce furious', { strength: 0.6 }],
  ['violent massive torrential raging extreme enormous brutal epic thunderous', { strength: 1 }],
  ['loud deafening', { strength: 0.4, loudness: 2 }],
  ['light gentle weak mild slight delicate thin', { strength: -0.6 }],
  ['soft quiet subtle faint calm hushed', { strength: -0.6, loudness: -4 }],
  ['big large huge giant gigantic', { strength: 0.5, pitch: 0.72 }],
  ['small little mini', { strength: -0.2, pitch: 1.3 }],
  ['tiny miniature', { strength: -0.4, pitch: 1.55 }],
  ['low deep bass dull dark', { pitch: 0.72 }],
  ['high shrill bright squeaky sharp', { pitch: 1.38 }],
  ['slow leisurely lazy sluggish', { pace: 0.6 }],
  ['fast quick hurried brisk', { pace: 1.55 }],
  ['rapid frantic hectic furiously', { pace: 1.9, plural: true }],
  ['accelerate accelerating faster', { acceleration: 1 }],
  ['slowing decelerate decelerating slower', { acceleration: -1 }],
  ['distant far faraway remote distance horizon afar', { distance: 0.6 }],
  ['nearby near close closeup', { distance: 0 }],
  [
    'repeated repeating continuous constant continual several many multiple lots endless nonstop',
    { plural: true },
  ],
  ['left', { side: -0.8 }],
  ['right', { side: 0.8 }],
  ['approach approaching closer nearer', { motion: 'approaching' }],
  ['recede receding depart departing leaving away', { motion: 'leaving' }],
  ['circling orbiting orbit', { motion: 'circling' }],
  ['passing overhead', { motion: 'left-to-right' }],
];

/** Words that say how something sounds, by word. */
export const MODIFIERS: ReadonlyMap<string, Modifier> = new Map(
  MODIFIER_LINES.flatMap(([words, modifier]) => words.split(' ').map((word) => [word, modifier] as const)),
);

/** Words that make the next one count for more, or for less. */
export const DEGREES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    very: 1.5,
    extremely: 1.8,
    really: 1.4,
    incredibly: 1.7,
    super: 1.5,
    slightly: 0.5,
    somewhat: 0.6,
    bit: 0.6,
    moderately: 0.7,
    fairly: 0.8,
  }),
);

const MATERIAL_LINES: Readonly<Record<Material, string>> = {
  wood: 'wood wooden timber plank oak parquet log',
  metal: 'metal metallic steel iron tin aluminium aluminum brass copper grate',
  glass: 'glass crystal window windowpane bottle porcelain ceramic',
  stone: 'stone concrete brick rock marble tile asphalt pavement cobblestone ice',
  plastic: 'plastic rubber',
  paper: 'paper cardboard',
  cloth: 'cloth fabric umbrella tent carpet canvas tarp',
  water: 'water puddle lake pond wet pool',
  snow: 'snow sand',
  gravel: 'gravel pebble dirt rubble',
  leaves: 'leave leaf foliage',
  grass: 'grass lawn hay straw',
  mud: 'mud muddy swampy',
};

/** What things are made of, by word. */
export const MATERIALS: ReadonlyMap<string, Material> = new Map(
  Object.entries(MATERIAL_LINES).flatMap(([material, words]) =>
    // The keys of the table are the materials.
    words.split(' ').map((word) => [word, material as Material] as const),
  ),
);

/** Rooms, by word. */
export const ROOM_WORDS: ReadonlyMap<string, keyof typeof ROOMS> = new Map([
  ['cave', 'cave'],
  ['cavern', 'cave'],
  ['dungeon', 'cave'],
  ['hall', 'hall'],
  ['auditorium', 'hall'],
  ['gym', 'hall'],
  ['warehouse', 'hall'],
  ['echo', 'hall'],
  ['echoey', 'hall'],
  ['reverb', 'hall'],
  ['reverberant', 'hall'],
  ['reverberate', 'hall'],
  ['church', 'church'],
  ['cathedral', 'church'],
  ['room', 'room'],
  ['bedroom', 'room'],
  ['indoor', 'room'],
  ['inside', 'room'],
  ['hallway', 'tunnel'],
  ['corridor', 'tunnel'],
  ['tunnel', 'tunnel'],
  ['sewer', 'tunnel'],
  ['garage', 'tunnel'],
  ['stairwell', 'tunnel'],
  ['bathroom', 'bathroom'],
  ['outdoor', 'outdoors'],
  ['outside', 'outdoors'],
  ['canyon', 'outdoors'],
  ['cinematic', 'hall'],
]);

/** Phrases that put something between the sound and the ear. */
export const VEIL_PHRASES: readonly (readonly [RegExp, Veil])[] = [
  [
    /\b(?:through|behind) (?:a |the |an )?(?:\w+ )?(?:wall|door|closed door)s?\b|\bnext door\b|\bmuffled\b/g,
    'wall',
  ],
  [/\bunder ?water\b|\bbeneath the (?:water|surface|sea)\b|\bunder the sea\b/g, 'underwater'],
  [
    /\b(?:over|on|through) (?:a |the |an )?(?:\w+ )?(?:telephone|phone|radio|walkie[- ]talkie|intercom|speaker)\b/g,
    'telephone',
  ],
];

/** Number words. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    one: 1,
    single: 1,
    once: 1,
    two: 2,
    twice: 2,
    double: 2,
    couple: 2,
    pair: 2,
    three: 3,
    thrice: 3,
    triple: 3,
    few: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
    dozen: 12,
    fifteen: 15,
    twenty: 20,
  }),
);

/** Words that say nothing about which sound is meant. */
export const IDLE_WORDS: ReadonlySet<string> = new Set(
  `a an the and or of on in at to from into onto off out up down for with over under as is are was be being been it its
  this that these those there here then than while during some any all each every very really more most much just only
  also too so such like same other another one time times second seconds sec minute minutes long short duration loop
  looping seamless sound sounds effect effects sfx fx audio noise recording record clip sample ambience ambiance ambient
  background foreground atmosphere atmospheric style quality high-quality hq hd high stereo mono realistic real natural
  clear clean crisp professional studio detailed immersive hear heard hearing listen make making made play playing goes
  going go come coming comes get getting gets start begin end stop continue happen through across along between against
  above below behind beside next front back top side middle center centre part piece thing things way moment scene movie
  film game video trailer cinematic dramatic nice good great perfect beautiful old new vintage modern classic person man
  woman someone somebody people his her their he she they i you we my your no not without none who which where when what
  how day morning afternoon evening summer winter spring autumn typical usual normal generic simple basic single multiple
  various different full empty open closed door floor ground surface roof wall object electronic digital analog acoustic
  low volume level pitch pitched tone toned tonal type kind set series sequence sudden suddenly slowly quickly repeatedly
  steady constantly turn turning hand air big`.split(/\s+/),
);
