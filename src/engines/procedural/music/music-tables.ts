import { present } from '../../../base/assert.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** Samples of one period. A table has one more, equal to the first. */
export const TABLE_FRAMES = 2048;

/** Overtones by level, the fundamental first. */
const SPECTRA = {
  sine: () => [1],
  saw: () => series((overtone) => 1 / overtone),
  square: () => series((overtone) => (overtone % 2 === 1 ? 1 / overtone : 0)),
  triangle: () => series((overtone) => (overtone % 2 === 1 ? 1 / overtone ** 2 : 0)),
  'pulse 25': () => series((overtone) => Math.sin(Math.PI * overtone * 0.25) / overtone),
  'pulse 12': () => series((overtone) => Math.sin(Math.PI * overtone * 0.125) / overtone),
  string: () => series((overtone) => (1 / overtone) * (overtone % 5 === 0 ? 0.5 : 1)),
  reed: () => series((overtone) => Math.exp(-(((overtone - 4) / 4.5) ** 2)) + 0.5 / overtone),
  'odd reed': () => series((overtone) => (overtone % 2 === 1 ? 1 : 0.12) * overtone ** -1.15),
  flute: () => [1, 0.42, 0.16, 0.06, 0.03, 0.012],
  whistle: () => [1, 0.08, 0.02],
  brass: () => series((overtone) => overtone ** -0.85),
  voice: () => [1, 0.62, 0.4, 0.18, 0.12, 0.1, 0.09, 0.05, 0.03, 0.02],
  drawbars: () =>
    placed([
      [1, 0.8],
      [2, 1],
      [3, 0.7],
      [4, 0.5],
      [6, 0.25],
      [8, 0.4],
      [10, 0.1],
      [12, 0.12],
      [16, 0.15],
    ]),
  pipes: () =>
    placed([
      [1, 1],
      [2, 0.8],
      [3, 0.35],
      [4, 0.7],
      [6, 0.25],
      [8, 0.45],
      [12, 0.15],
      [16, 0.22],
      [24, 0.06],
    ]),
  free: () => series((overtone) => (1 / overtone ** 0.9) * (overtone % 2 === 1 ? 1 : 0.75)),
} as const satisfies Readonly<Record<string, () => number[]>>;

/** The shape of a tone. */
export type ToneShape = keyof typeof SPECTRA;

const MOST_OVERTONES = 320;

function series(level: (overtone: number) => number): number[] {
  return Array.from({ length: MOST_OVERTONES }, (_, index) => level(index + 1));
}

function placed(levels: readonly (readonly [number, number])[]): number[] {
  const spectrum = Array.from({ length: Math.max(...levels.map(([overtone]) => overtone)) }, () => 0);
  for (const [overtone, level] of levels) spectrum[overtone - 1] = level;
  return spectrum;
}

const tables = new Map<string, Float32Array>();

/** One period of a tone without overtones that a note this high could not have at the sample rate. */
export function toneTable(shape: ToneShape, hertz: number): Float32Array {
  const most = Math.max(1, Math.floor((0.46 * SAMPLE_RATE) / hertz));
  // Neighbours share a table: half an octave apart.
  const level = Math.floor(2 * Math.log2(most));
  const key = `${shape} ${level}`;
  if (!tables.has(key)) tables.set(key, sumOvertones(SPECTRA[shape](), Math.floor(2 ** (level / 2))));
  return present(tables.get(key), key);
}

function sumOvertones(spectrum: readonly number[], most: number): Float32Array {
  const table = new Float32Array(TABLE_FRAMES + 1);
  for (const [index, level] of spectrum.slice(0, Math.max(1, most)).entries()) {
    if (Math.abs(level) < 1e-5) continue;
    const turn = (2 * Math.PI * (index + 1)) / TABLE_FRAMES;
    for (let frame = 0; frame < TABLE_FRAMES; frame += 1) {
      table[frame] = (table[frame] ?? 0) + level * Math.sin(turn * frame);
    }
  }
  const energy = table.reduce((sum, sample) => sum + sample * sample, 0) / TABLE_FRAMES;
  const scale = 0.35 / Math.sqrt(Math.max(1e-9, energy));
  for (let frame = 0; frame < TABLE_FRAMES; frame += 1) table[frame] = (table[frame] ?? 0) * scale;
  table[TABLE_FRAMES] = table[0] ?? 0;
  return table;
}
