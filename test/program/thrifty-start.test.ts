import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { present } from '../../src/base/assert.ts';
import { serving } from './program.ts';

const skip =
  process.platform === 'linux'
    ? false
    : 'Elsewhere the C library gives memory back by itself, or cannot be told.';

/** What a process was started with. */
function startOf(pid: number | undefined, part: 'environ' | 'cmdline'): readonly string[] {
  return readFileSync(`/proc/${present(pid, 'The process')}/${part}`, 'utf8').split('\0');
}

test(
  'the server tells the C library to give memory back, and Node how large its nursery is',
  { skip },
  async () => {
    await serving([], async ({ child, origin }) => {
      assert.ok(startOf(child.pid, 'environ').includes('MALLOC_ARENA_MAX=2'));
      assert.ok(startOf(child.pid, 'environ').includes('MALLOC_TRIM_THRESHOLD_=1048576'));
      assert.ok(startOf(child.pid, 'cmdline').includes('--max-semi-space-size=16'));
      assert.equal((await fetch(`${origin}/health`)).status, 200);
    });
  },
);
