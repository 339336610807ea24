import createSoundswallower from 'soundswallower';
import { serveTasks } from '../worker-task.ts';
import {
  type AlignAnswer,
  type Aligner,
  type AlignTask,
  loadAligner,
  MODELS,
} from './soundswallower-program.ts';

let modelBase = '';
/** By model; each has a module of its own, which is told its model when it is loaded. */
const aligners = new Map<string, Promise<Aligner>>();

function alignerFor(language: string): Promise<Aligner> {
  const model = language === 'fr' ? MODELS.fr : MODELS.en;
  const kept = aligners.get(model);
  if (kept) return kept;
  const quiet = () => undefined;
  const options = { modelBase, defaultModel: model, print: quiet, printErr: quiet };
  const loading = loadAligner(() => createSoundswallower(options));
  aligners.set(model, loading);
  return loading;
}

await serveTasks<AlignTask, AlignAnswer>({
  prepare: (prepared) => {
    // The engine prepares the folder of the models, and nothing else, for its workers.
    modelBase = prepared as string;
  },
  run: async (task, { send }) => {
    const aligner = await alignerFor(task.language);
    send(await aligner.align(task));
  },
});
