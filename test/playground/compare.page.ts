import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { accessible, noBrowser, visiting } from './browser.ts';

async function chooseBoth(page: Page): Promise<void> {
  await page.getByLabel('From').selectOption('Engine tone');
  await page.getByRole('checkbox', { name: /high/ }).check();
  await page.getByRole('checkbox', { name: /^low/ }).check();
  await page.getByLabel('Text', { exact: true }).fill('Hello there.');
  await page.getByRole('button', { name: 'Speak them all' }).click();
  await page.getByRole('group', { name: 'Sample B' }).waitFor();
}

describe('Compare', { skip: noBrowser }, () => {
  test('names are hidden until one is liked best; the vote is counted and still there on the next visit', () =>
    visiting({ page: 'compare' }, async ({ page, picture }) => {
      const samples = page.getByRole('region', { name: 'Samples' });
      await page.getByText('Choose at least two voices').waitFor();
      await chooseBoth(page);
      assert.doesNotMatch(await samples.innerText(), /tone|high|low/);
      await page.getByRole('button', { name: 'B is best' }).click();
      const chosen = /You liked (tone\/(?:high|low) · tts-1) best/.exec(await samples.innerText())?.[1];
      assert.ok(chosen, await samples.innerText());
      assert.ok((await samples.innerText()).includes(`Sample B ${chosen}`));
      assert.equal(await page.getByRole('button', { name: 'A is best' }).isDisabled(), true);
      await picture('compare');
      await page.reload();
      const votes = page.getByRole('region', { name: 'Your votes' }).locator('tbody tr');
      const rows = await votes.evaluateAll((all) => all.map((row) => row.textContent));
      assert.deepEqual(rows[0], `${chosen}11`);
      assert.match(rows[1] ?? '', /^tone\/(high|low) · tts-101$/);
      await page.getByRole('button', { name: 'Forget them' }).click();
      await votes.first().waitFor({ state: 'detached' });
    }));

  test('not blind, names stand beside the samples in the order in which they were chosen', () =>
    visiting({ page: 'compare' }, async ({ page }) => {
      await page.getByLabel('Blind').uncheck();
      await chooseBoth(page);
      const text = await page.getByRole('region', { name: 'Samples' }).innerText();
      assert.match(text, /Sample A tone\/high · tts-1[^]*Sample B tone\/low · tts-1/);
      await accessible(page);
    }));
});
