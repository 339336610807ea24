import {
  createServerTelemetry,
  type ServerTelemetry,
} from '../../src/platform/telemetry/server-telemetry.ts';
import { listening, recordingLogger, type TestAppOptions } from '../support.ts';
import type { Core } from '../../src/core/core.ts';
import { readMetrics, type MetricFamily } from './metrics-text.ts';

/** A server that somebody watches over. */
export interface WatchedServer {
  readonly origin: string;
  readonly core: Core;
  readonly telemetry: ServerTelemetry;
  readonly log: ReturnType<typeof recordingLogger>;
  /** What is counted, read from the server as a stranger reads it. */
  readonly metrics: (
    headers?: Readonly<Record<string, string>>,
  ) => Promise<ReadonlyMap<string, MetricFamily>>;
  /** Waits until a line for so many requests has been written, and gives their facts. */
  readonly lines: (count: number) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Lends one. */
export async function withWatchedServer(
  options: TestAppOptions & { readonly environment?: Readonly<Record<string, string>> },
  use: (server: WatchedServer) => Promise<void>,
): Promise<void> {
  const log = recordingLogger();
  const { environment = {}, ...rest } = options;
  const telemetry = await createServerTelemetry({ environment, log, version: '1.2.3', ofProcess: false });
  try {
    await listening({ log, telemetry, ...rest }, async ({ origin, core }) => {
      const ends = () =>
        log.entries.filter(({ event, level }) => event === 'request-end' && level === 'info');
      await use({
        origin,
        core,
        telemetry,
        log,
        metrics: async (headers = {}) => {
          const response = await fetch(`${origin}/metrics`, { headers });
          return readMetrics(await response.text());
        },
        lines: async (count) => {
          while (ends().length < count) await new Promise((resolve) => setImmediate(resolve));
          return ends().map(({ fields }) => fields);
        },
      });
    });
  } finally {
    await telemetry.stop();
  }
}

/** A request in JSON. */
export function json(body: object, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
