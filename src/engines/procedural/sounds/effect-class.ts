import type { Layer } from './effect-layers.ts';
import type { Random } from '../dsp/dsp-random.ts';

/** What things are made of, and what is walked or rained upon. */
export type Material =
  | 'wood'
  | 'metal'
  | 'glass'
  | 'stone'
  | 'plastic'
  | 'paper'
  | 'cloth'
  | 'water'
  | 'snow'
  | 'gravel'
  | 'leaves'
  | 'grass'
  | 'mud';

/** What is asked of a class of sounds: everything that the prompt says about it. */
export interface EffectAsk {
  /** Of this sound alone. */
  readonly random: Random;
  /** A factor around 1 by which a figure of the class may differ this time; `spread` 0.1 is a tenth or so. */
  vary(spread: number): number;
  /** -1 (light, soft) to 1 (heavy, violent); 0 when nothing is said. */
  readonly strength: number;
  /** Factor for all frequencies: below 1 is large, deep; above 1 small, high. */
  readonly pitch: number;
  /** Factor for how fast things follow one another. */
  readonly pace: number;
  /** -1 (becomes slower) to 1 (becomes faster). */
  readonly acceleration: number;
  /** How often it happens, where that is said. */
  readonly count: number | undefined;
  /** Whether it is said to happen more than once or to go on. */
  readonly plural: boolean;
  /** A pitch in hertz, where one is said. */
  readonly hertz: number | undefined;
  /** Beats per minute, where they are said. */
  readonly beats: number | undefined;
  readonly material: Material | undefined;
  /** Base forms of all words that belong to it. */
  readonly words: ReadonlySet<string>;
  /** How much work is spent on details: 0.25 to 1. */
  readonly detail: number;
  /** 0 (at the ear) to 1 (at the horizon). */
  readonly distance: number;
  /** Which seconds of the imagined piece are heard. */
  readonly window: { readonly from: number; readonly to: number };
  /** Length of the loop that it has to fit into, in seconds; absent when it need not come round. */
  readonly loopSeconds: number | undefined;
}

/** A sound that is put together from others. */
export interface EffectPart {
  readonly id: string;
  /** Against the other parts, in decibels. */
  readonly decibels: number;
  /** What is different from what was asked. */
  readonly changes?: Partial<EffectAsk>;
}

/** A class of sounds that prompts can name. */
export interface EffectClass {
  readonly id: string;
  /** Names, parted by commas: the stems of one name, in any order, in one phrase. */
  readonly names: string;
  /** How long a clip of it is when nobody says. */
  readonly seconds: number;
  /** Against other sounds of a scene, in decibels. */
  readonly presence?: number;
  /** Whether it happens once even when it is said to be going on: a glass that is breaking breaks once. */
  readonly once?: boolean;
  /** Whether it goes past by itself. */
  readonly moves?: boolean;
  readonly make: ((ask: EffectAsk) => readonly Layer[]) | { readonly parts: readonly EffectPart[] };
}
