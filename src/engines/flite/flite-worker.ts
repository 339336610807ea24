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
    ready ??= load();
    const sound = ready.run(task);
    send(sound, [sound.samples.buffer]);
  },
  // Here and not before the next task, because its reader would have to wait for it.
  tidy: () => {
    if (!ready?.renew()) ready = load();
  },
});
