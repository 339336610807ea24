import { Biquad, filterSamples } from '../dsp/dsp-filters.ts';
import { Random } from '../dsp/dsp-random.ts';
import type { DrumKit, DrumPiece } from './music-terms.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** A stroke, ready to be mixed: one channel at full velocity. */
export type DrumSound = Float32Array<ArrayBuffer>;

/** A tone whose pitch falls: skins. */
interface Skin {
  readonly hertz: number;
  /** How much higher it begins, and in how many seconds it has fallen. */
  readonly fall: readonly [number, number];
  readonly decay: number;
  readonly level: number;
}

/** Noise between two frequencies: wires, sticks, air. */
interface Rustle {
  readonly low: number;
  readonly high: number;
  readonly decay: number;
  readonly level: number;
  /** Seconds until it is loudest. */
  readonly attack?: number;
  /** Begins so many times: hands do not clap at once. */
  readonly claps?: number;
}

/** Squares that do not fit: metal. */
interface Metal {
  readonly hertz: number;
  readonly decay: number;
  readonly level: number;
  readonly low: number;
}

interface DrumRecipe {
  readonly skins?: readonly Skin[];
  readonly rustles?: readonly Rustle[];
  readonly metal?: Metal;
  readonly drive?: number;
  /** Everything above is taken away, in hertz. */
  readonly dull?: number;
  /** Samples held for so many frames: old game machines. */
  readonly coarse?: number;
}

const KICK = { hertz: 52, fall: [4.2, 0.03], decay: 0.34, level: 1 } as const;
const WIRES = { low: 1600, high: 9000, decay: 0.2, level: 0.55 } as const;

const ACOUSTIC: Readonly<Record<DrumPiece, DrumRecipe>> = {
  kick: {
    skins: [KICK, { hertz: 95, fall: [2, 0.02], decay: 0.12, level: 0.35 }],
    rustles: [{ low: 1500, high: 5000, decay: 0.02, level: 0.25 }],
    drive: 1.5,
  },
  snare: {
    skins: [
      { hertz: 188, fall: [1.5, 0.02], decay: 0.16, level: 0.55 },
      { hertz: 330, fall: [1.2, 0.02], decay: 0.1, level: 0.3 },
    ],
    rustles: [WIRES],
    drive: 1.4,
  },
  clap: { rustles: [{ low: 800, high: 3800, decay: 0.16, level: 0.9, claps: 4 }] },
  rim: {
    skins: [
      { hertz: 480, fall: [1.1, 0.01], decay: 0.05, level: 0.6 },
      { hertz: 1720, fall: [1, 0.01], decay: 0.035, level: 0.6 },
    ],
    rustles: [{ low: 2000, high: 8000, decay: 0.015, level: 0.4 }],
  },
  hat: {
    metal: { hertz: 380, decay: 0.07, level: 0.6, low: 7000 },
    rustles: [{ low: 7500, high: 15_000, decay: 0.05, level: 0.45 }],
  },
  'open hat': {
    metal: { hertz: 380, decay: 0.5, level: 0.55, low: 6500 },
    rustles: [{ low: 7000, high: 15_000, decay: 0.42, level: 0.4 }],
  },
  ride: {
    metal: { hertz: 430, decay: 1.1, level: 0.4, low: 4200 },
    rustles: [{ low: 5000, high: 12_000, decay: 0.5, level: 0.14 }],
    skins: [{ hertz: 3100, fall: [1, 0.01], decay: 0.3, level: 0.08 }],
  },
  crash: {
    metal: { hertz: 290, decay: 2, level: 0.5, low: 3000 },
    rustles: [{ low: 3500, high: 14_000, decay: 1.9, level: 0.6 }],
  },
  'high tom': {
    skins: [{ hertz: 165, fall: [1.6, 0.05], decay: 0.36, level: 0.95 }],
    rustles: [{ low: 800, high: 4000, decay: 0.03, level: 0.25 }],
  },
  'low tom': {
    skins: [{ hertz: 92, fall: [1.6, 0.06], decay: 0.5, level: 1 }],
    rustles: [{ low: 600, high: 3500, decay: 0.03, level: 0.22 }],
  },
  shaker: { rustles: [{ low: 5000, high: 12_000, decay: 0.08, level: 0.6, attack: 0.02 }] },
  tambourine: {
    metal: { hertz: 900, decay: 0.22, level: 0.35, low: 7000 },
    rustles: [{ low: 6000, high: 14_000, decay: 0.16, level: 0.4 }],
  },
  conga: {
    skins: [
      { hertz: 215, fall: [1.25, 0.03], decay: 0.22, level: 0.9 },
      { hertz: 430, fall: [1.1, 0.02], decay: 0.07, level: 0.25 },
    ],
    rustles: [{ low: 900, high: 4500, decay: 0.015, level: 0.3 }],
  },
  'big drum': {
    skins: [
      { hertz: 58, fall: [1.7, 0.07], decay: 0.95, level: 1 },
      { hertz: 96, fall: [1.4, 0.05], decay: 0.4, level: 0.4 },
    ],
    rustles: [{ low: 200, high: 2400, decay: 0.08, level: 0.3 }],
  },
  'cymbal swell': { rustles: [{ low: 3000, high: 13_000, decay: 1.2, level: 0.5, attack: 1.2 }] },
  crackle: { rustles: [{ low: 1500, high: 8000, decay: 0.006, level: 0.12 }] },
};

/** How the kits differ from the first. */
const KITS: Readonly<Record<DrumKit, Readonly<Partial<Record<DrumPiece, DrumRecipe>>>>> = {
  acoustic: {},
  brushes: {
    snare: {
      skins: [{ hertz: 190, fall: [1.2, 0.02], decay: 0.08, level: 0.2 }],
      rustles: [{ low: 1400, high: 7000, decay: 0.2, level: 0.5, attack: 0.025 }],
    },
    kick: { skins: [{ hertz: 62, fall: [2, 0.03], decay: 0.24, level: 0.9 }], dull: 1800 },
  },
  electronic: {
    kick: {
      skins: [{ hertz: 48, fall: [7, 0.028], decay: 0.42, level: 1 }],
      rustles: [{ low: 2500, high: 8000, decay: 0.008, level: 0.25 }],
      drive: 2.2,
    },
    snare: {
      skins: [{ hertz: 200, fall: [1.8, 0.02], decay: 0.14, level: 0.5 }],
      rustles: [{ low: 1200, high: 10_000, decay: 0.26, level: 0.6 }],
      drive: 1.8,
    },
    hat: { metal: { hertz: 420, decay: 0.05, level: 0.7, low: 8000 } },
    'open hat': { metal: { hertz: 420, decay: 0.36, level: 0.65, low: 7500 } },
  },
  deep: {
    kick: {
      skins: [{ hertz: 43, fall: [5, 0.03], decay: 0.75, level: 1 }],
      rustles: [{ low: 2000, high: 6000, decay: 0.008, level: 0.2 }],
      drive: 2,
    },
    clap: { rustles: [{ low: 900, high: 4200, decay: 0.22, level: 0.9, claps: 4 }], drive: 1.6 },
    hat: { metal: { hertz: 460, decay: 0.04, level: 0.7, low: 9000 } },
  },
  dusty: {
    kick: {
      skins: [{ hertz: 58, fall: [3, 0.03], decay: 0.26, level: 1 }],
      rustles: [{ low: 300, high: 1500, decay: 0.03, level: 0.2 }],
      drive: 1.8,
      dull: 2600,
    },
    snare: {
      skins: [{ hertz: 175, fall: [1.4, 0.02], decay: 0.12, level: 0.5 }],
      rustles: [{ low: 1000, high: 5000, decay: 0.14, level: 0.6 }],
      drive: 2,
      dull: 5200,
    },
    hat: {
      metal: { hertz: 360, decay: 0.05, level: 0.5, low: 5500 },
      rustles: [{ low: 5000, high: 9000, decay: 0.04, level: 0.3 }],
      dull: 8000,
    },
  },
  orchestral: {
    snare: {
      skins: [{ hertz: 210, fall: [1.3, 0.02], decay: 0.1, level: 0.3 }],
      rustles: [{ low: 1800, high: 8000, decay: 0.15, level: 0.5 }],
    },
    'low tom': {
      skins: [
        { hertz: 74, fall: [1.4, 0.06], decay: 0.6, level: 0.9 },
        { hertz: 118, fall: [1.2, 0.05], decay: 0.25, level: 0.3 },
      ],
      rustles: [{ low: 300, high: 3000, decay: 0.05, level: 0.3 }],
    },
  },
  chip: {
    kick: { skins: [{ hertz: 60, fall: [5, 0.025], decay: 0.14, level: 0.9 }], drive: 3, coarse: 3 },
    snare: { rustles: [{ low: 500, high: 16_000, decay: 0.13, level: 0.8 }], coarse: 3 },
    hat: { rustles: [{ low: 6000, high: 18_000, decay: 0.035, level: 0.6 }], coarse: 2 },
  },
};

/** Variants of each stroke, so that no two in a row are the same recording. */
const VARIANTS = 3;

/** The strokes of a kit, made when they are first needed. */
export class DrumSounds {
  readonly #kit: DrumKit;
  readonly #made = new Map<string, DrumSound>();

  constructor(kit: DrumKit) {
    this.#kit = kit;
  }

  sound(piece: DrumPiece, count: number): DrumSound {
    const variant = count % VARIANTS;
    const key = `${piece} ${variant}`;
    const known = this.#made.get(key);
    if (known) return known;
    const made = strike(KITS[this.#kit][piece] ?? ACOUSTIC[piece], new Random(17, this.#kit, piece, variant));
    this.#made.set(key, made);
    return made;
  }
}

function strike(recipe: DrumRecipe, random: Random): DrumSound {
  const { skins = [], rustles = [], metal } = recipe;
  const sound = new Float32Array(Math.ceil((longestOf(recipe) * 1.15 + 0.03) * SAMPLE_RATE));
  for (const skin of skins) addSkin(sound, skin, random);
  for (const rustle of rustles) addRustle(sound, rustle, random);
  if (metal) addMetal(sound, metal, random);
  roughen(sound, recipe);
  const fade = Math.min(sound.length, 400);
  for (let back = 0; back < fade; back += 1) {
    const place = sound.length - 1 - back;
    sound[place] = ((sound[place] ?? 0) * back) / fade;
  }
  return sound;
}

function longestOf({ skins = [], rustles = [], metal }: DrumRecipe): number {
  const rests = rustles.map((one) => one.decay + (one.attack ?? 0));
  return Math.max(metal?.decay ?? 0, ...skins.map((one) => one.decay), ...rests);
}

function roughen(sound: DrumSound, { drive, dull, coarse }: DrumRecipe): void {
  if (drive !== undefined) {
    for (const [frame, sample] of sound.entries())
      sound[frame] = Math.tanh(sample * drive) / Math.tanh(drive);
  }
  if (coarse !== undefined) {
    for (const frame of sound.keys()) sound[frame] = sound[frame - (frame % coarse)] ?? 0;
  }
  if (dull !== undefined) filterSamples(sound, new Biquad({ kind: 'lowpass', hertz: dull }));
}

function addSkin(sound: Float32Array, { hertz, fall, decay, level }: Skin, random: Random): void {
  const own = hertz * (1 + 0.012 * random.signed());
  let phase = 0;
  for (let frame = 0; frame < sound.length; frame += 1) {
    const seconds = frame / SAMPLE_RATE;
    const pitch = own * (1 + (fall[0] - 1) * Math.exp(-seconds / fall[1]));
    phase += (2 * Math.PI * pitch) / SAMPLE_RATE;
    const rise = Math.min(1, frame / 30);
    sound[frame] = (sound[frame] ?? 0) + level * rise * Math.exp((-6.9 * seconds) / decay) * Math.sin(phase);
  }
}

function addRustle(sound: Float32Array, rustle: Rustle, random: Random): void {
  const { low, high, decay, level, attack = 0.0005, claps = 1 } = rustle;
  const highpass = new Biquad({ kind: 'highpass', hertz: low });
  const lowpass = new Biquad({ kind: 'lowpass', hertz: high });
  const gap = 0.011 * (1 + 0.15 * random.signed());
  for (let frame = 0; frame < sound.length; frame += 1) {
    const seconds = frame / SAMPLE_RATE;
    const clap = Math.min(claps - 1, Math.floor(seconds / gap));
    const since = seconds - clap * gap;
    const swell =
      since < attack
        ? since / attack
        : Math.exp((-6.9 * (since - attack)) / (clap < claps - 1 ? 0.03 : decay));
    sound[frame] = (sound[frame] ?? 0) + level * swell * lowpass.tick(highpass.tick(random.signed()));
  }
}

const METAL_RATIOS = [1, 1.342, 1.2312, 1.6532, 1.9523, 2.1523] as const;

function addMetal(sound: Float32Array, { hertz, decay, level, low }: Metal, random: Random): void {
  const highpass = new Biquad({ kind: 'highpass', hertz: low, q: 0.9 });
  const second = new Biquad({ kind: 'highpass', hertz: low * 0.8 });
  const steps = METAL_RATIOS.map(
    (ratio) => (hertz * ratio * 2.7 * (1 + 0.01 * random.signed())) / SAMPLE_RATE,
  );
  const phases = steps.map(() => random.unit());
  for (let frame = 0; frame < sound.length; frame += 1) {
    let sum = 0;
    for (let index = 0; index < steps.length; index += 1) {
      const phase = ((phases[index] ?? 0) + (steps[index] ?? 0)) % 1;
      phases[index] = phase;
      sum += phase < 0.5 ? 1 : -1;
    }
    const seconds = frame / SAMPLE_RATE;
    const strokeLevel = level * Math.min(1, frame / 20) * Math.exp((-6.9 * seconds) / decay);
    sound[frame] = (sound[frame] ?? 0) + (strokeLevel * second.tick(highpass.tick(sum))) / 3;
  }
}
