import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { AppError } from '../../src/base/errors.ts';
import { proceduralEngine } from '../../src/engines/procedural/procedural-engine.ts';
import type { Engine } from '../../src/core/engine.ts';
import { filmEngine, type FilmEngine } from '../film-engine.ts';
import { startTools } from '../paint-engine.ts';
import { testContext } from '../support.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

const tools = await startTools();
const procedural = await proceduralEngine.create({ workers: 1 });
assert.ok('video' in procedural && procedural.video);
const { video: realFilms, ...realEngine } = procedural;
after(async () => {
  await tools.stop?.();
  await realEngine.stop?.();
});

const server = (films: Engine) => ({ engines: [films, tools] });

describe('Films', { skip: noBrowser }, () => {
  test('makes a film that can be seen, with its first picture before it is played', () =>
    visiting({ page: 'films', server: server(smallFilms()) }, async ({ page, picture }) => {
      await film(page);
      await page.getByRole('progressbar').waitFor();
      await page.locator('video').waitFor();
      const video = `document.querySelector('video')`;
      await page.waitForFunction(`${video}.readyState >= 2`);
      assert.deepEqual(
        await page.evaluate(`[${video}.videoWidth, Math.round(${video}.duration), ${video}.poster !== '']`),
        [480, 1, true],
      );
      await page.getByText(/“size” was changed from 1280x720 to 480x270/).waitFor();
      await picture('films');
      await accessible(page);
    }));

  test('brings the first picture to the size of the film', async () => {
    const films = filmEngine();
    const pixels = new Uint8Array(300 * 300 * 4).fill(200);
    const image = { width: 300, height: 300, pixels };
    const { bytes } = await tools.imageTools.write(image, { format: { id: 'png' } }, testContext());
    await visiting({ page: 'films', server: server(films) }, async ({ page }) => {
      const square = { name: 'square.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
      await page.getByLabel('First picture').setInputFiles(square);
      await page.getByAltText('The first picture').waitFor();
      await film(page);
      await page.locator('video').waitFor();
      const [asked] = films.asked;
      assert.ok(asked?.firstFrame);
      const { width, height } = await tools.imageTools.toPixels(asked.firstFrame, testContext());
      assert.deepEqual([width, height], [1280, 720]);
    });
  });

  test('shows how far it is, and stop ends the job', () => {
    const { promise: gate } = Promise.withResolvers<void>();
    return visiting({ page: 'films', server: server(filmEngine({ gate })) }, async ({ page, origin }) => {
      await film(page);
      await page.getByText(/^50 %/).waitFor();
      await accessible(page);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Film it' }).waitFor();
      assert.equal(await endOfJob(origin), 'cancelled');
    });
  });

  test('a film goes on when its visitor leaves', () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const films: FilmEngine = filmEngine({ gate });
    return visiting({ page: 'films', server: server(films) }, async ({ page, goTo, origin }) => {
      await film(page);
      await page.getByText(/^50 %/).waitFor();
      await goTo('pictures');
      open();
      assert.equal(await endOfJob(origin), 'succeeded');
    });
  });

  test('tells a failure in words', () => {
    const failure = new AppError('content_rejected', 'The engine does not show that.');
    return visiting({ page: 'films', server: server(filmEngine({ failure })) }, async ({ page }) => {
      await film(page);
      await page.getByRole('alert').getByText('The engine does not show that.').waitFor();
    });
  });
});

/** Real films, small enough for a test. */
function smallFilms(): Engine {
  const limits = (model: string) => ({ ...realFilms.limits(model), maxSide: 480, maxSeconds: 1 });
  return { ...realEngine, video: { ...realFilms, limits } };
}

async function film(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Film it' }).click();
}

/** How the only job of the server ends, which is waited for. */
async function endOfJob(origin: string): Promise<string | undefined> {
  const answer = await fetch(`${origin}/antiphon/v1/jobs`);
  const { jobs } = (await answer.json()) as { jobs: readonly { id: string }[] }; // What the route answers.
  const events = await (await fetch(`${origin}/antiphon/v1/jobs/${jobs[0]?.id}/events`)).text();
  return /event: job\.(\w+)\n[^]*$/.exec(events.slice(events.lastIndexOf('event: ')))?.[1];
}
