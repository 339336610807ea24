import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKeyBook } from '../../src/core/access/key-book.ts';
import { keyAuthenticator } from '../../src/platform/keys.ts';
import { memoryStore, testClock } from '../support.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

/** A server with real keys, of which there is none yet. */
function keyHouse() {
  const store = memoryStore();
  const book = createKeyBook({ keys: store.keys, clock: testClock, dialects: ['openai'] });
  return { book, server: { store, authenticator: keyAuthenticator(store.keys) } };
}

/** Whom the server takes the holder of a secret for; its status where it lets nobody in. */
async function nameOf(origin: string, secret: string): Promise<string | number> {
  const headers = { authorization: `Bearer ${secret}` };
  const answer = await fetch(`${origin}/antiphon/v1/keys/me`, { headers });
  const body = JSON.parse(await answer.text()) as { name: string }; // What the contract says.
  return answer.ok ? body.name : answer.status;
}

const DICTIONARIES = '/elevenlabs/v1/pronunciation-dictionaries';

/** A dictionary of a key's own. */
async function addDictionary(origin: string, secret: string): Promise<void> {
  const rules = [{ type: 'alias', string_to_replace: 'Ann', alias: 'Anne' }];
  const made = await fetch(`${origin}${DICTIONARIES}/add-from-rules`, {
    method: 'POST',
    headers: { 'xi-api-key': secret, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'names', rules }),
  });
  assert.equal(made.status, 200, await made.text());
}

/** The names of a key's dictionaries. */
async function dictionariesOf(origin: string, secret: string): Promise<readonly string[]> {
  const answer = await fetch(origin + DICTIONARIES, { headers: { 'xi-api-key': secret } });
  const body = JSON.parse(await answer.text()) as { pronunciation_dictionaries: { name: string }[] }; // The vendor's contract.
  return body.pronunciation_dictionaries.map(({ name }) => name);
}

describe('Keys', { skip: noBrowser }, () => {
  test('whoever makes the first key is an admin and is not locked out of the page by it', () =>
    visiting({ page: 'keys', server: keyHouse().server }, async ({ page, origin }) => {
      await page.getByText(/This server has no key yet/).waitFor();
      await accessible(page);
      await page.getByRole('button', { name: 'Make the key' }).click();
      assert.equal(await page.getByRole('dialog').count(), 0, 'a key without a name');
      await page.getByLabel('Name').fill('boss');
      await page.getByRole('button', { name: 'Make the key' }).click();
      const window = page.getByRole('dialog', { name: 'The key “boss”' });
      const secret = await window.getByLabel('Secret of the key').inputValue();
      assert.match(secret, /^ant_[A-Za-z0-9]{40}$/);
      await accessible(page);
      await window.getByRole('button', { name: 'Copy' }).click();
      await window.getByText(/It is copied/).waitFor();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), secret);
      await window.getByRole('button', { name: 'I have it' }).click();
      const row = page.getByRole('listitem', { name: 'boss, Good' });
      await row.getByText('Yours').waitFor();
      assert.ok(!(await page.content()).includes(secret), 'a secret is shown once');
      assert.equal(await nameOf(origin, secret), 'boss');
      assert.equal((await fetch(`${origin}/antiphon/v1/keys`)).status, 401);
    }));

  test('an admin makes a key with scopes, limits and an end, changes it, and gives it a new secret', async () => {
    const { book, server } = keyHouse();
    const { secret: boss } = await book.create({ name: 'boss', role: 'admin' });
    await visiting({ page: 'keys', server, key: boss }, async ({ page, origin, core, picture }) => {
      await page.getByLabel('Name').fill('web shop');
      await page.getByLabel('Good until').fill('2999-01-31');
      await page.getByLabel('OpenAI').check();
      await page.getByLabel('Speech').check();
      await page.getByLabel('Good for these models').fill('tts-1, flite/slt');
      await page.getByLabel('Characters per day').fill('5000');
      await page.getByRole('button', { name: 'Make the key' }).click();
      const window = page.getByRole('dialog', { name: 'The key “web shop”' });
      const first = await window.getByLabel('Secret of the key').inputValue();
      await page.keyboard.press('Escape');
      const row = page.getByRole('listitem', { name: 'web shop, Good' });
      await row.getByText('Characters per day: 5,000').waitFor();
      const made = (await core.keys.list()).find(({ name }) => name === 'web shop');
      assert.deepEqual(
        [made?.role, made?.scopes, made?.limits, new Date(made?.expiresAt ?? 0).toISOString()],
        [
          'user',
          { dialects: ['openai'], capabilities: ['speech'], models: ['tts-1', 'flite/slt'] },
          { charactersPerDay: 5000 },
          '2999-01-31T00:00:00.000Z',
        ],
      );
      await picture('keys');
      await accessible(page);

      await page.getByRole('button', { name: 'Change: web shop' }).click();
      const change = page.getByRole('dialog', { name: 'Change “web shop”' });
      await change.getByLabel('Characters per day').fill('');
      await change.getByLabel('Requests per minute').fill('60');
      await change.getByLabel('Speech').uncheck();
      await change.getByLabel('Good until').fill('');
      await accessible(page);
      await change.getByRole('button', { name: 'Save' }).click();
      await row.getByText('Requests per minute: 60').waitFor();
      await row.getByText('Good for ever').waitFor();
      const changed = await core.keys.get(made?.id ?? '');
      assert.deepEqual(changed.limits, { requestsPerMinute: 60 });
      assert.deepEqual(changed.scopes, { dialects: ['openai'], models: ['tts-1', 'flite/slt'] });
      assert.equal(changed.expiresAt, undefined);

      await page.getByRole('button', { name: 'New secret: web shop' }).click();
      await page.getByLabel('The old secret stays good for').selectOption('An hour');
      await page.getByRole('button', { name: 'Make it' }).click();
      const second = await window.getByLabel('Secret of the key').inputValue();
      await window.getByRole('button', { name: 'I have it' }).click();
      assert.notEqual(second, first);
      assert.deepEqual([await nameOf(origin, first), await nameOf(origin, second)], ['web shop', 'web shop']);
    });
  });

  test('a key is revoked when a question was answered, and the last admin’s is not', async () => {
    const { book, server } = keyHouse();
    const { secret: boss } = await book.create({ name: 'boss', role: 'admin' });
    const { secret } = await book.create({ name: 'ann' });
    await visiting({ page: 'keys', server, key: boss }, async ({ page, origin, expectComplaint }) => {
      await page.getByRole('button', { name: 'Revoke: ann' }).click();
      const question = page.getByRole('dialog', { name: 'Revoke “ann”?' });
      await accessible(page);
      await question.getByRole('button', { name: 'Leave it' }).click();
      assert.equal(await nameOf(origin, secret), 'ann');
      const focused = await page.evaluate('document.activeElement.getAttribute("aria-label")');
      assert.equal(focused, 'Revoke: ann');
      await page.getByRole('button', { name: 'Revoke: ann' }).click();
      await question.getByRole('button', { name: 'Revoke it' }).click();
      await page.getByRole('listitem', { name: /^ann/ }).waitFor({ state: 'detached' });
      assert.equal(await nameOf(origin, secret), 401);
      await page.getByLabel('Show revoked ones').check();
      await page.getByRole('listitem', { name: 'ann, Revoked' }).waitFor();

      expectComplaint(/409/);
      await page.getByRole('button', { name: 'Revoke: boss' }).click();
      await page.getByRole('button', { name: 'Revoke it' }).click();
      await page
        .getByRole('dialog')
        .getByRole('alert')
        .getByText(/last admin key/)
        .waitFor();
      assert.equal(await nameOf(origin, boss), 'boss');
    });
  });

  test('everything of a key is deleted when a question was answered that names it, and nothing of another key', async () => {
    const { book, server } = keyHouse();
    const { secret: boss } = await book.create({ name: 'boss', role: 'admin' });
    const { secret: ann } = await book.create({ name: 'ann' });
    const { secret: bob } = await book.create({ name: 'bob' });
    await visiting({ page: 'keys', server, key: boss }, async ({ page, origin }) => {
      for (const secret of [ann, bob]) await addDictionary(origin, secret);
      await page.getByRole('button', { name: 'Delete data: ann' }).click();
      const question = page.getByRole('dialog', { name: 'Delete all data of “ann”?' });
      for (const named of ['voices with their recordings', 'spoken texts', 'dictionaries', 'jobs'])
        await question.getByRole('listitem').filter({ hasText: named }).waitFor();
      await accessible(page);
      await question.getByRole('button', { name: 'Leave it' }).click();
      assert.deepEqual(await dictionariesOf(origin, ann), ['names']);
      await page.getByRole('button', { name: 'Delete data: ann' }).click();
      await question.getByRole('button', { name: 'Delete it all' }).click();
      const row = page.getByRole('listitem', { name: 'ann, Good' });
      await row.getByText('Deleted: 1 dictionary.').waitFor();
      assert.deepEqual(await dictionariesOf(origin, ann), []);
      assert.deepEqual(await dictionariesOf(origin, bob), ['names']);
    });
  });

  test('what a revoked key left can still be deleted, and what was made without a key', async () => {
    const { book, server } = keyHouse();
    const { secret: boss } = await book.create({ name: 'boss', role: 'admin' });
    const { secret: ann, record } = await book.create({ name: 'ann' });
    await visiting({ page: 'keys', server, key: boss }, async ({ page, origin }) => {
      const said = await fetch(`${origin}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ann}` },
        body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Good day.' }),
      });
      await said.arrayBuffer();
      await book.revoke(record.id);
      await page.reload();
      await page.getByLabel('Show revoked ones').check();
      await page.getByRole('button', { name: 'Delete data: ann' }).click();
      await page.getByLabel('The figures of what was used, too').check();
      await page.getByRole('button', { name: 'Delete it all' }).click();
      await page.getByText(/^Deleted: .*1 line of usage\.$/).waitFor();
      await page.getByRole('button', { name: 'Delete data: made without a key' }).click();
      await page
        .getByRole('dialog', { name: 'Delete all that was made without a key?' })
        .getByRole('button', { name: 'Delete it all' })
        .click();
      await page.getByText('There was nothing to delete.').waitFor();
    });
  });

  test('a user sees what the own key is good for, and why there is no more', async () => {
    const { book, server } = keyHouse();
    await book.create({ name: 'boss', role: 'admin' });
    const { secret } = await book.create({ name: 'ann', limits: { concurrency: 2 } });
    await visiting({ page: 'keys', server, key: secret }, async ({ page }) => {
      await page.getByText('Requests at a time: 2').waitFor();
      await page.getByText(/This is all that your key may see here/).waitFor();
      assert.equal(await page.getByText('boss').count(), 0);
      assert.equal(await page.getByRole('button', { name: 'Make the key' }).count(), 0);
      await accessible(page);
    });
  });
});
