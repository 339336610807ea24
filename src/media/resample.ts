import type { PcmStream } from './pcm.ts';
import { createKernel, type PhaseFilter, type ResampleKernel } from './resample-kernel.ts';

/** Zero crossings of the sinc on each side of its centre, counted at the lower of the two rates. */
const ZERO_CROSSINGS = 32;
/** Kaiser window for 90 dB of stop-band attenuation: beta = 0.1102 (90 - 8.7). */
const KAISER_BETA = 8.96;
/**
 * The middle of the filter's slope as a share of the lower Nyquist frequency. The slope of this window is 18 %
 * wide, so everything up to 0.82 passes and everything from 1.0 on is stopped.
 */
const CUTOFF = 0.91;
/** Beyond so many phases the rows are interpolated from a table of this size instead of being stored. */
const MOST_PHASES = 2048;

interface Filter extends PhaseFilter {
  /** Input samples needed on each side of an output sample. */
  readonly reach: number;
  /** Of `phases + 1` rows, the last is phase 0 of the next sample. */
  readonly phases: number;
  readonly kernel: ResampleKernel;
}

const filters = new Map<string, Filter>();

/**
 * The same sound at another sample rate, in hertz, by a polyphase windowed sinc with at least 80 dB between
 * pass-band and aliases. There is no delay: sample k of the output is the input's value at time k / sampleRate.
 * Of n input frames come round(n * sampleRate / pcm.sampleRate) frames, however the input was chunked.
 */
export function resample(pcm: PcmStream, sampleRate: number): PcmStream {
  if (pcm.sampleRate === sampleRate) return pcm;
  const filter = getFilter(pcm.sampleRate, sampleRate);
  return { sampleRate, channels: pcm.channels, chunks: run(pcm, filter) };
}

/** A conversion of mono sound that is fed as the sound comes. */
export interface Resampler {
  /** What is ready once these samples are known; the last few come with the next ones. */
  push(samples: Float32Array): Float32Array;
  /** Those last few, as if silence came after them. Nothing may be pushed any more. */
  finish(): Float32Array;
}

/** The same conversion for sound that comes in pieces from somebody who does not wait to be asked. */
export function openResampler(from: number, to: number): Resampler {
  if (from !== to) return new Converter(getFilter(from, to), 1);
  return { push: (samples) => samples, finish: () => new Float32Array(0) };
}

async function* run(pcm: PcmStream, filter: Filter): AsyncGenerator<Float32Array> {
  const converter = new Converter(filter, pcm.channels);
  for await (const chunk of pcm.chunks) {
    const output = converter.push(chunk);
    if (output.length > 0) yield output;
  }
  const tail = converter.finish();
  if (tail.length > 0) yield tail;
}

/** The state of one conversion. Input before the first and after the last sample counts as silence. */
class Converter {
  readonly #filter: Filter;
  readonly #channels: number;
  /** Per channel, the input samples that are still needed, the oldest first. */
  readonly #windows: Float32Array[];
  /** How many samples of a window are filled. */
  #filled: number;
  /** Where in the window the next output's first coefficient falls. */
  #start = 1;
  /** The next output's distance from the input sample at its left, in steps of 1 / `up`. */
  #phase = 0;
  #framesIn = 0;
  #framesOut = 0;

  constructor(filter: Filter, channels: number) {
    this.#filter = filter;
    this.#channels = channels;
    this.#filled = filter.reach;
    this.#windows = Array.from({ length: channels }, () => new Float32Array(filter.reach * 4 + 1024));
  }

  push(chunk: Float32Array): Float32Array {
    const frames = chunk.length / this.#channels;
    this.#framesIn += frames;
    this.#append(chunk, frames);
    return this.#produce(Number.POSITIVE_INFINITY);
  }

  finish(): Float32Array {
    const { up, down, reach } = this.#filter;
    const total = Math.round((this.#framesIn * up) / down);
    this.#append(new Float32Array((reach + 1) * this.#channels), reach + 1);
    return this.#produce(total - this.#framesOut);
  }

  #append(chunk: Float32Array, frames: number): void {
    // Positive at all times: an output's stride is always shorter than the filter.
    const kept = this.#filled - this.#start;
    this.#windows.forEach((window, channel) => {
      const target = window.length >= kept + frames ? window : new Float32Array((kept + frames) * 2);
      target.set(window.subarray(this.#start, this.#filled));
      for (let frame = 0; frame < frames; frame += 1) {
        target[kept + frame] = chunk[frame * this.#channels + channel] ?? 0;
      }
      this.#windows[channel] = target;
    });
    this.#start = 0;
    this.#filled = kept + frames;
  }

  #produce(most: number): Float32Array {
    const { up, down, reach } = this.#filter;
    const available = this.#filled - this.#start - 2 * reach;
    const possible = available < 0 ? 0 : Math.floor(((available + 1) * up - 1 - this.#phase) / down) + 1;
    const count = Math.max(0, Math.min(possible, most));
    const planes = this.#windows.map((window) => {
      return this.#convolve(window.subarray(this.#start, this.#filled), count);
    });
    const steps = this.#phase + count * down;
    this.#start += Math.floor(steps / up);
    this.#phase = steps % up;
    this.#framesOut += count;
    return interleave(planes);
  }

  #convolve(window: Float32Array, count: number): Float32Array<ArrayBuffer> {
    const { up, phases, kernel } = this.#filter;
    const output = new Float32Array(count);
    if (phases === up) kernel(window, this.#phase, output);
    else this.#convolveBetween(window, output);
    return output;
  }

  /** With more phases than there are rows, an output lies between those of its two nearest. */
  #convolveBetween(window: Float32Array, output: Float32Array): void {
    const { up, down, phases, kernel } = this.#filter;
    const one = new Float32Array(1);
    for (let index = 0; index < output.length; index += 1) {
      const steps = this.#phase + index * down;
      const from = window.subarray(Math.floor(steps / up));
      const position = ((steps % up) / up) * phases;
      const row = Math.floor(position);
      kernel(from, row, one);
      const before = one[0] ?? 0;
      kernel(from, row + 1, one);
      output[index] = before + ((one[0] ?? 0) - before) * (position - row);
    }
  }
}

function interleave(planes: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  const [left = new Float32Array(0), right] = planes;
  if (!right) return left;
  const both = new Float32Array(left.length * 2);
  for (let frame = 0; frame < left.length; frame += 1) {
    both[2 * frame] = left[frame] ?? 0;
    both[2 * frame + 1] = right[frame] ?? 0;
  }
  return both;
}

function getFilter(from: number, to: number): Filter {
  const key = `${from}:${to}`;
  const known = filters.get(key);
  if (known) return known;
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  // A multiple of 4, so that a row is a multiple of 8.
  const reach = 4 * Math.ceil((ZERO_CROSSINGS * Math.max(1, down / up)) / 4);
  const phases = Math.min(up, MOST_PHASES);
  const cutoff = CUTOFF * Math.min(1, up / down);
  const taps = 2 * reach;
  const rows = new Float32Array((phases + 1) * taps);
  for (let phase = 0; phase <= phases; phase += 1) {
    rows.set(makeRow(phase / phases, reach, cutoff), phase * taps);
  }
  const shape = { up, down, rows, taps };
  const filter = { ...shape, reach, phases, kernel: createKernel(shape) };
  // Rates come from files of strangers too: the cache must not grow with them.
  if (filters.size >= 32) filters.clear();
  filters.set(key, filter);
  return filter;
}

/** The coefficients for an output sample that lies `offset` (0..1) behind the sample at index `reach - 1`. */
function makeRow(offset: number, reach: number, cutoff: number): Float64Array {
  const row = new Float64Array(2 * reach);
  for (let tap = 0; tap < row.length; tap += 1) {
    const distance = tap - (reach - 1) - offset;
    row[tap] = sinc(distance * cutoff) * kaiser(distance / reach);
  }
  // Each phase gets the same gain at 0 Hz; otherwise the phases would modulate the sound.
  const sum = row.reduce((total, coefficient) => total + coefficient, 0);
  return row.map((coefficient) => coefficient / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(position: number): number {
  const inside = 1 - position * position;
  return inside <= 0 ? 0 : bessel(KAISER_BETA * Math.sqrt(inside)) / bessel(KAISER_BETA);
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let order = 1; term > sum * 1e-16; order += 1) {
    term *= (x / (2 * order)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
