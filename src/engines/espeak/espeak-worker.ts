import { present } from '../../base/assert.ts';
import { serveTasks } from '../worker-task.ts';
import { type EspeakProgram, loadEspeak } from './espeak-program.ts';
import { takeInventory } from './espeak-inventory.ts';
import { type EspeakAnswer, type EspeakTask, performEspeakTask } from './espeak-task.ts';

let program: EspeakProgram | undefined;

await serveTasks<EspeakTask, EspeakAnswer>({
  prepare: async (prepared) => {
    // The only place that loads the package, whose licence is the GPL: without the engine nothing of it is read.
    const { default: create } = await import('@echogarden/espeak-ng-emscripten');
    // The engine prepares the data file, and nothing else, for its workers.
    program = await loadEspeak(create, prepared as SharedArrayBuffer);
  },
  run: (task, control) => {
    const espeak = present(program, 'The program');
    if (task.kind === 'speech') performEspeakTask(espeak, task, control);
    else control.send(takeInventory(espeak, task.voice));
  },
});
