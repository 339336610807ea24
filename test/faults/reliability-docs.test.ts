import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync('docs/reliability.md', 'utf8');
const figures = readFileSync('bench/README.md', 'utf8').split('## Faults')[1]?.split('\n## ')[0] ?? '';

test('every promise names tests that exist, and rows that are in the table of faults', () => {
  const rows = page.split('\n').filter((line) => /^\| [A-Z]/.test(line) && !line.startsWith('| When |'));
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const tests = [...row.matchAll(/`((?:test|src)\/[^`]+\.ts)`/g)].map(([, path]) => path ?? '');
    assert.ok(tests.length > 0, row);
    for (const path of tests) assert.ok(existsSync(path), path);
    const named = [...row.matchAll(/"([^"…]+)…?"/g)].map(([, name]) => name ?? '');
    assert.ok(named.length > 0, row);
    for (const name of named)
      assert.ok(
        figures.split('\n').some((line) => line.startsWith('| ') && line.split(' | ')[0]?.includes(name)),
        `no row '${name}' in the table`,
      );
  }
});

test('nothing is lost or doubled in the table of faults, and what was said of being ready was true', () => {
  const rows = figures.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:fault|---)/.test(line));
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const [, , , , , , failed, , lost, doubled, said = ''] = row.slice(2).split(' | ');
    assert.deepEqual([failed, lost, doubled], ['0', '0', '0'], row);
    assert.ok(!said.includes('not true'), row);
  }
});
