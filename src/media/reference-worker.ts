import { parentPort } from 'node:worker_threads';
import { present } from '../base/assert.ts';
import type { ReferenceAnswer, ReferenceTask } from './reference-messages.ts';
import { measureVoice, shapeReference } from './reference-sound.ts';

const port = present(parentPort, 'The port to whoever started the worker');
port.on('message', (task: ReferenceTask) => {
  void answer(task);
});

async function answer(task: ReferenceTask): Promise<void> {
  port.postMessage(await answerTo(task));
}

async function answerTo(task: ReferenceTask): Promise<ReferenceAnswer> {
  if (task.type === 'shape') return { type: 'shape', sound: await shapeReference(task.raw) };
  return { type: 'measure', measure: measureVoice(task.samples, task.sampleRate) };
}
