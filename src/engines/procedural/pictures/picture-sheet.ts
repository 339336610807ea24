import { createNoise2D } from 'simplex-noise';
import type { PixelSize } from '../../../core/image/image.ts';
import type { Random } from '../dsp/dsp-random.ts';

/** A colour on its way: where (0 to 1), which, and how solid (1 unless told). */
export type Stop = readonly [at: number, colour: string, opacity?: number];

/** What is drawn at one distance. */
export interface Layer {
  /** 0 is as far as the stars, 1 is what one could touch. */
  readonly depth: number;
  readonly markup: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a picture is drawn on: its size, chance, and the gradients and filters that its parts need. */
export class Sheet {
  readonly width: number;
  readonly height: number;
  /** A hundredth of the shorter side. */
  readonly unit: number;
  /** How richly everything is drawn, 1 = as usual. */
  readonly detail: number;
  readonly random: Random;
  readonly noise: (x: number, y: number) => number;
  readonly #definitions = new Map<string, string>();

  constructor({ width, height }: PixelSize, detail: number, random: Random) {
    this.width = width;
    this.height = height;
    this.unit = Math.min(width, height) / 100;
    this.detail = detail;
    this.random = random;
    const noise = random.fork('noise');
    this.noise = createNoise2D(() => noise.unit());
  }

  /** What all layers refer to. */
  get definitions(): string {
    return Array.from(this.#definitions, ([body, id]) => body.replace('@', `id="${id}"`)).join('');
  }

  /** A gradient from one side to the other; downwards unless told. */
  linear(stops: readonly Stop[], direction: 'down' | 'right' | 'diagonal' = 'down'): string {
    const [x, y] = { down: [0, 1], right: [1, 0], diagonal: [1, 1] }[direction];
    return this.#define(
      `<linearGradient @ x1="0" y1="0" x2="${x}" y2="${y}">${stopMarkup(stops)}</linearGradient>`,
    );
  }

  /** A gradient from the middle outwards; the light may sit aside of it. */
  radial(stops: readonly Stop[], focus: Point = { x: 0.5, y: 0.5 }): string {
    const at = `fx="${number(focus.x)}" fy="${number(focus.y)}"`;
    return this.#define(`<radialGradient @ ${at}>${stopMarkup(stops)}</radialGradient>`);
  }

  /** A filter that makes soft what it is put on. */
  blur(sigma: number): string {
    const region = 'x="-60%" y="-60%" width="220%" height="220%"';
    return this.#define(`<filter @ ${region}><feGaussianBlur stdDeviation="${number(sigma)}"/></filter>`);
  }

  /** A shape to which something else is cut. */
  clip(markup: string): string {
    return this.#define(`<clipPath @>${markup}</clipPath>`);
  }

  /** Noise of several sizes at once, about -1 to 1. */
  rough(x: number, y: number, octaves = 4): number {
    let sum = 0;
    let weight = 1;
    let total = 0;
    for (let octave = 0; octave < octaves; octave += 1) {
      sum += this.noise(x * 2 ** octave, y + octave * 17.3) * weight;
      total += weight;
      weight *= 0.5;
    }
    return sum / total;
  }

  /** How many of something, for the detail that is asked for. */
  many(count: number): number {
    return Math.max(1, Math.round(count * this.detail));
  }

  #define(body: string): string {
    const known = this.#definitions.get(body);
    const id = known ?? `d${this.#definitions.size}`;
    this.#definitions.set(body, id);
    return `url(#${id})`;
  }
}

/** A whole drawing. */
export function toSvg({ width, height }: PixelSize, definitions: string, markup: string): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><defs>${definitions}</defs>${markup}</svg>`;
}

/** A number as it is written in a drawing: short. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A path through points; closed unless told. */
export function polygon(points: readonly Point[], attributes: string): string {
  const line = points.map(({ x, y }) => `${number(x)} ${number(y)}`).join('L');
  return `<path d="M${line}Z" ${solid(attributes)}/>`;
}

export function ellipse(centre: Point, [rx, ry]: readonly [number, number], attributes: string): string {
  const at = `cx="${number(centre.x)}" cy="${number(centre.y)}"`;
  return `<ellipse ${at} rx="${number(rx)}" ry="${number(ry)}" ${solid(attributes)}/>`;
}

export function circle(centre: Point, radius: number, attributes: string): string {
  return `<circle cx="${number(centre.x)}" cy="${number(centre.y)}" r="${number(radius)}" ${solid(attributes)}/>`;
}

/** A box from its upper left corner. */
export function box(corner: Point, [width, height]: readonly [number, number], attributes: string): string {
  const at = `x="${number(corner.x)}" y="${number(corner.y)}"`;
  return `<rect ${at} width="${number(Math.max(0, width))}" height="${number(Math.max(0, height))}" ${solid(attributes)}/>`;
}

/** A path as written by hand. */
export function path(d: string, attributes: string): string {
  return `<path d="${d}" ${solid(attributes)}/>`;
}

/** A smooth line through points (Catmull and Rom). */
export function smoothPath(points: readonly Point[]): string {
  const [first] = points;
  if (!first) return '';
  const at = (index: number): Point => points[Math.min(points.length - 1, Math.max(0, index))] ?? first;
  const curves = points.slice(1).map((end, index) => {
    const [before, start, after] = [at(index - 1), at(index), at(index + 2)];
    const one = `${number(start.x + (end.x - before.x) / 6)} ${number(start.y + (end.y - before.y) / 6)}`;
    const two = `${number(end.x - (after.x - start.x) / 6)} ${number(end.y - (after.y - start.y) / 6)}`;
    return `C${one} ${two} ${number(end.x)} ${number(end.y)}`;
  });
  return `M${number(first.x)} ${number(first.y)}${curves.join('')}`;
}

/**
 * Opacity of what is painted instead of opacity of the whole shape: the latter has the renderer make a layer of the size
 * of the picture for each, which takes seconds where there are hundreds.
 */
function solid(attributes: string): string {
  return attributes.replace(/(^| )opacity="([^"]*)"/, '$1fill-opacity="$2" stroke-opacity="$2"');
}

/** Text as a drawing may carry it. */
export function escapeText(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, ' ');
  return printable.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function stopMarkup(stops: readonly Stop[]): string {
  return stops
    .map(([at, colour, opacity]) => {
      const stopOpacity = opacity === undefined ? '' : ` stop-opacity="${number(opacity)}"`;
      return `<stop offset="${number(at)}" stop-color="${colour}"${stopOpacity}/>`;
    })
    .join('');
}
