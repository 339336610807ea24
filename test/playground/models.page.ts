import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createKeyBook } from '../../src/core/access/key-book.ts';
import type { Engine } from '../../src/core/engine.ts';
import type { ModelStore, WeightsEntry } from '../../src/core/models/weights.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { keyAuthenticator } from '../../src/platform/keys.ts';
import { installedFor } from '../../src/platform/models/installed-for.ts';
import { createModelStore } from '../../src/platform/models/model-store.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { startModelHub, type ModelHub } from '../hub/model-hub.ts';
import { memoryStore, testClock } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

const REPOSITORY = 'example/ear';

function entryOf(name: string, title: string, changes: Partial<WeightsEntry>): WeightsEntry {
  return {
    id: `ear/${name}`,
    engine: 'ear',
    kind: 'transcription',
    title,
    description: 'Counts sounds, for tests.',
    source: { kind: 'hub', repository: REPOSITORY, revision: 'main' },
    files: [{ path: `${name}.bin`, bytes: 40_000 }],
    licence: 'MIT',
    commercialUse: true,
    languages: 'any',
    memoryBytes: 243_000_000,
    ...changes,
  };
}

const CATALOG = [
  entryOf('ear', 'Open ear', { implements: ['whisper-1'] }),
  entryOf('shy', 'Shy ear', { licence: 'CC-BY-NC-4.0', commercialUse: false, languages: ['de', 'fi'] }),
];

/** An ear that hears while its model is installed. */
function earOn(store: ModelStore): Engine {
  const weights = installedFor(store);
  const ear = hearingEngine({ implements: ['whisper-1'] });
  let models: Engine['models'] = [];
  return {
    ...ear,
    get models() {
      return models;
    },
    refresh: async () => {
      const installed = await weights.installed('ear');
      models = installed.some(({ id }) => id === 'ear/ear') ? ear.models : [];
    },
  };
}

/** A hub that has both models, and an empty folder for them. */
async function withModels(
  use: (parts: { readonly hub: ModelHub; readonly weights: ModelStore }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-models-page-'));
  const file = (level: number) => new Uint8Array(40_000).fill(level);
  const hub = await startModelHub(
    new Map([
      [`${REPOSITORY}/ear.bin`, file(1)],
      [`${REPOSITORY}/shy.bin`, file(2)],
    ]),
  );
  const weights = createModelStore({
    modelsDir: folder,
    endpoint: hub.endpoint,
    offline: false,
    fetch,
    log: silentLogger,
    clock: testClock,
    catalog: CATALOG,
    retries: { tries: 1, pauseMs: 1, stallMs: 20_000 },
    lockPollMs: 10,
  });
  try {
    await use({ hub, weights });
  } finally {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Models', { skip: noBrowser }, () => {
  test('a model is installed with its progress shown, answers to its names, and is removed', () =>
    withModels(async ({ hub, weights }) => {
      const server = { engines: [earOn(weights), toneEngine()], weights };
      await visiting({ page: 'models', server }, async ({ page, picture }) => {
        const row = page.getByRole('listitem', { name: /^Open ear/ });
        await row.getByText('40 kB of disk').waitFor();
        await row.getByText('243 MB of memory').waitFor();
        await row.getByText('Answers to whisper-1 as itself').waitFor();
        const names = page.getByRole('region', { name: 'Names and what answers to them' });
        assert.equal(await names.getByText('ear/ear').count(), 0);
        const { promise: hold, resolve: goOn } = Promise.withResolvers<void>();
        hub.behaviour.hold = hold;
        await page.getByRole('button', { name: 'Install Open ear' }).click();
        await page.getByRole('progressbar', { name: 'Fetching Open ear' }).waitFor();
        await page.getByRole('button', { name: 'Stop fetching Open ear' }).waitFor();
        await picture('models-installing');
        await accessible(page);
        goOn();
        await page.getByRole('listitem', { name: 'Open ear, Installed' }).waitFor();
        assert.equal((await weights.status('ear/ear')).state, 'installed');
        await page.getByLabel('Find a name').fill('whisper-1');
        await names.getByText('ear/ear').first().waitFor();
        await page.getByRole('button', { name: 'Remove Open ear' }).click();
        await accessible(page);
        await page.getByRole('button', { name: 'Remove it' }).click();
        await page.getByRole('listitem', { name: 'Open ear, Not installed' }).waitFor();
        assert.equal((await weights.status('ear/ear')).state, 'absent');
      });
    }));

  test('a download that is stopped goes on later, also from another page', () =>
    withModels(async ({ hub, weights }) => {
      await visiting({ page: 'models', server: { weights } }, async ({ page, goTo }) => {
        hub.behaviour.stallAfterBytes = 20_000;
        hub.behaviour.stalls = 1;
        await page.getByRole('button', { name: 'Install Open ear' }).click();
        await page.getByText(/^20 kB of 40 kB/).waitFor();
        await goTo('keys');
        await goTo('models');
        await page.getByText(/^20 kB of 40 kB/).waitFor();
        await page.getByRole('button', { name: 'Stop fetching Open ear' }).click();
        await page.getByRole('button', { name: 'Go on with Open ear' }).click();
        await page.getByRole('listitem', { name: 'Open ear, Installed' }).waitFor();
        assert.match(hub.requests.at(-1)?.range ?? '', /^bytes=\d+-$/);
      });
    }));

  test('a licence that forbids commercial use is agreed to first, and a failure is told in words', () =>
    withModels(async ({ hub, weights }) => {
      await visiting({ page: 'models', server: { weights } }, async ({ page }) => {
        await page.getByLabel('Language').selectOption('Finnish');
        await page.getByRole('button', { name: 'Install Shy ear' }).click();
        const dialog = page.getByRole('dialog', { name: 'Install Shy ear?' });
        const yes = dialog.getByRole('button', { name: 'Install it' });
        assert.equal(await yes.isDisabled(), true);
        await dialog.getByText(/CC-BY-NC-4\.0/).waitFor();
        await accessible(page);
        hub.behaviour.refusals = 1;
        hub.behaviour.refuseWith = 404;
        await dialog.getByLabel('I agree to this licence.').check();
        await yes.click();
        await page
          .getByRole('alert')
          .getByText(/shy\.bin/)
          .waitFor();
        await page.getByRole('button', { name: /^(Install|Go on with) Shy ear$/ }).click();
        await dialog.getByLabel('I agree to this licence.').check();
        await yes.click();
        await page.getByRole('listitem', { name: 'Shy ear, Installed' }).waitFor();
      });
    }));

  test('a user sees what there is, and that installing and reasons are for admins', () =>
    withModels(async ({ weights }) => {
      const store = memoryStore();
      const book = createKeyBook({ keys: store.keys, clock: testClock, dialects: [] });
      const { secret: boss } = await book.create({ name: 'boss', role: 'admin' });
      const { secret: user } = await book.create({ name: 'ann' });
      const health = () => ({ state: 'unhealthy', reason: 'http://10.0.0.7 does not answer' }) as const;
      const server = {
        engines: [{ ...toneEngine(), health }],
        store,
        authenticator: keyAuthenticator(store.keys),
        weights,
      };
      await visiting({ page: 'models', server, key: user }, async ({ page }) => {
        await page.getByText('Why is told to keys with the role admin.').waitFor();
        await page.getByText(/Installing and removing is for keys with the role admin/).waitFor();
        await page.getByRole('listitem', { name: /^Open ear/ }).waitFor();
        assert.equal(await page.getByRole('button', { name: /Install/ }).count(), 0);
        await accessible(page);
        const refused = await fetch(`${new URL(page.url()).origin}/antiphon/v1/models/ear/ear`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${user}` },
        });
        assert.equal(refused.status, 403);
      });
      await visiting({ page: 'models', server, key: boss }, async ({ page }) => {
        await page.getByText('http://10.0.0.7 does not answer').waitFor();
        await page.getByRole('button', { name: 'Install Open ear' }).waitFor();
      });
    }));
});
