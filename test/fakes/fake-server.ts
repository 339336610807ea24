import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A file that came in a form. */
export interface FakeFile {
  readonly field: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** What came, taken apart. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a JSON body or a form; a field that comes again is a list. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly FakeFile[];
}

/** What goes back. A body that is a list is sent piece by piece. */
export interface FakeReply {
  readonly status?: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>;
}

/** How one kind of server answers. */
export interface FakeProfile {
  readonly id: string;
  /** What it is a fake of. */
  readonly title: string;
  /** Requests at the same time; others wait. Without limit where absent. */
  readonly slots?: number;
  answer(request: FakeRequest, state: FakeState): FakeReply | Promise<FakeReply>;
  /** What it says to work that comes while it still loads; where absent, 503 without a word. */
  readonly loading?: FakeReply;
}

/** What can be gone wrong with. All can be changed while it runs. */
export interface FakeFaults {
  /** Before an answer to work begins, in milliseconds. */
  delayMs: number;
  /** So many requests for work fail first, with this answer. */
  failures: number;
  failure: FakeReply;
  /** Whether it is still loading its model. */
  loading: boolean;
  /** Cuts the connection after so many bytes of an answer. */
  dropAfterBytes: number | undefined;
  /** Answers work with this instead. */
  instead: FakeReply | undefined;
  /** Holds answers to work back until this resolves. */
  gate: Promise<void> | undefined;
}

/** What a fake knows of itself. */
export interface FakeState {
  readonly faults: FakeFaults;
  /** Requests for work, in the order in which they came. */
  readonly requests: FakeRequest[];
  /** Requests for work that it works on now, and the most at once so far. */
  running: number;
  most: number;
  /** Answers whose reader left before they were complete. */
  leftEarly: number;
}

/** A server that runs. */
export interface RunningFake extends FakeState {
  readonly origin: string;
  /** The last request for work. */
  last(): FakeRequest;
  stop(): Promise<void>;
}

const PROBES: readonly string[] = ['/health', '/readyz', '/metrics', '/v1/models'];

/** Starts a fake on a free port of this machine, or on the one that is wished for. */
export async function startFake(
  profile: FakeProfile,
  faults: Partial<FakeFaults> = {},
  port = 0,
): Promise<RunningFake> {
  const state: FakeState = {
    faults: { ...noFaults(), ...faults },
    requests: [],
    running: 0,
    most: 0,
    leftEarly: 0,
  };
  const server = createServer((incoming, outgoing) => {
    serve({ profile, state, incoming, outgoing }).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'text/plain' });
      outgoing.end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo; // A TCP server that listens has one.
  return Object.assign(state, {
    origin: `http://127.0.0.1:${taken}`,
    last: () => {
      const request = state.requests.at(-1);
      if (!request) throw new Error(`The fake ${profile.id} was asked nothing.`);
      return request;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  });
}

function noFaults(): FakeFaults {
  return {
    delayMs: 0,
    failures: 0,
    failure: jsonReply({ error: { message: 'broken, as it was told to be', type: 'server_error' } }, 502),
    loading: false,
    dropAfterBytes: undefined,
    instead: undefined,
    gate: undefined,
  };
}

interface Exchange {
  readonly profile: FakeProfile;
  readonly state: FakeState;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

async function serve(exchange: Exchange): Promise<void> {
  const { profile, state, incoming, outgoing } = exchange;
  const request = await readRequest(incoming);
  if (request.path === '/fake/last') return send(jsonReply(told(state)), exchange);
  if (PROBES.includes(request.path)) {
    const reply = state.faults.loading ? (profile.loading ?? busy()) : await profile.answer(request, state);
    return send(reply, exchange);
  }
  state.requests.push(request);
  while (state.running >= (profile.slots ?? Number.POSITIVE_INFINITY)) await pause(2);
  state.running += 1;
  state.most = Math.max(state.most, state.running);
  let left = false;
  outgoing.once('close', () => {
    if (outgoing.writableFinished) return;
    left = true;
    state.leftEarly += 1;
  });
  try {
    const reply = await workReply(exchange, request);
    if (!left) await send(reply, exchange);
  } finally {
    state.running -= 1;
  }
}

async function workReply({ profile, state }: Exchange, request: FakeRequest): Promise<FakeReply> {
  const { faults } = state;
  if (faults.delayMs > 0) await pause(faults.delayMs);
  await faults.gate;
  if (faults.loading) return profile.loading ?? busy();
  if (faults.failures > 0) {
    faults.failures -= 1;
    return faults.failure;
  }
  return faults.instead ?? profile.answer(request, state);
}

function busy(): FakeReply {
  return { status: 503, type: 'text/plain', body: '' };
}

/** For a person who wants to see what came: without the bytes themselves. */
function told({ requests, running, most, leftEarly }: FakeState): object {
  const last = requests.at(-1);
  const files = last?.files.map(({ field, filename, mediaType, bytes, sha256 }) => ({
    field,
    filename,
    mediaType,
    byteLength: bytes.length,
    sha256,
  }));
  return { count: requests.length, running, most, leftEarly, last: last ? { ...last, files } : null };
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const held: Uint8Array[] = [];
  for await (const chunk of incoming) held.push(chunk);
  const bytes = new Uint8Array(Buffer.concat(held));
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const facts = {
    method: incoming.method ?? '',
    path: (incoming.url ?? '').split('?')[0] ?? '',
    headers,
  };
  const type = headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) {
    return {
      ...facts,
      ...(await readForm(await new Response(bytes, { headers: { 'content-type': type } }).formData())),
    };
  }
  const parsed: unknown = bytes.length > 0 ? JSON.parse(new TextDecoder().decode(bytes)) : {};
  const fields = typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  return { ...facts, fields, files: [] };
}

async function readForm(form: FormData): Promise<Pick<FakeRequest, 'fields' | 'files'>> {
  const fields: Record<string, unknown> = {};
  const files: FakeFile[] = [];
  for (const [field, value] of form) {
    if (typeof value === 'string') {
      const before = fields[field];
      fields[field] = before === undefined ? value : [before, value].flat();
      continue;
    }
    const bytes = new Uint8Array(await value.arrayBuffer());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ field, filename: value.name, mediaType: value.type, bytes, sha256 });
  }
  return { fields, files };
}

async function send(reply: FakeReply, { state, outgoing }: Exchange): Promise<void> {
  outgoing.writeHead(reply.status ?? 200, { 'content-type': reply.type, ...reply.headers });
  const { body } = reply;
  const pieces = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
  const most = state.faults.dropAfterBytes ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    if (outgoing.destroyed) return;
    if (sent + bytes.length > most) {
      // A piece of what there is, and then nothing: not even an end.
      outgoing.write(bytes.subarray(0, most - sent), () => outgoing.destroy());
      return;
    }
    sent += bytes.length;
    if (!outgoing.write(bytes)) await drained(outgoing);
  }
  outgoing.end();
}

/** Until the reader has taken more, or left. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      outgoing.off('drain', go).off('close', go);
      resolve();
    };
    outgoing.once('drain', go).once('close', go);
  });
}

/** A field as text; empty for what is no scalar. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** An answer in JSON. */
export function jsonReply(body: unknown, status = 200): FakeReply {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

/** Events, each sent by itself. */
export function eventReply(events: readonly (object | string)[], named = false): FakeReply {
  const lines = events.map((event) => {
    const data = typeof event === 'string' ? event : JSON.stringify(event);
    const name =
      named && typeof event === 'object' && 'type' in event ? `event: ${textOf(event.type)}\n` : '';
    return new TextEncoder().encode(`${name}data: ${data}\n\n`);
  });
  return { type: 'text/event-stream', body: lines };
}
