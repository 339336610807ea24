import type { FmSpec } from './music-fm-voice.ts';
import type { PluckedSpec } from './music-plucked-voice.ts';
import type { StruckSpec } from './music-struck-voice.ts';
import type { ToneSpec } from './music-tone-voice.ts';

/** What an instrument is made of, and how it is recorded. */
export interface InstrumentSpec {
  readonly sound: ToneSpec | StruckSpec | FmSpec | PluckedSpec;
  /** The note around which it plays a tune. */
  readonly middle: number;
  /** The note around which it plays chords, where that is another. */
  readonly chordMiddle?: number;
  /** Decibels that bring it to the loudness of the others. */
  readonly trim: number;
  /** What is taken away below, in hertz. */
  readonly lowCut: number;
  readonly highCut?: number;
  /** How hard it is driven into distortion, as a factor. */
  readonly drive?: number;
  /** How wide and moving it is, 0 to 1. */
  readonly ensemble?: number;
  /** How far its level swings between left and right, 0 to 1. */
  readonly tremolo?: number;
}
