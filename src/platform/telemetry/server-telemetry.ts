import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Logger } from '../../core/ports/logger.ts';
import type { Telemetry } from '../../core/ports/telemetry.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { watchState, type ServerState } from './state-metrics.ts';
import { createTracing } from './trace-start.ts';
import type { Tracing } from './tracing.ts';
import { createWorkMetrics, type KnownModel, type WorkMetrics } from './work-metrics.ts';

/** What a server tells those who watch over it. */
export interface ServerTelemetry extends Telemetry, RequestMetrics, Pick<WorkMetrics, 'storageFailed'> {
  /** Begins to follow a request. */
  readonly beginRequest: (name: string, traceparent: string | undefined) => ReturnType<Tracing['begin']>;
  /** The media type of the metrics. */
  readonly metricsType: string;
  /** Everything that is counted, in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Says what is to be looked at when somebody reads the metrics; once. */
  watch(state: ServerState & { readonly isKnownModel: KnownModel }): void;
  stop(): Promise<void>;
}

/** What it is made from. */
export interface ServerTelemetryParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly version: string;
  /** Whether the process itself is measured too; it has one set of such figures. */
  readonly ofProcess: boolean;
}

/** Begins to count, and to follow requests where the environment wants that. */
export async function createServerTelemetry(parts: ServerTelemetryParts): Promise<ServerTelemetry> {
  const registry = new Registry();
  if (parts.ofProcess) collectDefaultMetrics({ register: registry });
  const tracing = await createTracing(parts);
  let isKnownModel: KnownModel = () => false;
  return {
    ...createRequestMetrics(registry),
    ...createWorkMetrics(registry, (name) => isKnownModel(name)),
    beginRequest: (name, traceparent) => tracing.begin({ name, kind: 'request', parent: traceparent }),
    beginJob: ({ id, kind, attempts, traceparent }) =>
      tracing.begin({
        name: `job ${kind}`,
        kind: 'job',
        link: traceparent,
        facts: { job: id, kind, attempts },
      }),
    metricsType: registry.contentType,
    metrics: () => registry.metrics(),
    watch: (state) => {
      isKnownModel = state.isKnownModel;
      watchState(registry, state);
    },
    stop: () => tracing.stop(),
  };
}
