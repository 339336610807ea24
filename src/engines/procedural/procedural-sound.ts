import { cancelledError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { SoundEngine, SoundGeneration, SoundOutput } from '../../core/sound/sound-engine.ts';
import type { WorkerPool } from '../worker-pool.ts';
import { CLIP_SECONDS, SAMPLE_RATE } from './sound-source.ts';
import type { SoundMessage, SoundTask } from './sound-task.ts';

/** Latest start of a clip in the piece that is imagined, in seconds. */
const LATEST_START_SECONDS = 3600;

/** Sounds and music that are computed from what the prompt says. What knows of either is read when the first is asked for. */
export function createProceduralSound(pool: WorkerPool<SoundTask, SoundMessage>): SoundEngine {
  return {
    settings: {
      duration: { minimum: CLIP_SECONDS.least, maximum: CLIP_SECONDS.most },
      start: { minimum: 0, maximum: LATEST_START_SECONDS },
      loop: 'any',
      seed: 'any',
      steps: { minimum: 1, maximum: 1000 },
      prompt_influence: { minimum: 0, maximum: 1 },
      negative_prompt: 'any',
      instrumental: 'any',
      plan: 'any',
      section_durations: 'any',
    },
    maxSeconds: () => CLIP_SECONDS.most,
    generate: (request, context) => generate(pool, request, context),
    plan: async (request) => (await import('./music/music-composer.ts')).planMusic(request),
  };
}

type Pool = WorkerPool<SoundTask, SoundMessage>;

async function generate(pool: Pool, request: SoundGeneration, context: RequestContext): Promise<SoundOutput> {
  const facts = request.kind === 'music' ? await musicFacts(request) : await effectFacts(request);
  const pcm = { sampleRate: SAMPLE_RATE, channels: 2, chunks: read(pool, request, context) } as const;
  return { kind: 'pcm', pcm, ...facts };
}

async function effectFacts(request: SoundGeneration) {
  return (await import('./sounds/effect-maker.ts')).effectFacts(request);
}

async function musicFacts(request: SoundGeneration) {
  const { resolveBrief } = await import('./music/music-brief.ts');
  const { durationSeconds, warnings } = resolveBrief(request);
  return { durationSeconds, warnings };
}

/** Reads what the workers make. A reader who was far behind gets the rest from another task, which makes it again up to there. */
async function* read(
  pool: Pool,
  generation: SoundGeneration,
  { signal }: RequestContext,
): AsyncGenerator<Float32Array> {
  const taken = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const count = new Int32Array(taken);
  for (let unfinished = true; unfinished;) {
    unfinished = false;
    const task: SoundTask = { generation, skipBlocks: Atomics.load(count, 0), taken };
    for await (const message of pool.run(task, { signal, dueMs: performance.now() })) {
      if (signal.aborted) throw cancelledError();
      if (message.kind === 'paused') unfinished = true;
      else {
        yield message.samples;
        Atomics.add(count, 0, 1);
        Atomics.notify(count, 0);
      }
    }
  }
  if (signal.aborted) throw cancelledError();
}
