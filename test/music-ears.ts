import { magnitudes, MEASURED_RATE } from './sound-measures.ts';

/** Frames between two values of an onset curve: a hundredth of a second. */
const HOP = 441;
const WINDOW = 1024;

/** How much begins in each hundredth of a second: what grew in the spectrum, as ears weigh it. */
export function onsetCurve(mono: Float32Array): Float64Array {
  const steps = Math.max(0, Math.floor((mono.length - WINDOW) / HOP));
  const curve = new Float64Array(steps);
  let before = new Float64Array(WINDOW / 2);
  for (let step = 0; step < steps; step += 1) {
    const now = magnitudes(mono.subarray(step * HOP, step * HOP + WINDOW), WINDOW).map((one) =>
      Math.log1p(20 * one),
    );
    for (let bin = 0; bin < now.length; bin += 1) curve[step]! += Math.max(0, now[bin]! - before[bin]!);
    before = now;
  }
  curve[0] = 0;
  return curve;
}

/** How alike a curve is to itself some steps later, -1 to 1; steps may be broken numbers. */
export function likeness(curve: Float64Array, lag: number): number {
  const whole = Math.floor(lag);
  const at = (steps: number) => {
    const mean = curve.reduce((sum, one) => sum + one, 0) / curve.length;
    let [sum, power] = [0, 0];
    for (let index = 0; index < curve.length; index += 1) {
      power += (curve[index]! - mean) ** 2;
      if (index + steps < curve.length) sum += (curve[index]! - mean) * (curve[index + steps]! - mean);
    }
    return power === 0 ? 0 : sum / power;
  };
  return at(whole) + (lag - whole) * (at(whole + 1) - at(whole));
}

/** The tempo within a range at which everything comes again one, two, four and eight beats later. */
export function heardTempo(mono: Float32Array, from: number, to: number): number {
  const curve = onsetCurve(mono);
  let best = { beatsPerMinute: 0, score: -Infinity };
  for (let beatsPerMinute = from; beatsPerMinute <= to; beatsPerMinute += 0.5) {
    const beat = (60 / beatsPerMinute) * (MEASURED_RATE / HOP);
    const score = [1, 2, 4, 8].reduce((sum, beats) => sum + likeness(curve, beat * beats), 0);
    if (score > best.score) best = { beatsPerMinute, score };
  }
  return best.beatsPerMinute;
}

/** Things that begin, per second: peaks of the onset curve well above what is around them. */
export function onsetsPerSecond(mono: Float32Array): number {
  const curve = onsetCurve(mono);
  const mean = curve.reduce((sum, one) => sum + one, 0) / curve.length;
  // What only flutters or beats lies below a hundred.
  const floor = Math.max(100, mean + 0.2 * (Math.max(...curve) - mean));
  let count = 0;
  for (let step = 3; step + 3 < curve.length; step += 1) {
    const around = curve.subarray(step - 3, step + 4);
    const here = curve[step] ?? 0;
    if (here === Math.max(...around) && here > floor) count += 1;
  }
  return count / (mono.length / MEASURED_RATE);
}

const NAMES = ['C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'] as const;
/** How well each note fits into a key, as listeners judged it (Krumhansl and Kessler, 1982). */
const MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR = [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/** The key whose profile the notes of a sound fit best. */
export function heardKey(mono: Float32Array): string {
  const notes = chroma(mono);
  let best = { name: '', fit: -Infinity };
  for (let tonic = 0; tonic < 12; tonic += 1) {
    for (const [profile, mode] of [
      [MAJOR, 'major'],
      [MINOR, 'minor'],
    ] as const) {
      const turned = notes.map((_, note) => profile[(note - tonic + 12) % 12]!);
      const fit = correlation(notes, turned);
      if (fit > best.fit) best = { name: `${NAMES[tonic]} ${mode}`, fit };
    }
  }
  return best.name;
}

/** How strong each of the twelve notes is, from spectral peaks between 110 and 1200 hertz. */
export function chroma(mono: Float32Array): number[] {
  const size = 16_384;
  const notes = Array.from({ length: 12 }, () => 0);
  for (let at = 0; at + size < mono.length; at += size / 2) {
    const bins = magnitudes(mono.subarray(at, at + size), size);
    const loudest = Math.max(...bins.subarray(40, 450));
    for (let bin = 41; bin < 446; bin += 1) {
      const peak = bins[bin]! > bins[bin - 1]! && bins[bin]! >= bins[bin + 1]! && bins[bin]! > 0.02 * loudest;
      if (!peak) continue;
      // A peak may be an overtone of something lower, so that gets its share (Gómez, 2006).
      for (let overtone = 1; overtone <= 6; overtone += 1) {
        const note = Math.round(69 + 12 * Math.log2((bin * MEASURED_RATE) / size / overtone / 440));
        notes[((note % 12) + 12) % 12]! += 0.7 ** (overtone - 1) * Math.sqrt(bins[bin]!);
      }
    }
  }
  return notes;
}

function correlation(one: readonly number[], other: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(one), mean(other)];
  let [sum, left, right] = [0, 0, 0];
  for (let index = 0; index < one.length; index += 1) {
    sum += (one[index]! - a) * (other[index]! - b);
    left += (one[index]! - a) ** 2;
    right += (other[index]! - b) ** 2;
  }
  return sum / Math.sqrt(left * right || 1);
}

/** Whether what is low begins anew every third, or every second or fourth beat of a tempo. */
export function heardMetre(mono: Float32Array, beatsPerMinute: number): 3 | 4 {
  const strokes = lowOnsets(mono, beatsPerMinute);
  const mean = strokes.reduce((sum, one) => sum + one, 0) / strokes.length;
  const strength = (beats: number) => {
    let [real, imaginary] = [0, 0];
    for (const [beat, stroke] of strokes.entries()) {
      real += (stroke - mean) * Math.cos((2 * Math.PI * beat) / beats);
      imaginary += (stroke - mean) * Math.sin((2 * Math.PI * beat) / beats);
    }
    return Math.hypot(real, imaginary);
  };
  return strength(3) > Math.max(strength(2), strength(4)) ? 3 : 4;
}

/** How much grows below 200 hertz at each beat. */
function lowOnsets(mono: Float32Array, beatsPerMinute: number): number[] {
  const size = 4096;
  const frames = (60 / beatsPerMinute) * MEASURED_RATE;
  const low = (at: number) => {
    const bins = magnitudes(mono.subarray(Math.max(0, at), Math.max(0, at) + size), size);
    return bins.subarray(3, 19).map((one) => Math.log1p(5 * one));
  };
  const beats = Math.floor((mono.length - size) / frames) - 2;
  return Array.from({ length: beats }, (_, beat) => {
    const [before, after] = [low(Math.round(beat * frames) - size), low(Math.round(beat * frames))];
    return after.reduce((sum, one, bin) => sum + Math.max(0, one - (beat === 0 ? 0 : (before[bin] ?? 0))), 0);
  });
}
