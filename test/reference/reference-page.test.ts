/** The page that shows the OpenAPI documents. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { noBrowser, visiting } from '../playground/browser.ts';
import { testApp } from '../support.ts';

const { app } = await testApp({ keys: ['a-key'] });
after(() => app.close());

test('the page runs nothing that stands in it and asks nobody else', async () => {
  const page = await app.inject({ url: '/docs' });
  assert.equal(page.statusCode, 200);
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /connect-src 'self';/);
  assert.doesNotMatch(policy, /https?:|unsafe-eval/);
  assert.doesNotMatch(page.body, /<script(?![^>]*src="\/docs\/)|https?:/);
  const start = await app.inject({ url: '/docs/start.js' });
  assert.match(start.body, /"telemetry":false,"withDefaultFonts":false,"proxyUrl":""/);
});

test('the program of the page comes out of its package, compressed for those who take that, and once', async () => {
  const plain = await app.inject({ url: '/docs/scalar.js' });
  assert.equal(plain.statusCode, 200);
  assert.match(String(plain.headers['content-type']), /^text\/javascript/);
  const zipped = await app.inject({ url: '/docs/scalar.js', headers: { 'accept-encoding': 'gzip, br' } });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.ok(gunzipSync(zipped.rawPayload).equals(plain.rawPayload));
  const etag = String(plain.headers['etag']);
  const again = await app.inject({ url: '/docs/scalar.js', headers: { 'if-none-match': etag } });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
});

test(
  'the page shows every dialect, sends an example as it stands, and breaks no rule of its policy',
  { skip: noBrowser },
  async () => {
    await visiting({}, async ({ page, origin }) => {
      await page.goto(`${origin}/docs`);
      let shown = 'OpenAI';
      await page.getByRole('heading', { name: `${shown} on Antiphon` }).waitFor();
      for (const title of ['Eigen AI', 'AI/ML API', 'Antiphon', 'ElevenLabs']) {
        await page.getByRole('button', { name: shown, exact: true }).click();
        await page.getByRole('option', { name: title, exact: true }).click();
        await page.getByRole('heading', { name: `${title} on Antiphon` }).waitFor();
        shown = title;
      }
      await page.getByText('Speak a text', { exact: true }).first().click();
      await page
        .getByRole('button', { name: /^Test Request/ })
        .first()
        .click();
      const sent = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: /^Send/ }).first().click();
      const answer = await sent;
      assert.equal(new URL(answer.url()).pathname, '/elevenlabs/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb');
      assert.equal(new URL(answer.url()).search, '');
      assert.deepEqual([answer.status(), answer.headers()['content-type']], [200, 'audio/mpeg']);
    });
  },
);
