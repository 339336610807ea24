import { Chord, Note, Progression, Scale } from 'tonal';
import type { Random } from '../dsp/dsp-random.ts';
import type { Style } from './music-style.ts';
import type { ModeName } from './music-terms.ts';

/** A chord by its pitch classes, 0 = C. */
export interface MusicChord {
  readonly root: number;
  /** Root first, then in the order of the chord. */
  readonly tones: readonly number[];
  /** As in a lead sheet. */
  readonly symbol: string;
}

/** The notes that a piece is made of. */
export interface MusicKey {
  readonly tonic: string;
  readonly mode: ModeName;
  /** Pitch classes of the scale that melodies use, from the tonic up. */
  readonly scale: readonly number[];
  readonly minor: boolean;
}

/** Roman numerals of a few bars: the chords of each. */
export type Numerals = readonly (readonly string[])[];

/** Progressions for the parts of a piece. */
export interface Harmonies {
  readonly a: Numerals;
  readonly b: Numerals;
  readonly c: Numerals;
}

const MODAL: Readonly<Partial<Record<ModeName, readonly [string, string, ...string[]]>>> = {
  dorian: ['Im7|IV7|Im7|IV7', 'Im7|Im7|IV7|bVIImaj7', 'Im7|IIm7|Im7|IV7'],
  phrygian: ['Im|bII|Im|bVIIm', 'Im|bII|bIII|bII'],
  lydian: ['Imaj7|II|Imaj7|II', 'Imaj7|Imaj7|II|VIm7'],
  mixolydian: ['I|bVII|IV|I', 'I|I|bVII|IV', 'I|Vm|IV|I'],
};

/** The key with the scale of its melodies. */
export function musicKey(tonic: string, mode: ModeName): MusicKey {
  const scale = Scale.get(`${tonic} ${mode}`).notes.map((note) => Note.chroma(note));
  return { tonic, mode, scale, minor: isMinor(mode) };
}

/** Whether the third of a mode is small. */
export function isMinor(mode: ModeName): boolean {
  return (
    mode === 'minor' ||
    mode === 'dorian' ||
    mode === 'phrygian' ||
    mode === 'harmonic minor' ||
    mode === 'blues'
  );
}

/** Chooses what each part of a piece stands on: the plainest, unless there is freedom. */
export function chooseHarmonies(
  style: Style,
  mode: ModeName,
  { random, freedom }: { readonly random: Random; readonly freedom: number },
): Harmonies {
  const choices = MODAL[mode] ?? (isMinor(mode) ? style.dark : style.bright);
  const first = random.below(Math.max(1, Math.round(choices.length * Math.min(1, freedom * 1.6))));
  const others = choices.filter((_, index) => index !== first);
  const second = others[random.below(others.length)] ?? choices[0];
  const third = others.find((one) => one !== second) ?? choices[first] ?? choices[0];
  return {
    a: toNumerals(choices[first] ?? choices[0]),
    b: toNumerals(second),
    c: toNumerals(third),
  };
}

function toNumerals(progression: string): Numerals {
  return progression.split('|').map((bar) => bar.split(' '));
}

/** Chords for roman numerals in a key. */
export function toChords(numerals: readonly string[], tonic: string): MusicChord[] {
  return Progression.fromRomanNumerals(tonic, [...numerals]).map((symbol) => {
    const tones = Chord.get(symbol).notes.map((note) => Note.chroma(note));
    return { root: tones[0] ?? 0, tones, symbol };
  });
}

/** The chord on which everything rests. */
export function homeChord(key: MusicKey): MusicChord {
  const seventh = key.mode === 'blues' ? '7' : '';
  return toChords([key.minor && key.mode !== 'blues' ? 'Im' : `I${seventh}`], key.tonic)[0] ?? NOTHING;
}

/** The chord that wants to go home. */
export function dominantChord(key: MusicKey): MusicChord {
  const numeral =
    key.mode === 'dorian' || key.mode === 'mixolydian' ? 'bVII' : key.mode === 'phrygian' ? 'bII' : 'V7';
  return toChords([numeral], key.tonic)[0] ?? NOTHING;
}

const NOTHING: MusicChord = { root: 0, tones: [0, 4, 7], symbol: 'C' };

/** Where the hand is to be. */
export interface HandRange {
  readonly low: number;
  readonly high: number;
  readonly voices: number;
}

/**
 * A chord's notes in a range so that every voice moves as little as it can from the notes before: near notes stay,
 * and the top does not jump.
 */
export function voiceChord(chord: MusicChord, range: HandRange, before: readonly number[]): number[] {
  const tones = essentialTones(chord, range.voices);
  let best: number[] = [];
  let least = Infinity;
  for (let turn = 0; turn < tones.length; turn += 1) {
    for (let octave = -1; octave <= 1; octave += 1) {
      const notes = stack([...tones.slice(turn), ...tones.slice(0, turn)], range.low + 12 * octave);
      const cost = movement(notes, before, range);
      if (cost < least) [best, least] = [notes, cost];
    }
  }
  return best;
}

/** The tones that make a chord what it is: fifth, then root are left out where there are too few voices. */
function essentialTones({ root, tones }: MusicChord, voices: number): readonly number[] {
  if (tones.length <= voices) return tones;
  const withoutFifth = tones.filter((tone) => (tone - root + 12) % 12 !== 7);
  return (withoutFifth.length <= voices ? withoutFifth : withoutFifth.slice(1)).slice(0, voices);
}

function stack(tones: readonly number[], from: number): number[] {
  const notes: number[] = [];
  let last = from - 1;
  for (const tone of tones) {
    last += ((tone - last - 1 + 120) % 12) + 1;
    notes.push(last);
  }
  return notes;
}

function movement(notes: readonly number[], before: readonly number[], { low, high }: HandRange): number {
  const [bottom, top] = [notes[0] ?? low, notes.at(-1) ?? high];
  const outside = 4 * (Math.max(0, low - bottom) + Math.max(0, top - high));
  if (before.length === 0) return outside + Math.abs((bottom + top) / 2 - (low + high) / 2);
  let moved = 0;
  for (const note of notes) {
    let nearest = 12;
    for (const other of before) nearest = Math.min(nearest, Math.abs(note - other));
    moved += nearest;
  }
  return outside + moved + Math.abs(top - (before.at(-1) ?? top)) * 0.8;
}

/** The note of a pitch class that is nearest to another note. */
export function nearestNote(pitchClass: number, to: number): number {
  const up = (((pitchClass - to) % 12) + 12) % 12;
  return up > 6 ? to + up - 12 : to + up;
}
