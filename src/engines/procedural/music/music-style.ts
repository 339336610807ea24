import type { DrumKit, Genre, Instrument, Metre } from './music-terms.ts';
import type { ROOMS } from '../dsp/dsp-reverb.ts';

/** How a bass line goes. */
export type BassPattern =
  | 'hold'
  | 'roots'
  | 'root and fifth'
  | 'eighths'
  | 'octaves'
  | 'offbeat'
  | 'walking'
  | 'syncopated'
  | 'sixteenths'
  | 'pedal'
  | 'dub'
  | 'boom'
  | 'wobble'
  | 'tumbao';

/** How chords are played. */
export type ChordPattern =
  | 'hold'
  | 'halves'
  | 'pulse'
  | 'stabs'
  | 'strum'
  | 'comp'
  | 'skank'
  | 'oom-pah'
  | 'broken'
  | 'picked'
  | 'power'
  | 'bossa'
  | 'lazy'
  | 'rhythm';

/** How the notes of chords are played one after another. */
export type ArpeggioPattern = 'up' | 'up and down' | 'rolling' | 'ostinato' | 'sparse' | 'cascade';

/** What the drums play. */
export type GrooveName =
  | 'lazy'
  | 'four on the floor'
  | 'driving techno'
  | 'breakbeat'
  | 'half time'
  | 'boom bap'
  | 'trap'
  | 'rock'
  | 'metal'
  | 'punk'
  | 'funk'
  | 'shuffle'
  | 'reggae'
  | 'swing'
  | 'bossa'
  | 'latin'
  | 'train'
  | 'cinematic'
  | 'march'
  | 'gated'
  | 'chip'
  | 'light';

/** How a kind of music is made. */
export interface Style {
  readonly genre: Genre;
  /** Slowest, usual and fastest, in beats per minute. */
  readonly tempo: readonly [number, number, number];
  readonly metre?: Metre;
  /** How likely it is in minor when nothing says so, 0 to 1. */
  readonly darkness: number;
  /** How late the notes between the main ones come, as part of their length: 0.33 is a triplet. */
  readonly swing: number;
  /** What is swung: eighths or sixteenths. */
  readonly swungSteps: 1 | 2;
  /** Spread of the players around the beat, in milliseconds. */
  readonly looseness: number;
  /** Roman numerals, a bar between bars; in major. The first is the plainest. */
  readonly bright: readonly [string, string, ...string[]];
  /** The same in minor. */
  readonly dark: readonly [string, string, ...string[]];
  /** Whether phrases close with a dominant. */
  readonly cadences: boolean;
  readonly form: 'song' | 'club' | 'drift' | 'concert';
  readonly drums?: { readonly groove: GrooveName; readonly kit: DrumKit; readonly level: number };
  readonly bass?: { readonly by: Instrument; readonly as: BassPattern; readonly level: number };
  readonly chords?: { readonly by: Instrument; readonly as: ChordPattern; readonly level: number };
  readonly pad?: { readonly by: Instrument; readonly level: number };
  readonly arpeggio?: { readonly by: Instrument; readonly as: ArpeggioPattern; readonly level: number };
  /** `density`: notes per beat, roughly. Others who may take over come second. */
  readonly melody?: {
    readonly by: readonly [Instrument, ...Instrument[]];
    readonly density: number;
    readonly level: number;
  };
  readonly counter?: { readonly by: Instrument; readonly level: number };
  readonly room: keyof typeof ROOMS;
  /** How much of the room is heard, 0 to 1. */
  readonly wet: number;
  /** How much of the melody comes back as an echo, 0 to 1. */
  readonly echo: number;
  /** Where the whole is darkened, in hertz; absent for music that is not. */
  readonly ceilingHertz?: number;
  /** How far everything but the drums steps back for the kick, 0 to 1. */
  readonly pumping: number;
  /** How hard the whole is pressed together, 0 to 1. */
  readonly pressure: number;
}

/** What most styles have in common. */
export const PLAIN: Omit<Style, 'genre' | 'tempo' | 'bright' | 'dark'> = {
  darkness: 0.4,
  swing: 0,
  swungSteps: 1,
  looseness: 5,
  cadences: false,
  form: 'song',
  room: 'plate',
  wet: 0.2,
  echo: 0,
  pumping: 0,
  pressure: 0.5,
};
