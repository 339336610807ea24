import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdingProgram, UNJUDGED } from './real-program.ts';

/** One row of each kind that is quickly judged: speech, streams, voices, pictures, sounds, errors. */
const QUICK: Readonly<Record<string, string>> = {
  openai: 'S1,S3,S7,S8,T14,V2,M1,I1,E5',
  elevenlabs: 'E01,E08,E14 pcm,E34,E37,E46',
  eigen: 'R1 chatterbox stream,L1,R4 unknown,R6,all HTTP',
  aiml: 'A01,A02,A13,A16,A17',
};

test('the program, with what it brings along, keeps rows of every dialect, and says of the others why they cannot be judged', () =>
  holdingProgram(async (hold) => {
    for (const [dialect, ids] of Object.entries(QUICK)) {
      const rows = await hold(dialect, ['--costly', '--rows', ids]);
      assert.ok(rows.length >= ids.split(',').length, `${dialect}: ${rows.length} rows`);
      const skipped = rows.filter(({ state }) => state === 'skipped');
      for (const { id, why = '' } of skipped)
        assert.ok(why.includes(UNJUDGED[dialect]?.[id] ?? '?'), `${dialect} ${id}: ${why}`);
      assert.ok(skipped.length < rows.length / 2, `${dialect}: most rows are judged`);
    }
  }));
