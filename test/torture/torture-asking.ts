import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import type { Asked } from './torture-requests.ts';

/** What came back. */
export interface Answer {
  /** 0 where nothing came. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked, where it came packed and whole. */
  readonly body: Buffer;
  readonly ms: number;
  /** Why it is not whole. */
  readonly trouble?: 'silent' | 'cut' | 'endless' | 'left';
}

/** After so long without a byte an answer counts as hanging. */
export const SILENCE_MS = Number(process.env['SILENCE_SECONDS'] ?? 10) * 1000;
/** How long an event stream is listened to. */
const STREAM_MS = 2_000;
/** What is made as a whole, such as a minute of music, is not there before all of it is, on however busy a machine. */
const MAKING_MS = 8 * SILENCE_MS;
const ENDLESS_MS = 180_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Where requests go, as whom, and what there is. */
export interface Address {
  readonly origin: string;
  readonly key: string;
  readonly ids: readonly string[];
  readonly agent: Agent;
}

/** Connections that are used again and again. */
export function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 64, keepAliveMsecs: 1_000 });
}

/** The headers that carry a key, in the manner of every dialect. */
function credentialHeaders(credential: Asked['credential'], key: string): Record<string, string> {
  if (credential === 'none') return {};
  const sent = credential === 'ours' ? key : 'ant_nobody_has_this_key';
  return { authorization: `Bearer ${sent}`, 'xi-api-key': sent };
}

/** A request with real ids in the places for them, and a key. */
export function settled(asked: Asked, { key, ids }: Pick<Address, 'key' | 'ids'>): Asked {
  const real = (text: string) =>
    text.replace(/~id(\d+)~/g, (_, index) =>
      encodeURIComponent(ids[Number(index) % Math.max(1, ids.length)] ?? 'none'),
    );
  const text = asked.body?.includes('~id')
    ? Buffer.from(real(asked.body.toString('latin1')), 'latin1')
    : asked.body;
  return {
    ...asked,
    url: real(asked.url),
    body: text,
    headers: { ...credentialHeaders(asked.credential, key), ...asked.headers },
  };
}

/** Sends a request and waits for the end of its answer, for silence, or until it has heard enough. */
export async function ask(
  asked: Asked,
  { origin, agent }: Pick<Address, 'origin' | 'agent'>,
): Promise<Answer> {
  const { port } = new URL(origin);
  const begun = performance.now();
  const found = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  const end = (trouble?: Answer['trouble']) => {
    clearTimeout(silence);
    clearTimeout(endless);
    found.resolve({
      status,
      headers,
      body: unpacked(Buffer.concat(chunks), trouble === undefined ? headers['content-encoding'] : undefined),
      ms: performance.now() - begun,
      ...(trouble ? { trouble } : {}),
    });
  };
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: asked.url.replace(/[^\u0021-\u00ff]/g, encodeURIComponent),
    method: asked.method,
    agent,
    headers: { ...asked.headers, ...(asked.body ? { 'content-length': asked.body.length } : {}) },
  });
  const stop = (trouble: Answer['trouble']) => {
    end(trouble);
    request.destroy();
  };
  const silence = setTimeout(() => stop('silent'), asked.isMaking ? MAKING_MS : SILENCE_MS);
  const endless = setTimeout(() => stop('endless'), ENDLESS_MS);
  request.on('error', () => end('cut'));
  request.on('upgrade', (_, socket) => {
    socket.destroy();
    stop('cut');
  });
  request.on('response', (response) => {
    status = response.statusCode ?? 0;
    headers = response.headers;
    silence.refresh();
    if (headers['content-type']?.startsWith('text/event-stream'))
      setTimeout(() => stop('left'), STREAM_MS).unref();
    response.on('data', (chunk: Buffer) => {
      silence.refresh();
      bytes += chunk.length;
      if (bytes > MOST_BYTES) stop('left');
      else chunks.push(chunk);
    });
    response.on('end', () => end());
    response.on('error', () => end('cut'));
    response.on('close', () => end(response.complete ? undefined : 'cut'));
  });
  if (asked.hangUpAt !== undefined && asked.body) {
    request.write(asked.body.subarray(0, Math.floor(asked.body.length * asked.hangUpAt)));
    setTimeout(() => stop('left'), 5);
  } else {
    request.end(asked.body);
  }
  return found.promise;
}

/** The bytes as they are where they are not what their encoding says: whoever judges them sees that. */
function unpacked(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding !== 'gzip' || body.length === 0) return body;
  try {
    return gunzipSync(body);
  } catch {
    return body;
  }
}

/** The request as a line for a shell. Bodies that a shell cannot carry come from base64. */
export function asCurl({ method, url, headers, body }: Asked, origin: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const told = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const start = ['curl', '-sS', '-i', '--path-as-is', '-X', method, quoted(origin + url), ...told].join(' ');
  if (!body) return start;
  const text = body.toString();
  // oxlint-disable-next-line no-control-regex
  const isPlain = Buffer.from(text).equals(body) && !/[\0-\x08\x0e-\x1f]/.test(text) && text.length < 4_000;
  if (isPlain) return `${start} --data-binary ${quoted(text)}`;
  return `base64 -d <<< ${body.subarray(0, 200_000).toString('base64')} | ${start} --data-binary @-`;
}
