import type { Filter } from '../dsp/dsp-filters.ts';
import { Noise, type NoiseColour } from '../dsp/dsp-noise.ts';
import type { Random } from '../dsp/dsp-random.ts';
import { panLevels } from '../dsp/dsp-stereo.ts';
import { QUANTUM, SAMPLE_RATE, type StereoBlock } from '../sound-source.ts';

/** One part of what is heard. */
export interface Layer {
  /** Adds `QUANTUM` frames. The first has this number in the imagined piece; each call goes on where the last ended. */
  add(block: StereoBlock, frame: number): void;
}

/** A level or another figure that may change with the second of the piece. */
export type Course = number | ((seconds: number) => number);

function valueAt(course: Course, seconds: number): number {
  return typeof course === 'number' ? course : course(seconds);
}

/** Something without beginning and end. */
export interface TextureParts {
  readonly tick: () => number;
  readonly level?: Course;
  /** -1 (left) to 1 (right). */
  readonly place?: Course;
  /** Called before each quantum: where filters are turned. */
  readonly control?: (seconds: number) => void;
}

/** A texture of one channel, put at a place. Level and place glide from quantum to quantum. */
export function texture({ tick, level = 1, place = 0, control }: TextureParts): Layer {
  let last: { left: number; right: number } | undefined;
  return {
    add: (block, frame) => {
      const seconds = (frame + QUANTUM) / SAMPLE_RATE;
      control?.(seconds);
      const loudness = valueAt(level, seconds);
      const pan = panLevels(valueAt(place, seconds));
      const next = { left: pan.left * loudness, right: pan.right * loudness };
      const from = last ?? next;
      last = next;
      for (let index = 0; index < QUANTUM; index += 1) {
        const sample = tick();
        const part = index / QUANTUM;
        block.left[index] = (block.left[index] ?? 0) + sample * (from.left + (next.left - from.left) * part);
        block.right[index] =
          (block.right[index] ?? 0) + sample * (from.right + (next.right - from.right) * part);
      }
    },
  };
}

/** Noise that comes from everywhere. */
export interface NoiseTextureParts {
  readonly random: Random;
  readonly colour?: NoiseColour;
  /** The filter of a channel; made once for each. */
  readonly shape: () => Filter;
  readonly level?: Course;
  readonly control?: (seconds: number) => void;
}

/** Two noises that know nothing of one another, one in each channel. */
export function noiseTexture({
  random,
  colour = 'white',
  shape,
  level = 1,
  control,
}: NoiseTextureParts): Layer {
  const side = (name: 'left' | 'right') => {
    const noise = new Noise(random.fork(name), colour);
    const filter = shape();
    return () => filter.tick(noise.tick());
  };
  const [left, right] = [side('left'), side('right')];
  let last: number | undefined;
  return {
    add: (block, frame) => {
      const seconds = (frame + QUANTUM) / SAMPLE_RATE;
      control?.(seconds);
      const next = valueAt(level, seconds);
      const from = last ?? next;
      last = next;
      for (let index = 0; index < QUANTUM; index += 1) {
        const now = from + (next - from) * (index / QUANTUM);
        block.left[index] = (block.left[index] ?? 0) + left() * now;
        block.right[index] = (block.right[index] ?? 0) + right() * now;
      }
    },
  };
}

/** A sound with a beginning and an end, finished before it is heard. */
export interface Strike {
  readonly samples: Float32Array;
  /** The right channel, where it differs; `place` does not matter then. */
  readonly right?: Float32Array;
  readonly level?: number;
  readonly place?: number;
}

/** Strikes at their times. */
export interface StrikesParts {
  /** In seconds of the piece, ascending; may be without end. */
  readonly times: Iterable<number>;
  readonly make: (index: number, seconds: number) => Strike;
  /** No strike is longer, in seconds: what ended before the clip is not even made. */
  readonly longest: number;
}

interface Sounding {
  readonly strike: Strike;
  readonly from: number;
  readonly left: number;
  readonly right: number;
}

/** A layer of strikes, each of which is made when its time has come. */
export function strikes({ times, make, longest }: StrikesParts): Layer {
  const clock = times[Symbol.iterator]();
  let next = clock.next();
  let index = 0;
  let sounding: Sounding[] = [];

  const begin = (frame: number) => {
    while (next.done !== true && next.value * SAMPLE_RATE < frame + QUANTUM) {
      const seconds = next.value;
      if ((seconds + longest) * SAMPLE_RATE > frame) {
        const strike = make(index, seconds);
        const pan = panLevels(strike.right ? 0 : (strike.place ?? 0));
        const level = strike.level ?? 1;
        sounding.push({
          strike,
          from: Math.round(seconds * SAMPLE_RATE),
          left: pan.left * level,
          right: pan.right * level,
        });
      }
      index += 1;
      next = clock.next();
    }
  };

  return {
    add: (block, frame) => {
      begin(frame);
      if (sounding.length === 0) return;
      for (const one of sounding) addSounding(block, one, frame);
      sounding = sounding.filter(({ strike, from }) => from + strike.samples.length > frame + QUANTUM);
    },
  };
}

function addSounding({ left, right }: StereoBlock, one: Sounding, frame: number): void {
  const { samples } = one.strike;
  const other = one.strike.right ?? samples;
  const first = Math.max(0, one.from - frame);
  const last = Math.min(QUANTUM, one.from + samples.length - frame);
  for (let index = first; index < last; index += 1) {
    const place = frame + index - one.from;
    left[index] = (left[index] ?? 0) + (samples[place] ?? 0) * one.left;
    right[index] = (right[index] ?? 0) + (other[place] ?? 0) * one.right;
  }
}
