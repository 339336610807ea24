import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noBrowser, visiting } from './browser.ts';
import { loadReport, measureLoad, pagesOf } from './page-load.ts';

/** What nobody should have to fetch more of before a page can be used, packed as it comes. */
const MOST_BYTES = 200_000;

/** The same of the lightest page, which fetches nothing that only others need; not packed. */
const MOST_OF_ALL_PAGES = 80_000;

describe('the frame of the playground', { skip: noBrowser }, () => {
  test('little is fetched for the first page: the others and what they need wait until they are shown', () =>
    visiting({ page: 'jobs' }, async ({ origin, browser }) => {
      // The one that most begin with, the one with the largest parts, and the one that needs none of them.
      const loads = [];
      for (const page of ['speak', 'sounds', 'jobs']) loads.push(await measureLoad(browser, origin, page));
      for (const { page, transferredBytes, apiBytes, unpackedBytes } of loads) {
        assert.ok(transferredBytes + apiBytes < MOST_BYTES, `${page}: ${transferredBytes} + ${apiBytes}`);
        assert.ok(unpackedBytes > 10_000 && transferredBytes < unpackedBytes, `${page} comes packed`);
      }
      assert.ok((loads[2]?.unpackedBytes ?? Infinity) < MOST_OF_ALL_PAGES, JSON.stringify(loads[2]));

      const [, , ...rows] = loadReport(new Map(loads.map((load) => [load.page, [load]]))).split('\n');
      assert.equal(rows.length, loads.length);
      for (const row of rows)
        for (const cell of row.split(' | ').slice(1)) assert.match(cell, /^\d+(\.\d)?( \|)?$/, row);
    }));

  test('the bench opens every page of the menu', () =>
    visiting({ page: 'jobs' }, async ({ origin, browser, page }) => {
      const titles = await page.locator('nav li a').allInnerTexts();
      const ids = await pagesOf(browser, origin);
      assert.equal(ids[0], 'speak');
      assert.equal(ids.length, titles.length);
      assert.equal(new Set(ids).size, titles.length);
    }));

  test('from the keyboard the menu is skipped, and the address goes on naming the page', () =>
    visiting({ page: 'voices' }, async ({ page }) => {
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate('document.activeElement?.id'), 'main');
      assert.equal(new URL(page.url()).hash, '#/voices');
    }));

  test('whoever comes from another page begins at the head of the new one', () =>
    visiting({ page: 'speak' }, async ({ page, goTo }) => {
      await goTo('compare');
      await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
      await page.waitForFunction("document.activeElement?.id === 'main'");
      assert.equal(await page.title(), 'Compare · Antiphon');
    }));

  test('an address that names no page shows the first one', () =>
    visiting({ page: 'nowhere' }, async ({ page }) => {
      await page.getByRole('heading', { level: 1, name: 'Speak' }).waitFor();
    }));

  test('a page whose code cannot be fetched says so and offers to load it again', () =>
    visiting({ page: 'voices' }, async (visit) => {
      const { page } = visit;
      visit.expectComplaint(/compare|Failed to load/);
      await page.route('**/compare-*.js', (route) => route.abort());
      await page.locator('nav a[href="#/compare"]').click();
      await page.getByRole('button', { name: 'Load it again' }).waitFor();
      await page.unroute('**/compare-*.js');
      await page.getByRole('button', { name: 'Load it again' }).click();
      await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
    }));

  test('a key is kept for the next visit and forgotten when the field is emptied', () =>
    visiting({ page: 'compare' }, async ({ page }) => {
      await page.getByLabel('API key').fill(' secret ');
      await page.getByLabel('API key').press('Enter');
      await page.reload();
      assert.equal(await page.getByLabel('API key').inputValue(), 'secret');
      await page.getByLabel('API key').fill('');
      await page.getByLabel('API key').press('Enter');
      assert.equal(await page.evaluate(() => localStorage.length), 0);
    }));
});
