import type { PictureBrief } from './picture-brief.ts';
import { drawAir } from './picture-air.ts';
import { drawForest } from './picture-forest.ts';
import { drawDunes, drawHills, drawMeadow, type Ground } from './picture-land.ts';
import { drawMountains } from './picture-mountains.ts';
import type { Stage } from './picture-placing.ts';
import type { Layer } from './picture-sheet.ts';
import { drawSky, farBirds, flatRays, placeDisc, type Paint } from './picture-sky.ts';
import { SUBJECTS } from './picture-subjects.ts';
import { drawCity, drawStreet } from './picture-town.ts';
import { drawShore, drawWater } from './picture-water.ts';
import type { SceneKind } from './picture-words.ts';

/** Sky, what is far away, and what is at one's feet. */
export function setOutdoors(paint: Paint): Stage {
  const horizon = paint.sheet.height * horizonOf(paint.brief);
  const ground = { horizon, disc: placeDisc(paint, horizon) };
  const layers = [
    ...drawSky(paint, horizon, ground.disc),
    ...drawFarAway(paint, ground),
    ...drawAir(paint, horizon),
  ];
  const front = isByWater(paint.brief) ? layWater(paint, ground) : layLand(paint, ground);
  return { ...front, layers: [...layers, ...front.layers], horizon };
}

function has({ scene, scenes }: PictureBrief, ...wanted: readonly SceneKind[]): boolean {
  return wanted.some((one) => scene === one || scenes.includes(one));
}

/** Things that are looked at from near by, and so from above. */
const LOW_THINGS: readonly string[] = ['flower', 'tulip', 'sunflower', 'mushroom', 'cat', 'pumpkin'];

/** How far down the horizon is, 0 to 1. */
function horizonOf(brief: PictureBrief): number {
  const close = brief.scenes.length === 0 && brief.subjects.some(({ kind }) => LOW_THINGS.includes(kind));
  if (close) return 0.5;
  if (brief.scene === 'forest') return 0.52;
  return has(brief, 'mountains', 'city') ? 0.64 : 0.58;
}

function isByWater(brief: PictureBrief): boolean {
  if (has(brief, 'sea', 'river')) return true;
  if (brief.subjects.some(({ kind }) => SUBJECTS[kind].place === 'water')) return true;
  return brief.scene === 'city' && !has(brief, 'street');
}

function drawFarAway(paint: Paint, ground: Ground): Layer[] {
  const { brief, palette } = paint;
  const layers: Layer[] = [];
  if (brief.styles.includes('poster') && ground.disc.shown) {
    layers.push({ depth: 0.02, markup: flatRays(paint, ground.disc) });
  }
  if (has(brief, 'mountains')) layers.push(...drawMountains(paint, ground));
  if (has(brief, 'city', 'street')) layers.push(...drawCity(paint, ground));
  if (!has(brief, 'mountains', 'city', 'street', 'sea', 'desert', 'forest'))
    layers.push(...drawHills(paint, ground));
  if (!brief.styles.includes('minimal') && palette.darkness < 0.6 && brief.weather === 'clear') {
    layers.push({ depth: 0.07, markup: farBirds(paint, ground.horizon) });
  }
  return layers;
}

type Front = Omit<Stage, 'horizon'>;

function layWater(paint: Paint, ground: Ground): Front {
  const { sheet, brief } = paint;
  const { horizon } = ground;
  const rest = sheet.height - horizon;
  const ashore = brief.subjects.some(
    ({ kind }) => SUBJECTS[kind].place === 'ground' && kind !== 'lighthouse',
  );
  const beach =
    has(brief, 'sea') && !brief.styles.includes('minimal') && sheet.random.fork('beach').chance(0.4);
  const banked = ashore || has(brief, 'river') || beach;
  const shore = horizon + rest * (ashore ? 0.58 : 0.86);
  return {
    layers: [
      ...(has(brief, 'forest') ? drawForest(paint, ground).slice(0, 1) : []),
      ...drawWater(paint, ground, sheet.height),
      ...(banked ? [drawShore(paint, shore)] : []),
    ],
    from: horizon + rest * 0.12,
    to: horizon + rest * (banked ? 0.5 : 0.78),
    surface: 'water',
    ...(banked ? { shore } : {}),
  };
}

function layLand(paint: Paint, ground: Ground): Front {
  const rest = paint.sheet.height - ground.horizon;
  const street = has(paint.brief, 'street');
  return {
    layers: landOf(paint, ground),
    from: ground.horizon + rest * (street ? 0.3 : 0.25),
    to: ground.horizon + rest * 0.88,
    surface: 'ground',
  };
}

function landOf(paint: Paint, ground: Ground): Layer[] {
  const { brief } = paint;
  if (has(brief, 'street')) return drawStreet(paint, ground);
  if (has(brief, 'desert')) return drawDunes(paint, ground);
  return has(brief, 'forest') ? drawForest(paint, ground) : drawMeadow(paint, ground);
}
