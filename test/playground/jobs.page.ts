import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sharpEngine } from '../../src/engines/sharp/sharp-engine.ts';
import { filmEngine } from '../film-engine.ts';
import { stuckEngine } from '../stuck-engine.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

const LATER = { prefer: 'respond-async' };

/** Orders something as a program would, beside the page. */
async function order(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = LATER,
): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, await answer.text());
}

const SPEECH = { model: 'tts-1', voice: 'alloy', input: 'Hello there.', response_format: 'wav' };

describe('Jobs', { skip: noBrowser }, () => {
  test('the progress of a film is seen as it comes, and the film when it is made', async () => {
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
    const tools = await sharpEngine.create({ workers: 1 });
    assert.ok(!('unavailable' in tools));
    const engines = [filmEngine({ gate }), tools];
    await visiting({ page: 'jobs', server: { engines } }, async ({ page, origin, picture }) => {
      await page.getByText('There are no jobs.').waitFor();
      await order(`${origin}/v1/videos`, { model: 'sora-2', prompt: 'Clouds', seconds: '4' }, {});
      await page.reload();
      const row = page.getByRole('listitem', { name: /^Film/ });
      await page.getByText('50 %').waitFor();
      assert.equal(
        await row.getByRole('progressbar', { name: 'Progress: Film' }).getAttribute('value'),
        '0.5',
      );
      await picture('jobs-running');
      await accessible(page);
      // The list tells nothing any more: what is seen from now on came as an event.
      await page.route('**/antiphon/v1/jobs?*', () => undefined);
      goOn();
      await page.getByRole('listitem', { name: 'Film, Done' }).waitFor();
      assert.equal(await page.getByRole('status').first().textContent(), 'Film: done.');
      const source = await row.locator('video').getAttribute('src');
      const film = await fetch(`${origin}${source}`);
      assert.equal(film.headers.get('content-type'), 'video/mp4');
      assert.match(await film.text(), /ftyp/);
      const poster = await fetch(`${origin}${await row.locator('video').getAttribute('poster')}`);
      assert.match(poster.headers.get('content-type') ?? '', /^image\//);
    });
    await tools.stop?.();
  });

  test('a job is cancelled, begun anew, heard and forgotten', async () => {
    const { engine, free } = stuckEngine();
    await visiting({ page: 'jobs', server: { engines: [engine] } }, async ({ page, origin, picture }) => {
      await order(`${origin}/v1/audio/speech`, SPEECH);
      await page.reload();
      await page.getByRole('listitem', { name: 'Speech, Running' }).waitFor();
      await page.getByRole('button', { name: 'Cancel: speech' }).click();
      await page.getByRole('listitem', { name: 'Speech, Cancelled' }).waitFor();
      free();
      await page.getByRole('button', { name: 'Try again: speech' }).click();
      await page.getByRole('listitem', { name: 'Speech, Done' }).waitFor();
      await page.getByRole('button', { name: 'Show the result' }).click();
      const sound = page.locator('audio');
      await sound.waitFor();
      await page.waitForFunction('document.querySelector("audio").duration > 0.1');
      const coming = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download' }).click();
      assert.match((await coming).suggestedFilename(), /^antiphon-.*\.wav$/);
      await picture('jobs');
      await accessible(page);
      await page.getByRole('button', { name: 'Forget: speech' }).click();
      await accessible(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Forget it' }).click();
      await page.getByText('There are no jobs.').waitFor();
      const left: { jobs: unknown[] } = JSON.parse(await (await fetch(`${origin}/antiphon/v1/jobs`)).text());
      assert.deepEqual(left.jobs, []);
    });
  });

  test('what failed says why, and what waits says how many go before it', async () => {
    const { engine } = stuckEngine();
    const server = { engines: [engine], jobLimits: { running: 1 } };
    await visiting({ page: 'jobs', server }, async ({ page, origin }) => {
      await order(`${origin}/v1/audio/speech`, { ...SPEECH, speed: 'fast' });
      await page.reload();
      await page.getByRole('listitem', { name: 'Speech, Failed' }).waitFor();
      await page.getByText(/speed/).first().waitFor();
      for (let time = 0; time < 3; time += 1) await order(`${origin}/v1/audio/speech`, SPEECH);
      await page.reload();
      await page.getByRole('listitem', { name: 'Speech, Running' }).waitFor();
      await page.getByText('Next in line').waitFor();
      await page.getByText('1 job before it').waitFor();
      await page.getByLabel('Show').selectOption('Films');
      await page.getByText('There are no jobs.').waitFor();
    });
  });

  test('who brings no key is told where it goes, and sees no failure', () =>
    visiting({ page: 'jobs', server: { keys: ['secret'] } }, async ({ page, expectComplaint }) => {
      expectComplaint(/401/);
      await page.getByText('This server asks for an API key.').waitFor();
      await accessible(page);
      await page.getByLabel('API key').fill('secret');
      await page.getByLabel('API key').blur();
      await page.getByText('There are no jobs.').waitFor();
      assert.equal(await page.getByText('This server asks for an API key.').count(), 0);
    }));
});
