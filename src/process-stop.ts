import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { Core } from './core/core.ts';
import type { Pause } from './core/ports/pause.ts';

/** What ending the program takes. */
export interface StopParts {
  readonly app: Pick<FastifyInstance, 'close'> & { readonly server: { closeAllConnections(): void } };
  readonly core: Pick<Core, 'lifecycle' | 'jobRunner' | 'log'>;
  /** Ends everything that is left when nobody is served any more. */
  readonly stop: () => Promise<void>;
  /** For how long it goes on listening, so that a balancer notices, and how long running requests get then, in milliseconds. */
  readonly times: () => { readonly delayMs: number; readonly drainMs: number };
  readonly pause: Pause;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

/** Ends the program in good order. */
export interface ProcessStop {
  /** The first call lets running requests finish for a while; the next one cuts them. */
  tell(): void;
  /** How long requests may take from now on, in milliseconds: no time at all when they were cut. */
  drainMs(): number;
  /** Resolves when everything has ended. */
  readonly ended: Promise<void>;
}

/** A terminal tells this program and the one that started it, which tells it once more: within this time that is one signal. */
const ECHO_MS = 500;
/** What ending takes besides the time of the requests: children that finish a step, a store that answers late. */
const LAST_STEPS_MS = 15_000;

/** Waits for the first signal. */
export function createProcessStop(parts: StopParts): ProcessStop {
  const { app, core, pause } = parts;
  const cut = new AbortController();
  const ended = Promise.withResolvers<void>();
  let toldAt: number | undefined;
  const within = async (milliseconds: number) => {
    await pause(milliseconds, new AbortController().signal);
    core.log.error({}, 'stop-overdue');
    parts.exit(0);
  };
  const end = async () => {
    core.lifecycle.drain();
    const { delayMs, drainMs } = parts.times();
    void within(delayMs + drainMs + LAST_STEPS_MS);
    // Others can begin with the jobs at once: they are given back while this process still listens.
    const givenBack = core.jobRunner.stop();
    givenBack.catch(() => undefined);
    if (delayMs > 0) await pause(delayMs, cut.signal);
    await app.close();
    await Promise.allSettled([givenBack]);
    await parts.stop();
  };
  return {
    tell: () => {
      if (toldAt === undefined) {
        toldAt = performance.now();
        end().then(ended.resolve, ended.reject);
      } else if (performance.now() - toldAt > ECHO_MS && !cut.signal.aborted) {
        cut.abort();
        app.server.closeAllConnections();
        void within(LAST_STEPS_MS);
      }
    },
    drainMs: () => (cut.signal.aborted ? 0 : parts.times().drainMs),
    ended: ended.promise,
  };
}
