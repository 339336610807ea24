/** The published page of what becomes of every parameter, against what the server says of itself. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { COMPATIBILITY_PAGE, compatibilityPage } from '../scripts/write-compatibility.ts';
import { findWhisperPackages } from '../src/engines/whisper/whisper-binding.ts';

test('docs/compatibility.md says what the server does now: node scripts/write-compatibility.ts renews it', async (t) => {
  if (findWhisperPackages().length === 0) return t.skip('whisper.cpp is not installed on this machine');
  const page = await readFile(COMPATIBILITY_PAGE, 'utf8');
  assert.equal(page, await compatibilityPage());
});
