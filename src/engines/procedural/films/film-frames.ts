import type { PixelSize } from '../../../core/image/image.ts';
import type { PixelImage } from '../../../core/image/image-tools.ts';
import { cameraAt, ease, type Camera, type FilmMotion } from './film-motion.ts';
import { Random } from '../dsp/dsp-random.ts';

/** A picture at a distance: 0 is far and hardly moves, 1 is near. */
export interface FilmLayer {
  readonly image: PixelImage;
  readonly depth: number;
}

/** What a film shows. */
export interface FilmPlan extends PixelSize {
  readonly layers: readonly FilmLayer[];
  readonly motion: FilmMotion;
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly seed: number;
  /** Whether the first frame is the whole picture, as it was given. */
  readonly beginsAtRest: boolean;
}

/** Makes the frames of a film, one at a time into the same memory. */
export interface FrameMaker {
  /** The pixels belong to the maker and change with the next frame. */
  frame(index: number): Uint8Array<ArrayBuffer>;
}

const BLACK: readonly [number, number, number] = [0.16, 0.2, 0.4];

/** Gets everything ready that all frames share. */
export function createFrameMaker(plan: FilmPlan): FrameMaker {
  const layers = plan.layers.map(({ image, depth }) => ({ image: premultiplied(image), depth }));
  const out = new Uint8Array(plan.width * plan.height * 4);
  const drops = plan.motion.falling ? makeDrops(plan) : [];
  return {
    frame: (index) => {
      const at = plan.frames > 1 ? index / (plan.frames - 1) : 0;
      out.fill(0);
      for (const layer of layers)
        lay(out, layer, { plan, camera: cameraAt(plan.motion, at, plan.beginsAtRest), index });
      if (drops.length > 0) drawDrops(out, drops, { plan, index });
      light(out, plan.motion, at);
      return out;
    },
  };
}

interface Moment {
  readonly plan: FilmPlan;
  readonly camera: Camera;
  readonly index: number;
}

/** From a pixel of the frame to a place in a layer: `u = u0 + x * ux + y * uy`. */
interface Mapping {
  readonly u0: number;
  readonly v0: number;
  readonly ux: number;
  readonly vx: number;
  readonly uy: number;
  readonly vy: number;
}

function mapping({ image, depth }: FilmLayer, { plan, camera, index }: Moment): Mapping {
  const { width, height } = plan;
  const near = plan.layers.length > 1 ? 0.3 + 0.9 * depth : 1;
  const angle = (camera.degrees * Math.PI) / 180;
  const cover =
    Math.cos(Math.abs(angle)) + Math.max(width / height, height / width) * Math.sin(Math.abs(angle));
  const panning = Math.hypot(camera.x, camera.y) + Math.abs(camera.swing) * 0.6;
  const room = Math.min(image.width / width, image.height / height);
  const grown = room > 1.05 ? 1 : 1 + 0.3 * Math.min(1, panning);
  const scale =
    Math.max(1, cover / room) *
    grown *
    (1 + (camera.scale - 1) * (0.55 + 0.45 * near)) *
    (camera.shake > 0 ? 1.04 : 1);
  const reachX = Math.max(0, (image.width - width / scale) / 2);
  const reachY = Math.max(0, (image.height - height / scale) / 2);
  const tremble = camera.shake * Math.min(width, height) * 0.012;
  const within = (value: number, reach: number) => Math.min(reach, Math.max(-reach, value));
  const x = within(
    (camera.x * 0.9 + camera.swing * 0.8) * near * reachX + tremble * wobble(index, 1),
    reachX,
  );
  const y = within(camera.y * 0.9 * near * reachY + tremble * wobble(index, 2), reachY);
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const centre = { u: image.width / 2 + x, v: image.height / 2 + y };
  return {
    u0: centre.u - (cos * width + sin * height) / 2 + (cos + sin) / 2 - 0.5,
    v0: centre.v - (cos * height - sin * width) / 2 + (cos - sin) / 2 - 0.5,
    ux: cos,
    vx: -sin,
    uy: sin,
    vy: cos,
  };
}

function wobble(index: number, which: number): number {
  return Math.sin(index * 1.9 + which * 2.1) * 0.6 + Math.sin(index * 3.7 + which * 5.3) * 0.4;
}

function lay(out: Uint8Array, layer: FilmLayer, moment: Moment): void {
  const { width, height } = moment.plan;
  const map = mapping(layer, moment);
  for (let y = 0; y < height; y += 1) {
    layRow(out, layer.image, {
      at: y * width * 4,
      end: (y + 1) * width * 4,
      u: map.u0 + y * map.uy,
      v: map.v0 + y * map.vy,
      du: map.ux,
      dv: map.vx,
    });
  }
}

interface Row {
  readonly at: number;
  readonly end: number;
  readonly u: number;
  readonly v: number;
  readonly du: number;
  readonly dv: number;
}

/** The innermost loop: every pixel is weighed from the four around its place in the layer, and laid over what is there. */
function layRow(
  out: Uint8Array,
  { pixels, width, height }: PixelImage,
  { at, end, u, v, du, dv }: Row,
): void {
  const [mostU, mostV] = [width - 1.001, height - 1.001];
  for (let pixel = at, step = 0; pixel < end; pixel += 4, step += 1) {
    const x = Math.min(mostU, Math.max(0, u + step * du));
    const y = Math.min(mostV, Math.max(0, v + step * dv));
    const left = x | 0;
    const top = y | 0;
    const upper = (top * width + left) * 4;
    const lower = upper + width * 4;
    const one = (x - left) * (y - top);
    const weights: Weights = { upper, lower, one, two: x - left - one, three: y - top - one };
    const alpha = weighed(pixels, 3, weights);
    if (alpha < 0.5) continue;
    const rest = 1 - alpha / 255;
    for (let channel = 0; channel < 3; channel += 1) {
      const own = weighed(pixels, channel, weights);
      out[pixel + channel] = own + (out[pixel + channel] ?? 0) * rest + 0.5;
    }
    out[pixel + 3] = 255;
  }
}

/** Where four neighbours begin, and how much three of them weigh; the upper left one has the rest. */
interface Weights {
  readonly upper: number;
  readonly lower: number;
  readonly one: number;
  readonly two: number;
  readonly three: number;
}

function weighed(pixels: Uint8Array, channel: number, { upper, lower, one, two, three }: Weights): number {
  return (
    (pixels[upper + channel] ?? 0) * (1 - one - two - three) +
    (pixels[upper + channel + 4] ?? 0) * two +
    (pixels[lower + channel] ?? 0) * three +
    (pixels[lower + channel + 4] ?? 0) * one
  );
}

function premultiplied({ width, height, pixels }: PixelImage): PixelImage {
  const own = Uint8Array.from(pixels);
  for (let at = 0; at < own.length; at += 4) {
    const alpha = (own[at + 3] ?? 0) / 255;
    if (alpha === 1) continue;
    for (let channel = 0; channel < 3; channel += 1)
      own[at + channel] = Math.round((own[at + channel] ?? 0) * alpha);
  }
  return { width, height, pixels: own };
}

interface Drop {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly speed: number;
  readonly sway: number;
}

function makeDrops({ width, height, seed, motion }: FilmPlan): Drop[] {
  const random = new Random(seed, 'drops');
  const unit = Math.min(width, height) / 100;
  return Array.from({ length: 220 }, () => {
    const near = random.unit();
    const snow = motion.falling === 'snow';
    return {
      x: random.unit() * width,
      y: random.unit() * height,
      size: unit * (snow ? 0.3 + 0.8 * near : 0.12 + 0.14 * near),
      speed: height * (snow ? 0.1 + 0.16 * near : 1.1 + 0.6 * near),
      sway: random.between(0, 6.28),
    };
  });
}

function drawDrops(out: Uint8Array, drops: readonly Drop[], { plan, index }: Omit<Moment, 'camera'>): void {
  const seconds = index / plan.framesPerSecond;
  const snow = plan.motion.falling === 'snow';
  for (const drop of drops) {
    const y = (drop.y + drop.speed * seconds) % plan.height;
    const x = snow
      ? drop.x + Math.sin(seconds * 1.3 + drop.sway) * drop.size * 5
      : drop.x - (y - drop.y) * 0.08;
    const tall = snow ? drop.size : drop.speed * 0.028;
    dab(out, plan, {
      x: ((x % plan.width) + plan.width) % plan.width,
      y,
      wide: drop.size,
      tall,
      share: snow ? 0.85 : 0.4,
    });
  }
}

interface Dab {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly tall: number;
  readonly share: number;
}

function dab(out: Uint8Array, { width, height }: PixelSize, { x, y, wide, tall, share }: Dab): void {
  for (
    let row = Math.max(0, Math.floor(y - tall));
    row <= Math.min(height - 1, Math.ceil(y + tall));
    row += 1
  ) {
    for (
      let column = Math.max(0, Math.floor(x - wide));
      column <= Math.min(width - 1, Math.ceil(x + wide));
      column += 1
    ) {
      const away = Math.hypot((column - x) / Math.max(0.5, wide), (row - y) / Math.max(0.5, tall));
      const solid = share * Math.min(1, Math.max(0, 1.25 - away));
      const at = (row * width + column) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        const old = out[at + channel] ?? 0;
        out[at + channel] = old + (240 - old) * solid;
      }
    }
  }
}

/** Fades, and the light of the hour. */
function light(out: Uint8Array, { fadeIn, fadeOut, nightfall }: FilmMotion, at: number): void {
  const shown = (fadeIn ? ease(at / 0.22) : 1) * (fadeOut ? ease((1 - at) / 0.22) : 1);
  const dark = nightfall === 0 ? 0 : nightfall > 0 ? ease(at) : 1 - ease(at);
  if (shown === 1 && dark === 0) return;
  const factors = BLACK.map((night) => shown * (1 - dark * (1 - night)));
  for (let pixel = 0; pixel < out.length; pixel += 4) {
    for (let channel = 0; channel < 3; channel += 1) {
      out[pixel + channel] = (out[pixel + channel] ?? 0) * (factors[channel] ?? 1);
    }
  }
}
