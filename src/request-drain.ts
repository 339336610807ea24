import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { isSocketUpgrade } from './dialects/web-sockets.ts';

/**
 * Makes the closing of a server wait for the requests that it is working on, but not for longer than so many
 * milliseconds. Nobody new is let in meanwhile. Must be called before routes are registered.
 */
export function drainBeforeClose(app: FastifyInstance, limitMs: number): void {
  const running = new Set<ServerResponse>();
  const last = Promise.withResolvers<void>();
  let closing = false;
  const endIfLast = () => {
    if (closing && running.size === 0) last.resolve();
  };
  app.addHook('onRequest', async (request, { raw }) => {
    // A socket stays open for as long as its client likes; it is told when the server closes.
    if (isSocketUpgrade(request)) return;
    running.add(raw);
    // Comes after the last byte, and also when the caller hangs up before.
    raw.once('close', () => {
      running.delete(raw);
      endIfLast();
    });
  });
  app.addHook('preClose', async () => {
    closing = true;
    // Takes no new connections and ends those that are idle. The framework may close it once more.
    app.server.close();
    endIfLast();
    const limit = new AbortController();
    const timeUp = setTimeout(limitMs, undefined, { signal: limit.signal });
    await Promise.race([last.promise, timeUp]);
    timeUp.catch(() => undefined);
    limit.abort();
  });
}
