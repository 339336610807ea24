import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers';
import websocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../base/errors.ts';
import type { Core } from '../core/core.ts';

/** Bytes of one message: the 15 MiB of sound that a vendor takes at a time, as base64 in JSON. */
const MESSAGE_LIMIT = 21 * 1024 * 1024;

/** How long a client has to answer the farewell of a server that closes, in milliseconds. */
const FAREWELL_MS = 1_000;

/** WebSocket close codes (RFC 6455, section 7.4.1). */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  unacceptable: 1003,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
} as const;

/** Who may open sockets. */
export interface SocketDoor {
  /** Whether a web page may; browsers ask nobody before they open one. */
  isAllowed(origin: string): Promise<boolean>;
  /** Takes a place for a client's address, and returns how to give it back, or nothing when there is none left. */
  take(address: string | undefined): (() => void) | undefined;
}

/**
 * Lets routes take WebSockets. Messages are bounded and not compressed, pages from elsewhere and whoever has too many are
 * refused, and a server that closes says so to everybody who is still connected.
 */
export async function acceptWebSockets(app: FastifyInstance, core: Core, door: SocketDoor): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload: MESSAGE_LIMIT,
      perMessageDeflate: false,
      // Some clients offer several subprotocols, one of them a key; only this one may be repeated to them.
      handleProtocols: (offered) => (offered.has('realtime') ? 'realtime' : false),
      verifyClient: ({ origin }: { readonly origin?: string }, decide: (isAllowed: boolean) => void) => {
        if (origin === undefined) decide(true);
        else
          void door.isAllowed(origin).then(decide, (error: unknown) => {
            core.log.error({ error }, 'socket-failed');
            decide(false);
          });
      },
    },
    errorHandler: (error, socket, request) => {
      core.log.warn({ requestId: request.id, error }, 'socket-failed');
      // A frame that cannot be read has closed the socket already, with the code that says why.
      socket.close(CLOSE.internal);
    },
    preClose(done) {
      for (const client of this.websocketServer.clients) sayFarewell(client);
      this.websocketServer.close();
      done();
    },
  });
  app.addHook('onRequest', async (request) => {
    if (!request.ws || request.is404) return;
    refuseWrongUpgrade(request);
    const leave = door.take(request.ip);
    if (!leave) throw tooManySockets();
    // Comes also for an upgrade that is refused.
    request.raw.socket.once('close', leave);
  });
}

/** Whether a request is to be taken for a WebSocket. Some clients offer HTTP/2 with each of theirs and want no answer to it. */
export function isSocketUpgrade(request: Pick<IncomingMessage, 'headers'>): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** What the library below would refuse without a word, or take and close at once, is refused in the dialect's envelope. */
function refuseWrongUpgrade({ headers, routeOptions }: FastifyRequest): void {
  const wrong = (message: string) => new AppError('invalid_request', message, { reason: 'not_a_socket' });
  if (!routeOptions.config.asksWhoCalls) throw wrong('There is no WebSocket at this address.');
  if (!['8', '13'].includes(headers['sec-websocket-version'] ?? '')) {
    throw wrong('The version of a WebSocket (sec-websocket-version) must be 13.');
  }
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) {
    throw wrong('A WebSocket begins with a key of 16 bytes in base64 (sec-websocket-key).');
  }
}

function tooManySockets(): AppError {
  const message = 'There are too many open WebSockets. Close some, or try again shortly.';
  return new AppError('overloaded', message, { reason: 'too_many_sockets', retryAfterMs: 5_000 });
}

/** A path that takes sockets and nothing else. */
export interface SocketRoute {
  readonly path: string;
  /** What a plain request to it is told. */
  readonly hint: string;
  /** Refuses a caller before the socket opens, with an answer in the dialect's envelope. */
  readonly admit?: (request: FastifyRequest) => Promise<void>;
  readonly open: (socket: WebSocket, request: FastifyRequest) => void;
}

/** Registers a path for sockets. Who is calling is found out by the route itself: in `admit`, or by what is said later. */
export function socketRoute(scope: FastifyInstance, { path, hint, admit, open }: SocketRoute): void {
  scope.route({
    method: 'GET',
    url: path,
    exposeHeadRoute: false,
    config: { asksWhoCalls: true },
    handler: async () => {
      throw new AppError('invalid_request', hint, { reason: 'not_a_socket' });
    },
    preValidation: async (request) => admit?.(request),
    wsHandler: open,
  });
}

function sayFarewell(client: WebSocket): void {
  client.close(CLOSE.goingAway, 'The server is closing.');
  setTimeout(() => client.terminate(), FAREWELL_MS).unref();
}
