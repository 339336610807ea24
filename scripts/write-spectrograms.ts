/**
 * Draws the spectrograms of `docs/procedural.md`: a picture for each prompt, time to the right, frequency upwards on an
 * even scale of octaves, levels as brightness, and the level curve below. Run it after a class of sounds has changed.
 * With prompts as arguments it draws those, into the folder that the first argument names.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makeEffect } from '../src/engines/procedural/sounds/effect-maker.ts';
import { readSource } from '../src/engines/procedural/sound-source.ts';
import { levels, magnitudes, MEASURED_RATE, toMono } from '../test/sound-measures.ts';

const EXAMPLES: Readonly<Record<string, string>> = {
  rain: 'heavy rain on a metal roof',
  thunder: 'distant thunder',
  knocks: 'three knocks on a wooden door',
  footsteps: 'footsteps on gravel in a cave, slowing down',
  bell: 'church bell',
  siren: 'police siren passing',
  fire: 'campfire crackling with crickets',
  glass: 'glass breaking then a door slam',
  birds: 'birds in a forest, light wind',
  riser: 'cinematic riser then a braam',
};

const WIDTH = 460;
const HEIGHT = 180;
const CURVE = 30;
const LOWEST = 30;
const HIGHEST = 18_000;
const SIZE = 4096;

const [folder, ...prompts] = process.argv.slice(2);
const out = folder ?? fileURLToPath(new URL('../docs/images/procedural', import.meta.url));
await mkdir(out, { recursive: true });
const wanted =
  prompts.length > 0
    ? prompts.map((prompt, index) => [`${index}`, prompt] as const)
    : Object.entries(EXAMPLES);
for (const [name, prompt] of wanted) {
  const mono = toMono(readSource(makeEffect({ prompt, seed: 1 }).source));
  await sharp(draw(mono), { raw: { width: WIDTH, height: HEIGHT + CURVE, channels: 3 } })
    .png({ palette: true, colours: 16, compressionLevel: 9 })
    .toFile(`${out}/${name}.png`);
  console.log(`${out}/${name}.png: ${prompt}, ${(mono.length / MEASURED_RATE).toFixed(1)} s`);
}

function draw(mono: Float32Array): Uint8Array {
  const pixels = new Uint8Array(WIDTH * (HEIGHT + CURVE) * 3);
  const columns = Array.from({ length: WIDTH }, (_, column) => {
    const middle = (column * mono.length) / WIDTH;
    return magnitudes(at(mono, Math.round(middle - SIZE / 2)), SIZE);
  });
  const loudest = Math.max(...columns.map((column) => Math.max(...column)));
  for (const [x, bins] of columns.entries()) {
    for (let y = 0; y < HEIGHT; y += 1) {
      const hertz = LOWEST * (HIGHEST / LOWEST) ** (1 - y / HEIGHT);
      const level = bins[Math.round((hertz * SIZE) / MEASURED_RATE)] ?? 0;
      pixels.set(colour(1 + (20 * Math.log10(level / loudest + 1e-9)) / 72), 3 * (y * WIDTH + x));
    }
  }
  drawCurve(pixels, mono);
  return pixels;
}

function at(mono: Float32Array, from: number): Float32Array {
  const piece = new Float32Array(SIZE);
  for (let index = 0; index < SIZE; index += 1) piece[index] = mono[from + index] ?? 0;
  return piece;
}

/** Black through purple and orange to white. */
function colour(brightness: number): [number, number, number] {
  const x = Math.min(1, Math.max(0, brightness));
  return [
    255 * Math.min(1, 1.7 * x),
    255 * Math.min(1, Math.max(0, 1.9 * x - 0.8)),
    255 * Math.max(0.55 * Math.sin(Math.PI * x * 1.1), 4 * x - 3),
  ];
}

function drawCurve(pixels: Uint8Array, mono: Float32Array): void {
  const curve = levels(mono, mono.length / MEASURED_RATE / WIDTH);
  const top = Math.max(...curve);
  for (let x = 0; x < WIDTH; x += 1) {
    const high = Math.round(
      (CURVE - 4) * Math.max(0, 1 + (20 * Math.log10((curve[x] ?? 0) / top + 1e-9)) / 50),
    );
    for (let y = 0; y < high; y += 1) pixels.set([90, 170, 220], 3 * ((HEIGHT + CURVE - 1 - y) * WIDTH + x));
  }
}
