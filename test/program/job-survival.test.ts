import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surviveKills } from './job-survival.ts';

test('every accepted job ends exactly once, however often the program is killed meanwhile', async () => {
  const outcome = await surviveKills({ jobs: 10, kills: 2, characters: 800, atOnce: 3 });
  assert.deepEqual(outcome.states, { succeeded: 10 });
  assert.equal(outcome.wrong, 0);
  assert.equal(outcome.announcedTwice, 0);
  assert.ok(outcome.interrupted > 0, 'nothing ran when the program was killed');
  assert.ok(outcome.begunAgain > 0, 'nothing was begun anew');
});
