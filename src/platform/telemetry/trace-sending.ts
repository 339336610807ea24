import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { isAbort, toAppError } from '../../base/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { WorkFacts, WorkSpan } from '../../core/ports/work-span.ts';
import { readTraceparent, writeTraceparent } from './traceparent.ts';
import type { SpanOrigin, Tracing, TracingParts } from './tracing.ts';

/** Ours have no dots; names with one are those of OpenTelemetry's conventions. */
const OWN_PREFIX = 'antiphon.';

/**
 * Sends traces as JSON over HTTP. Sampling, batches, headers, limits and the service's name are read from the environment
 * by the library. Nothing is registered globally: a span is handed from function to function, because what is read from
 * a generator later runs in its reader's context.
 */
export function startTracing({ log, version }: TracingParts): Tracing {
  diag.setLogger(troubleIn(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const usual = resourceFromAttributes({ 'service.name': 'antiphon', 'service.version': version });
  const told = detectResources({ detectors: [envDetector] });
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(usual).merge(told),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('antiphon', version);
  let stopped: Promise<void> | undefined;
  return {
    begin: (origin) => watched(tracer, startRoot(tracer, origin)),
    stop: () => {
      stopped ??= provider.shutdown().catch((error: unknown) => log.warn({ error }, 'traces-not-sent'));
      return stopped;
    },
  };
}

function troubleIn(log: Logger) {
  const tell = (problem: string) => log.warn({ problem }, 'tracing-trouble');
  const ignore = () => undefined;
  return { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
}

function startRoot(tracer: Tracer, { name, kind, parent, link, facts }: SpanOrigin): Span {
  const from = contextOf(parent);
  const linked = contextOf(link);
  return tracer.startSpan(
    name,
    {
      kind: kind === 'request' ? SpanKind.SERVER : SpanKind.CONSUMER,
      attributes: toAttributes(facts),
      links: linked ? [{ context: linked }] : [],
    },
    from ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT,
  );
}

function contextOf(header: string | undefined): SpanContext | undefined {
  const read = readTraceparent(header);
  return read && { traceId: read.traceId, spanId: read.spanId, traceFlags: read.flags & 1, isRemote: true };
}

function watched(tracer: Tracer, span: Span): WorkSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const within: Context = trace.setSpan(ROOT_CONTEXT, span);
  let ended = false;
  return {
    traceparent: writeTraceparent({ traceId, spanId, flags: traceFlags }),
    begin: (name, facts) =>
      watched(tracer, tracer.startSpan(name, { attributes: toAttributes(facts) }, within)),
    mark: (moment) => void span.addEvent(moment),
    note: (facts) => void span.setAttributes(toAttributes(facts)),
    end: (failure) => {
      if (ended) return;
      ended = true;
      if (failure !== undefined) noteFailure(span, failure);
      span.end();
    },
  };
}

/** The code only: what an error says may repeat what a caller said. */
function noteFailure(span: Span, failure: unknown): void {
  const { code } = toAppError(failure);
  span.setAttribute('error.type', code);
  const wasLeft = isAbort(failure) || code === 'cancelled';
  if (!wasLeft) span.setStatus({ code: SpanStatusCode.ERROR });
}

function toAttributes(facts: WorkFacts = {}): Attributes {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([name, value]) => [name.includes('.') ? name : `${OWN_PREFIX}${name}`, value]),
  );
}
