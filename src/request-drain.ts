import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { isSocketUpgrade } from './dialects/web-sockets.ts';

/** How a server ends. */
export interface DrainOptions {
  /** How long it waits for what it is working on, in milliseconds; asked when it begins to close. */
  readonly limitMs: () => number;
  /** Whether it is on its way out already, although it still listens. */
  readonly isLeaving?: () => boolean;
  /** Whether anything is made for anybody now. */
  readonly isMaking?: () => boolean;
}

/** How often it is asked whether something is still made for somebody on a WebSocket, in milliseconds. */
const LOOK_MS = 20;

/** How long nothing must have been made: there are pauses between two sentences, and the last one has to be sent. */
const QUIET_MS = 400;

/**
 * Makes the closing of a server wait for the requests that it is working on, and for what is being made for those who
 * are connected by WebSocket, but not for longer than its limit. Nobody new is let in meanwhile. Must be called before
 * routes are registered.
 */
export function drainBeforeClose(app: FastifyInstance, options: DrainOptions): void {
  const { isLeaving = () => false, isMaking = () => false } = options;
  const running = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  const last = Promise.withResolvers<void>();
  let closing = false;
  const endIfLast = () => {
    if (closing && running.size === 0) last.resolve();
  };
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = reply;
    // A balancer that keeps connections open learns that this one is of no more use.
    if (isLeaving()) reply.header('connection', 'close');
    // A socket stays open for as long as its client likes; it is told when the server closes.
    if (isSocketUpgrade(request)) {
      noteSocket(sockets, request.raw.socket);
      return;
    }
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
    const timeUp = setTimeout(options.limitMs(), undefined, { signal: limit.signal });
    const quiet = async () => {
      await last.promise;
      for (let quietMs = 0; quietMs < QUIET_MS && sockets.size > 0 && !limit.signal.aborted;) {
        quietMs = isMaking() ? 0 : quietMs + LOOK_MS;
        await setTimeout(LOOK_MS);
      }
    };
    await Promise.race([quiet(), timeUp]);
    timeUp.catch(() => undefined);
    limit.abort();
  });
}

function noteSocket(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}
