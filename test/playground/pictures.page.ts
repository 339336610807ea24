import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { paintEngine, startTools, type PaintEngine } from '../paint-engine.ts';
import { testContext } from '../support.ts';
import { eventually } from '../upload-support.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

/** The pictures of the program itself, which needs no weights for them. */
const PROCEDURAL = { engines: ['procedural', 'sharp'] };

const tools = await startTools();
after(() => tools.stop?.());

const server = (painter: PaintEngine) => ({ engines: [painter, tools] });

describe('Pictures', { skip: noBrowser }, () => {
  test('paints from words, and changes what was painted', () =>
    visiting({ page: 'pictures', program: PROCEDURAL }, async ({ page, picture }) => {
      await page.getByLabel('Size').selectOption('512x512');
      await page.getByLabel('How many').fill('2');
      await paint(page);
      await page.getByAltText(/picture 2$/).waitFor();
      await page.getByText('Done by procedural/pictures').waitFor();
      await picture('pictures');
      await page.getByRole('button', { name: 'Change picture 1' }).click();
      await page.getByAltText('The picture to be changed').waitFor();
      await page.getByLabel('Description').fill('make it black and white');
      await accessible(page);
      await page.getByLabel('How many').fill('1');
      await page.getByRole('button', { name: 'Change it' }).click();
      await page.getByAltText('make it black and white, picture 1').waitFor();
      assert.equal(await isGrey(page), true);
    }));

  test('shows a picture before it is finished', () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    // The first picture waits for nothing but its last stroke.
    const painter = paintEngine();
    const { image } = painter;
    assert.ok(image);
    const slow: PaintEngine = {
      ...painter,
      image: {
        ...image,
        generate: async function* (request, context) {
          for await (const event of image.generate(request, context)) {
            if (event.type === 'image-end') await gate;
            yield event;
          }
        },
      },
    };
    return visiting({ page: 'pictures', server: server(slow) }, async ({ page }) => {
      await paint(page);
      await page.getByAltText('A picture that is not finished yet').waitFor();
      open();
      await page.getByAltText(/picture 1$/).waitFor();
      assert.equal(await page.getByAltText('A picture that is not finished yet').count(), 0);
    });
  });

  test('changes a picture only where it was painted over', () => {
    const painter = paintEngine();
    return visiting({ page: 'pictures', server: server(painter) }, async ({ page }) => {
      await page.getByLabel('Picture to change').setInputFiles(await whitePicture());
      await paintOver(page, [0.1, 0.5], [0.4, 0.5]);
      await page.getByRole('button', { name: 'Change it' }).click();
      await page.getByAltText(/picture 1$/).waitFor();
      assert.ok((await maskedShares(painter)).left > 0.02);
      assert.equal((await maskedShares(painter)).right, 0);
    });
  });

  test('takes a mask without a pointer, and gives it up again', () => {
    const painter = paintEngine();
    return visiting({ page: 'pictures', server: server(painter) }, async ({ page }) => {
      await page.getByLabel('Picture to change').setInputFiles(await whitePicture());
      await page.getByText('Mark a rectangle by numbers').click();
      await page.getByLabel('From the left, %').fill('50');
      await page.getByRole('button', { name: 'Mark it' }).click();
      await page.getByRole('button', { name: 'Change it' }).click();
      await page.getByAltText(/picture 1$/).waitFor();
      const { left, right } = await maskedShares(painter);
      assert.deepEqual([left, Math.round(right * 100)], [0, 50]);
      await page.getByRole('button', { name: 'Take the paint away' }).click();
      await page.getByRole('button', { name: 'Change it' }).click();
      await eventually('it was asked again', () => painter.asked.length === 2);
      assert.equal(painter.asked[1]?.mask, undefined);
    });
  });

  test('sends what is set', () => {
    const painter = paintEngine();
    return visiting({ page: 'pictures', server: server(painter) }, async ({ page }) => {
      await page.getByLabel('Size').selectOption('other');
      await page.getByLabel('Width x height').fill('640x320');
      await page.getByLabel('Seed').fill('9');
      await page.getByLabel('Background').selectOption('transparent');
      await page.getByLabel('Format').selectOption('webp');
      await paint(page);
      await page.getByText('640 × 320').waitFor();
      const [asked] = painter.asked;
      assert.deepEqual(
        [asked?.size, asked?.seed, asked?.background],
        [{ width: 640, height: 320 }, 9, 'transparent'],
      );
    });
  });

  test('tells a failure in words, also when it comes late', () =>
    visiting({ page: 'pictures', server: server(paintEngine({ breaksLate: true })) }, async ({ page }) => {
      await paint(page);
      await page.getByRole('alert').getByText('The paint engine broke, as it was told to.').waitFor();
    }));

  test('stops at once when it is told to', () => {
    const { promise: gate } = Promise.withResolvers<void>();
    const painter = paintEngine({ gate });
    return visiting({ page: 'pictures', server: server(painter) }, async ({ page }) => {
      await paint(page);
      await eventually('somebody paints', () => painter.open() === 1);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Paint it' }).waitFor();
      await eventually('nobody paints', () => painter.open() === 0);
    });
  });
});

async function paint(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Paint it' }).click();
}

async function whitePicture() {
  const pixels = new Uint8Array(320 * 240 * 4).fill(255);
  const image = { width: 320, height: 240, pixels };
  const { bytes } = await tools.imageTools.write(image, { format: { id: 'png' } }, testContext());
  return { name: 'white.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

type Share = readonly [across: number, down: number];

async function paintOver(page: Page, from: Share, to: Share): Promise<void> {
  await page.getByAltText('The picture to be changed').waitFor();
  const canvas = page.locator('.mask-stage canvas');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * from[0], box.y + box.height * from[1]);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to[0], box.y + box.height * to[1], { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Take the paint away' }).and(page.locator(':enabled')).waitFor();
}

/** How much of each half of the picture might be changed. */
async function maskedShares({ asked }: PaintEngine): Promise<{ left: number; right: number }> {
  const mask = asked[0]?.mask;
  assert.ok(mask);
  const { pixels, width, height } = await tools.imageTools.toPixels(mask, testContext());
  const counts = { left: 0, right: 0 };
  for (let place = 0; place < width * height; place += 1) {
    if ((pixels[place * 4 + 3] ?? 255) > 127) continue;
    if (place % width < width / 2) counts.left += 1;
    else counts.right += 1;
  }
  const half = (width * height) / 2;
  return { left: counts.left / half, right: counts.right / half };
}

/** Whether the finished picture has no colours. */
async function isGrey(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const image = document.querySelector('.gallery img');
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return data.every((value, at) => at % 4 === 3 || Math.abs(value - data[at - (at % 4)]) < 6);
  })()`);
}
