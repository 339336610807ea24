import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NOTHING_USED } from '../../src/core/usage/usage-amounts.ts';
import { storageIn } from '../support.ts';
import { antiphon, inFolder, serving } from './program.ts';

const ROW = {
  day: '2026-11-02',
  principalId: 'anonymous',
  dialect: 'openai',
  capability: 'speech',
  model: 'tts-1',
  servedBy: 'flite/flite',
  ...NOTHING_USED,
} as const;

const DAYS = ['--from', '2026-11-01', '--to', '2026-11-30'] as const;

/** A data folder in which something was used. */
async function withUsage(use: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const { store } = storageIn(folder);
    await store.usage.add([
      { ...ROW, requests: 1200, failures: 3, characters: 1_234_567, audioMs: 90_500 },
      { ...ROW, model: 'gpt-image-1', capability: 'image', requests: 2, pictures: 4 },
    ]);
    await store.close();
    await use(folder);
  });
}

test('what was used is written down before a server that is told to stop has ended', () =>
  inFolder(async (folder) => {
    await serving(['--data-dir', folder, '--engines', 'flite'], async ({ origin }) => {
      const { status } = await fetch(`${origin}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Goodbye.', response_format: 'pcm' }),
      }).then(async (response) => {
        await response.arrayBuffer();
        return response;
      });
      assert.equal(status, 200);
    });
    const { store } = storageIn(folder);
    const [sum] = await store.usage.sum({ from: '2000-01-01', to: '2100-01-01', by: [], limit: 1 });
    await store.close();
    assert.deepEqual([sum?.requests, sum?.characters, sum?.failures], [1, 8, 0]);
    assert.ok((sum?.audioMs ?? 0) > 0);
  }));

describe('antiphon usage', () => {
  test('prints a table that people read, with totals, and costs where there are prices', () =>
    withUsage(async (folder) => {
      const config = join(folder, 'prices.json');
      const prices = { currency: 'EUR', models: { 'tts-1': { perMillionCharacters: 10 } } };
      writeFileSync(config, JSON.stringify({ prices }));
      const { code, stdout, stderr } = await antiphon([
        'usage',
        ...DAYS,
        '--data-dir',
        folder,
        '--config',
        config,
      ]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(stdout.toString().split('\n'), [
        'Usage from 2026-11-01 to 2026-11-30 (days of UTC)',
        '',
        'day         model        requests  failures  characters  audio seconds  pictures  engine seconds   cost  currency',
        '2026-11-02  gpt-image-1         2         0           0              0         4               0      0  EUR',
        '2026-11-02  tts-1           1,200         3   1,234,567           90.5         0               0  12.35  EUR',
        'total                       1,202         3   1,234,567           90.5         4               0  12.35  EUR',
        '',
      ]);
    }));

  test('prints the same as JSON and as comma-separated values', () =>
    withUsage(async (folder) => {
      const [json, csv] = await Promise.all(
        ['--json', '--csv'].map((form) =>
          antiphon(['usage', ...DAYS, '--by', 'capability,key', form, '--data-dir', folder]),
        ),
      );
      assert.deepEqual([json?.code, csv?.code], [0, 0], `${json?.stderr}${csv?.stderr}`);
      const { rows, total } = JSON.parse(String(json?.stdout));
      assert.deepEqual(
        [rows[1].capability, rows[1].key, total.requests],
        ['speech', { id: 'anonymous', name: 'nobody (no key)' }, 1202],
      );
      assert.match(
        String(csv?.stdout),
        /^capability,key_id,key_name,requests,.*\r\nimage,anonymous,nobody \(no key\),2,/,
      );
    }));

  test('says that nothing was used, and refuses what it does not understand with exit code 2', () =>
    inFolder(async (folder) => {
      const runs = await Promise.all(
        [
          [[], 0, /Nothing was used/],
          [
            ['--by', 'voice'],
            2,
            /--by takes any of day, model, key, dialect, capability, engine, not 'voice'/,
          ],
          [['--from', 'monday'], 2, /from must be a day such as 2026-11-01/],
          [['--csv', '--json'], 2, /Choose one/],
          [['--key', 'nobody'], 1, /There is no key 'nobody'/],
        ].map(async ([args, code, words]) => ({
          outcome: await antiphon(['usage', ...[args].flat().map(String), '--data-dir', folder]),
          code,
          words,
        })),
      );
      for (const { outcome, code, words } of runs) {
        const said = outcome.stdout.toString() + outcome.stderr;
        assert.equal(outcome.code, code, said);
        assert.ok(words instanceof RegExp);
        assert.match(said, words);
      }
    }));
});
