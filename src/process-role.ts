import type { FastifyInstance } from 'fastify';
import { AppError } from './base/errors.ts';
import type { Core } from './core/core.ts';
import { replayedContext } from './dialects/request-replay.ts';

/** What a process does: answers requests, does jobs, or both. */
export type ProcessRole = 'api' | 'worker' | 'all';

/** What operators and their machines ask of any process. */
const OPEN = /^\/(?:antiphon\/|(?:health|ready|metrics)(?:[/?]|$))/;

/**
 * Refuses what callers ask of vendors' APIs: of these only the requests that jobs carry are answered. Must be called
 * before routes are registered.
 */
export function answerJobsOnly(app: FastifyInstance, core: Core): void {
  app.addHook('onRequest', async (request) => {
    if (OPEN.test(request.url) || replayedContext(core, request)) return;
    throw new AppError('not_found', 'This process does jobs and answers no requests: its role is "worker".', {
      subject: 'route',
    });
  });
}
