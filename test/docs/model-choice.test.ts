import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { weightsCatalog } from '../../src/platform/models/weights-catalog.ts';
import { CHOICE_PAGE, choiceTable, withPart } from '../../scripts/machine-choices.ts';

const page = readFileSync(CHOICE_PAGE, 'utf8');

test('docs/choosing-models.md proposes what fits by the catalog: node scripts/write-model-choice.ts --no-bench renews it', () => {
  assert.equal(withPart(page, 'choice', choiceTable()), page);
});

test('what is said to be measured is what comes along, with a figure for each, and no model of the catalog', () => {
  const [, measured = ''] = page.split('<!-- measured -->');
  const rows = [...measured.matchAll(/^\| `([^`]+)` \| (\w+) \| (\d+) \| (\d+) \| ([\d.]+|–) \| /gm)];
  const models = rows.map(([, model = '']) => model);
  for (const model of ['flite/flite', 'espeak/espeak', 'procedural/sounds', 'procedural/music'])
    assert.ok(models.includes(model), model);
  for (const [row, , , cold, first] of rows) assert.ok(Number(cold) > 0 && Number(first) > 0, row);
  assert.deepEqual(
    models.filter((model) => weightsCatalog.some(({ id }) => id === model)),
    [],
  );
  assert.match(measured, /\*\*The models of the first table were not measured\*\*/);
});

test('a table is put into its own part of a page, and nowhere else', () => {
  const text = 'a\n<!-- x -->\nold\n<!-- end of x -->\nb\n';
  assert.equal(withPart(text, 'x', 'new'), 'a\n<!-- x -->\nnew\n<!-- end of x -->\nb\n');
  assert.throws(() => withPart(text, 'y', 'new'), /no part 'y'/);
});
