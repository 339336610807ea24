import { Mismatch } from './kit-mismatch.ts';

/** The means to reach a server, which belong to whoever runs the kit. */
export interface KitNetwork {
  readonly request: (url: string, init: RequestInit) => Promise<Response>;
  /** Undefined where this Node.js has none. */
  readonly openSocket:
    | ((url: string, options: { protocols: string[]; headers: Record<string, string> }) => WebSocket)
    | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** A request. */
export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Below the base, or a whole address. */
  readonly path: string;
  readonly json?: unknown;
  readonly form?: FormData;
  /** Bytes or a stream as they are; `headers` tells their type. */
  readonly body?: Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another key than the caller's; none at all for `null`. */
  readonly key?: string | null;
  /** Hang up after this many bytes. */
  readonly stopAfter?: number;
}

/** An answer, read to its end. */
export interface Reply {
  readonly ask: Ask;
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly text: string;
  /** Undefined where it is none. */
  readonly json: unknown;
  /** The body came to its end and is as long as the headers said. */
  readonly whole: boolean;
}

/** More than any row asks for. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Sends requests no faster than so many a second, whoever asks. */
export function createPacer(network: KitNetwork, perSecond: number): (signal: AbortSignal) => Promise<void> {
  let next = 0;
  return async (signal) => {
    const now = network.now();
    const turn = Math.max(now, next);
    next = turn + 1000 / perSecond;
    if (turn > now) await network.pause(turn - now, signal);
  };
}

/** Sends a request and reads the answer. A connection that cannot be made, or breaks, is a mismatch. */
export async function send(
  network: KitNetwork,
  { url, ask, credentials }: { url: string; ask: Ask; credentials: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<Reply> {
  const hangUp = new AbortController();
  const body = ask.json === undefined ? (ask.form ?? ask.body) : JSON.stringify(ask.json);
  const init: RequestInit & { duplex?: 'half' } = {
    method: ask.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...credentials,
      ...(ask.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    },
    signal: AbortSignal.any([signal, hangUp.signal]),
    ...(body === undefined ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  };
  const response = await network.request(url, init).catch((error: unknown) => {
    throw broken(`an answer to ${nameOf(ask)}`, error, signal);
  });
  const read = await readBody(response, ask.stopAfter ?? MOST_BYTES);
  hangUp.abort();
  if (signal.aborted) throw signal.reason;
  const text = new TextDecoder().decode(read.bytes);
  return { ask, status: response.status, headers: response.headers, ...read, text, json: parsed(text) };
}

/** `POST /audio/speech`. */
export function nameOf({ method, path, json, form, body }: Ask): string {
  const usual = json === undefined && form === undefined && body === undefined ? 'GET' : 'POST';
  return `${method ?? usual} ${path}`;
}

async function readBody(response: Response, most: number): Promise<Pick<Reply, 'bytes' | 'whole'>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let whole = true;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= most) break;
    }
  } catch {
    // Broken off: the row says what was expected.
    whole = false;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, whole };
}

function broken(expected: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  return new Mismatch(expected, cause instanceof Error ? `${message} (${cause.message})` : message);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
