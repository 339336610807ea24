import { silentSpan, type WorkSpan } from '../../core/ports/work-span.ts';
import { readTraceparent } from './traceparent.ts';
import type { Tracing, TracingParts } from './tracing.ts';

/** Sends traces where the environment says, and loads what that takes only then. */
export async function createTracing(parts: TracingParts): Promise<Tracing> {
  if (!isWanted(parts.environment)) return passingTracing;
  const { startTracing } = await import('./trace-sending.ts');
  return startTracing(parts);
}

function isWanted(environment: TracingParts['environment']): boolean {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint,
    OTEL_SDK_DISABLED: disabled,
    OTEL_TRACES_EXPORTER: exporter = 'otlp',
  } = environment;
  const isNamed = Boolean(endpoint?.trim()) || Boolean(tracesEndpoint?.trim());
  return isNamed && disabled?.toLowerCase() !== 'true' && exporter.split(',').includes('otlp');
}

/** Follows nothing, and lets what comes from elsewhere through to whoever goes on with the work. */
const passingTracing: Tracing = {
  begin: ({ parent }) => (parent !== undefined && readTraceparent(parent) ? passing(parent) : silentSpan),
  stop: async () => undefined,
};

function passing(traceparent: string): WorkSpan {
  const span: WorkSpan = { ...silentSpan, traceparent, begin: () => span };
  return span;
}
