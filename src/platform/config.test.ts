import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { environmentName, loadConfig } from './config.ts';
import { configSchema } from './config-schema.ts';

function withFile(content: unknown, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-config-'));
  const file = join(folder, 'antiphon.config.json');
  writeFileSync(file, JSON.stringify(content));
  try {
    use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the command line wins over the environment, which wins over the file, which wins over the defaults', () => {
  withFile({ port: 1, host: '127.0.0.2', dataDir: '/file', models: { 'tts-1': ['a/b'] } }, (file) => {
    const environment = {
      ANTIPHON_PORT: '2',
      ANTIPHON_DATA_DIR: '/environment',
      ANTIPHON_STRICT_MODELS: 'true',
    };
    const config = loadConfig({ commandLine: { port: '3', host: undefined }, environment, file });
    assert.equal(config.port, 3);
    assert.equal(config.dataDir, '/environment');
    assert.equal(config.host, '127.0.0.2');
    assert.equal(config.strictModels, true);
    assert.deepEqual(config.models, { 'tts-1': ['a/b'] });
    assert.equal(config.logLevel, 'info');
  });
});

test('a list of engines is split at commas', () => {
  const config = loadConfig({
    commandLine: { engines: 'flite, espeak' },
    environment: {},
    file: 'nowhere.json',
  });
  assert.deepEqual(config.engines, ['flite', 'espeak']);
});

test('a wrong value names the setting, and an unknown setting in the file is refused', () => {
  assert.throws(
    () => loadConfig({ commandLine: { port: '70000' }, environment: {}, file: 'nowhere.json' }),
    /port/,
  );
  withFile({ prot: 1 }, (file) =>
    assert.throws(() => loadConfig({ commandLine: {}, environment: {}, file }), /prot/),
  );
});

test('pages that may call are a word or a list of origins, and nothing that only looks like one', () => {
  const pages = (cors: string) =>
    loadConfig({ commandLine: { cors }, environment: {}, file: 'nowhere.json' }).cors;
  assert.equal(pages('off'), 'off');
  assert.deepEqual(pages('https://a.example, http://b.example:8080'), [
    'https://a.example',
    'http://b.example:8080',
  ]);
  for (const wrong of ['https://a.example/', 'a.example', '*', 'null', '', 'any,https://a.example'])
    assert.throws(() => pages(wrong), /cors[.\d]*: must be off, loopback, any, or origins/, wrong);
});

test('docs/configuration.md has a row for every setting, with its own sentence', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  for (const [key, schema] of Object.entries(configSchema.shape)) {
    const row = `| \`${key}\` | ${['models', 'remotes', 'imageOutputs', 'prices'].includes(key) ? '–' : `\`${environmentName(key)}\``} | ${schema.description} |`;
    assert.ok(page.includes(row), `expected the row ${row}`);
  }
  assert.equal([...page.matchAll(/^\| `/gm)].length, Object.keys(configSchema.shape).length);
});
