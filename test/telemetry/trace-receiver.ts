import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const value = z.union([
  z.object({ stringValue: z.string() }).transform((one) => one.stringValue),
  z.object({ intValue: z.union([z.number(), z.string()]) }).transform((one) => Number(one.intValue)),
  z.object({ doubleValue: z.number() }).transform((one) => one.doubleValue),
  z.object({ boolValue: z.boolean() }).transform((one) => one.boolValue),
  z.object({ arrayValue: z.unknown() }).transform(() => 'a list'),
]);
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((one) => [one.key, one.value])));
const id = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

const span = z.object({
  traceId: id(32),
  spanId: id(16),
  parentSpanId: z.union([id(16), z.literal('')]).optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  events: z.array(z.object({ name: z.string() })).default([]),
  links: z.array(z.object({ traceId: id(32), spanId: id(16) })).default([]),
  status: z.object({ code: z.number().optional() }).default({}),
});

/** What OTLP's JSON encoding of traces holds, as far as it is looked at. */
const body = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

/** A span as it was received. */
export type ReceivedSpan = z.output<typeof span> & { readonly service: unknown };

/** Something that traces are sent to. */
export interface TraceReceiver {
  readonly origin: string;
  readonly spans: readonly ReceivedSpan[];
  /** Headers of every request. */
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  /** Answers with this status from now on. */
  fail(status: number): void;
  stop(): Promise<void>;
}

/** Starts one on a free port. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      headers.push({ ...request.headers, path: request.url });
      if (status === 200) {
        const { resourceSpans } = body.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        for (const { resource, scopeSpans } of resourceSpans) {
          const service = resource.attributes['service.name'];
          for (const scope of scopeSpans) spans.push(...scope.spans.map((one) => ({ ...one, service })));
        }
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // A TCP server that listens has one.
  return {
    origin: `http://127.0.0.1:${port}`,
    spans,
    headers,
    fail: (with_) => {
      status = with_;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Sets variables that a library reads by itself, and what was there when the work is done. */
export async function withEnvironment(
  variables: Readonly<Record<string, string>>,
  use: (environment: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    await use(variables);
  } finally {
    for (const [name, old] of before) {
      if (old === undefined) delete process.env[name];
      else process.env[name] = old;
    }
  }
}
