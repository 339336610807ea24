import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it reached a fake. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What a fake answers: JSON, bytes, or nothing but a closed connection. */
export type FakeAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly type: string; readonly bytes: Uint8Array | string }
  | 'hang up';

/** A fake that listens on loopback. */
export interface PinnedServer {
  readonly url: string;
  readonly server: Server;
  /** Every request so far. */
  readonly seen: readonly SeenRequest[];
  /** The bodies, as JSON, of all requests to a path. */
  bodies(path: string): Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** Starts a server whose answers are those of a function. */
export async function startPinnedServer(
  answer: (request: SeenRequest) => FakeAnswer | Promise<FakeAnswer>,
  wantedPort = 0,
): Promise<PinnedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((message, response) => {
    void (async () => {
      const url = new URL(message.url ?? '/', 'http://fake');
      const body = await buffer(message);
      const { method = 'GET', headers } = message;
      const request = { method, path: url.pathname, query: url.searchParams, headers, body };
      seen.push(request);
      send(response, await answer(request));
    })().catch(() => response.destroy());
  });
  server.listen(wantedPort, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    seen,
    bodies: (path) =>
      seen.filter((request) => request.path === path).map(({ body }) => JSON.parse(body.toString('utf8'))),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (answer === 'hang up') {
    response.destroy();
    return;
  }
  const { status = 200 } = answer;
  if ('json' in answer) {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
    return;
  }
  response.writeHead(status, { 'content-type': answer.type }).end(answer.bytes);
}
