import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from './base/errors.ts';
import { fromFramework } from './dialects/framework-errors.ts';
import type { RequestContext } from './core/context.ts';
import type { Core } from './core/core.ts';
import { silentSpan, type WorkFacts, type WorkSpan } from './core/ports/work-span.ts';
import { replayedContext } from './dialects/request-replay.ts';
import { isSocketUpgrade } from './dialects/web-sockets.ts';
import type { RequestMeasure } from './platform/telemetry/request-metrics.ts';
import type { ServerTelemetry } from './platform/telemetry/server-telemetry.ts';
import { readTraceparent } from './platform/telemetry/traceparent.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Follows the request to its end. */
    watch: RequestWatch | null;
  }
  interface FastifyContextConfig {
    /** Whoever watches over the server asks this often: it is logged as a detail, not counted, and followed by nobody. */
    isProbe?: boolean;
  }
}

/** Who hears of requests. */
export interface RequestTelemetryParts {
  readonly core: Core;
  readonly telemetry: ServerTelemetry;
  /** Whether the log may hold what callers send. */
  readonly logContent: () => boolean;
}

/** Longest text of a caller that is logged, in UTF-16 units, where that is allowed at all. */
const MOST_LOGGED = 2000;

const SOCKET_STATUS = 101;
const LEFT_STATUS = 499;

/** These are summed up over everything that one request has made. */
const SUMMED: ReadonlySet<string> = new Set(['characters', 'audioSeconds', 'pictures']);

/**
 * Writes one line for each request when it has ended, counts it, and follows it. Works at the beginning and at the end
 * only, so that what flows in between is not slowed down. Must be called before routes are registered.
 */
export function watchRequests(app: FastifyInstance, parts: RequestTelemetryParts): void {
  app.decorateRequest('watch', null);
  app.addHook('onRequest', (request, reply, done) => {
    request.watch = new RequestWatch({ request, reply }, parts);
    done();
  });
  // The dialect has made the context meanwhile; what it hands on carries the span from here.
  app.addHook('preParsing', async (request) => {
    const context: RequestContext | undefined = request.antiphon;
    if (context && request.watch) request.antiphon = { ...context, span: request.watch };
  });
  app.addHook('preHandler', async (request) => {
    if (request.ws) request.watch?.openSocket();
  });
  app.addHook('onSend', async (request) => request.watch?.answer());
  app.addHook('onError', async (request, _reply, error) => request.watch?.refuse(error));
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A request, from its arrival to the last byte of its answer. It is the span that services tell of what they do. */
export class RequestWatch implements WorkSpan {
  readonly #exchange: Exchange;
  readonly #parts: RequestTelemetryParts;
  readonly #beganAt: number;
  readonly #socket: Socket | undefined;
  readonly #bytesBefore: number;
  readonly #span: WorkSpan;
  /** A job had it answered by the server itself: it came in, and was counted, before. */
  readonly #isReplay: boolean;
  readonly #isProbe: boolean;
  readonly #facts: Record<string, WorkFacts[string]> = {};
  #firstByteMs: number | undefined;
  #error: AppError | undefined;
  #closeSocket: (() => void) | undefined;
  #ended = false;

  constructor(exchange: Exchange, parts: RequestTelemetryParts) {
    this.#exchange = exchange;
    this.#parts = parts;
    this.#beganAt = parts.core.clock.monotonicMs();
    const { request, reply } = exchange;
    const { socket } = request.raw;
    this.#socket = Number.isFinite(socket?.bytesWritten) ? socket : undefined;
    this.#bytesBefore = this.#socket?.bytesWritten ?? 0;
    const job = replayedContext(parts.core, request);
    this.#isReplay = job !== undefined;
    this.#isProbe = request.routeOptions.config.isProbe === true;
    this.#span = this.#follow(job?.span);
    if (this.#isCounted()) parts.telemetry.requestBegan();
    // Who else hears of the close tells its part before the line is written.
    const end = () => void setImmediate(() => this.#end());
    if (isSocketUpgrade(request)) request.raw.socket.once('close', end);
    else reply.raw.once('close', end);
  }

  get traceparent(): string | undefined {
    return this.#span.traceparent;
  }

  begin(name: string, facts?: WorkFacts): WorkSpan {
    return this.#span.begin(name, facts);
  }

  mark(moment: string): void {
    this.#span.mark(moment);
  }

  note(facts: WorkFacts): void {
    for (const [name, value] of Object.entries(facts)) {
      if (value === undefined) continue;
      const before = SUMMED.has(name) ? this.#facts[name] : undefined;
      this.#facts[name] = typeof value === 'number' && typeof before === 'number' ? before + value : value;
    }
  }

  /** The request ends by itself, with its answer. */
  end(): void {}

  /** The head of the answer is there. */
  answer(): void {
    this.#firstByteMs ??= this.#elapsedMs();
  }

  refuse(thrown: unknown): void {
    const error = fromFramework(thrown);
    this.#error = error;
    if (this.#isCounted()) this.#parts.telemetry.refused(this.#dialect(), error);
  }

  openSocket(): void {
    this.#closeSocket ??= this.#parts.telemetry.socketOpened(this.#dialect());
  }

  #follow(job: WorkSpan | undefined): WorkSpan {
    const { request } = this.#exchange;
    const name = `${request.method} ${routeOf(request)}`;
    if (job) return job.begin(name);
    if (this.#isProbe) return silentSpan;
    const { traceparent } = request.headers;
    return this.#parts.telemetry.beginRequest(
      name,
      typeof traceparent === 'string' ? traceparent : undefined,
    );
  }

  #isCounted(): boolean {
    return !this.#isReplay && !this.#isProbe;
  }

  #elapsedMs(): number {
    return this.#parts.core.clock.monotonicMs() - this.#beganAt;
  }

  #dialect(): string {
    const context: RequestContext | undefined = this.#exchange.request.antiphon;
    return context?.dialect ?? 'none';
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closeSocket?.();
    const { core, telemetry, logContent } = this.#parts;
    const { request } = this.#exchange;
    const measure = this.#measure();
    if (this.#isCounted()) telemetry.requestEnded(measure);
    this.#endSpan(measure);
    const { firstByteMs, durationMs, ...facts } = measure;
    const fields = {
      requestId: request.id,
      ...facts,
      durationMs: Math.round(durationMs),
      ...(firstByteMs === undefined ? {} : { ttfbMs: Math.round(firstByteMs) }),
      ...this.#whose(),
      ...this.#facts,
      ...(this.#error === undefined ? {} : { error: this.#error.code }),
      ...(this.#isReplay ? { forJob: true } : {}),
      ...traceIdOf(this.#span),
      ...(logContent() ? { pii: contentOf(request) } : {}),
    };
    core.log[this.#isProbe ? 'debug' : 'info'](fields, 'request-end');
  }

  #measure(): RequestMeasure {
    const { request, reply } = this.#exchange;
    const { raw } = reply;
    const isSocket = this.#closeSocket !== undefined;
    // An answer that nobody hears any more has this status.
    const isAnswered = raw.headersSent && reply.statusCode !== LEFT_STATUS;
    return {
      dialect: this.#dialect(),
      route: routeOf(request),
      method: request.method,
      status: isSocket ? SOCKET_STATUS : isAnswered ? reply.statusCode : undefined,
      durationMs: this.#elapsedMs(),
      firstByteMs: this.#firstByteMs,
      bytes: this.#socket && this.#socket.bytesWritten - this.#bytesBefore,
      cancelled: !isSocket && !raw.writableFinished,
    };
  }

  #whose() {
    const context: RequestContext | undefined = this.#exchange.request.antiphon;
    return context ? { keyId: context.principal.id } : {};
  }

  #endSpan({ route, method, status, dialect, cancelled }: RequestMeasure): void {
    this.#span.note({
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'error.type': this.#error?.code,
      dialect,
      cancelled,
      request: this.#exchange.request.id,
      ...this.#facts,
    });
    this.#span.end(status !== undefined && status >= 500 ? this.#error : undefined);
  }
}

function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? 'unmatched';
}

function traceIdOf({ traceparent }: WorkSpan): { readonly traceId?: string } {
  const read = readTraceparent(traceparent);
  return read ? { traceId: read.traceId } : {};
}

/** What the caller sent, as far as it is text, and cut to a length that fits a log. */
function contentOf({ query, body }: FastifyRequest): unknown {
  return { query: shortened(query), body: shortened(body) };
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, MOST_LOGGED);
  if (Array.isArray(value)) return value.slice(0, 100).map(shortened);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
}
