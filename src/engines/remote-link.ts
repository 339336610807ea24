import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import timers from 'node:timers/promises';
import { AppError, cancelledError } from '../base/errors.ts';
import { concatBytes } from '../base/stream.ts';
import type { WorkSpan } from '../core/ports/work-span.ts';
import { RemoteCircuit } from './remote-circuit.ts';
import { isWorthAnother, readRefusal, unreachable } from './remote-errors.ts';
import { toReply, tooSlow, type RemoteReply } from './remote-reply.ts';

/** Where a server elsewhere is, and how much is asked of it at once. */
export interface RemoteLinkSettings {
  /** The remote's id, for messages. */
  readonly id: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Connections at the same time. */
  readonly connections: number;
  /** What answers when the server is well. */
  readonly healthPath: string;
  readonly timeouts?: Partial<RemoteTimeouts>;
}

/** How long is waited, in milliseconds. */
export interface RemoteTimeouts {
  /** For the connection. */
  readonly connect: number;
  /** For the head of the answer: most servers send it only when the work is done. */
  readonly head: number;
  /** Between two pieces of the answer. */
  readonly idle: number;
  /** Before the first new try; each later one waits twice as long. */
  readonly backoff: number;
}

/** Something to be asked of a server elsewhere. */
export interface RemoteCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: RemoteBody;
  readonly signal: AbortSignal;
  /** What the call is a part of, for servers that follow work too. */
  readonly span?: Pick<WorkSpan, 'traceparent'> | undefined;
  /** Largest answer in bytes. */
  readonly maxBytes: number;
  /** How long the head of the answer may take; the link's own limit when absent. */
  readonly headMs?: number | undefined;
  /** Statuses that say something to the adapter and are no failures, besides those of success. */
  readonly alsoAnswers?: readonly number[];
}

/** What is sent. */
export interface RemoteBody {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The way to one server elsewhere. */
export interface RemoteLink {
  readonly circuit: RemoteCircuit;
  /**
   * Asks, and asks again where that can help and nothing of an answer came yet. Throws `invalid_request` for what the
   * server refuses, `overloaded` for a busy one, `engine_failed` for one that is down, slow or broken, and `cancelled`
   * at the signal's abort, which closes the connection at once.
   */
  call(call: RemoteCall): Promise<RemoteReply>;
  /** Asks once for a short text, whatever the circuit says; undefined when there is none. */
  peek(path: string): Promise<string | undefined>;
  stop(): void;
}

const TIMEOUTS: RemoteTimeouts = { connect: 5000, head: 600_000, idle: 60_000, backoff: 250 };
const TRIES = 3;
/** Nobody is kept waiting longer for another try; the caller hears when to come again instead. */
const LONGEST_PAUSE_MS = 2000;
const PEEK_BYTES = 4 * 1024 * 1024;
const PEEK_MS = 3000;
/** How much of a refusal is read. */
const REFUSAL_BYTES = 64 * 1024;

/** Opens the way; nothing is asked before the first call. */
export function createRemoteLink(settings: RemoteLinkSettings): RemoteLink {
  const timeouts = { ...TIMEOUTS, ...settings.timeouts };
  const agent = createAgent(settings);
  const wire: Wire = { settings, timeouts, agent, target: targetOf(settings.url) };
  const circuit = new RemoteCircuit(settings.id, async () => {
    const answer = await peek(wire, settings.healthPath);
    return answer !== undefined;
  });
  return {
    circuit,
    call: async (call) => {
      for (let attempt = 1; ; attempt += 1) {
        circuit.check();
        try {
          const reply = await exchange(wire, call);
          circuit.succeed();
          return reply;
        } catch (error) {
          await beforeAnother(error, { attempt, circuit, call, timeouts });
        }
      }
    },
    peek: (path) => peek(wire, path),
    stop: () => {
      circuit.stop();
      agent.destroy();
    },
  };
}

interface Wire {
  readonly settings: RemoteLinkSettings;
  readonly target: RemoteTarget;
  readonly timeouts: RemoteTimeouts;
  readonly agent: http.Agent;
}

function createAgent({ url, connections }: RemoteLinkSettings): http.Agent {
  const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
  return url.startsWith('https:') ? new https.Agent(options) : new http.Agent(options);
}

/** An address, taken apart once for all calls. */
interface RemoteTarget {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  /** What stands before the path of a call; may be empty. */
  readonly path: string;
  /** Name and password, where the address holds any. */
  readonly auth?: string;
}

function targetOf(url: string): RemoteTarget {
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(new URL(url));
  return {
    protocol: protocol ?? 'http:',
    hostname: hostname ?? '',
    port: String(port ?? ''),
    path: (path ?? '').replace(/\/$/, ''),
    ...(typeof auth === 'string' ? { auth } : {}),
  };
}

interface Attempt {
  readonly attempt: number;
  readonly circuit: RemoteCircuit;
  readonly call: RemoteCall;
  readonly timeouts: RemoteTimeouts;
}

/** Waits before another try, or gives up with the failure. */
async function beforeAnother(error: unknown, { attempt, circuit, call, timeouts }: Attempt): Promise<void> {
  if (call.signal.aborted) throw cancelledError();
  const failure = error instanceof AppError ? error : unreachable(error);
  circuit.note(failure);
  const waitMs = failure.retryAfterMs ?? timeouts.backoff * 2 ** (attempt - 1);
  if (attempt >= TRIES || !isWorthAnother(failure) || waitMs > LONGEST_PAUSE_MS) {
    throw circuit.described(failure);
  }
  try {
    await timers.setTimeout(waitMs, undefined, { signal: call.signal });
  } catch {
    throw cancelledError();
  }
}

async function peek(wire: Wire, path: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(PEEK_MS);
  try {
    const reply = await exchange(wire, { method: 'GET', path, signal, maxBytes: PEEK_BYTES });
    return new TextDecoder().decode(await reply.collect());
  } catch {
    return undefined;
  }
}

/** One try. */
async function exchange(wire: Wire, call: RemoteCall): Promise<RemoteReply> {
  if (call.signal.aborted) throw cancelledError();
  const sent = send(wire, call);
  const abort = () => void sent.destroy(cancelledError());
  call.signal.addEventListener('abort', abort, { once: true });
  const release = () => call.signal.removeEventListener('abort', abort);
  try {
    const message = await headOf(sent, wire, call);
    const reply = toReply(message, {
      idleMs: wire.timeouts.idle,
      maxBytes: call.maxBytes,
      signal: call.signal,
      release,
    });
    if (isAnswer(reply, call)) return reply;
    throw readRefusal({
      status: reply.status,
      contentType: reply.contentType,
      retryAfter: reply.header('retry-after'),
      text: await beginningOf(reply),
    });
  } catch (error) {
    release();
    sent.destroy();
    throw call.signal.aborted ? cancelledError() : error;
  }
}

function isAnswer({ status }: RemoteReply, { alsoAnswers = [] }: RemoteCall): boolean {
  return (status >= 200 && status < 300) || alsoAnswers.includes(status);
}

function send({ settings, agent, target }: Wire, { method, path, body, span }: RemoteCall): ClientRequest {
  const request = (target.protocol === 'https:' ? https : http).request({
    ...target,
    path: target.path + path,
    method,
    agent,
    headers: {
      accept: '*/*',
      ...(settings.apiKey === undefined ? {} : { authorization: `Bearer ${settings.apiKey}` }),
      ...(span?.traceparent === undefined ? {} : { traceparent: span.traceparent }),
      ...(body ? { 'content-type': body.contentType, 'content-length': body.bytes.length } : {}),
    },
  });
  request.end(body?.bytes);
  return request;
}

/** The head of the answer. Errors of the connection after it are the reader's, and never the process's. */
function headOf(sent: ClientRequest, { timeouts }: Wire, { headMs }: RemoteCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const giveUp = (what: string, milliseconds: number) =>
      setTimeout(() => {
        reject(tooSlow(what, milliseconds));
        sent.destroy();
      }, milliseconds).unref();
    // A call that waits for one of the connections is not the server's fault.
    let connecting: NodeJS.Timeout | undefined;
    const waiting = giveUp('answer', headMs ?? timeouts.head);
    sent.on('socket', (socket) => {
      if (!socket.connecting) return;
      connecting = giveUp('connection', timeouts.connect);
      socket.once('connect', () => clearTimeout(connecting));
    });
    const settle = () => {
      clearTimeout(connecting);
      clearTimeout(waiting);
    };
    sent.on('response', (message) => {
      settle();
      resolve(message);
    });
    sent.on('error', (error) => {
      settle();
      reject(error);
    });
  });
}

async function beginningOf(reply: RemoteReply): Promise<string> {
  const held: Uint8Array[] = [];
  let byteLength = 0;
  try {
    for await (const chunk of reply.chunks) {
      held.push(chunk);
      byteLength += chunk.length;
      if (byteLength >= REFUSAL_BYTES) break;
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'cancelled') throw error;
  }
  return new TextDecoder().decode(concatBytes(held).subarray(0, REFUSAL_BYTES));
}
