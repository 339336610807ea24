import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { AppError } from './base/errors.ts';
import { admitConnections, type ConnectionLimits } from './connection-limits.ts';
import { answerAndClose } from './raw-answer.ts';

/** What connections may cost before anybody knows who is calling. */
export interface HttpLimits extends ConnectionLimits {
  /** Of the first line and the headers together. */
  readonly headerBytes: number;
  readonly headers: number;
  readonly urlBytes: number;
  /** From the connection, or the first byte of a later request, to the end of the headers, in milliseconds. */
  readonly headersMs: number;
  /** A body has to bring `bodyBytes` within each `bodyMs`, unless it is this server that makes it wait. */
  readonly bodyMs: number;
  readonly bodyBytes: number;
  /** How long a connection without a request is kept, in milliseconds. */
  readonly keepAliveMs: number;
  /** Requests that one connection may have sent without being answered. */
  readonly pipelined: number;
  /** Open WebSockets of the whole process, and of one address. */
  readonly sockets: number;
  readonly socketsPerAddress: number;
  /** How often connections are looked through for those that are late, in milliseconds. */
  readonly checkMs: number;
}

export const USUAL_HTTP_LIMITS: HttpLimits = {
  headerBytes: 16 * 1024,
  headers: 200,
  urlBytes: 8 * 1024,
  headersMs: 30_000,
  bodyMs: 30_000,
  bodyBytes: 1024,
  // Longer than balancers keep theirs, so that none sends a request into a connection that is just being closed.
  keepAliveMs: 72_000,
  pipelined: 32,
  sockets: 4_000,
  socketsPerAddress: 500,
  checkMs: 5_000,
  connections: 10_000,
  connectionsPerAddress: 1_000,
  uncounted: ['127.0.0.0/8', '::1/128'],
};

/** The limits of WebSockets as those of connections, which they are, too. */
export function socketPlaces({ sockets, socketsPerAddress, uncounted }: HttpLimits): ConnectionLimits {
  return { connections: sockets, connectionsPerAddress: socketsPerAddress, uncounted };
}

/** The limits where everybody comes through the same balancers, which do not count as one caller each. */
export function withProxies(limits: HttpLimits, proxies: readonly string[] = []): HttpLimits {
  return { ...limits, uncounted: [...limits.uncounted, ...proxies] };
}

/** After what silence, in milliseconds, the system asks whether the other end of a connection is still there. */
const PROBE_MS = 60_000;

/** Connections above the limit that may still be told so; more are closed without a word. */
const TURNED_AWAY = 1_000;

/** Keeps one server to its limits. */
export interface HttpKeeper {
  /** What the server has to be made with. */
  readonly options: ReturnType<typeof serverOptions>;
  /** Watches the server. Must be called before routes are registered. */
  watch(app: FastifyInstance): void;
}

/** Makes the keeper of a server that is still to be made. */
export function createHttpKeeper(limits: HttpLimits): HttpKeeper {
  const traffic = watchTraffic(limits);
  return {
    options: serverOptions(limits, traffic.answerNonsense),
    watch: (app) => {
      const { server } = app;
      // None is overlooked; there are never more than fit into `headerBytes`.
      server.maxHeadersCount = 0;
      if (limits.connections > 0) server.maxConnections = limits.connections + TURNED_AWAY;
      server.on('connection', admitConnections(limits));
      server.prependListener('request', traffic.begin);
      // What a caller expects beside `100-continue` may be passed over; Node itself would refuse it without a word.
      server.on('checkExpectation', (request, response) => server.emit('request', request, response));
      const checking = setInterval(traffic.check, limits.checkMs).unref();
      app.addHook('onClose', async () => clearInterval(checking));
      app.addHook('onRequest', (request, _reply, done) => done(findFault(request.raw, limits)));
    },
  };
}

function serverOptions(limits: HttpLimits, onNonsense: (error: Error, socket: Socket) => void) {
  return {
    keepAliveTimeout: limits.keepAliveMs,
    // Node's own limit is for a whole request, which honest uploads of gigabytes would miss.
    requestTimeout: 0,
    clientErrorHandler: onNonsense,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_MS,
    },
  };
}

/** What is wrong with the first line or the headers of a request that the parser has let through. */
function findFault({ rawHeaders, url = '' }: IncomingMessage, limits: HttpLimits): AppError | undefined {
  if (url.length > limits.urlBytes) {
    const message = `The address of a request may have ${limits.urlBytes} bytes; this one has ${url.length}.`;
    return new AppError('invalid_request', message, { reason: 'url_too_long', exactStatus: 414 });
  }
  if (rawHeaders.length > limits.headers * 2) {
    const message = `A request may have ${limits.headers} headers; this one has ${rawHeaders.length / 2}.`;
    return new AppError('invalid_request', message, { reason: 'too_many_headers', exactStatus: 431 });
  }
  // Two machines on the way could each believe another one (RFC 9112, section 3.2).
  return countHosts(rawHeaders) > 1
    ? new AppError('invalid_request', 'A request names one host.', { reason: 'malformed' })
    : undefined;
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

/** A body on its way. */
interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the present stretch of time began, and how many bytes the connection had brought by then. */
  sinceMs: number;
  bytes: number;
}

function watchTraffic({ bodyMs, bodyBytes, pipelined }: HttpLimits) {
  const arrivals = new Set<Arrival>();
  const unanswered = new WeakMap<Socket, ServerResponse[]>();
  const ending = new WeakSet<ServerResponse>();
  const closeAfter = (response: ServerResponse, socket: Socket) => {
    if (ending.has(response)) return;
    ending.add(response);
    response.once('close', () => socket.destroySoon());
  };
  return {
    begin: (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const waiting = unanswered.get(socket) ?? [];
      if (waiting.push(response) > pipelined) socket.destroy();
      unanswered.set(socket, waiting);
      response.once('close', () => waiting.splice(waiting.indexOf(response), 1));
      if (!hasBody(request)) return;
      const arrival = { request, response, sinceMs: performance.now(), bytes: socket.bytesRead };
      arrivals.add(arrival);
      request.once('close', () => arrivals.delete(arrival));
    },
    check: () => {
      const now = performance.now();
      for (const arrival of arrivals) {
        const { request, response } = arrival;
        const { socket } = request;
        // What has come and nobody has taken yet is no fault of the one who sends.
        const isFair = socket.bytesRead - arrival.bytes >= bodyBytes || request.readableLength > 0;
        if (request.complete || socket.destroyed) arrivals.delete(arrival);
        else if (isFair) {
          arrival.sinceMs = now;
          arrival.bytes = socket.bytesRead;
        } else if (now - arrival.sinceMs >= bodyMs) {
          arrivals.delete(arrival);
          if (response.headersSent) socket.destroy();
          else turnAway(socket, TOO_SLOW);
        }
      }
    },
    answerNonsense: (error: Nonsense, socket: Socket) => {
      const waiting = unanswered.get(socket) ?? [];
      const last = waiting.at(-1);
      if (error.code === 'ECONNRESET') socket.destroy();
      // What is due is still said; in the middle of it, or in its place, nothing else can be.
      else if (last && (waiting.length > 1 || last.req.complete)) closeAfter(last, socket);
      else if (last?.headersSent) socket.destroy();
      else turnAway(socket, codeOf(error));
    },
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What the parser says of bytes that are no request. */
interface Nonsense extends Error {
  readonly code?: string;
  readonly rawPacket?: Uint8Array;
}

const TOO_SLOW = 'ERR_HTTP_REQUEST_TIMEOUT';
const ENDLESS_URL = 'URL_OVERFLOW';

const WORDS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  [ENDLESS_URL]: ['414 URI Too Long', 'The address of the request is too long.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
  [TOO_SLOW]: ['408 Request Timeout', 'The request did not arrive in time.'],
};

function codeOf({ code = '', rawPacket }: Nonsense): string {
  if (code !== 'HPE_HEADER_OVERFLOW' || !rawPacket) return code;
  const text = Buffer.from(rawPacket.buffer, rawPacket.byteOffset, rawPacket.byteLength).toString('latin1');
  return /^[A-Z]{3,10} [^\r\n]*$/.test(text) ? ENDLESS_URL : code;
}

function turnAway(socket: Socket, code: string): void {
  const [status, message] = WORDS[code] ?? ['400 Bad Request', 'This is no well-formed HTTP/1.1 request.'];
  if (socket.writable) answerAndClose(socket, status, message);
  else socket.destroy();
}
