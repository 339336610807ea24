import { mix, saturate, shade, tinge } from './picture-colour.ts';
import type { PictureBrief } from './picture-brief.ts';
import type { Mood, Season, TimeOfDay } from './picture-words.ts';

/** The colours of a picture. */
export interface Palette {
  /** From the zenith to the horizon. */
  readonly sky: readonly [string, string, string];
  /** What the air puts over what is far away. */
  readonly haze: string;
  /** Far and near. */
  readonly ground: readonly [string, string];
  readonly water: readonly [string, string];
  readonly foliage: readonly [string, string, string];
  readonly rock: readonly [string, string];
  /** What light adds, and what shadow leaves. */
  readonly light: string;
  readonly shadow: string;
  /** The sun's or the moon's disc. */
  readonly disc: string;
  /** For flowers, sails, roofs, shapes: colours that go together. */
  readonly accents: readonly [string, string, ...string[]];
  /** 0 at noon, 1 at midnight: how much lamps matter. */
  readonly darkness: number;
}

type Base = Omit<Palette, 'foliage' | 'accents' | 'rock'>;

const TIMES: Readonly<Record<TimeOfDay, Base>> = {
  day: {
    sky: ['#2b78d0', '#79b6ea', '#dcedf6'],
    haze: '#c2d9ec',
    ground: ['#9dbb73', '#4f8240'],
    water: ['#86bfdc', '#155a8f'],
    light: '#fff4d6',
    shadow: '#20405f',
    disc: '#fff8dc',
    darkness: 0,
  },
  dawn: {
    sky: ['#5a70b3', '#dfa3b8', '#ffe2bf'],
    haze: '#ecc8c6',
    ground: ['#a9a57f', '#51694c'],
    water: ['#e6bfb9', '#536a97'],
    light: '#ffe3c2',
    shadow: '#3f4468',
    disc: '#fff0d0',
    darkness: 0.15,
  },
  sunset: {
    sky: ['#34275f', '#c94f6d', '#ffb35a'],
    haze: '#e48a6c',
    ground: ['#9b5f55', '#33243c'],
    water: ['#f5a562', '#432d5e'],
    light: '#ffbf75',
    shadow: '#2a1c3c',
    disc: '#fff0b8',
    darkness: 0.35,
  },
  dusk: {
    sky: ['#141a40', '#4c4887', '#d591a4'],
    haze: '#6d6496',
    ground: ['#4d4a70', '#1a1b33'],
    water: ['#a3809f', '#1e2149'],
    light: '#c9a9c9',
    shadow: '#12122a',
    disc: '#fbe7d0',
    darkness: 0.7,
  },
  night: {
    sky: ['#040818', '#0d1c42', '#2b4274'],
    haze: '#22345f',
    ground: ['#1f3349', '#0a131f'],
    water: ['#2f4c80', '#070f24'],
    light: '#b4c6ee',
    shadow: '#04070f',
    disc: '#f5f1dd',
    darkness: 1,
  },
};

interface Growth {
  readonly foliage: Palette['foliage'];
  readonly ground: readonly [string, string];
}

const SEASONS: Readonly<Record<Season, Growth>> = {
  spring: { foliage: ['#7db356', '#a8cc6a', '#4e8a45'], ground: ['#b6d07e', '#63a04b'] },
  summer: { foliage: ['#3f7d3b', '#629e49', '#285a34'], ground: ['#a3bf72', '#4f8240'] },
  autumn: { foliage: ['#c9622a', '#e2a032', '#96381f'], ground: ['#cfae62', '#8a6632'] },
  winter: { foliage: ['#3d5f58', '#57786f', '#2a4543'], ground: ['#f0f5fa', '#c3d3e4'] },
};

const ACCENTS: Readonly<Record<Mood | 'plain', Palette['accents']>> = {
  plain: ['#d9483b', '#f2b134', '#2f7f86', '#f5ead6', '#3b5b92'],
  calm: ['#7fa7b5', '#e4cfae', '#a8bfa0', '#f3efe6', '#6b7f99'],
  happy: ['#ff6b57', '#ffd23f', '#2ec4b6', '#ff9fb2', '#3a86ff'],
  sad: ['#5c6f83', '#8d99a6', '#475364', '#b9c0c7', '#6d6b80'],
  dramatic: ['#c1121f', '#f3a712', '#14213d', '#f0e6d2', '#5f0f40'],
  mysterious: ['#2d6a6a', '#6c5b9c', '#1b3a4b', '#9ad1c4', '#3e2f5b'],
  dreamy: ['#f4a6c0', '#b9a7e8', '#9ad7e5', '#fff0d9', '#f7c59f'],
  scary: ['#8b0f14', '#2b2b33', '#d0611c', '#6d7f3a', '#3c1d45'],
  cosy: ['#c8553d', '#f0b35b', '#7a5c45', '#f6e3c5', '#588157'],
};

/** The colours that a prompt asks for. */
export function choosePalette(brief: PictureBrief): Palette {
  const base = TIMES[brief.time];
  const growth = SEASONS[brief.season ?? (brief.weather === 'snow' ? 'winter' : 'summer')];
  const dim = (colour: string) => dimmed(colour, base);
  const grown: Palette = {
    ...base,
    ground:
      brief.season || brief.weather === 'snow'
        ? map2(growth.ground, (colour) => mix(dim(colour), colour, 0.22))
        : base.ground,
    foliage: map3(growth.foliage, dim),
    rock: [mix(base.haze, '#8d8fa3', 0.55), mix('#4a4c5f', base.shadow, 0.3 + base.darkness * 0.4)],
    accents: mapAccents(ACCENTS[brief.mood ?? 'plain'], (colour) => mix(colour, dim(colour), 0.6)),
  };
  return withParts(inColours(inMood(inWeather(grown, brief), brief), brief), brief);
}

/** Colours that belong to the sky, the water or the ground. */
function withParts(palette: Palette, { parts: { sky, water, ground } }: PictureBrief): Palette {
  return {
    ...palette,
    ...(sky
      ? { sky: map3(palette.sky, (colour) => tinge(colour, sky, 0.85)), haze: tinge(palette.haze, sky, 0.6) }
      : {}),
    ...(water ? { water: map2(palette.water, (colour) => tinge(colour, water, 0.85)) } : {}),
    ...(ground
      ? {
          ground: map2(palette.ground, (colour) => tinge(colour, ground, 0.85)),
          rock: map2(palette.rock, (colour) => tinge(colour, ground, 0.7)),
        }
      : {}),
  };
}

/** What a colour of its own looks like in the light of the hour. */
export function lit(colour: string, palette: Palette): string {
  const shaded = mix(colour, palette.shadow, palette.darkness * 0.62);
  return mix(shaded, palette.light, 0.1);
}

function dimmed(colour: string, { darkness, shadow, light }: Base): string {
  return mix(
    mix(colour, light, 0.12 + (darkness > 0.1 && darkness < 0.8 ? 0.14 : 0)),
    shadow,
    darkness * 0.68,
  );
}

function inWeather(palette: Palette, { weather }: PictureBrief): Palette {
  if (weather === 'clear') return palette;
  const [grey, share, sink] = {
    cloudy: ['#a9b4c0', 0.35, 0],
    rain: ['#76838f', 0.62, -0.12],
    storm: ['#4a5264', 0.68, -0.3],
    snow: ['#cfd8e2', 0.6, 0],
    fog: ['#d3d8da', 0.7, 0],
  }[weather] as [string, number, number]; // One row of the table above.
  const veil = mix(grey, palette.shadow, palette.darkness * 0.75);
  const over = (colour: string) => shade(mix(colour, veil, share), sink);
  return {
    ...palette,
    sky: [over(palette.sky[0]), over(palette.sky[1]), over(palette.sky[2])],
    haze: over(palette.haze),
    water: map2(palette.water, over),
    ground: map2(palette.ground, (colour) => mix(colour, veil, share * 0.35)),
    foliage: map3(palette.foliage, (colour) => mix(colour, veil, share * 0.3)),
  };
}

const MOODS: Readonly<Record<Mood, (colour: string) => string>> = {
  calm: (colour) => saturate(shade(colour, 0.05), 0.82),
  happy: (colour) => saturate(shade(colour, 0.04), 1.22),
  sad: (colour) => mix(saturate(colour, 0.5), '#4b5b70', 0.18),
  dramatic: (colour) => saturate(shade(colour, -0.14), 1.25),
  mysterious: (colour) => mix(shade(colour, -0.22), '#15464d', 0.26),
  dreamy: (colour) => mix(shade(colour, 0.1), '#e3b6e6', 0.28),
  scary: (colour) => mix(saturate(shade(colour, -0.38), 0.6), '#3a0d12', 0.22),
  cosy: (colour) => mix(colour, '#e9a35e', 0.16),
};

function inMood(palette: Palette, { mood }: PictureBrief): Palette {
  return mood ? mapColours(palette, MOODS[mood]) : palette;
}

/** Colours that belong to nothing in the prompt colour the whole picture. */
function inColours(palette: Palette, { colours }: PictureBrief): Palette {
  const [first, ...others] = colours;
  if (!first) return palette;
  const tinged = mapColours(palette, (colour) => tinge(colour, first, 0.72));
  const [second] = others;
  return {
    ...tinged,
    ...(second ? { ground: map2(palette.ground, (colour) => tinge(colour, second, 0.72)) } : {}),
    disc: mix(palette.disc, first, 0.15),
    accents: [
      first,
      second ?? shade(first, 0.35),
      ...others.slice(1),
      shade(first, -0.35),
      shade(first, 0.7),
    ],
  };
}

function mapColours(palette: Palette, change: (colour: string) => string): Palette {
  return {
    ...palette,
    sky: map3(palette.sky, change),
    haze: change(palette.haze),
    ground: map2(palette.ground, change),
    water: map2(palette.water, change),
    foliage: map3(palette.foliage, change),
    rock: map2(palette.rock, change),
    light: change(palette.light),
    shadow: change(palette.shadow),
    accents: mapAccents(palette.accents, change),
  };
}

function map2(colours: readonly [string, string], change: (colour: string) => string): [string, string] {
  return [change(colours[0]), change(colours[1])];
}

function map3(
  colours: readonly [string, string, string],
  change: (colour: string) => string,
): [string, string, string] {
  return [change(colours[0]), change(colours[1]), change(colours[2])];
}

function mapAccents(
  [first, second, ...rest]: Palette['accents'],
  change: (colour: string) => string,
): Palette['accents'] {
  return [change(first), change(second), ...rest.map(change)];
}
