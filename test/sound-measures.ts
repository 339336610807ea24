/** Frames per second of everything that is measured here. */
export const MEASURED_RATE = 44_100;

/** The middle of two channels. */
export function toMono(interleaved: Float32Array): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(interleaved.length / 2);
  for (let frame = 0; frame < mono.length; frame += 1)
    mono[frame] = (interleaved[2 * frame]! + interleaved[2 * frame + 1]!) / 2;
  return mono;
}

/** What the transform of a length needs that does not depend on the signal. */
interface SpectrumTables {
  readonly window: Float64Array;
  /** Where each sample goes: its index with the bits the other way round. */
  readonly order: Uint32Array;
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const tables = new Map<number, SpectrumTables>();

function tablesFor(size: number): SpectrumTables {
  const known = tables.get(size);
  if (known) return known;
  const turns = Float64Array.from({ length: size / 2 }, (_, turn) => (-2 * Math.PI * turn) / size);
  const made: SpectrumTables = {
    window: Float64Array.from(
      { length: size },
      (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size),
    ),
    order: Uint32Array.from({ length: size }, (_, index) => reversed(index, size)),
    cosines: turns.map(Math.cos),
    sines: turns.map(Math.sin),
  };
  tables.set(size, made);
  return made;
}

/** The magnitudes of a real signal's spectrum, 0 to half the sample rate; the length is a power of two. */
export function magnitudes(samples: Float32Array, size: number): Float64Array {
  const { window, order, cosines, sines } = tablesFor(size);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const length = Math.min(size, samples.length);
  for (let index = 0; index < length; index += 1) real[order[index]!] = samples[index]! * window[index]!;
  for (let half = 1; half < size; half *= 2) {
    const step = size / 2 / half;
    for (let turn = 0; turn < half; turn += 1) {
      const [cos, sin] = [cosines[turn * step]!, sines[turn * step]!];
      for (let first = turn; first < size; first += 2 * half) {
        const second = first + half;
        const re = real[second]! * cos - imaginary[second]! * sin;
        const im = real[second]! * sin + imaginary[second]! * cos;
        real[second] = real[first]! - re;
        imaginary[second] = imaginary[first]! - im;
        real[first]! += re;
        imaginary[first]! += im;
      }
    }
  }
  const bins = new Float64Array(size / 2);
  for (let bin = 0; bin < bins.length; bin += 1)
    bins[bin] = Math.sqrt(real[bin]! ** 2 + imaginary[bin]! ** 2);
  return bins;
}

function reversed(index: number, size: number): number {
  let result = 0;
  for (let bit = 1, rest = index; bit < size; bit *= 2, rest >>= 1) result = result * 2 + (rest & 1);
  return result;
}

const spectra = new WeakMap<Float32Array, Float64Array>();

/** The mean power in each bin of a spectrum of 4096 frames. */
export function meanSpectrum(mono: Float32Array, size = 4096): Float64Array {
  if (size !== 4096) return measuredSpectrum(mono, size);
  const known = spectra.get(mono) ?? measuredSpectrum(mono, size);
  spectra.set(mono, known);
  return known;
}

function measuredSpectrum(mono: Float32Array, size: number): Float64Array {
  const sum = new Float64Array(size / 2);
  for (let at = 0; at < Math.max(1, mono.length - size / 2); at += size / 2) {
    const bins = magnitudes(mono.subarray(at, at + size), size);
    for (let bin = 0; bin < bins.length; bin += 1) sum[bin]! += (bins[bin] ?? 0) ** 2;
  }
  return sum;
}

/** Where the middle of the power lies, in hertz. */
export function centroid(mono: Float32Array): number {
  const power = meanSpectrum(mono);
  const total = power.reduce((sum, value) => sum + value, 0);
  const weighted = power.reduce((sum, value, bin) => sum + value * bin, 0);
  return ((weighted / total) * MEASURED_RATE) / (2 * power.length);
}

/** Which part of the power lies between two frequencies, 0 to 1. */
export function bandShare(mono: Float32Array, from: number, to: number): number {
  const power = meanSpectrum(mono);
  const hertz = MEASURED_RATE / (2 * power.length);
  const total = power.reduce((sum, value) => sum + value, 0);
  return (
    power.reduce((sum, value, bin) => sum + (bin * hertz >= from && bin * hertz < to ? value : 0), 0) / total
  );
}

/** The frequency with the most power between two others, from a long spectrum. */
export function strongestHertz(mono: Float32Array, from: number, to: number): number {
  const power = meanSpectrum(mono, 16_384);
  const hertz = MEASURED_RATE / (2 * power.length);
  let best = Math.ceil(from / hertz);
  for (let bin = best; bin < Math.min(power.length, to / hertz); bin += 1)
    if (power[bin]! > power[best]!) best = bin;
  return best * hertz;
}

/** The level of every hundredth of a second, root mean square. */
export function levels(mono: Float32Array, seconds = 0.01): Float64Array {
  const frames = Math.round(seconds * MEASURED_RATE);
  return Float64Array.from({ length: Math.floor(mono.length / frames) }, (_, step) => {
    let sum = 0;
    for (let index = step * frames; index < (step + 1) * frames; index += 1) sum += (mono[index] ?? 0) ** 2;
    return Math.sqrt(sum / frames);
  });
}

/** Seconds at which something begins: the level rises to several times what it was, after at least `apart` seconds. */
export function onsets(mono: Float32Array, { rise = 3, floor = 0.06, apart = 0.12 } = {}): number[] {
  const curve = levels(mono);
  const peak = Math.max(...curve);
  const found: number[] = [];
  for (let step = 1; step < curve.length; step += 1) {
    const before = Math.min(...curve.subarray(Math.max(0, step - 3), step));
    const loud = curve[step]! > floor * peak && curve[step]! > rise * before;
    if (loud && step * 0.01 - (found.at(-1) ?? -1) >= apart) found.push(step * 0.01);
  }
  return found;
}

/** Seconds from the loudest moment until the level has fallen by some decibels for good. */
export function decaySeconds(mono: Float32Array, decibels = 30): number {
  const curve = levels(mono);
  const top = curve.indexOf(Math.max(...curve));
  const limit = curve[top]! * 10 ** (-decibels / 20);
  for (let step = curve.length - 1; step > top; step -= 1)
    if (curve[step]! > limit) return (step - top) * 0.01;
  return 0;
}

/** The period that the level repeats itself in, between two lengths, in seconds, and how much it does, 0 to 1. */
export function periodicity(
  mono: Float32Array,
  from: number,
  to: number,
): { seconds: number; strength: number } {
  const step = 0.005;
  const curve = levels(mono, step);
  const mean = curve.reduce((sum, value) => sum + value, 0) / curve.length;
  const swing = curve.map((value) => value - mean);
  const at = (lag: number) => {
    let [sum, one, other] = [0, 0, 0];
    for (let index = 0; index + lag < swing.length; index += 1) {
      sum += swing[index]! * swing[index + lag]!;
      one += swing[index]! ** 2;
      other += swing[index + lag]! ** 2;
    }
    return sum / Math.sqrt(one * other || 1);
  };
  let best = { seconds: 0, strength: -1 };
  for (let lag = Math.round(from / step); lag <= to / step; lag += 1) {
    const strength = at(lag);
    if (strength > best.strength) best = { seconds: lag * step, strength };
  }
  return best;
}

/** Where the sound is, -1 (left) to 1 (right), in each of some equal parts. */
export function sides(interleaved: Float32Array, parts: number): number[] {
  const frames = interleaved.length / 2;
  return Array.from({ length: parts }, (_, part) => {
    let [left, right] = [0, 0];
    for (let frame = Math.floor((part * frames) / parts); frame < ((part + 1) * frames) / parts; frame += 1) {
      left += (interleaved[2 * frame] ?? 0) ** 2;
      right += (interleaved[2 * frame + 1] ?? 0) ** 2;
    }
    return (right - left) / (right + left || 1);
  });
}
