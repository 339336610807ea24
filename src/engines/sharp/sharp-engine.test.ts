import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import {
  movingBomb,
  picture,
  pixelAt as at,
  pngHeader,
  REFERRING_DRAWING,
} from '../../../test/odd-pictures.ts';
import { testContext } from '../../../test/support.ts';
import { AppError } from '../../base/errors.ts';
import type { ImageStep, ImageTools, PixelImage } from '../../core/image/image-tools.ts';
import { sharpEngine } from './sharp-engine.ts';
import { createSharpTools } from './sharp-tools.ts';

const engine = await sharpEngine.create({ workers: 1 });
assert('imageTools' in engine && engine.imageTools, 'sharp is installed');
const tools: ImageTools = engine.imageTools;
after(() => engine.stop?.());

const context = testContext();

function refused(code: string, message: RegExp) {
  return (error: unknown) => {
    assert(error instanceof AppError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

const red = picture(8, 6, () => [255, 0, 0, 255]);
const halves = picture(8, 6, (x) => (x < 4 ? [255, 0, 0, 255] : [0, 0, 255, 255]));

async function changed(image: PixelImage, ...steps: ImageStep[]): Promise<PixelImage> {
  const { bytes } = await tools.write(image, { format: { id: 'png' }, steps }, context);
  return tools.toPixels(bytes, context);
}

describe('reading pictures', () => {
  for (const format of ['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const) {
    test(`tells size and kind of ${format} and reads its pixels`, async () => {
      const file = await sharp(red.pixels, { raw: { width: 8, height: 6, channels: 4 } })
        .toFormat(format)
        .toBuffer();
      const facts = await tools.inspect(file, context);
      assert.deepEqual([facts.format, facts.width, facts.height, facts.frames], [format, 8, 6, 1]);
      const [r = 0, g = 0, b = 0, alpha = 0] = at(await tools.toPixels(file, context), 3, 3);
      assert(r > 240 && g < 15 && b < 15 && alpha === 255, `${r} ${g} ${b} ${alpha}`);
    });
  }

  test('reads grey, sixteen-bit and CMYK pictures as red, green, blue and alpha', async () => {
    const plain = sharp(red.pixels, { raw: { width: 8, height: 6, channels: 4 } });
    const files = [
      await plain.clone().toColourspace('b-w').png().toBuffer(),
      await plain.clone().toColourspace('rgb16').png().toBuffer(),
      await plain.clone().removeAlpha().toColourspace('cmyk').jpeg().toBuffer(),
    ];
    const shapes = await Promise.all(files.map((file) => tools.toPixels(file, context)));
    assert.deepEqual(
      shapes.map(({ pixels }) => pixels.length),
      [192, 192, 192],
    );
    const [r = 0, g = 255] = at(shapes[1] ?? red, 0, 0);
    assert(r > 250 && g < 5);
  });

  test('turns a photograph upright as its tag says, in facts and pixels', async () => {
    const lying = await sharp(halves.pixels, { raw: { width: 8, height: 6, channels: 4 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const facts = await tools.inspect(lying, context);
    assert.deepEqual([facts.width, facts.height], [6, 8]);
    const upright = await tools.toPixels(lying, context);
    assert.deepEqual([upright.width, upright.height], [6, 8]);
    assert.deepEqual(at(upright, 3, 0), [255, 0, 0, 255]);
    assert.deepEqual(at(upright, 3, 7), [0, 0, 255, 255]);
  });

  test('counts the frames of a picture that moves', async () => {
    const frames = [red, halves, picture(8, 6, () => [0, 255, 0, 255])];
    for (const id of ['gif', 'webp'] as const) {
      const file = await tools.animate(frames, { format: { id }, frameMs: 120 }, context);
      const facts = await tools.inspect(file, context);
      assert.deepEqual([facts.format, facts.width, facts.height, facts.frames], [id, 8, 6, 3]);
    }
  });

  test('refuses what is no picture, and drawings that could refer to other files', async () => {
    await assert.rejects(
      tools.inspect(Buffer.from('Good morning'), context),
      refused('unsupported_media', /PNG, JPEG/),
    );
    await assert.rejects(
      tools.inspect(new Uint8Array(0), context),
      refused('unsupported_media', /no picture/),
    );
    await assert.rejects(tools.toPixels(REFERRING_DRAWING, context), refused('unsupported_media', /SVG/));
  });

  test('reads a file that is two things as what its first bytes say', async () => {
    const { bytes } = await tools.write(red, { format: { id: 'png' } }, context);
    const both = Buffer.concat([bytes, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>PK\x03\x04')]);
    const facts = await tools.inspect(both, context);
    assert.deepEqual([facts.format, facts.width], ['png', 8]);
    const disguised = Buffer.concat([Buffer.from('GIF89a'), bytes]);
    await assert.rejects(tools.toPixels(disguised, context), refused('unsupported_media', /GIF/));
  });

  test('refuses a header of 60,000 x 60,000 pixels before unpacking any', async () => {
    for (const bomb of [pngHeader(60_000, 60_000), pngHeader(40_000, 1000), pngHeader(9000, 9000)]) {
      await assert.rejects(tools.inspect(bomb, context), refused('payload_too_large', /64 million/));
      await assert.rejects(tools.toPixels(bomb, context), refused('payload_too_large', /64 million/));
    }
  });

  test('refuses a moving picture whose frames add up to too much', async () => {
    const bomb = movingBomb(2000, 500);
    assert(bomb.length < 20_000);
    await assert.rejects(tools.toPixels(bomb, context), refused('payload_too_large', /500 frames/));
    await assert.rejects(
      tools.inspect(movingBomb(2, 1500), context),
      refused('payload_too_large', /1500 fr/),
    );
  });

  test('refuses files that were cut off', async () => {
    const noise = picture(120, 90, (x, y) => [(x * 37) & 255, (y * 91) & 255, (x * y) & 255, 255]);
    for (const id of ['png', 'jpeg', 'webp'] as const) {
      const { bytes } = await tools.write(noise, { format: { id } }, context);
      const half = bytes.subarray(0, bytes.length / 2);
      await assert.rejects(tools.toPixels(half, context), refused('unsupported_media', /cut off/), id);
    }
  });
});

describe('changing pictures', () => {
  test('does its steps in the order given', async () => {
    const crop: ImageStep = { kind: 'crop', left: 0, top: 0, width: 4, height: 6 };
    const flip: ImageStep = { kind: 'flip', axis: 'horizontal' };
    assert.deepEqual(at(await changed(halves, crop, flip), 0, 0), [255, 0, 0, 255]);
    assert.deepEqual(at(await changed(halves, flip, crop), 0, 0), [0, 0, 255, 255]);
  });

  test('turns, resizes and fits', async () => {
    const turned = await changed(halves, { kind: 'rotate', degrees: 90 });
    assert.deepEqual([turned.width, turned.height, ...at(turned, 0, 0)], [6, 8, 255, 0, 0, 255]);
    const contained = await changed(red, { kind: 'resize', width: 20, height: 20, fit: 'contain' });
    assert.deepEqual([contained.width, contained.height, at(contained, 10, 0)[3]], [20, 20, 0]);
    const inside = await changed(red, { kind: 'resize', width: 4, height: 4, fit: 'inside' });
    assert.deepEqual([inside.width, inside.height], [4, 3]);
    const tilted = await changed(red, { kind: 'rotate', degrees: 45 });
    assert(tilted.width > 8 && at(tilted, 0, 0)[3] === 0);
  });

  test('changes colours and leaves transparency alone', async () => {
    const glass = picture(8, 6, () => [200, 100, 50, 128]);
    const grey = await changed(glass, { kind: 'grey' });
    const [r, g, b, alpha] = at(grey, 2, 2);
    assert(r === g && g === b && alpha === 128, String(at(grey, 2, 2)));
    assert.deepEqual(at(await changed(glass, { kind: 'negate' }), 2, 2), [55, 155, 205, 128]);
    const dark = at(await changed(glass, { kind: 'modulate', brightness: 0.5 }), 2, 2);
    assert((dark[0] ?? 255) < 140 && dark[3] === 128, String(dark));
    const strong = at(await changed(glass, { kind: 'contrast', factor: 2 }), 2, 2);
    assert.deepEqual(strong, [255, 72, 0, 128]);
    const old = at(await changed(red, { kind: 'sepia' }), 2, 2);
    assert.deepEqual(old, [100, 88, 69, 255]);
    assert.deepEqual(
      at(await changed(glass, { kind: 'flatten', red: 0, green: 0, blue: 0 }), 2, 2),
      [100, 50, 25, 255],
    );
    const tinted = at(await changed(glass, { kind: 'tint', red: 0, green: 0, blue: 255 }), 2, 2);
    assert((tinted[2] ?? 0) > (tinted[0] ?? 255) && tinted[3] === 128, String(tinted));
  });

  test('blurs, sharpens and takes the median', async () => {
    const edge = at(await changed(halves, { kind: 'blur', sigma: 2 }), 3, 3);
    assert((edge[0] ?? 255) < 230 && (edge[2] ?? 0) > 25, String(edge));
    const speck = picture(9, 9, (x, y) => (x === 4 && y === 4 ? [255, 255, 255, 255] : [0, 0, 0, 255]));
    assert.deepEqual(at(await changed(speck, { kind: 'median', size: 3 }), 4, 4), [0, 0, 0, 255]);
    const soft = picture(32, 8, (x) => [x * 8, x * 8, x * 8, 255]);
    const crisp = await changed(soft, { kind: 'blur', sigma: 1 }, { kind: 'sharpen', sigma: 2 });
    assert.equal(crisp.width, 32);
  });

  test('writes each format with its quality, and lays transparency on white for JPEG', async () => {
    const clear = picture(64, 64, (x, y) => [x * 4, y * 4, (x * y) & 255, x < 32 ? 0 : 255]);
    const sizes = await Promise.all(
      [10, 95].map(async (quality) => {
        const { bytes } = await tools.write(clear, { format: { id: 'webp', quality } }, context);
        return bytes.length;
      }),
    );
    assert((sizes[0] ?? 0) < (sizes[1] ?? 0) / 2, String(sizes));
    const { bytes: file } = await tools.write(clear, { format: { id: 'jpeg' } }, context);
    assert.equal((await tools.inspect(file, context)).hasAlpha, false);
    assert((at(await tools.toPixels(file, context), 4, 30)[0] ?? 0) > 245);
    const { bytes: opaque } = await tools.write(red, { format: { id: 'png' } }, context);
    assert.equal((await tools.inspect(opaque, context)).hasAlpha, false);
    await assert.rejects(
      tools.animate([red], { format: { id: 'jpeg' }, frameMs: 100 }, context),
      refused('unsupported_feature', /move/),
    );
  });

  test('refuses to grow a picture beyond what it would read', async () => {
    const steps: ImageStep[] = [{ kind: 'resize', width: 60_000, height: 60_000, fit: 'fill' }];
    await assert.rejects(
      tools.write(red, { format: { id: 'png' }, steps }, context),
      refused('payload_too_large', /64 million/),
    );
  });
});

describe('drawing', () => {
  const drawing = (inside: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><rect width="80" height="40" fill="#fff"/>${inside}</svg>`;
  const ink = ({ pixels }: PixelImage) =>
    pixels.filter((value, place) => place % 4 === 0 && value < 128).length;

  test('writes letters with the fonts that come along, whatever font is asked for', async () => {
    const write = (family: string) =>
      tools.draw(drawing(`<text x="2" y="30" font-family="${family}" font-size="24">Ahoi</text>`), context);
    const images = await Promise.all(['DejaVu Sans', 'sans-serif', 'monospace'].map(write));
    const [named, usual, mono] = images;
    assert(named && usual && mono && ink(named) > 100, 'there are letters');
    assert.deepEqual(Buffer.compare(named.pixels, usual.pixels), 0);
    assert.notEqual(Buffer.compare(named.pixels, mono.pixels), 0);
  });

  test('follows no reference to a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-drawing-'));
    try {
      const { bytes } = await tools.write(red, { format: { id: 'png' } }, context);
      await writeFile(join(folder, 'red.png'), bytes);
      const address = pathToFileURL(join(folder, 'red.png')).href;
      const blank = await tools.draw(drawing(`<image href="${address}" width="40" height="40"/>`), context);
      assert.deepEqual(at(blank, 10, 10), [255, 255, 255, 255]);
      const inside = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
      const drawn = await tools.draw(drawing(`<image href="${inside}" width="40" height="40"/>`), context);
      assert.deepEqual(at(drawn, 20, 20), [255, 0, 0, 255]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the child processes', () => {
  test('end within a moment of a hang-up, and serve the next', async () => {
    const large = picture(3000, 3000, (x, y) => [x & 255, y & 255, (x ^ y) & 255, 255]);
    const leaving = new AbortController();
    const work = tools.write(
      large,
      { format: { id: 'png' }, steps: [{ kind: 'median', size: 15 }] },
      testContext({ signal: leaving.signal }),
    );
    setImmediate(() => leaving.abort());
    await assert.rejects(work, refused('cancelled', /./));
    assert.equal((await changed(red, { kind: 'grey' })).width, 8);
  });

  test('a crash costs one call, and the next finds a new child', async () => {
    const own = createSharpTools({ start: { fonts: '/', threads: 1 } });
    try {
      const large = picture(2500, 2500, (x, y) => [x & 255, y & 255, (x ^ y) & 255, 255]);
      await own.tools.write(red, { format: { id: 'png' } }, context);
      const [pid] = own.pids();
      assert(pid !== undefined);
      const doomed = own.tools.write(
        large,
        { format: { id: 'png' }, steps: [{ kind: 'median', size: 25 }] },
        context,
      );
      const beside = own.tools.write(red, { format: { id: 'png' } }, context);
      setImmediate(() => process.kill(pid, 'SIGSEGV'));
      await assert.rejects(doomed, refused('engine_failed', /sharp/));
      assert.equal((await beside).width, 8);
      assert.equal((await own.tools.write(red, { format: { id: 'png' } }, context)).width, 8);
    } finally {
      await own.stop();
    }
  });

  test('give up a call that takes too long', async () => {
    const own = createSharpTools({ start: { fonts: '/', threads: 1 }, callTimeoutMs: 300 });
    try {
      const large = picture(2500, 2500, (x, y) => [x & 255, y & 255, (x ^ y) & 255, 255]);
      const endless = own.tools.write(
        large,
        { format: { id: 'png' }, steps: [{ kind: 'median', size: 25 }] },
        context,
      );
      await assert.rejects(endless, refused('engine_failed', /more than 0 s|ended/));
    } finally {
      await own.stop();
    }
  });
});
