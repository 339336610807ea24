import type { Random } from '../dsp/dsp-random.ts';
import type { Section } from './music-form.ts';
import type { HandRange, MusicChord, MusicKey } from './music-harmony.ts';
import type { DrumPiece, Instrument, Metre, Role } from './music-terms.ts';

/** A note as it is written: where in beats from the beginning of the piece. */
export interface WrittenNote {
  readonly beat: number;
  readonly beats: number;
  /** 60 = middle C; may lie between two keys. */
  readonly pitch: number;
  /** 0 to 1. */
  readonly velocity: number;
  /** Who plays it, where a part changes hands. */
  readonly by?: Instrument;
}

/** A stroke on the drums. */
export interface WrittenStroke {
  readonly beat: number;
  readonly piece: DrumPiece;
  readonly velocity: number;
}

/** A chord and how long it lasts. */
export interface ChordSpan {
  readonly chord: MusicChord;
  /** From the beginning of its bar. */
  readonly beat: number;
  readonly beats: number;
}

/** A bar of the piece and everything that its players know of it. */
export interface Bar {
  readonly index: number;
  readonly section: Section;
  /** Which bar of its section it is. */
  readonly place: number;
  readonly sectionBars: number;
  readonly startBeat: number;
  readonly beats: number;
  readonly metre: Metre;
  readonly chords: readonly ChordSpan[];
  /** The first chord of the bar after it. */
  readonly next: MusicChord;
  /** 0 to 1. */
  readonly energy: number;
  /** How many times its theme was played before. */
  readonly round: number;
  /** Nothing but the last chord. */
  readonly final: boolean;
}

/** What a player writes with. */
export interface Pen {
  readonly key: MusicKey;
  readonly random: Random;
  add(note: WrittenNote): void;
}

/** Somebody who plays, bar after bar. */
export type Player = (bar: Bar, pen: Pen) => void;

/** What one player of a piece plays, and with what. */
export interface PartScore {
  readonly role: Role;
  readonly instrument: Instrument;
  readonly notes: readonly WrittenNote[];
}

/** The chord at a beat of a bar. */
export function chordAt(bar: Bar, beat: number): MusicChord {
  const span = bar.chords.findLast((one) => one.beat <= beat + 1e-9) ?? bar.chords[0];
  return span?.chord ?? bar.next;
}

/** A range around the middle of an instrument. */
export function handRange(middle: number, voices: number): HandRange {
  return { low: middle - 8, high: middle + 9, voices };
}
