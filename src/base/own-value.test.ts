import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownValue } from './own-value.ts';

test('a table has what was put into it, and nothing that it inherits', () => {
  const table: Readonly<Record<string, number>> = { one: 1, none: 0 };
  assert.equal(ownValue(table, 'one'), 1);
  assert.equal(ownValue(table, 'none'), 0);
  for (const name of ['two', 'constructor', '__proto__', 'toString'])
    assert.equal(ownValue(table, name), undefined);
});
