import { shrinkPerFrame } from '../dsp/dsp-envelopes.ts';
import { Biquad, type BiquadShape, FilterChain } from '../dsp/dsp-filters.ts';
import { addModes, type ModalBody, type Mode, modesOf } from '../dsp/dsp-modal.ts';
import { Noise, type NoiseColour } from '../dsp/dsp-noise.ts';
import type { Random } from '../dsp/dsp-random.ts';
import { FRAME_SECONDS, SAMPLE_RATE } from '../sound-source.ts';

/** Silence for one channel. */
export function emptyStrike(seconds: number): Float32Array<ArrayBuffer> {
  return new Float32Array(Math.max(1, Math.round(seconds * SAMPLE_RATE)));
}

/** A burst of noise. */
export interface Burst {
  /** Seconds until it is at its loudest. */
  readonly attack?: number;
  /** Time for 60 dB. */
  readonly decay: number;
  readonly level: number;
  readonly colour?: NoiseColour;
  readonly filters?: readonly BiquadShape[];
  readonly at?: number;
}

/** Adds a burst of noise to samples. */
export function addBurst(samples: Float32Array, random: Random, burst: Burst): void {
  const { attack = 0.0005, decay, level, colour = 'white', filters = [], at = 0 } = burst;
  const noise = new Noise(random, colour);
  const filter = new FilterChain(...filters.map((shape) => new Biquad(shape)));
  const shrink = shrinkPerFrame(decay);
  const rise = Math.max(1, attack / FRAME_SECONDS);
  const first = Math.round(at / FRAME_SECONDS);
  const last = Math.min(samples.length, first + Math.ceil(rise + decay / FRAME_SECONDS));
  let envelope = level;
  for (let index = first; index < last; index += 1) {
    const age = index - first;
    if (age >= rise) envelope *= shrink;
    const now = age < rise ? (level * (age + 1)) / rise : envelope;
    samples[index] = (samples[index] ?? 0) + filter.tick(noise.tick()) * now;
  }
}

/** A tone that glides. */
export interface Glide {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly level: number;
  readonly at?: number;
  readonly attack?: number;
  /** How fast it falls; absent means that it is faded only at its ends. */
  readonly decay?: number;
  /** How the frequency goes: 1 evenly in octaves, below 1 fast at first. */
  readonly bend?: number;
  /** Further harmonics, by level. */
  readonly harmonics?: readonly number[];
}

/** Adds a tone that glides to samples. */
export function addGlide(samples: Float32Array, glide: Glide): void {
  const { from, to, seconds, level, at = 0, attack = 0.004, decay, bend = 1, harmonics = [] } = glide;
  const first = Math.round(at / FRAME_SECONDS);
  const frames = Math.max(1, Math.round(seconds / FRAME_SECONDS));
  const rise = Math.max(1, Math.min(frames / 2, attack / FRAME_SECONDS));
  const fall = Math.max(1, Math.min(frames / 3, 0.012 / FRAME_SECONDS));
  const shrink = decay === undefined ? 1 : shrinkPerFrame(decay);
  const ratio = to / from;
  let phase = 0;
  let envelope = level;
  for (let age = 0; age < frames && first + age < samples.length; age += 1) {
    phase += 2 * Math.PI * from * ratio ** ((age / frames) ** bend) * FRAME_SECONDS;
    envelope *= shrink;
    const edge = Math.min(1, age / rise, (frames - age) / fall);
    let wave = Math.sin(phase);
    for (let index = 0; index < harmonics.length; index += 1) {
      wave += (harmonics[index] ?? 0) * Math.sin(phase * (index + 2));
    }
    samples[first + age] = (samples[first + age] ?? 0) + wave * envelope * edge;
  }
}

/** A blow on a body. */
export interface Blow {
  readonly body: ModalBody;
  readonly hertz: number;
  /** 0 (a fist in a glove) to 1 (steel): how high the blow reaches. */
  readonly hardness: number;
  readonly level?: number;
  /** How loud the contact itself is against the body. */
  readonly contact?: number;
  readonly at?: number;
  /** Most modes. */
  readonly modes?: number;
}

/** Adds a blow: the body's modes as far as the contact is short enough to wake them, and the noise of the contact. */
export function addBlow(samples: Float32Array, random: Random, blow: Blow): void {
  const { body, hertz, hardness, level = 1, contact = 0.4, at = 0, modes = 32 } = blow;
  const reach = 250 * 60 ** hardness;
  const first = Math.round(at / FRAME_SECONDS);
  const woken: Mode[] = modesOf(body, { hertz, random, spread: 0.02 })
    .slice(0, modes)
    .map((mode) => ({ ...mode, level: (mode.level * level * 0.5) / (1 + (mode.hertz / reach) ** 2) }));
  addModes(samples, woken, first);
  if (contact === 0) return;
  addBurst(samples, random, {
    at,
    decay: 0.012 + 0.03 * (1 - hardness),
    level: level * contact,
    filters: [
      { kind: 'lowpass', hertz: reach },
      { kind: 'highpass', hertz: Math.min(reach / 3, 60 + hertz / 3) },
    ],
  });
}

/** A bubble of air in water: its note rises as it comes up (Minnaert, 1933; van den Doel, 2005). */
export function addBubble(
  samples: Float32Array,
  {
    hertz,
    level,
    rise = 0.1,
    at = 0,
  }: { readonly hertz: number; readonly level: number; readonly rise?: number; readonly at?: number },
): void {
  // Small bubbles are damped sooner: 0.13 / radius + 0.0072 * radius^-1.5, with radius = 3 m/s / hertz.
  const radius = 3 / hertz;
  const damping = 0.13 / radius + 0.0072 * radius ** -1.5;
  const decay = 6.9 / damping;
  const frames = Math.min(samples.length, Math.ceil(decay / FRAME_SECONDS));
  const first = Math.round(at / FRAME_SECONDS);
  const shrink = shrinkPerFrame(decay);
  let [phase, envelope] = [0, level];
  for (let age = 0; age < frames && first + age < samples.length; age += 1) {
    phase += 2 * Math.PI * hertz * (1 + rise * damping * age * FRAME_SECONDS) * FRAME_SECONDS;
    envelope *= shrink;
    samples[first + age] = (samples[first + age] ?? 0) + Math.sin(phase) * envelope * Math.min(1, age / 20);
  }
}

/** Seconds that a bubble of a note can be heard. */
export function bubbleSeconds(hertz: number): number {
  const radius = 3 / hertz;
  return 6.9 / (0.13 / radius + 0.0072 * radius ** -1.5);
}

/** Rounds off what is too loud, as air and loudspeakers do. */
export function saturate(samples: Float32Array, drive: number): void {
  const scale = 1 / Math.tanh(drive);
  for (let index = 0; index < samples.length; index += 1) {
    samples[index] = Math.tanh((samples[index] ?? 0) * drive) * scale;
  }
}

/** Bodies of the materials that things are made of. */
export const BODIES = {
  wood: { ratios: [1, 1.83, 2.57, 3.42, 4.95, 6.3, 8.2], decaySeconds: 0.16, damping: 0.8, slope: 4 },
  metal: {
    ratios: [1, 1.51, 2.13, 2.76, 3.58, 4.44, 5.4, 6.7, 8.1, 9.9, 11.8, 13.6],
    decaySeconds: 1.6,
    damping: 0.45,
    slope: 2,
  },
  glass: { ratios: [1, 2.32, 3.1, 4.25, 5.6, 6.63, 8.3], decaySeconds: 0.7, damping: 0.6, slope: 2 },
  stone: { ratios: [1, 1.9, 2.7, 3.9, 5.3], decaySeconds: 0.05, damping: 0.4, slope: 3 },
  plastic: { ratios: [1, 1.7, 2.9, 4.1], decaySeconds: 0.08, damping: 0.8, slope: 5 },
  hollow: { ratios: [1, 1.6, 2.3, 2.9, 3.8], decaySeconds: 0.25, damping: 1, slope: 6 },
  bar: { ratios: [1, 2.756, 5.404, 8.933], decaySeconds: 2.5, damping: 1, slope: 6 },
} as const satisfies Readonly<Record<string, ModalBody>>;
