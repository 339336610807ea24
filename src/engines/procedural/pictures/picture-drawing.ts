import { drawHouse, drawPyramid, drawSnowman, drawTent } from './picture-buildings.ts';
import { drawCastle, drawChurch, drawLighthouse, drawWindmill } from './picture-landmarks.ts';
import {
  drawBird,
  drawButterfly,
  drawCat,
  drawFish,
  drawJellyfish,
  drawPerson,
  drawWhale,
} from './picture-creatures.ts';
import { drawCactus, drawCherry, drawPalm, drawPine, drawTree, type Look } from './picture-plants.ts';
import {
  drawFlower,
  drawLeaf,
  drawMushroom,
  drawPumpkin,
  drawSunflower,
  drawTulip,
} from './picture-flowers.ts';
import type { SubjectKind } from './picture-subjects.ts';
import {
  drawApple,
  drawBook,
  drawBottle,
  drawCandle,
  drawCup,
  drawHeart,
  drawLemon,
  drawOrange,
  drawPear,
  drawVase,
} from './picture-things.ts';
import { drawBicycle, drawBoat, drawBus, drawCar, drawShip } from './picture-vehicles.ts';
import { drawBalloon, drawKite, drawPlane, drawRocket } from './picture-aircraft.ts';

/** How each thing is drawn: 100 tall, standing at the origin. */
export const DRAWINGS: Readonly<Record<SubjectKind, (look: Look) => string>> = {
  pine: drawPine,
  palm: drawPalm,
  cherry: drawCherry,
  tree: drawTree,
  cactus: drawCactus,
  sunflower: drawSunflower,
  tulip: drawTulip,
  flower: drawFlower,
  mushroom: drawMushroom,
  lighthouse: drawLighthouse,
  castle: drawCastle,
  church: drawChurch,
  windmill: drawWindmill,
  house: drawHouse,
  tent: drawTent,
  pyramid: drawPyramid,
  person: drawPerson,
  cat: drawCat,
  car: drawCar,
  bus: drawBus,
  bicycle: drawBicycle,
  snowman: drawSnowman,
  pumpkin: drawPumpkin,
  ship: drawShip,
  boat: drawBoat,
  whale: drawWhale,
  balloon: drawBalloon,
  plane: drawPlane,
  rocket: drawRocket,
  kite: drawKite,
  butterfly: drawButterfly,
  bird: drawBird,
  jellyfish: drawJellyfish,
  fish: drawFish,
  vase: drawVase,
  bottle: drawBottle,
  cup: drawCup,
  candle: drawCandle,
  book: drawBook,
  pear: drawPear,
  lemon: drawLemon,
  orange: drawOrange,
  apple: drawApple,
  heart: drawHeart,
  leaf: drawLeaf,
};
