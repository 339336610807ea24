import type { SoundGeneration } from '../../core/sound/sound-engine.ts';
import { serveTasks, type TaskControl } from '../worker-task.ts';
import { makeEffect } from './sounds/effect-maker.ts';
import { composeMusic } from './music/music-composer.ts';
import type { SoundSource } from './sound-source.ts';
import { MOST_AHEAD_BLOCKS, type SoundMessage, type SoundTask } from './sound-task.ts';

/** How long a worker waits for a reader who is far behind. */
const PATIENCE_MS = 1000;
const LOOK_UP_MS = 25;

await serveTasks<SoundTask, SoundMessage>({
  prepare: () => undefined,
  run: (task, control) => render(task, control),
});

function render({ generation, skipBlocks, taken }: SoundTask, control: TaskControl<SoundMessage>): void {
  const source = open(generation, control);
  if (!source) return;
  const reader = new Int32Array(taken);
  for (let index = 0; !control.isCancelled(); index += 1) {
    const samples = source.next();
    if (!samples) return;
    if (index < skipBlocks) continue;
    if (!awaitReader(reader, { index, control })) {
      control.send({ kind: 'paused' });
      return;
    }
    control.send({ kind: 'block', samples }, [samples.buffer]);
  }
}

/** A source that is ready to give blocks, unless nobody wants it any more. */
function open(generation: SoundGeneration, control: TaskControl<SoundMessage>): SoundSource | undefined {
  if (generation.kind === 'music') return composeMusic(generation).source;
  const { source } = makeEffect(generation);
  while (source.prepare()) if (control.isCancelled()) return undefined;
  return source;
}

interface Waiting {
  readonly index: number;
  readonly control: TaskControl<SoundMessage>;
}

/** Waits until the reader is near enough; tells whether the block may be sent. */
function awaitReader(reader: Int32Array, { index, control }: Waiting): boolean {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_UP_MS) {
    const taken = Atomics.load(reader, 0);
    if (index - taken < MOST_AHEAD_BLOCKS || control.isCancelled()) return true;
    Atomics.wait(reader, 0, taken, LOOK_UP_MS);
  }
  return false;
}
