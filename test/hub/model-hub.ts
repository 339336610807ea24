import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a file of the hub consists of: bytes, or the path of a file on disk. */
export type HubContent = Uint8Array | string;

/** How the hub misbehaves. A test may change it while the hub runs. */
export interface HubBehaviour {
  /** Breaks the connection after this many bytes of a body, as often as `cuts` says. */
  cutAfterBytes?: number;
  cuts?: number;
  /** Awaited before a connection breaks, with the place in the file up to which bytes were sent. */
  beforeCut?: (position: number) => Promise<void>;
  /** Sends this many bytes of a body and then nothing more, as often as `stalls` says. */
  stallAfterBytes?: number;
  stalls?: number;
  /** Answers requests for files with this status, as often as `refusals` says. */
  refuseWith?: number;
  refusals?: number;
  retryAfter?: string;
  /** Sends bytes that are not those of the file, with the right length. */
  wrongBytes?: boolean;
  /** Answers 200 with the whole file to every request for a part. */
  ignoreRange?: boolean;
  /** Answers 404 to requests for listings, as a folder on a plain web server does. */
  noListing?: boolean;
  /** Tells neither checksums nor validators. */
  noChecksums?: boolean;
  /** Further paths in every listing. */
  extraListed?: readonly string[];
  /** The only token that is let in. */
  token?: string;
  /** Milliseconds between two pieces of a body, 16 KiB each. */
  pauseMs?: number;
  /** Bodies wait for this. */
  hold?: Promise<void>;
  /** Entries per page of a listing. */
  pageSize?: number;
}

/** One request as the hub saw it. */
export interface HubRequest {
  readonly host: 'hub' | 'cdn';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  sentBytes: number;
}

export interface ModelHub {
  /** What `HF_ENDPOINT` must be. */
  readonly endpoint: string;
  readonly requests: readonly HubRequest[];
  readonly behaviour: HubBehaviour;
  /** Requests whose body was a file's. */
  downloads(): readonly HubRequest[];
  close(): Promise<void>;
}

/** From this length on a file counts as large: it is listed with its SHA-256 and lies on the other host. */
const LARGE_BYTES = 1024;

const CHUNK_BYTES = 16 * 1024;

/**
 * A model hub on a free loopback port, in the layout of the real one, with its large files on a second port.
 * Keys are `organisation/name/path/in/repository`; every revision holds the same files. `prefix` puts the hub below a path.
 */
export async function startModelHub(
  files: ReadonlyMap<string, HubContent>,
  behaviour: HubBehaviour = {},
  prefix = '',
): Promise<ModelHub> {
  const requests: HubRequest[] = [];
  const seen = (host: HubRequest['host'], request: IncomingMessage): HubRequest => {
    const one: HubRequest = {
      host,
      path: request.url ?? '',
      range: request.headers.range,
      authorization: request.headers.authorization,
      sentBytes: 0,
    };
    requests.push(one);
    return one;
  };

  const cdn = await listen((request, response) => {
    const record = seen('cdn', request);
    const content = files.get(decodeURIComponent((request.url ?? '').slice('/blobs/'.length)));
    if (content === undefined) return end(response, 404);
    return sendFile({ request, response, content, behaviour, record });
  });

  const hub = await listen((request, response) => {
    const record = seen('hub', request);
    const url = new URL(request.url ?? '/', 'http://hub');
    if (behaviour.token !== undefined && request.headers.authorization !== `Bearer ${behaviour.token}`)
      return end(response, 401);
    if (!url.pathname.startsWith(prefix)) return end(response, 404);
    const path = decodeURIComponent(url.pathname.slice(prefix.length));
    const listing = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/[^/]+$/.exec(path);
    if (listing) return sendListing({ request, response, files, behaviour, repository: listing[1] ?? '' });
    const [, repository, file] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path) ?? [];
    const content = files.get(`${repository}/${file}`);
    if (content === undefined) return end(response, 404);
    if ((behaviour.refusals ?? 0) > 0) {
      behaviour.refusals = (behaviour.refusals ?? 0) - 1;
      if (behaviour.retryAfter !== undefined) response.setHeader('retry-after', behaviour.retryAfter);
      return end(response, behaviour.refuseWith ?? 500);
    }
    if (sizeOf(content) < LARGE_BYTES) return sendFile({ request, response, content, behaviour, record });
    if (behaviour.noChecksums !== true) {
      response.setHeader('x-linked-etag', `"${sha256Of(content)}"`);
      response.setHeader('x-linked-size', sizeOf(content));
    }
    response.setHeader('location', `${originOf(cdn)}/blobs/${encodeURIComponent(`${repository}/${file}`)}`);
    return end(response, 302);
  });

  return {
    endpoint: originOf(hub) + prefix,
    requests,
    behaviour,
    downloads: () => requests.filter((one) => one.sentBytes > 0),
    close: async () => {
      for (const server of [hub, cdn]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function originOf(server: Server): string {
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return `http://127.0.0.1:${port}`;
}

function end(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

function sizeOf(content: HubContent): number {
  return typeof content === 'string' ? statSync(content).size : content.length;
}

function bytesOf(content: HubContent): Uint8Array {
  return typeof content === 'string' ? readFileSync(content) : content;
}

/** The SHA-256 of a file of the hub, as 64 hexadecimal digits. */
export function sha256Of(content: HubContent): string {
  return createHash('sha256').update(bytesOf(content)).digest('hex');
}

function gitIdOf(content: HubContent): string {
  return createHash('sha1')
    .update(`blob ${sizeOf(content)}\0`)
    .update(bytesOf(content))
    .digest('hex');
}

function sendListing(call: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly files: ReadonlyMap<string, HubContent>;
  readonly behaviour: HubBehaviour;
  readonly repository: string;
}): void {
  const { request, response, files, behaviour, repository } = call;
  if (behaviour.noListing === true) return end(response, 404);
  const own = [...files].filter(([key]) => key.startsWith(`${repository}/`));
  const items = own.map(([key, content]) => {
    const path = key.slice(repository.length + 1);
    const size = sizeOf(content);
    if (behaviour.noChecksums === true) return { type: 'file', path, size };
    return size < LARGE_BYTES
      ? { type: 'file', path, size, oid: gitIdOf(content) }
      : {
          type: 'file',
          path,
          size,
          oid: '0'.repeat(40),
          lfs: { oid: sha256Of(content), size, pointerSize: 130 },
        };
  });
  const extra = (behaviour.extraListed ?? []).map((path) => ({
    type: 'file',
    path,
    size: 3,
    oid: '1'.repeat(40),
  }));
  const all = [{ type: 'directory', path: 'folder', size: 0, oid: '2'.repeat(40) }, ...items, ...extra];
  const from = Number(new URL(request.url ?? '/', 'http://hub').searchParams.get('cursor') ?? 0);
  const to = from + (behaviour.pageSize ?? all.length);
  // The real hub's links name the real hub, also behind a mirror.
  if (to < all.length)
    response.setHeader('link', `<https://hub.invalid/api?recursive=true&cursor=${to}>; rel="next"`);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(all.slice(from, to)));
}

interface Sending {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly content: HubContent;
  readonly behaviour: HubBehaviour;
  readonly record: HubRequest;
}

async function sendFile({ request, response, content, behaviour, record }: Sending): Promise<void> {
  const size = sizeOf(content);
  const etag = `"${gitIdOf(content)}"`;
  const part = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const start = part && same && behaviour.ignoreRange !== true ? Number(part[1]) : 0;
  if (start > 0 && start >= size) return end(response, 416);
  response.statusCode = start > 0 ? 206 : 200;
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${size - 1}/${size}`);
  if (behaviour.noChecksums !== true) response.setHeader('etag', etag);
  response.setHeader('content-length', size - start);
  response.flushHeaders();
  await behaviour.hold;
  for await (const chunk of chunksOf(content, start, behaviour.wrongBytes === true)) {
    const cut = limitIn(record, chunk, behaviour.cuts, behaviour.cutAfterBytes);
    const stall = limitIn(record, chunk, behaviour.stalls, behaviour.stallAfterBytes);
    const allowed = chunk.subarray(0, cut ?? stall ?? chunk.length);
    record.sentBytes += allowed.length;
    await new Promise((resolve) => response.write(allowed, resolve));
    if (behaviour.pauseMs !== undefined) await delay(behaviour.pauseMs);
    if (response.destroyed) return;
    if (cut !== undefined) {
      behaviour.cuts = (behaviour.cuts ?? 1) - 1;
      await behaviour.beforeCut?.(start + record.sentBytes);
      response.destroy();
      return;
    }
    if (stall !== undefined) {
      behaviour.stalls = (behaviour.stalls ?? 1) - 1;
      return;
    }
  }
  response.end();
}

/** How many bytes of a chunk may still go out before the connection is to fail; `undefined` for all of them. */
function limitIn(
  record: HubRequest,
  chunk: Uint8Array,
  times: number | undefined,
  after: number | undefined,
): number | undefined {
  if (after === undefined || (times ?? 0) <= 0 || record.sentBytes + chunk.length < after) return undefined;
  return Math.max(0, after - record.sentBytes);
}

async function* chunksOf(content: HubContent, start: number, wrong: boolean): AsyncGenerator<Uint8Array> {
  const size = sizeOf(content);
  const file = typeof content === 'string' ? openSync(content, 'r') : undefined;
  try {
    for (let offset = start; offset < size; offset += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, size - offset);
      const chunk = new Uint8Array(length);
      if (file !== undefined) readSync(file, chunk, 0, length, offset);
      else if (typeof content !== 'string') chunk.set(content.subarray(offset, offset + length));
      if (wrong) chunk[0] = (chunk[0] ?? 0) ^ 1;
      yield chunk;
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
