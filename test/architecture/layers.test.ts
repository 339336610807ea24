import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { ARCHITECTURE_PICTURE, drawPlan, readPlan } from '../../scripts/draw-architecture.ts';
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

/** An arrow's number in the picture: from where, to where, how often. */
const COUNTS = /<g><title>(\w+) imports from (\w+) (\d+) times<\/title>.*<\/g>/g;

/** Numbers of imports may lag behind by so much: a picture that is wrong after every commit is drawn by nobody. */
const lag = (count: number) => Math.max(8, count / 10);

test('the picture of the architecture shows the rooms, folders and arrows that the code has: node scripts/draw-architecture.ts draws it anew', async () => {
  const plan = await readPlan();
  const shown = readFileSync(ARCHITECTURE_PICTURE, 'utf8');
  const linesOf = (picture: string) => picture.replace(COUNTS, '$1 imports from $2').split('\n');
  assert.deepEqual(linesOf(shown), linesOf(drawPlan(plan)));
  const stale = [...shown.matchAll(COUNTS)].filter(([, from, to, count]) => {
    const now = plan.imports.get(`${from}>${to}`) ?? 0;
    return Math.abs(now - Number(count)) > lag(now);
  });
  assert.deepEqual(
    stale.map(([, from, to, count]) => `${from} imports from ${to} ${count} times`),
    [],
  );
});

test('a room that nobody has found a place for, or an arrow without a way, cannot be drawn past', async () => {
  const plan = await readPlan('test/architecture/planted');
  assert.deepEqual(
    [...plan.imports],
    [
      ['dialects>platform', 1],
      ['media>core', 1],
    ],
  );
  assert.throws(() => drawPlan(plan), /no way for an arrow dialects>platform/);
  const attic = { folders: new Map([['attic', []]]), imports: new Map() };
  assert.throws(() => drawPlan(attic), /attic has no place/);
});
