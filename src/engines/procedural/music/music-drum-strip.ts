import { fromDecibels } from '../dsp/dsp-envelopes.ts';
import { panLevels } from '../dsp/dsp-stereo.ts';
import type { DrumPlan } from './music-arrangement.ts';
import type { DrumSound, DrumSounds } from './music-drum-sounds.ts';
import type { Ducker } from './music-effects.ts';
import type { EventQueue, PlayedStroke } from './music-performance.ts';
import type { DrumPiece } from './music-terms.ts';
import { QUANTUM, type StereoBlock } from '../sound-source.ts';

/** What the parts are mixed into. */
export interface Buses {
  readonly main: StereoBlock;
  readonly room: StereoBlock;
  readonly echo: StereoBlock;
  readonly gains: Float32Array;
}

/** Where the pieces of the kit stand, and their level in decibels. */
const PIECES: Readonly<Record<DrumPiece, readonly [number, number]>> = {
  kick: [0, 0],
  snare: [-0.06, -2],
  clap: [0.08, -3.5],
  rim: [0.2, -6],
  hat: [0.32, -7],
  'open hat': [0.32, -10],
  ride: [-0.4, -10],
  crash: [-0.3, -9],
  'high tom': [-0.25, -4],
  'low tom': [0.35, -3],
  shaker: [-0.45, -11],
  tambourine: [0.45, -10],
  conga: [-0.35, -7],
  'big drum': [0, 0],
  'cymbal swell': [0.2, -14],
  crackle: [0, -16],
};

interface Stroke {
  readonly sound: DrumSound;
  readonly left: number;
  readonly right: number;
  readonly room: number;
  readonly piece: DrumPiece;
  readonly start: number;
}

/** The drums. */
export class DrumStrip {
  readonly #queue: EventQueue<PlayedStroke>;
  readonly #sounds: DrumSounds;
  readonly #level: number;
  readonly #drums: DrumPlan;
  #sounding: Stroke[] = [];

  constructor(
    drums: DrumPlan,
    { queue, sounds }: { readonly queue: EventQueue<PlayedStroke>; readonly sounds: DrumSounds },
  ) {
    this.#drums = drums;
    this.#queue = queue;
    this.#sounds = sounds;
    this.#level = fromDecibels(drums.level - 9.5);
  }

  /** Takes the strokes before a frame, and lets the kick be felt by the others. */
  collect(end: number, ducker: Ducker): void {
    for (let next = this.#queue.take(end); next; next = this.#queue.take(end)) {
      const { piece, velocity, index } = next.event;
      if (piece === 'kick' || piece === 'big drum') ducker.strike(velocity);
      // A closed hat ends an open one.
      if (piece === 'hat')
        this.#sounding = this.#sounding.filter(
          (one) => one.piece !== 'open hat' || next.frame - one.start < 2000,
        );
      const [place, decibels] = PIECES[piece];
      const { left, right } = panLevels(place);
      const level = this.#level * fromDecibels(decibels) * (0.08 + 0.92 * velocity ** 1.5);
      const room = piece === 'kick' ? 0.05 : this.#drums.kit === 'orchestral' ? 1 : 0.3;
      this.#sounding.push({
        sound: this.#sounds.sound(piece, index),
        left: left * level,
        right: right * level,
        room,
        piece,
        start: next.frame,
      });
    }
  }

  mix(frame: number, { main, room }: Buses): void {
    for (const stroke of this.#sounding) {
      const first = Math.max(0, stroke.start - frame);
      const shift = frame - stroke.start;
      for (let index = first; index < QUANTUM; index += 1) {
        const sample = stroke.sound[shift + index] ?? 0;
        main.left[index] = (main.left[index] ?? 0) + sample * stroke.left;
        main.right[index] = (main.right[index] ?? 0) + sample * stroke.right;
        room.left[index] = (room.left[index] ?? 0) + sample * stroke.left * stroke.room;
        room.right[index] = (room.right[index] ?? 0) + sample * stroke.right * stroke.room;
      }
    }
    this.#sounding = this.#sounding.filter((stroke) => frame + QUANTUM - stroke.start < stroke.sound.length);
  }
}
