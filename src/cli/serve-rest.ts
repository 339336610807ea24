import { flushCompileCache } from 'node:module';
import type { Assembly } from '../assembly.ts';
import { warmCodecPool } from '../media/codec-pool.ts';
import type { Config } from '../platform/config.ts';
import { keepWarmMs } from '../platform/config-schema.ts';
import { createIdleMemory, LOOK_MS } from '../platform/idle-memory.ts';

/** What a server that listens does for itself: it gets ready for its first caller, and lets go of what nobody needs. */
export async function comeToRest({ core }: Pick<Assembly, 'core'>, config: Config): Promise<void> {
  const warmMs = keepWarmMs(config);
  const idleMemory = createIdleMemory({
    // Threads come first: what belongs to them is collected here.
    restMs: (Number.isFinite(warmMs) ? warmMs : 0) + LOOK_MS,
    log: core.log,
  });
  setInterval(() => void idleMemory.look(), LOOK_MS).unref();
  await warmEngines(core);
  // A server that is killed could not do it at its end.
  flushCompileCache();
}

/** Gets engines and the most common codec ready while the first caller is still typing. It may be told to stop in between. */
async function warmEngines({ engines, log }: Assembly['core']): Promise<void> {
  const warming = [
    () => warmCodecPool(['mp3']),
    ...engines.map((engine) => async () => engine.speech?.warm?.()),
  ];
  for (const warm of warming) {
    await warm().catch((error: unknown) => log.debug({ error }, 'warm-up-failed'));
  }
}
