import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pixelAt, picture } from '../../../../test/odd-pictures.ts';
import { createFrameMaker, type FilmPlan } from './film-frames.ts';
import { readMotion } from './film-motion.ts';

const SIZE = { width: 96, height: 64 };

/** Red rises to the right, green downwards: every colour tells its place. */
const map = picture(SIZE.width, SIZE.height, (x, y) => [x * 2, y * 3, 0, 255]);

function film(prompt: string, changes: Partial<FilmPlan> = {}) {
  const plan: FilmPlan = {
    ...SIZE,
    layers: [{ image: map, depth: 1 }],
    motion: readMotion(prompt),
    frames: 25,
    framesPerSecond: 24,
    seed: 1,
    beginsAtRest: true,
    ...changes,
  };
  const maker = createFrameMaker(plan);
  return (index: number) => ({ ...SIZE, pixels: maker.frame(index).slice() });
}

const centre = (frame: ReturnType<ReturnType<typeof film>>) =>
  pixelAt(frame, SIZE.width / 2, SIZE.height / 2);

test('begins with the picture as it is, pixel by pixel', () => {
  for (const prompt of ['pan right', 'zoom in', 'rotate slowly', 'orbit']) {
    const first = film(prompt)(0);
    for (const [x, y] of [
      [0, 0],
      [40, 30],
      [95, 63],
    ] as const) {
      const [red = 0, green = 0] = pixelAt(first, x, y);
      assert(
        Math.abs(red - x * 2) <= 2 && Math.abs(green - y * 3) <= 3,
        `${prompt} ${x},${y}: ${red} ${green}`,
      );
    }
  }
});

for (const [prompt, channel, sign] of [
  ['pan right', 0, 1],
  ['pan slowly to the left', 0, -1],
  ['tilt up', 1, -1],
  ['the camera moves down', 1, 1],
] as const) {
  test(`"${prompt}" looks that way in the end`, () => {
    const frames = film(prompt);
    const moved = (centre(frames(24))[channel] ?? 0) - (centre(frames(0))[channel] ?? 0);
    assert(Math.sign(moved) === sign && Math.abs(moved) >= 8, String(moved));
  });
}

test('zooming in shows less of the picture, zooming out more', () => {
  const spread = (frame: ReturnType<ReturnType<typeof film>>) =>
    (pixelAt(frame, 95, 32)[0] ?? 0) - (pixelAt(frame, 0, 32)[0] ?? 0);
  const [nearer, away] = [film('zoom in'), film('zoom out')];
  assert(spread(nearer(24)) < spread(nearer(0)) * 0.8);
  assert(spread(away(24)) > spread(away(0)) * 1.2);
  assert(spread(away(24)) >= 188, 'in the end everything is seen');
});

test('one movement comes after the other', () => {
  const frames = film('pan right, then zoom in');
  const half = centre(frames(12))[0] ?? 0;
  assert(half > (centre(frames(0))[0] ?? 0) + 8);
  assert(Math.abs((centre(frames(24))[0] ?? 0) - half) < half * 0.2);
});

test('a static camera does not move', () => {
  const frames = film('static shot of a street');
  assert.deepEqual(frames(24).pixels, frames(0).pixels);
});

test('fades from black and to black', () => {
  const frames = film('fade in and out');
  assert.deepEqual(
    [centre(frames(0)).slice(0, 2), centre(frames(24)).slice(0, 2)],
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert((centre(frames(12))[0] ?? 0) > 60);
});

test('night falls: everything gets darker and bluer', () => {
  const white = picture(SIZE.width, SIZE.height, () => [200, 200, 200, 255]);
  const frames = film('static, day to night', { layers: [{ image: white, depth: 1 }] });
  const [red = 0, , blue = 0] = centre(frames(24));
  assert(red < 60 && blue > red * 1.8, `${red} ${blue}`);
});

test('snow falls: bright spots that sink', () => {
  const black = picture(SIZE.width, SIZE.height, () => [0, 0, 0, 255]);
  const frames = film('static, snow', { layers: [{ image: black, depth: 1 }] });
  const bright = (index: number) =>
    frames(index).pixels.filter((value, at) => at % 4 === 0 && value > 100).length;
  assert(bright(0) > 20 && bright(24) > 20);
  assert.notDeepEqual(frames(0).pixels, frames(12).pixels);
});

test('what is near moves more than what is far', () => {
  const far = { image: picture(128, 84, (x) => [x, 0, 0, 255]), depth: 0 };
  const near = { image: picture(128, 84, (x, y) => (y < 42 ? [0, 0, 0, 0] : [0, x, 0, 255])), depth: 1 };
  const frames = film('pan right', { layers: [far, near], beginsAtRest: false });
  const at = (index: number, y: number, channel: number) => pixelAt(frames(index), 48, y)[channel] ?? 0;
  assert(at(24, 50, 1) - at(0, 50, 1) > 1.8 * (at(24, 8, 0) - at(0, 8, 0)));
});

test('never shows what is beside the picture', () => {
  const white = picture(SIZE.width, SIZE.height, () => [255, 255, 255, 255]);
  for (const prompt of [
    'rotate fast',
    'pan left and tilt up fast',
    'zoom out fast, then rotate, then pan down',
    'shaky handheld orbit',
  ]) {
    const frames = film(prompt, { layers: [{ image: white, depth: 1 }] });
    for (const index of [0, 6, 12, 24])
      assert(
        frames(index).pixels.every((value) => value >= 254),
        `${prompt} ${index}`,
      );
  }
});
