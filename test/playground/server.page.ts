import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { createServerTelemetry } from '../../src/platform/telemetry/server-telemetry.ts';
import { toneEngine } from '../tone-engine.ts';
import { accessible, noBrowser, visiting } from './browser.ts';

const version = '1.2.3';

describe('Server', { skip: noBrowser }, () => {
  test('the program tells its version, that it is ready, what its engines are, and its metrics', () =>
    visiting({ page: 'server', program: {} }, async ({ page, picture, core }) => {
      await page.getByText('Ready', { exact: true }).waitFor();
      await page.getByText(core.version, { exact: true }).waitFor();
      await page.getByText('anybody: no key is needed').waitFor();
      for (const part of ['running', 'store', 'blobs', 'engines'])
        await page.getByRole('listitem', { name: `${part}: well` }).waitFor();
      await page.getByRole('listitem', { name: 'espeak: Up' }).waitFor();
      await page.getByText('Models of espeak').click();
      await page.getByText('espeak/espeak').waitFor();
      await picture('server');
      await page.getByRole('button', { name: 'Show them' }).click();
      await page
        .getByRole('region', { name: 'Text of the metrics' })
        .getByText(/antiphon_info\{/)
        .waitFor();
      assert.equal(
        await page.getByRole('link', { name: /Reference of the APIs/ }).getAttribute('href'),
        '/docs',
      );
      await accessible(page);
    }));

  test('a server that is not ready says which part is not well and why', async () => {
    const telemetry = await createServerTelemetry({
      environment: {},
      log: silentLogger,
      version,
      ofProcess: false,
    });
    let state: 'healthy' | 'unhealthy' = 'unhealthy';
    const engines = [{ ...toneEngine(), health: () => ({ state }) }];
    try {
      await visiting(
        { page: 'server', server: { engines, telemetry } },
        async ({ page, expectComplaint }) => {
          expectComplaint(/503/);
          await page.getByText('Not ready').waitFor();
          await page
            .getByRole('listitem', { name: 'engines: not well' })
            .getByText(/No engine/)
            .waitFor();
          await page.getByRole('listitem', { name: 'tone: Does not answer' }).waitFor();
          await accessible(page);
          state = 'healthy';
          await page.waitForFunction(() => fetch('/ready').then(({ status }) => status === 200));
          await page.getByRole('button', { name: 'Look again' }).click();
          await page.getByText('Ready', { exact: true }).waitFor();
        },
      );
    } finally {
      await telemetry.stop();
    }
  });

  test('metrics that a key may not see are refused in words', async () => {
    const telemetry = await createServerTelemetry({
      environment: {},
      log: silentLogger,
      version,
      ofProcess: false,
    });
    try {
      const server = { keys: ['secret'], telemetry };
      await visiting({ page: 'server', server }, async ({ page, expectComplaint }) => {
        expectComplaint(/401/);
        await page.getByRole('button', { name: 'Show them' }).click();
        await page.getByRole('alert').getByText('This server needs an API key.').waitFor();
        await page.getByText('unknown: a key is needed').waitFor();
      });
    } finally {
      await telemetry.stop();
    }
  });
});
