/** Every row of every dialect, costly ones too, against the program as people start it. Takes some minutes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdingProgram, UNJUDGED } from './real-program.ts';

for (const [dialect, unjudged] of Object.entries(UNJUDGED)) {
  test(`the program, with what it brings along, keeps every row of ${dialect} that can be judged without weights`, () =>
    holdingProgram(async (hold) => {
      const rows = await hold(dialect, ['--costly', '--row-seconds', '300']);
      const skipped = rows.filter(({ state }) => state === 'skipped');
      // A sound may be done before anybody looks.
      const found = skipped.filter(({ id }) => id !== 'A12').map(({ id }) => id);
      assert.deepEqual(found.toSorted(), Object.keys(unjudged).toSorted());
      for (const { id, why = '' } of skipped)
        if (id !== 'A12') assert.ok(why.includes(unjudged[id] ?? '?'), `${id}: ${why}`);
      assert.deepEqual(
        rows.flatMap(({ left }) => left),
        [],
      );
    }));
}
