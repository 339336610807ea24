import type { Random } from '../dsp/dsp-random.ts';

/** Frames after which envelopes and filters of a note move on, counted from its own beginning. */
export const CHUNK = 32;

/** Chunks in which a note that is cut becomes silent. */
const CUT_CHUNKS = 12;

/** A note as an instrument plays it. */
export interface Note {
  readonly hertz: number;
  /** 0 to 1. */
  readonly velocity: number;
  /** Frames until it is let go. */
  readonly gateFrames: number;
  /** The note's own; the same note of the same piece sounds the same wherever a clip begins. */
  readonly random: Random;
  /** How finely it is made: 1 is usual. */
  readonly detail: number;
  /** Frames of a beat, for what moves with the music. */
  readonly beatFrames: number;
}

/** A sounding note: what it does depends only on how long it has been there. */
export abstract class Voice {
  readonly #chunk = new Float32Array(CHUNK);
  #place = CHUNK;
  #over = false;
  #cutLevel = 1;
  #cutting = false;

  /** Adds its samples to a block from a frame on; tells whether there are more to come. */
  render(out: Float32Array, from: number): boolean {
    const chunk = this.#chunk;
    let place = this.#place;
    for (let frame = from; frame < out.length; frame += 1) {
      if (place === CHUNK) {
        if (this.#over) return false;
        chunk.fill(0);
        this.#over = !this.fill(chunk) || this.#fade(chunk);
        place = 0;
      }
      out[frame] = (out[frame] ?? 0) + (chunk[place] ?? 0);
      place += 1;
    }
    this.#place = place;
    return true;
  }

  /** Ends it within a few chunks, because somebody else needs its place. */
  cut(): void {
    this.#cutting = true;
  }

  /** Tells whether it has been cut to nothing. */
  #fade(chunk: Float32Array): boolean {
    if (!this.#cutting) return false;
    const from = this.#cutLevel;
    this.#cutLevel = Math.max(0, from - 1 / CUT_CHUNKS);
    for (let frame = 0; frame < CHUNK; frame += 1) {
      chunk[frame] = (chunk[frame] ?? 0) * (from - (frame + 1) / CHUNK / CUT_CHUNKS);
    }
    return this.#cutLevel < 1e-6;
  }

  /** Fills the next chunk, which is silent; tells whether there is another one. */
  protected abstract fill(chunk: Float32Array): boolean;
}

/** An envelope that is asked once a chunk. Times in seconds; decay and release are the time for 60 dB. */
export interface ToneEnvelope {
  readonly attack: number;
  readonly decay: number;
  readonly sustain: number;
  readonly release: number;
}
