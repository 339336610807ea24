import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AppError } from '../../base/errors.ts';
import { createLabelGuard } from './label-guard.ts';

/** A request that has ended. */
export interface RequestMeasure {
  /** Id of the dialect; `none` for what belongs to none. */
  readonly dialect: string;
  /** The pattern of the path; `unmatched` where there is none. */
  readonly route: string;
  readonly method: string;
  /** Undefined where the caller went away before there was any. */
  readonly status: number | undefined;
  readonly durationMs: number;
  /** Until the head of the answer was there. */
  readonly firstByteMs: number | undefined;
  readonly bytes: number | undefined;
  readonly cancelled: boolean;
}

/** Counts requests and sockets. */
export interface RequestMetrics {
  requestBegan(): void;
  requestEnded(measure: RequestMeasure): void;
  /** A request that was answered with an error. */
  refused(dialect: string, error: Pick<AppError, 'code' | 'reason'>): void;
  /** Returns what is called when the socket is closed. */
  socketOpened(dialect: string): () => void;
}

/** Seconds. Speech begins within a tenth of one, and films take minutes. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Makes the counters. */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  const http = httpMetrics(registry);
  const refusals = refusalMetrics(registry);
  const sockets = new Gauge({
    name: 'antiphon_websocket_sessions',
    help: 'WebSockets that are open.',
    labelNames: ['dialect'],
    registers: [registry],
  });
  return {
    ...http,
    ...refusals,
    socketOpened: (dialect) => {
      sockets.inc({ dialect });
      let open = true;
      return () => {
        if (open) sockets.dec({ dialect });
        open = false;
      };
    },
  };
}

function httpMetrics(registry: Registry): Pick<RequestMetrics, 'requestBegan' | 'requestEnded'> {
  const running = new Gauge({
    name: 'antiphon_http_requests_running',
    help: 'Requests that are being answered, WebSockets included.',
    registers: [registry],
  });
  const requests = new Counter({
    name: 'antiphon_http_requests_total',
    help: 'Requests that have ended, by the class of their status; "cancelled" where the caller went away before.',
    labelNames: ['dialect', 'route', 'method', 'status'],
    registers: [registry],
  });
  const histogram = (name: string, help: string) =>
    new Histogram({
      name,
      help,
      labelNames: ['dialect', 'route'],
      buckets: DURATIONS,
      registers: [registry],
    });
  const durations = histogram('antiphon_http_request_duration_seconds', 'From the request to its last byte.');
  const firsts = histogram('antiphon_http_first_byte_seconds', 'From the request to the head of its answer.');
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['dialect'], registers: [registry] });
  const cancelled = counter('antiphon_http_requests_cancelled_total', 'Requests whose caller went away.');
  const bytes = counter('antiphon_http_response_bytes_total', 'Bytes that were sent, heads included.');
  return {
    requestBegan: () => running.inc(),
    requestEnded: (measure) => {
      const { dialect, route } = measure;
      running.dec();
      const method = METHODS.has(measure.method) ? measure.method : 'other';
      requests.inc({ dialect, route, method, status: classOf(measure.status) });
      durations.observe({ dialect, route }, measure.durationMs / 1000);
      if (measure.firstByteMs !== undefined) firsts.observe({ dialect, route }, measure.firstByteMs / 1000);
      if (measure.cancelled) cancelled.inc({ dialect });
      if (measure.bytes !== undefined && measure.bytes > 0) bytes.inc({ dialect }, measure.bytes);
    },
  };
}

function classOf(status: number | undefined): string {
  return status === undefined ? 'cancelled' : `${Math.floor(status / 100)}xx`;
}

function refusalMetrics(registry: Registry): Pick<RequestMetrics, 'refused'> {
  const errors = new Counter({
    name: 'antiphon_errors_total',
    help: 'Requests that were answered with an error, by its code.',
    labelNames: ['dialect', 'code'],
    registers: [registry],
  });
  const limited = new Counter({
    name: 'antiphon_limit_refusals_total',
    help: 'Requests that were refused because a limit or an allowance of their key was reached.',
    labelNames: ['dialect', 'reason'],
    registers: [registry],
  });
  // Reasons are words of ours; the guard keeps one that somebody makes of a caller's words from doing harm.
  const reasonOf = createLabelGuard((reason) => /^[a-z_]{1,40}$/.test(reason));
  return {
    refused: (dialect, { code, reason }) => {
      errors.inc({ dialect, code });
      if (code !== 'rate_limited' && code !== 'quota_exceeded') return;
      limited.inc({ dialect, reason: reasonOf(reason ?? code) });
    },
  };
}
