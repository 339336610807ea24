import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGauges } from './server-gauges.ts';

const NAMES = { path: '/metrics', running: 'new:running|old:running', waiting: 'new:waiting|old:waiting' };

test('gauges are summed over their labels, under the first name that exists', () => {
  const text = [
    '# HELP old:running_total not this one',
    'old:running_total 99',
    'old:running{model="a b}",stage="0"} 2.0',
    'old:running{model="c"} 1 1700000000',
    'old:waiting 4',
    'new:waiting{x="1"} 7e0',
  ].join('\n');
  assert.deepEqual(readGauges(text, NAMES), { running: 3, waiting: 7 });
  assert.deepEqual(readGauges('', NAMES), {});
});
