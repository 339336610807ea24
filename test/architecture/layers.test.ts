import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { checkAdmission } from './layers.ts';

test('nobody in the house imports from a room that is closed to them', async () => {
  const admission = await checkAdmission('src');
  assert.deepEqual(admission.complaints, []);
  assert.ok(admission.filesSeen > 60, `only ${admission.filesSeen} files were seen`);
});

test('a planted wrong tree yields exactly the four complaints it deserves', async () => {
  const root = 'test/architecture/planted';
  const { complaints } = await checkAdmission(root);
  assert.deepEqual(complaints, [
    `core-owns-no-package: ${root}/core/decide.ts -> fs`,
    `layer-dialects: ${root}/dialects/vendor/vendor.ts -> ${root}/platform/store.ts`,
    `layer-media: ${root}/media/encode.ts -> ${root}/core/decide.ts`,
    `strangers-engines: ${root}/engines/alpha/alpha.ts -> ${root}/engines/beta/beta.ts`,
  ]);
});

test('every source file has a name of its own, and index.ts is only ever a registry', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(ts|js)$/.test(file),
  );
  const names = files.map((file) => basename(file)).filter((name) => name !== 'index.ts');
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  const vague = names.filter((name) => /^(utils|helpers|common|misc|types)\b/.test(name));
  assert.deepEqual(vague, []);
  const registries = files.filter((file) => basename(file) === 'index.ts').sort();
  assert.deepEqual(registries, ['dialects/index.ts', 'engines/index.ts', 'media/formats/index.ts']);
});
