import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { wavFile } from '../../web/src/sound/wav-file.ts';
import { testContext } from '../support.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

/** Four seconds of a voice-like sound, as a WAV file. */
async function recording(): Promise<Buffer> {
  const samples = Int16Array.from({ length: 4 * 24_000 }, (_, at) => {
    const phase = (2 * Math.PI * 140 * at) / 24_000;
    return 6000 * (Math.sin(phase) + Math.sin(2 * phase) / 2 + Math.sin(3 * phase) / 3);
  });
  return Buffer.from(await wavFile([samples], 24_000).arrayBuffer());
}

async function fillIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Consent', { exact: true }).fill('Ada, by mail on 3 May');
}

describe('Voices', { skip: noBrowser }, () => {
  test('a voice is made from an uploaded recording with consent, heard, renamed and deleted', () =>
    visiting({ page: 'voices' }, async ({ page, core, picture }) => {
      const added = () => core.studio.list(testContext());
      const add = page.getByRole('button', { name: 'Add the voice' });
      await page
        .getByLabel('Recordings', { exact: true })
        .setInputFiles({ name: 'ada.wav', mimeType: 'audio/wav', buffer: await recording() });
      await fillIn(page, 'Ada');
      await page.getByText('Still missing: the consent of who is heard.').waitFor();
      assert.equal(await add.isDisabled(), true);
      await page.getByLabel(/has agreed to this/).check();
      await add.click();
      await page.getByText('Ada has been added.').waitFor();
      const [voice] = await added();
      assert.equal(voice?.name, 'Ada');
      assert.equal(voice?.labels['consent'], 'Ada, by mail on 3 May');
      assert.equal(voice?.samples[0]?.filename, 'ada.wav');
      await page.getByText('played by the nearest voice').waitFor();
      await picture('voices');

      await page.getByRole('button', { name: 'Hear Ada', exact: true }).click();
      await page.getByRole('button', { name: 'Stop the preview of Ada', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Rename Ada' }).click();
      await page.getByLabel('New name').fill('Grace');
      await page.getByRole('button', { name: 'Rename it' }).click();
      await page.getByRole('button', { name: 'Delete Grace' }).click();
      assert.equal((await added())[0]?.name, 'Grace');
      await page.getByRole('button', { name: 'Leave it' }).click();
      await page.getByRole('button', { name: 'Delete Grace' }).click();
      await page.getByRole('button', { name: 'Delete it' }).click();
      await page.getByText('There are none yet.').waitFor();
      assert.deepEqual(await added(), []);
    }));

  test('a voice is made from what the microphone hears', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-microphone-'));
    try {
      const microphone = join(folder, 'voice.wav');
      writeFileSync(microphone, await recording());
      await visiting({ page: 'voices', microphone }, async ({ page, core }) => {
        await page.getByRole('button', { name: 'Record', exact: true }).click();
        await page.getByText('0:02', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'End the recording' }).click();
        await page.getByText('recording.wav').waitFor();
        await fillIn(page, 'Heard');
        await page.getByLabel(/has agreed to this/).check();
        await page.getByRole('button', { name: 'Add the voice' }).click();
        await page.getByText('Heard has been added.').waitFor();
        const [voice] = await core.studio.list(testContext());
        const { durationSeconds = 0, measure } = voice?.samples[0] ?? {};
        assert.ok(durationSeconds > 1.5, String(durationSeconds));
        assert.ok(Math.abs((measure?.pitchHertz ?? 0) - 140) < 5, String(measure?.pitchHertz));
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('what is no recording is refused in words, and what was filled in stays', () =>
    visiting({ page: 'voices' }, async (visit) => {
      const { page } = visit;
      visit.expectComplaint(/status of 4\d\d/);
      await page
        .getByLabel('Recordings', { exact: true })
        .setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear Ada') });
      await fillIn(page, 'Ada');
      await page.getByLabel(/has agreed to this/).check();
      await page.getByRole('button', { name: 'Add the voice' }).click();
      await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
      assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Ada');
    }));

  test('a built-in voice leads to the page that speaks with it', () =>
    visiting({ page: 'voices' }, async ({ page }) => {
      await page.getByRole('link', { name: /^Onyx/ }).waitFor();
      await accessible(page);
      await page.getByLabel('Search').fill('onyx');
      await page.getByRole('link', { name: /^Onyx/ }).click();
      await page.getByRole('heading', { name: 'Speak', level: 1 }).waitFor();
      await page.getByRole('radio', { name: /Onyx/, checked: true }).waitFor();
    }));
});
