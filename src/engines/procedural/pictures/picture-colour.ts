/** A colour as three bytes. */
export interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** A colour by how bright, how strong and of which hue (radians) it is, as Björn Ottosson's Oklab (2020) sees it. */
interface Lch {
  readonly light: number;
  readonly chroma: number;
  readonly hue: number;
}

/** `#rrggbb` as bytes. */
export function toRgb(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return { red: (value >> 16) & 255, green: (value >> 8) & 255, blue: value & 255 };
}

/** Bytes as `#rrggbb`. */
export function toHex({ red, green, blue }: Rgb): string {
  const byte = (value: number) =>
    Math.round(Math.min(255, Math.max(0, value)))
      .toString(16)
      .padStart(2, '0');
  return `#${byte(red)}${byte(green)}${byte(blue)}`;
}

/** A colour between two, at a share of the way from the first; the way looks even to the eye. */
export function mix(from: string, to: string, share: number): string {
  const start = toLab(toRgb(from));
  const end = toLab(toRgb(to));
  const at = (index: 0 | 1 | 2) => start[index] + (end[index] - start[index]) * share;
  return toHex(fromLab([at(0), at(1), at(2)]));
}

/** Brighter by a share of the way to white; darker by a share of the way to black where it is negative. */
export function shade(colour: string, amount: number): string {
  return amount < 0 ? mix(colour, '#05060c', -amount) : mix(colour, '#ffffff', amount);
}

/** The colour with its strength multiplied. */
export function saturate(colour: string, factor: number): string {
  const { light, chroma, hue } = toLch(colour);
  return fromLch({ light, chroma: Math.min(0.32, chroma * factor), hue });
}

/** The colour with the hue of another one, more or less of it; its brightness stays. */
export function tinge(colour: string, hueOf: string, share: number): string {
  const own = toLch(colour);
  const other = toLch(hueOf);
  const chroma = own.chroma + (Math.max(0.07, other.chroma * 0.85) - own.chroma) * share;
  const tinged = fromLch({
    light: own.light + (other.light - own.light) * 0.25 * share,
    chroma,
    hue: other.hue,
  });
  return mix(colour, tinged, share);
}

/** The hue turned by degrees. */
export function turnHue(colour: string, degrees: number): string {
  const { light, chroma, hue } = toLch(colour);
  return fromLch({ light, chroma, hue: hue + (degrees * Math.PI) / 180 });
}

/** A number as a byte: whole, and within its bounds. */
export function toByte(value: number): number {
  return Math.round(Math.min(255, Math.max(0, value)));
}

function toLch(colour: string): Lch {
  const [light, a, b] = toLab(toRgb(colour));
  return { light, chroma: Math.hypot(a, b), hue: Math.atan2(b, a) };
}

function fromLch({ light, chroma, hue }: Lch): string {
  return toHex(fromLab([light, chroma * Math.cos(hue), chroma * Math.sin(hue)]));
}

type Triple = readonly [number, number, number];

function toLab({ red, green, blue }: Rgb): Triple {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const middle = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

function fromLab([light, a, b]: Triple): Rgb {
  const long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return {
    red: fromLinear(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    green: fromLinear(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    blue: fromLinear(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  };
}

function toLinear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function fromLinear(value: number): number {
  if (value <= 0.0031308) return 255 * 12.92 * Math.max(0, value);
  return 255 * (1.055 * Math.min(1, value) ** (1 / 2.4) - 0.055);
}
