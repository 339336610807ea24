import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { decodeWav } from '../contracts/decode-audio.ts';
import { toneSounds } from '../tone-sounds.ts';
import { eventually } from '../upload-support.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

/** The sounds of the program itself, which needs no weights for them. */
const PROCEDURAL = { engines: ['procedural'] };

/** There is a canvas of many colours, as a spectrogram has them. */
const PITCHES_ARE_DRAWN = `[...document.querySelectorAll('.wave *')]
  .flatMap((one) => [...(one.shadowRoot?.querySelectorAll('canvas') ?? [])])
  .filter(({ width, height }) => width > 0 && height > 0)
  .some((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size > 100;
  })`;

describe('Sounds and music', { skip: noBrowser }, () => {
  test('makes a sound and shows its wave and its pitches', () =>
    visiting({ page: 'sounds', program: PROCEDURAL }, async ({ page, picture }) => {
      await page.getByLabel('Seconds').fill('3');
      await make(page);
      await page.getByText('0:00 / 0:03').waitFor();
      await page.getByText(/Done by procedural\/sounds, which stands in/).waitFor();
      await page.waitForFunction(PITCHES_ARE_DRAWN);
      await picture('sounds');
      await accessible(page);
    }));

  test('sends what is set and nothing else', () => {
    const sounds = toneSounds();
    return visiting({ page: 'sounds', server: { engines: [sounds] } }, async ({ page }) => {
      await page.getByLabel('Description').fill('a bell');
      await page.getByLabel('Seconds').fill('2');
      await page.getByLabel('Influence of the words').fill('0.9');
      await page.getByLabel('Can be looped').check();
      await make(page);
      await page.getByText('0:00 / 0:02').waitFor();
      const [asked] = sounds.asked;
      assert.deepEqual(
        [asked?.prompt, asked?.durationSeconds, asked?.promptInfluence, asked?.loop],
        ['a bell', 2, 0.9, true],
      );
    });
  });

  test('makes a sound with a seed in a job, and gives its file', () => {
    const sounds = toneSounds();
    return visiting({ page: 'sounds', server: { engines: [sounds] } }, async ({ page }) => {
      await page.getByLabel('Seed').fill('11');
      await page.getByLabel('Seconds').fill('2');
      await make(page);
      const { name, bytes } = await downloaded(page);
      assert.match(name, /^heavy-rain-.*\.wav$/);
      const { frames, sampleRate } = await decodeWav(bytes, { sampleRate: 44_100, channels: 2 });
      assert.deepEqual([frames, sampleRate], [88_200, 44_100]);
      assert.equal(sounds.asked[0]?.seed, 11);
    });
  });

  test('lays a piece out, lets it be changed, and plays it with a seed', () => {
    const sounds = toneSounds();
    return visiting({ page: 'sounds', server: { engines: [sounds] } }, async ({ page }) => {
      await page.getByLabel('Make', { exact: true }).selectOption('Music');
      await page.getByLabel('Description').fill('slow piano');
      await page.getByRole('button', { name: 'Lay it out first' }).click();
      const second = page.getByRole('group', { name: 'Section 2' });
      await second.getByLabel('Styles').fill('strings, warm, ');
      await second.getByLabel('Seconds').fill('4');
      await page.getByRole('button', { name: 'Add a section' }).click();
      await page.getByRole('button', { name: 'Remove section 1' }).click();
      await page.getByLabel('Seed').fill('5');
      await accessible(page);
      await page.getByRole('button', { name: 'Play the plan' }).click();
      await page.getByText('0:00 / 0:08').waitFor();
      const asked = sounds.asked.at(-1);
      assert.equal(asked?.seed, 5);
      assert.deepEqual(
        asked.plan?.sections.map(({ styles, durationSeconds }) => [styles, durationSeconds]),
        [
          [['strings', 'warm'], 4],
          [['strings', 'warm'], 4],
        ],
      );
    });
  });

  test('stops at once when it is told to', () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const sounds = toneSounds({ gate });
    return visiting({ page: 'sounds', server: { engines: [sounds] } }, async ({ page }) => {
      await make(page);
      await eventually('somebody makes it', () => sounds.open() === 1);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Make it' }).waitFor();
      open();
      await eventually('nobody makes it', () => sounds.open() === 0);
    });
  });

  test('tells a failure in words', () => {
    const sounds = toneSounds({ failAfterChunks: 0, failure: 'unsupported_feature' });
    return visiting({ page: 'sounds', server: { engines: [sounds] } }, async ({ page, expectComplaint }) => {
      expectComplaint(/status of 4\d\d/);
      await make(page);
      await page.getByRole('alert').getByText('The tones broke, as they were told to.').waitFor();
    });
  });
});

async function make(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make it' }).click();
}

async function downloaded(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download', exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}
