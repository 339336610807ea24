import { fileURLToPath } from 'node:url';
import { AppError } from '../../base/errors.ts';
import type { AlignmentEngine, AlignmentRequest, EngineModule } from '../../core/engine.ts';
import type { RequestContext } from '../../core/context.ts';
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts';
import { type AlignAnswer, type AlignTask, MODELS } from './soundswallower-program.ts';

/** A minute of speech takes a second, so more than two workers would only fill the memory. */
const MOST_WORKERS = 2;

/** A search cannot be stopped from outside; nearly every one ends within this time, and its worker is kept. */
const CANCEL_GRACE_MS = 1000;

const LANGUAGES = Object.keys(MODELS);

/** SoundSwallower (PocketSphinx in WebAssembly), in worker threads: finds known words in English and French speech. */
export const soundswallowerEngine: EngineModule = {
  id: 'soundswallower',
  title: 'SoundSwallower',
  licence: 'MIT AND BSD-2-Clause',
  create: ({ workers, keepWarmMs }) => {
    const program = findProgram();
    if (!program) return Promise.resolve({ unavailable: 'The package soundswallower is not installed.' });
    const size = Math.min(MOST_WORKERS, workers);
    const pool = createWorkerPool<AlignTask, AlignAnswer>({
      engine: 'soundswallower',
      script: new URL('soundswallower-worker.ts', import.meta.url),
      size,
      prepare: () => Promise.resolve(fileURLToPath(new URL('model/', program))),
      cancelGraceMs: CANCEL_GRACE_MS,
      idleMs: keepWarmMs,
    });
    return Promise.resolve({
      id: 'soundswallower',
      concurrency: size,
      models: [],
      alignment: createAlignment(pool),
      stop: () => pool.stop(),
    });
  },
};

function findProgram(): URL | undefined {
  try {
    return new URL(import.meta.resolve('soundswallower'));
  } catch {
    // An installation may leave it out; the engine is then unavailable, which is the answer.
    return undefined;
  }
}

function createAlignment(pool: WorkerPool<AlignTask, AlignAnswer>): AlignmentEngine {
  return { languages: LANGUAGES, align: (request, context) => align(pool, request, context) };
}

async function align(
  pool: WorkerPool<AlignTask, AlignAnswer>,
  { samples, language, words }: AlignmentRequest,
  { signal }: RequestContext,
): Promise<AlignAnswer['times']> {
  if (!LANGUAGES.includes(language)) {
    throw new AppError(
      'unsupported_feature',
      `SoundSwallower knows no '${language}', only ${LANGUAGES.join(' and ')}.`,
      { reason: 'unsupported_language' },
    );
  }
  // A copy: what crosses to another thread takes its whole buffer along, of which this may be a small part.
  const task = { language, words, samples: samples.slice() };
  let times: AlignAnswer['times'];
  for await (const answer of pool.run(task, { signal, dueMs: performance.now() })) times = answer.times;
  return times;
}
