import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { USUAL_HTTP_LIMITS } from '../../src/http-limits.ts';

const page = readFileSync('docs/security.md', 'utf8');

test('every promise names a test, and every test that is named exists', () => {
  const [, promises = ''] = page.split('## Promises');
  const rows = (promises.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| [A-Z]/.test(line));
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const tests = [...row.matchAll(/`((?:test|src)\/[^`]+\.ts)`/g)].map(([, path]) => path ?? '');
    assert.ok(tests.length > 0, row);
    for (const path of tests) assert.ok(existsSync(path), path);
  }
});

test('the limits of connections are those that the page tells', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| '));
  const {
    uncounted: _,
    checkMs,
    connections,
    connectionsPerAddress,
    bodyBytes,
    ...others
  } = USUAL_HTTP_LIMITS;
  for (const [name, value] of Object.entries(others)) {
    const row = rows.find((line) => line.includes(`\`${name}\``));
    assert.ok(row?.includes(String(value)), `${name}: ${value}`);
  }
  assert.ok(page.includes(`\`maxConnections\` | ${connections} |`));
  assert.ok(page.includes(`\`maxConnectionsPerAddress\` | ${connectionsPerAddress} |`));
  assert.ok(page.includes(`${bodyBytes.toLocaleString('en')} bytes (\`bodyBytes\`)`));
  assert.ok(page.includes(`every ${checkMs / 1000} seconds`));
});
