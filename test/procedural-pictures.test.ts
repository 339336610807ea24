import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError } from '../src/base/errors.ts';
import type { ImageGeneration } from '../src/core/image/image-engine.ts';
import type { PixelImage } from '../src/core/image/image-tools.ts';
import { picture, pixelAt, plain } from './odd-pictures.ts';
import { brightness, meanColour, proceduralHouse, sharpness, toPng } from './procedural-support.ts';
import { testContext } from './support.ts';

const { tools, image } = await proceduralHouse();

const SKY = { left: 0, top: 0.02, right: 1, bottom: 0.2 };
const GROUND = { left: 0, top: 0.85, right: 1, bottom: 1 };

function asked(prompt: string, changes: Partial<ImageGeneration> = {}): ImageGeneration {
  return {
    model: 'procedural/pictures',
    prompt,
    size: { width: 256, height: 192 },
    seed: 4,
    inputs: [],
    previews: 0,
    tools,
    ...changes,
  };
}

async function make(request: ImageGeneration, context = testContext()) {
  const previews: Uint8Array[] = [];
  for await (const event of image.generate(request, context)) {
    if (event.type === 'preview') previews.push(event.bytes);
    if (event.type !== 'image-end') continue;
    return {
      bytes: event.bytes,
      previews,
      warnings: event.warnings ?? [],
      pixels: await tools.toPixels(event.bytes, context),
    };
  }
  throw new Error('no picture');
}

const drawn = async (prompt: string, changes: Partial<ImageGeneration> = {}) =>
  (await make(asked(prompt, changes))).pixels;

describe('drawn pictures', () => {
  for (const [colour, strongest] of [
    ['red', 0],
    ['green', 1],
    ['blue', 2],
  ] as const) {
    test(`a ${colour} abstract picture is mostly ${colour}`, async () => {
      const mean = meanColour(await drawn(`abstract, ${colour}`));
      assert.equal(mean.indexOf(Math.max(...mean)), strongest, mean.join(' '));
    });
  }

  test('the sky is blue by day, reddish at sunset and dark at night', async () => {
    const [day, sunset, night] = await Promise.all(
      ['', ' at sunset', ' at night'].map((when) => drawn(`a meadow${when}`)),
    );
    const [dayRed, , dayBlue] = meanColour(day!, SKY);
    const [duskRed, duskGreen] = meanColour(sunset!, { left: 0, top: 0.35, right: 1, bottom: 0.5 });
    assert(dayBlue > dayRed * 1.4);
    assert(duskRed > duskGreen * 1.2);
    assert(brightness(night!) < brightness(day!) * 0.5);
    assert(brightness(day!, SKY) > brightness(day!, GROUND));
  });

  test('snow makes the ground white, a meadow leaves it green', async () => {
    const [snowy, green] = await Promise.all([drawn('a meadow in winter'), drawn('a meadow in summer')]);
    assert(brightness(snowy, GROUND) > brightness(green, GROUND) + 40);
    const [red, lawn, blue] = meanColour(green, GROUND);
    assert(lawn > red && lawn > blue);
  });

  test('an emblem is as bright on the left as on the right', async () => {
    const emblem = await drawn('an emblem', { size: { width: 256, height: 256 } });
    const left = brightness(emblem, { left: 0, top: 0, right: 0.5, bottom: 1 });
    assert(Math.abs(left - brightness(emblem, { left: 0.5, top: 0, right: 1, bottom: 1 })) < 4);
  });

  test('comes out byte for byte again with the same seed', async () => {
    const request = asked('two cats in a forest at night');
    const [one, two, other] = await Promise.all([
      make(request),
      make(request),
      make({ ...request, seed: 5 }),
    ]);
    assert.deepEqual(one.bytes, two.bytes);
    assert.notDeepEqual(one.bytes, other.bytes);
  });

  test('has exactly the size that is asked for, caption included', async () => {
    for (const size of [
      { width: 256, height: 1000 },
      { width: 700, height: 257 },
    ]) {
      for (const caption of [false, true]) {
        const { width, height } = await drawn('the sea', { size, caption });
        assert.deepEqual({ width, height }, size);
      }
    }
  });

  test('writes the prompt below the picture, on a dark band', async () => {
    const [bare, captioned] = await Promise.all([
      drawn('snow <&> "field"'),
      drawn('snow <&> "field"', { caption: true }),
    ]);
    const BAND = { left: 0, top: 0.95, right: 1, bottom: 1 };
    assert(brightness(captioned, BAND) < brightness(bare, BAND) - 60);
    const letters = captioned.pixels.filter(
      (value, at) => at > captioned.pixels.length * 0.9 && value > 200 && at % 4 === 0,
    );
    assert(letters.length > 30, 'there are bright letters');
  });

  test('leaves everything but the thing transparent where that is asked for', async () => {
    const apple = await drawn('a red apple', {
      background: 'transparent',
      size: { width: 256, height: 256 },
    });
    assert.equal(pixelAt(apple, 2, 2)[3], 0);
    const [red = 0, green = 0, , alpha] = pixelAt(apple, 128, 150);
    assert(alpha === 255 && red > green * 1.5);
  });

  test('shows as many unfinished pictures as are wanted, each softer than the end', async () => {
    const { previews, pixels } = await make(asked('a city by day', { previews: 2 }));
    assert.equal(previews.length, 2);
    for (const preview of previews)
      assert(sharpness(await tools.toPixels(preview, testContext())) < sharpness(pixels));
  });

  test('styles change how it looks: grey, coarse, lines', async () => {
    const grey = await drawn('a house, black and white');
    assert(
      grey.pixels.every(
        (value, at) => at % 4 === 3 || Math.abs(value - (grey.pixels[at - (at % 4)] ?? 0)) <= 1,
      ),
    );
    const coarse = await drawn('pixel art of a house');
    assert.deepEqual(pixelAt(coarse, 0, 0), pixelAt(coarse, 1, 1));
    assert(brightness(await drawn('line drawing of a house')) > 215);
  });

  test('tells that nothing was understood, and that it makes no photographs', async () => {
    const { warnings } = await make(asked('quarterly synergy'));
    assert.match(warnings.map((one) => ('reason' in one ? one.reason : '')).join(), /knows nothing/);
    const photo = await make(asked('photo of a house'));
    assert.match(photo.warnings.map((one) => ('reason' in one ? one.reason : '')).join(), /no photographs/);
    assert.deepEqual((await make(asked('a house'))).warnings, []);
  });

  test('takes prompts of a hundred thousand characters', async () => {
    const { pixels } = await make(asked('a boat and '.repeat(9000)));
    assert.equal(pixels.width, 256);
  });

  test('ends with cancelled when nobody wants it any more', async () => {
    const left = new AbortController();
    const making = make(
      asked('oil painting of a forest', { size: { width: 1024, height: 1024 } }),
      testContext({ signal: left.signal }),
    );
    left.abort();
    const start = performance.now();
    await assert.rejects(making, (error: unknown) => error instanceof AppError && error.code === 'cancelled');
    assert(performance.now() - start < 1000);
  });
});

/** Four quarters: red, green, blue, and white with a black line. */
const quarters = picture(80, 60, (x, y) => {
  if (y < 30) return x < 40 ? [200, 30, 30, 255] : [30, 170, 40, 255];
  if (x < 40) return [30, 60, 200, 255];
  return x % 8 === 0 ? [0, 0, 0, 255] : [255, 255, 255, 255];
});
const photo = await toPng(tools, quarters);

async function edited(prompt: string, changes: Partial<ImageGeneration> = {}): Promise<PixelImage> {
  return (await make(asked(prompt, { inputs: [photo], size: { width: 80, height: 60 }, ...changes }))).pixels;
}

function refused(what: RegExp) {
  return (error: unknown) => {
    assert(error instanceof AppError);
    assert.deepEqual([error.code, error.reason], ['unsupported_feature', 'edit_not_possible']);
    assert.match(error.message, what);
    assert.match(error.message, /these edits are possible: black and white/);
    return true;
  };
}

describe('edited pictures', () => {
  test('black and white leaves no colour', async () => {
    const grey = await edited('make it black and white');
    for (const [x, y] of [
      [5, 5],
      [60, 5],
      [5, 50],
    ] as const) {
      const [red, green, blue] = pixelAt(grey, x, y);
      assert(red === green && green === blue);
    }
  });

  test('blur softens and sharpening does the contrary', async () => {
    assert(sharpness(await edited('blur it')) < sharpness(quarters) * 0.7);
    assert(sharpness(await edited('slightly blur it')) > sharpness(await edited('strongly blur it')));
    const soft = await toPng(tools, await edited('slightly blur it'));
    assert(
      sharpness(await edited('sharpen', { inputs: [soft] })) >
        sharpness(await tools.toPixels(soft, testContext())),
    );
  });

  test('rotation by 90 degrees swaps the sides and moves the corners', async () => {
    const turned = await edited('rotate 90 degrees clockwise');
    assert.deepEqual([turned.width, turned.height], [60, 80]);
    assert.deepEqual(pixelAt(turned, 55, 5), pixelAt(quarters, 5, 5));
  });

  test('a mirrored picture has left and right exchanged', async () => {
    const mirrored = await edited('mirror it');
    assert.deepEqual(pixelAt(mirrored, 5, 5), pixelAt(quarters, 74, 5));
  });

  test('a crop keeps what it names, in its own size', async () => {
    const half = await edited('crop the right half');
    assert.deepEqual([half.width, half.height], [40, 60]);
    assert.deepEqual(pixelAt(half, 5, 5), pixelAt(quarters, 45, 5));
  });

  test('brighter, darker, warmer and cooler go the right way', async () => {
    assert(brightness(await edited('darker')) < brightness(quarters) - 10);
    assert(brightness(await edited('brighten by 20%')) > brightness(quarters) + 5);
    const [warmRed, , warmBlue] = meanColour(await edited('warmer'));
    const [coolRed, , coolBlue] = meanColour(await edited('cooler'));
    assert(warmRed - warmBlue > coolRed - coolBlue + 20);
  });

  test('one colour becomes another and the others stay', async () => {
    const changed = await edited('change red to blue');
    const [red = 0, , blue = 0] = pixelAt(changed, 10, 10);
    assert(blue > red * 2, `${red} ${blue}`);
    assert.deepEqual(pixelAt(changed, 60, 10), pixelAt(quarters, 60, 10));
  });

  test('a plain background goes, what stands on it and what it encloses stay', async () => {
    const ring = picture(60, 60, (x, y) => {
      const away = Math.hypot(x - 30, y - 30);
      return away < 20 && away > 8 ? [180, 20, 20, 255] : [250, 250, 250, 255];
    });
    const cut = await edited('remove the background', {
      inputs: [await toPng(tools, ring)],
      size: { width: 60, height: 60 },
    });
    assert.deepEqual(
      [pixelAt(cut, 2, 2)[3], pixelAt(cut, 30, 16)[3], pixelAt(cut, 30, 30)[3]],
      [0, 255, 255],
    );
  });

  test('a background that is not plain is not removed', async () => {
    await assert.rejects(edited('remove the background'), refused(/not plain/));
  });

  test('several edits are made in order, and a size that is asked for is kept', async () => {
    const small = await edited('crop to a square, then make it sepia', { size: { width: 50, height: 40 } });
    assert.deepEqual([small.width, small.height], [50, 40]);
    const [red = 0, , blue = 0] = pixelAt(small, 45, 35);
    assert(red > blue);
  });

  test('text in quotes is written on a band', async () => {
    const captioned = await edited('add the text "Hi" at the top', {
      inputs: [await toPng(tools, plain(120, 100, [250, 250, 250, 255]))],
      size: { width: 120, height: 100 },
    });
    assert(brightness(captioned, { left: 0, top: 0, right: 1, bottom: 0.12 }) < 130);
    assert(brightness(captioned, { left: 0, top: 0.5, right: 1, bottom: 1 }) > 245);
  });

  test('frames, vignettes and coarse pixels are what they are called', async () => {
    assert.deepEqual(pixelAt(await edited('add a black frame'), 0, 30), [28, 29, 36, 255]);
    const dark = await edited('vignette', {
      inputs: [await toPng(tools, plain(80, 60, [200, 200, 200, 255]))],
    });
    assert(
      brightness(dark, { left: 0, top: 0, right: 0.1, bottom: 0.1 }) < 120 &&
        (pixelAt(dark, 40, 30)[0] ?? 0) > 195,
    );
    const coarse = await edited('pixelate');
    assert.deepEqual(pixelAt(coarse, 72, 40), pixelAt(coarse, 73, 41));
  });

  test('half the strength goes half the way', async () => {
    const [whole, half] = await Promise.all([edited('negative'), edited('negative', { strength: 0.5 })]);
    const [from = 0, to = 0, between = 0] = [quarters, whole, half].map(
      (one) => pixelAt(one, 10, 10)[0] ?? 0,
    );
    assert(Math.abs(between - (from + to) / 2) <= 2);
  });

  test('pictures are joined side by side, one above the other, and one over the other', async () => {
    const other = await toPng(tools, plain(40, 60, [10, 20, 30, 255]));
    const inputs = [photo, other];
    const beside = await edited('put them side by side', { inputs });
    assert.deepEqual([beside.width, beside.height, pixelAt(beside, 100, 30)], [120, 60, [10, 20, 30, 255]]);
    const below = await edited('stacked', { inputs });
    assert.deepEqual([below.width, below.height], [80, 180]);
    const over = await edited('overlay', { inputs });
    assert(Math.abs((pixelAt(over, 10, 10)[0] ?? 0) - 105) < 3);
  });

  test('a second picture that nothing is done with is told', async () => {
    const { warnings } = await make(
      asked('sepia', { inputs: [photo, photo], size: { width: 80, height: 60 } }),
    );
    assert.match(JSON.stringify(warnings), /only the first of the 2/);
  });

  for (const [prompt, what] of [
    ['add a dragon', /add a dragon/],
    ['make it grey and put a hat on the cat', /hat/],
    ['nice', /names no change|nice/],
    ['blur the background', /mask/],
    ['fill it with red', /mask/],
    ['side by side', /only one/],
  ] as const) {
    test(`refuses "${prompt}" instead of faking it`, async () => {
      await assert.rejects(edited(prompt), refused(what));
    });
  }
});

describe('edits within a mask', async () => {
  const mask = await toPng(
    tools,
    picture(80, 60, (x) => [0, 0, 0, x < 40 ? 0 : 255]),
  );

  test('only what is transparent changes', async () => {
    const changed = await edited('negative', { mask });
    assert.deepEqual(pixelAt(changed, 10, 10), [55, 225, 225, 255]);
    for (const [x, y] of [
      [41, 0],
      [60, 10],
      [79, 59],
    ] as const)
      assert.deepEqual(pixelAt(changed, x, y), pixelAt(quarters, x, y));
  });

  test('it is filled with a colour', async () => {
    const filled = await edited('fill it with solid yellow', { mask });
    assert.deepEqual(pixelAt(filled, 20, 30), [247, 208, 44, 255]);
    assert.deepEqual(pixelAt(filled, 60, 10), pixelAt(quarters, 60, 10));
  });

  test('it is filled with a scene that the prompt names', async () => {
    const filled = await edited('the sea at night', { mask });
    assert(brightness(filled, { left: 0, top: 0, right: 0.45, bottom: 1 }) < 80);
    assert.deepEqual(pixelAt(filled, 60, 10), pixelAt(quarters, 60, 10));
  });

  test('what would change its shape, what nobody could draw and removing things are refused', async () => {
    await assert.rejects(edited('rotate 90 degrees', { mask }), refused(/mask/));
    await assert.rejects(edited('quarterly synergy', { mask }), refused(/synergy/));
    await assert.rejects(edited('remove the house', { mask }), refused(/remove the house/));
  });
});
