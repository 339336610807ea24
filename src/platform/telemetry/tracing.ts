import type { Logger } from '../../core/ports/logger.ts';
import type { WorkFacts, WorkSpan } from '../../core/ports/work-span.ts';

/** Work that nothing else in this process began. */
export interface SpanOrigin {
  readonly name: string;
  readonly kind: 'request' | 'job';
  /** What it is a part of, as a caller says. */
  readonly parent?: string | undefined;
  /** What it came of without being a part of it. */
  readonly link?: string | undefined;
  readonly facts?: WorkFacts;
}

/** Follows work. */
export interface Tracing {
  begin(origin: SpanOrigin): WorkSpan;
  /** Sends what was not sent yet. */
  stop(): Promise<void>;
}

/** What tracing is set up from. */
export interface TracingParts {
  /** `OTEL_…` as OpenTelemetry defines them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly version: string;
}
