import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpacksGzip } from './accept-encoding.ts';

test('gzip is taken by who names it, or anything, and does not weigh it with nothing', () => {
  for (const accepted of ['gzip', 'gzip, deflate, br', 'br;q=1.0, GZIP;q=0.2', '*', 'x-gzip', ['br', 'gzip']])
    assert.ok(unpacksGzip(accepted), String(accepted));
  const others = [
    undefined,
    '',
    'identity',
    'br',
    'gzip;q=0',
    'gzip; q=0.000, *',
    '*;q=0',
    'gzipped',
    'gzip;q=x',
  ];
  for (const accepted of others) assert.ok(!unpacksGzip(accepted), String(accepted));
});
