import { performance } from 'node:perf_hooks';
import { AppError, cancelledError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import type { Engine } from '../src/core/engine.ts';
import { hearingEngine } from './hearing-engine.ts';
import { toneEngine } from './tone-engine.ts';

export interface StuckEngineOptions {
  /** Windows that are heard, and chunks that are spoken, before it gets stuck; none unless told. */
  readonly after?: number;
  readonly concurrency?: number;
}

export interface StuckEngine {
  readonly engine: Engine;
  /** How many requests got stuck so far. */
  readonly stuck: () => number;
  /** When requests that were stuck noticed that their callers had left, on the clock of `performance.now()`. */
  readonly noticed: readonly number[];
  /** Lets every request that is stuck go on, and no other get stuck. */
  readonly free: () => void;
  /** Lets every request that is stuck fail. */
  readonly fail: () => void;
}

/** An engine that hears and speaks as those of other tests, but gets stuck until it is freed or the caller leaves. */
export function stuckEngine({ after = 0, concurrency = 1 }: StuckEngineOptions = {}): StuckEngine {
  let stuck = 0;
  const noticed: number[] = [];
  const freed = Promise.withResolvers<void>();
  freed.promise.catch(() => undefined);
  const wait = async ({ signal }: RequestContext) => {
    stuck += 1;
    const left = new Promise<never>((_, reject) => {
      const leave = () => {
        noticed.push(performance.now());
        reject(cancelledError());
      };
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave, { once: true });
    });
    left.catch(() => undefined);
    await Promise.race([freed.promise, left]);
  };
  return {
    engine: { ...speaking(wait, after), ...hearing(wait, after), id: 'stuck', concurrency },
    stuck: () => stuck,
    noticed,
    free: () => freed.resolve(),
    fail: () => freed.reject(new AppError('engine_failed', 'The engine broke, as it was told to.')),
  };
}

type Wait = (context: RequestContext) => Promise<void>;

function hearing(wait: Wait, after: number): Pick<Engine, 'models' | 'transcription'> {
  const { models, transcription } = hearingEngine({ id: 'stuck' });
  if (!transcription) throw new Error('The ear is deaf.');
  const open: typeof transcription.open = async (request, context) => {
    const session = await transcription.open(request, context);
    let windows = 0;
    return {
      close: () => session.close(),
      hear: async (window) => {
        windows += 1;
        if (windows > after) await wait(context);
        return session.hear(window);
      },
    };
  };
  return {
    models: [...models, ...toneEngine({ id: 'stuck-voice' }).models],
    transcription: { ...transcription, open },
  };
}

function speaking(wait: Wait, after: number): Pick<Engine, 'speech'> {
  const { speech } = toneEngine({ id: 'stuck' });
  if (!speech) throw new Error('The tones are mute.');
  const synthesize: typeof speech.synthesize = async (request, context) => {
    const output = await speech.synthesize(request, context);
    if (output.kind !== 'pcm') return output;
    async function* chunks(source: AsyncIterable<Float32Array>) {
      let spoken = 0;
      for await (const chunk of source) {
        spoken += 1;
        if (spoken > after) await wait(context);
        yield chunk;
      }
    }
    return { ...output, pcm: { ...output.pcm, chunks: chunks(output.pcm.chunks) } };
  };
  return { speech: { ...speech, synthesize } };
}
