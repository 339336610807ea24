import { serveTasks } from '../worker-task.ts';
import { loadFlite, type FliteProgram, type FliteSound, type FliteTask } from './flite-program.ts';

let module: WebAssembly.Module | undefined;
let ready: FliteProgram | undefined;

function load(): FliteProgram {
  if (!module) throw new Error('The module must be here before a task.');
  return loadFlite(module);
}

await serveTasks<FliteTask, FliteSound>({
  prepare: (prepared) => {
    // The engine prepares the compiled module, and nothing else, for its workers.
    module = prepared as WebAssembly.Module;
    ready = load();
  },
  run: (task, { send }) => {
    const program = ready ?? load();
    ready = undefined;
    const sound = program.run(task);
    send(sound, [sound.samples.buffer]);
  },
  // Loading takes half as long as a short sentence, so the next one is loaded while the last is being sent.
  tidy: () => {
    ready = load();
  },
});
