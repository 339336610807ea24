import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { toneEngine } from '../tone-engine.ts';
import { eventually } from '../upload-support.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

/** Seven words, 0.6 s each. */
const TALK = burstRecording({ bursts: bursts(7) });

/** Two people, one after the other. */
const CONVERSATION = burstRecording({ bursts: [...bursts(4, 150), 0, 0, 0, ...bursts(4, 240)] });

const folder = mkdtempSync(join(tmpdir(), 'antiphon-listen-'));
const microphone = join(folder, 'microphone.wav');
writeFileSync(microphone, burstRecording({ bursts: bursts(3), silenceSeconds: 0.5 }));

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stopDecodePool();
});

describe('Listen', { skip: noBrowser }, () => {
  test('shows the text of a recording as it comes, then the time of every word, and plays from a word', async () => {
    const ear = hearingEngine();
    await visiting({ page: 'listen', server: { engines: [ear] } }, async ({ page, picture }) => {
      await writeDown(page, TALK);
      await page.locator('.word').nth(6).waitFor();
      assert.equal(
        await page.locator('.transcript').textContent(),
        '0:00 one two three four five. six seven.',
      );
      assert.equal(ear.opened.length, 2);
      await page.getByText('Done by ear/ear').waitFor();
      await page.locator('.word', { hasText: 'four' }).click();
      await page.locator('.word.heard', { hasText: /four|five/ }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await picture('listen');
      await accessible(page);
    });
  });

  test('gives subtitles of what is shown', () =>
    visiting({ page: 'listen', server: { engines: [hearingEngine()] } }, async ({ page }) => {
      await writeDown(page, TALK);
      await page.locator('.word').nth(6).waitFor();
      const srt = await downloaded(page, 'Subtitles (SRT)');
      assert.match(srt, /^1\n00:00:00,\d{3} --> 00:00:0[34],\d{3}\none two three four five\. six seven\.\n$/);
      const vtt = await downloaded(page, 'Subtitles (WebVTT)');
      assert.match(vtt, /^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0[34]\.\d{3}\none two /);
      assert.equal(await downloaded(page, 'Text'), 'one two three four five. six seven.\n');
    }));

  test('gives each speaker a colour and names them in the subtitles', () => {
    const engines = [hearingEngine({ speakers: true })];
    return visiting({ page: 'listen', server: { engines } }, async ({ page, picture }) => {
      await page.getByLabel('Tell speakers apart').check();
      await writeDown(page, CONVERSATION);
      await page.locator('.speaker-1 .word').nth(3).waitFor();
      const colours = await page.evaluate(
        "[...document.querySelectorAll('.line strong')].map((name) => getComputedStyle(name).color)",
      );
      assert.ok(Array.isArray(colours));
      assert.equal(new Set(colours).size, 2);
      const srt = await downloaded(page, 'Subtitles (SRT)');
      assert.match(srt, /\nSpeaker A: one/);
      assert.match(srt, /\nSpeaker B: /);
      await picture('listen-speakers');
      await accessible(page);
    });
  });

  test('writes down in English what is said in another language', () => {
    const ear = hearingEngine();
    return visiting({ page: 'listen', server: { engines: [ear] } }, async ({ page }) => {
      await page.getByLabel('Write down', { exact: true }).selectOption('The same in English');
      await writeDown(page, TALK);
      await page.locator('.word').first().waitFor();
      assert.deepEqual(
        ear.opened.map(({ task }) => task),
        ['translate'],
      );
    });
  });

  test('writes down what the microphone hears while it is said, also where a key is needed', () => {
    const ear = hearingEngine();
    return visiting(
      {
        page: 'listen',
        server: { engines: [ear], keys: ['sk-of-the-visitor'] },
        key: 'sk-of-the-visitor',
        microphone,
      },
      async ({ page }) => {
        await page.getByRole('button', { name: 'Record', exact: true }).click();
        await page
          .getByRole('status', { name: 'Text so far' })
          .getByText(/one two/)
          .waitFor();
        await page.getByRole('button', { name: 'Stop recording' }).click();
        await page.locator('.word').nth(1).waitFor();
        assert.match((await page.locator('.transcript').textContent()) ?? '', /one two/);
        await page.getByRole('group', { name: 'The recording' }).waitFor();
        assert.equal(ear.open(), 0);
        await accessible(page);
      },
    );
  });

  test('what was recorded can be written down later', () =>
    visiting({ page: 'listen', server: { engines: [hearingEngine()] }, microphone }, async ({ page }) => {
      await page.getByLabel('Write down what I record while I speak').uncheck();
      await page.getByRole('button', { name: 'Record', exact: true }).click();
      await page.getByLabel('Recorded', { exact: true }).getByText('0:02').waitFor();
      await page.getByRole('button', { name: 'Stop recording' }).click();
      await page.getByText('recording.wav', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Write it down' }).click();
      await page.locator('.word').nth(1).waitFor();
    }));

  test('says how to get a model where none can hear', () =>
    visiting({ page: 'listen', server: { engines: [toneEngine()] } }, async ({ page }) => {
      const note = page.getByRole('region', { name: 'No model is installed' });
      await note.getByText('antiphon models pull whisper/base').waitFor();
      assert.equal(await note.getByRole('link', { name: 'Models' }).getAttribute('href'), '#/models');
      await accessible(page);
    }));

  test('tells a failure in words', () =>
    visiting(
      { page: 'listen', server: { engines: [hearingEngine()] } },
      async ({ page, expectComplaint }) => {
        expectComplaint(/400 \(Bad Request\)/);
        await writeDown(page, Buffer.from('this is no recording'));
        await page
          .getByRole('alert')
          .getByText(/The file is not audio/)
          .waitFor();
      },
    ));

  test('stops at once when it is told to', () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const ear = hearingEngine({ gate });
    return visiting({ page: 'listen', server: { engines: [ear] } }, async ({ page }) => {
      await writeDown(page, TALK);
      await eventually('somebody listens', () => ear.open() === 1);
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByRole('button', { name: 'Write it down' }).waitFor();
      open();
      await eventually('nobody listens', () => ear.open() === 0);
      assert.equal(await page.getByRole('alert').first().textContent(), '');
    });
  });
});

async function writeDown(page: Page, bytes: Buffer): Promise<void> {
  const file = { name: 'talk.wav', mimeType: 'audio/wav', buffer: bytes };
  await page.getByLabel('Recording', { exact: true }).setInputFiles(file);
  await page.getByRole('button', { name: 'Write it down' }).click();
}

async function downloaded(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name, exact: true }).click(),
  ]);
  return readFileSync(await download.path(), 'utf8');
}
