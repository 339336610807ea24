import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noBrowser, visiting } from './browser.ts';

/** Scripts and style sheets of the first page that is opened, in bytes before they are compressed. */
const MOST_BYTES = 80_000;

describe('the frame of the playground', { skip: noBrowser }, () => {
  test('little is fetched for the first page: the others and what they need wait until they are shown', () =>
    visiting({ page: 'jobs' }, async ({ page }) => {
      const sizes: Record<string, number> = {};
      page.on('response', async (response) => {
        const { pathname } = new URL(response.url());
        if (/\.(js|css)$/.test(pathname)) sizes[pathname] = (await response.body()).length;
      });
      await page.reload({ waitUntil: 'networkidle' });
      const bytes = Object.values(sizes).reduce((sum, size) => sum + size, 0);
      assert.ok(bytes > 10_000 && bytes < MOST_BYTES, JSON.stringify(sizes));
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
