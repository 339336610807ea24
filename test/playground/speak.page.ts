import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { decodeMp3, decodeWav } from '../contracts/decode-audio.ts';
import { toneEngine } from '../tone-engine.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

const TEXT = 'One two three four.';
/** The tone engine speaks a character for 50 ms. */
const SECONDS = TEXT.length * 0.05;
/** What speech that is played live has, and OpenAI's files. */
const LIVE = { sampleRate: 24_000, channels: 1 } as const;

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Text', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Speak', exact: true }).click();
}

/** What is downloaded by a button. */
async function downloaded(page: Page, name: string | RegExp): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

describe('Speak', { skip: noBrowser }, () => {
  for (const [title, path] of [
    ['OpenAI', '/openai/v1/audio/speech'],
    ['ElevenLabs', '/elevenlabs/v1/text-to-speech/alloy/stream/with-timestamps'],
    ['Eigen AI', '/eigen/api/v1/generate'],
  ] as const) {
    test(`plays a speech while it is made, asked for in the words of ${title}, and keeps all of it`, () =>
      visiting({ page: 'speak' }, async ({ page }) => {
        const asked: string[] = [];
        page.on('request', (request) => asked.push(new URL(request.url()).pathname));
        await page.getByLabel('API', { exact: true }).selectOption(title);
        await say(page, TEXT);
        await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
        assert.ok(asked.includes(path), asked.join(' '));
        await page.getByText(/First playable after \d+ ms/).waitFor();
        await page.getByText(/real-time factor \d/).waitFor();
        // It ends by itself when all of it has been heard.
        await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'detached' });
        const file = await downloaded(page, 'Download speech.wav');
        assert.equal(file.name, 'speech.wav');
        const { frames, samples } = await decodeWav(file.bytes, LIVE);
        assert.ok(Math.abs(frames / LIVE.sampleRate - SECONDS) < 0.02, String(frames));
        assert.ok(samples?.some((sample) => Math.abs(sample) > 0.1));
      }));
  }

  test('words light up as they are spoken where their times are told, and a click on one plays from there', () =>
    visiting({ page: 'speak' }, async ({ page }) => {
      await page.getByLabel('API', { exact: true }).selectOption('ElevenLabs');
      await say(page, 'One two three four five six seven eight nine ten eleven twelve.');
      await page.locator('.word.now').first().waitFor();
      assert.deepEqual(
        (await page.locator('.word').allTextContents()).map((word) => word.trim()).slice(0, 3),
        ['One', 'two', 'three'],
      );
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.locator('.word', { hasText: 'nine' }).click();
      await page.locator('.word.now', { hasText: /nine|ten/ }).waitFor();
    }));

  test('without playing it live the file is the one of the chosen format, with the settings that the model obeys', () => {
    const engine = toneEngine();
    return visiting({ page: 'speak', server: { engines: [engine] } }, async ({ page }) => {
      await page.getByLabel('Play while it is made').uncheck();
      await page.getByLabel('Speed').fill('2');
      await say(page, TEXT);
      const { name, bytes } = await downloaded(page, 'Download speech.mp3');
      assert.equal(name, 'speech.mp3');
      const { frames, sampleRate } = await decodeMp3(bytes, LIVE);
      assert.ok(Math.abs(frames / sampleRate - SECONDS / 2) < 0.1);
      assert.equal(engine.asked[0]?.speed, 2);
    });
  });

  test('what was heard live can be made once more in the chosen format', () =>
    visiting({ page: 'speak' }, async ({ page }) => {
      await say(page, TEXT);
      const { name, bytes } = await downloaded(page, 'Make it as mp3');
      assert.equal(name, 'speech.mp3');
      const { frames, sampleRate } = await decodeMp3(bytes, LIVE);
      assert.ok(Math.abs(frames / sampleRate - SECONDS) < 0.1);
    }));

  test('says in words who stood in and what had no effect', () =>
    visiting({ page: 'speak' }, async ({ page }) => {
      await page.getByText('without effect under this model: instructions').waitFor();
      await say(page, 'Hello.');
      await page.getByText(/tone\/\w+ spoke instead of alloy/).waitFor();
    }));

  test('a refusal is said in the words of the server, and the page can be used again', () =>
    visiting({ page: 'speak', server: { engines: [toneEngine({ failAfterChunks: 0 })] } }, async (visit) => {
      const { page } = visit;
      visit.expectComplaint(/status of 50\d/);
      await say(page, 'Hello.');
      await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
      await page.getByRole('button', { name: 'Speak', exact: true }).waitFor();
    }));

  test('a key is asked for where one is needed, and helps', () =>
    visiting({ page: 'speak', server: { keys: ['secret'] } }, async (visit) => {
      const { page } = visit;
      visit.expectComplaint(/status of 401/);
      await page.getByText('This server asks for an API key.').first().waitFor();
      await page.getByLabel('API key').fill('secret');
      await page.getByLabel('API key').press('Enter');
      await page.getByRole('radio', { name: /Alloy/ }).first().waitFor();
      await say(page, 'Hello.');
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    }));

  test('voices are found by what is known of them, heard, and chosen for the next speech', () => {
    const engine = toneEngine();
    return visiting({ page: 'speak', server: { engines: [engine] } }, async ({ page }) => {
      await page.getByLabel('From').selectOption('Engine tone');
      await page.getByText('2 voices', { exact: true }).waitFor();
      await page.getByLabel('Search').fill('male');
      await page.getByText('1 voice', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Hear low' }).click();
      await page.getByRole('button', { name: 'Stop the preview of low' }).waitFor();
      await page.getByRole('radio', { name: /low/ }).check();
      await say(page, 'Hello.');
      await page.getByText('spoke instead').or(page.getByText('Spoken by')).waitFor();
      assert.ok(engine.asked.some(({ voice, text }) => voice === 'tone/low' && text === 'Hello.'));
    });
  });

  test('code for what is set is copied', () =>
    visiting({ page: 'speak' }, async ({ page, origin }) => {
      await page.getByLabel('Text', { exact: true }).fill("It's here.");
      await page.getByLabel('Language', { exact: true }).last().selectOption('TypeScript');
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      assert.match(copied, /from 'openai'/);
      assert.ok(copied.includes(`${origin}/v1`) && copied.includes(String.raw`'It\'s here.'`), copied);
    }));

  test('the program itself speaks here with what it has, and can be listened to by everybody', () =>
    visiting({ page: 'speak', program: { engines: 'flite' } }, async ({ page, picture }) => {
      await page.getByLabel('API', { exact: true }).selectOption('ElevenLabs');
      await say(page, 'Good evening. This voice comes from a server of your own. How does it sound to you?');
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.locator('.word.now', { hasText: /voice|comes|from|server|own/ }).waitFor();
      await page.getByText(/flite\/\w+ spoke instead of alloy/).waitFor();
      await picture('speak');
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await accessible(page);
    }));
});
