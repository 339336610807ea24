import { present } from '../../base/assert.ts';
import { serveTasks } from '../worker-task.ts';
import { type EspeakProgram, loadEspeak } from './espeak-program.ts';
import { type EspeakSound, type EspeakTask, performEspeakTask } from './espeak-task.ts';

let program: EspeakProgram | undefined;

await serveTasks<EspeakTask, EspeakSound>({
  prepare: async (prepared) => {
    // The only place that loads the package, whose licence is the GPL: without the engine nothing of it is read.
    const { default: create } = await import('@echogarden/espeak-ng-emscripten');
    // The engine prepares the data file, and nothing else, for its workers.
    program = await loadEspeak(create, prepared as SharedArrayBuffer);
  },
  run: (task, control) => performEspeakTask(present(program, 'The program'), task, control),
});
