import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { createKeyBook } from '../../src/core/access/key-book.ts';
import { keyAuthenticator } from '../../src/platform/keys.ts';
import { memoryStore, testClock } from '../support.ts';
import { accessible, noBrowser, visiting, type Visit } from './browser.ts';

/** A server with prices, an admin's key, and a user's. */
async function usageHouse() {
  const store = memoryStore();
  const book = createKeyBook({ keys: store.keys, clock: testClock, dialects: [] });
  const { secret: boss } = await book.create({ name: 'boss', role: 'admin' });
  const { secret: ann } = await book.create({ name: 'ann' });
  const prices = {
    currency: 'EUR',
    models: { 'tts-1': { perMillionCharacters: 1_000_000 } },
    capabilities: {},
  };
  return { boss, ann, server: { store, authenticator: keyAuthenticator(store.keys), prices } };
}

/** Has something said, as a program of that key does. */
async function speak({ origin }: Visit, secret: string, input: string, model = 'tts-1'): Promise<void> {
  const answer = await fetch(`${origin}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ model, voice: 'alloy', input }),
  });
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
}

/** The figures of a card, a line each. */
async function table({ page }: Visit, by: string): Promise<readonly string[][]> {
  await page.getByText(`Figures by ${by}`, { exact: true }).click();
  const rows = page.getByRole('region', { name: `Figures by ${by}` }).locator('tbody tr');
  await rows.first().waitFor();
  return Promise.all((await rows.all()).map(async (row) => row.locator('th, td').allTextContents()));
}

describe('Usage', { skip: noBrowser }, () => {
  test('an admin sees what everybody used, in charts, in tables and as a file', async () => {
    const { boss, ann, server } = await usageHouse();
    await visiting({ page: 'usage', server, key: boss }, async (visit) => {
      const { page, picture } = visit;
      await page.getByText('Nothing was used in these days.').first().waitFor();
      await speak(visit, ann, 'Hello there.');
      await speak(visit, ann, 'Hello.');
      await speak(visit, boss, 'Hi.', 'tts-1-hd');
      await page.getByLabel('Days').selectOption('The last 7 days');
      await page.getByLabel('Charts show').selectOption('Characters');
      const days = page.getByRole('img', { name: /^characters by day/ });
      await days.waitFor();
      assert.equal(await days.locator('rect').count(), 7);
      const heights = await days
        .locator('rect')
        .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))));
      assert.deepEqual(heights.slice(0, 6), [0, 0, 0, 0, 0, 0]);
      assert.ok(heights[6]! > 100);
      const ranks = page.getByRole('img', { name: /^characters by key/ });
      assert.deepEqual(await ranks.locator('text').allTextContents(), ['ann', '18', 'boss', '3']);
      assert.deepEqual(
        (await table(visit, 'model')).map(([model, requests, , characters]) => [model, requests, characters]),
        [
          ['tts-1', '2', '18'],
          ['tts-1-hd', '1', '3'],
        ],
      );
      const keys = await table(visit, 'key');
      assert.equal(keys.find(([name]) => name === 'ann')?.at(-1), '18.00');
      await page.getByLabel('Charts show').selectOption('Costs in EUR');
      await page.getByRole('img', { name: /^costs in eur by api/i }).waitFor();
      await picture('usage');
      await accessible(page);

      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download as CSV' }).click();
      const file = await coming;
      assert.match(file.suggestedFilename(), /^antiphon-usage-[\d-]+\.csv$/);
      const lines = (await readFile(await file.path(), 'utf8')).split('\r\n');
      assert.match(lines[0] ?? '', /^day,key_id,key_name,dialect,capability,model,requests/);
      assert.equal(lines.length, 4);

      await page.getByLabel('Key', { exact: true }).selectOption({ index: 2 });
      await page.getByLabel('Charts show').selectOption('Requests');
      const total = page.getByLabel('Altogether').locator('div', { hasText: 'Requests' }).locator('dd');
      await total.filter({ hasText: /^[12]$/ }).waitFor();
    });
  });

  test('a user sees the own usage alone, and is told so', async () => {
    const { boss, ann, server } = await usageHouse();
    await visiting({ page: 'usage', server, key: ann }, async (visit) => {
      const { page } = visit;
      await speak(visit, boss, 'Something long that nobody else may see.');
      await speak(visit, ann, 'Hello.');
      await page.reload();
      await page.getByText(/You see the usage of your own key/).waitFor();
      const characters = page.getByLabel('Altogether').locator('div', { hasText: 'Characters' });
      assert.equal(await characters.locator('dd').textContent(), '6');
      assert.equal(await page.getByRole('heading', { name: 'By key' }).count(), 0);
      await accessible(page);
    });
  });

  test('days that make no sense are refused in words', async () => {
    const { boss, server } = await usageHouse();
    await visiting({ page: 'usage', server, key: boss }, async ({ page, expectComplaint }) => {
      expectComplaint(/400/);
      await page.getByLabel('From').fill('2020-01-01');
      await page.getByLabel('From').blur();
      await page
        .getByText(/at most 400 days/)
        .first()
        .waitFor();
      await page.getByLabel('Days').selectOption('Last month');
      await page
        .getByText(/at most 400 days/)
        .first()
        .waitFor({ state: 'detached' });
    });
  });
});
