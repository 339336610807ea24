import { mix } from './picture-colour.ts';
import { polygon, type Layer, type Point } from './picture-sheet.ts';
import type { Disc, Paint } from './picture-sky.ts';
import { drawHills, type Ground } from './picture-land.ts';

/** Ranges of mountains with a lit and a shaded side, and snow where it is high. */
export function drawMountains(paint: Paint, ground: Ground): Layer[] {
  const { sheet } = paint;
  const tallest = Math.min(sheet.height * 0.42, ground.horizon * 0.72);
  const ranges = [0, 1].map((row) => {
    const y = ground.horizon + sheet.unit * row * 1.4;
    return {
      depth: 0.1 + row * 0.05,
      markup: range(paint, { y, tall: tallest * (1 - row * 0.28), row, disc: ground.disc }),
    };
  });
  return [
    ...ranges,
    ...drawHills(paint, { ...ground, horizon: ground.horizon + sheet.unit * 2 }).slice(1, 2),
  ];
}

interface Range {
  readonly y: number;
  readonly tall: number;
  readonly row: number;
  readonly disc: Disc;
}

function range(paint: Paint, { y, tall, row, disc }: Range): string {
  const { sheet, palette, brief } = paint;
  const random = sheet.random.fork('range', row);
  const count = Math.max(2, Math.round((sheet.width / tall) * (0.75 + row * 0.45)));
  const veil = 0.62 - row * 0.24;
  const snowy = row < 2 || brief.season === 'winter' || brief.weather === 'snow';
  const mountains = Array.from({ length: count }, (_, index) => {
    const peak = {
      x: (sheet.width * (index + 0.5 + random.signed() * 0.32)) / count,
      y: y - tall * random.between(0.55, 1),
    };
    return {
      peak,
      half: ((sheet.width / count) * 0.5 + tall * 0.32) * random.between(0.85, 1.2),
      name: index,
    };
  }).sort((one, other) => one.peak.y - other.peak.y);
  const bright = mix(mix(palette.rock[0], palette.light, 0.25), palette.haze, veil);
  const dark = mix(palette.rock[1], palette.haze, veil);
  const sides = {
    bright,
    dark,
    snow: mix(mix('#fdfefe', palette.light, 0.2), palette.shadow, palette.darkness * 0.5),
  };
  return mountains
    .map(({ peak, half, name }) =>
      mountain(paint, {
        peak,
        half,
        y,
        name: name + row * 20,
        lightLeft: disc.x < peak.x,
        sides,
        snowy,
        veil,
      }),
    )
    .join('');
}

interface Mountain {
  readonly peak: Point;
  readonly half: number;
  readonly y: number;
  readonly name: number;
  readonly lightLeft: boolean;
  readonly snowy: boolean;
  readonly veil: number;
  readonly sides: { readonly bright: string; readonly dark: string; readonly snow: string };
}

function mountain(paint: Paint, { peak, half, y, name, lightLeft, sides, snowy, veil }: Mountain): string {
  const { sheet, palette } = paint;
  const tall = y - peak.y;
  const base = y + sheet.unit * 4;
  const slope = (direction: number) =>
    jagged(paint, {
      from: peak,
      to: { x: peak.x + direction * half, y: base },
      rough: tall * 0.1,
      name: name * 3 + direction,
    });
  const left = slope(-1);
  const right = slope(1);
  const spine = jagged(paint, {
    from: peak,
    to: { x: peak.x + (lightLeft ? 0.16 : -0.16) * half, y: base },
    rough: tall * 0.16,
    name: name * 3 + 50,
  });
  const [shadedSide, brightSide] = lightLeft ? [right, left] : [left, right];
  const fade = (colour: string) =>
    sheet.linear([
      [0, colour],
      [0.55, colour],
      [1, mix(colour, palette.haze, 0.45 + veil * 0.5)],
    ]);
  const whole = polygon([...left.toReversed(), ...right], `fill="${fade(sides.dark)}"`);
  const lit = polygon([...brightSide.toReversed(), ...spine], `fill="${fade(sides.bright)}"`);
  if (!snowy) return whole + lit;
  const line = peak.y + tall * 0.36;
  const cap = (side: readonly Point[], depth: number) =>
    side.filter((point) => point.y < peak.y + tall * depth);
  const ragged = (edge: readonly Point[], inner: readonly Point[], colour: string) => {
    const outerEnd = edge.at(-1) ?? peak;
    const innerEnd = inner.at(-1) ?? peak;
    const teeth = Array.from({ length: 6 }, (_, tooth) => {
      const share = (tooth + 1) / 7;
      const drop = (tooth % 2 === 0 ? 1 : -0.35) * tall * 0.055;
      return {
        x: outerEnd.x + (innerEnd.x - outerEnd.x) * share,
        y: Math.max(line * 0.999 - tall * 0.05, outerEnd.y + (innerEnd.y - outerEnd.y) * share) + drop,
      };
    });
    return polygon([...edge, ...teeth, ...inner.toReversed()], `fill="${colour}"`);
  };
  const shadeSnow = mix(mix(sides.snow, palette.shadow, 0.28), palette.haze, veil * 0.6);
  const lightSnow = mix(sides.snow, palette.haze, veil * 0.35);
  return (
    whole +
    lit +
    ragged(cap(shadedSide, 0.3), cap(spine, 0.42), shadeSnow) +
    ragged(cap(brightSide, 0.34), cap(spine, 0.42), lightSnow)
  );
}

function jagged(
  { sheet }: Paint,
  {
    from,
    to,
    rough,
    name,
  }: { readonly from: Point; readonly to: Point; readonly rough: number; readonly name: number },
): Point[] {
  const steps = 18;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const share = step / steps;
    const free = Math.sin(Math.PI * Math.min(1, share * 1.4 + 0.08));
    const offset =
      sheet.rough(share * 3.2 + name * 5.3, name * 1.9, 3) * rough * (step === 0 ? 0 : Math.max(0.25, free));
    return { x: from.x + (to.x - from.x) * share + offset, y: from.y + (to.y - from.y) * share ** 1.08 };
  });
}
