import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** An answer on its way, whole. */
export interface PassingAnswer {
  readonly path: string;
  readonly method: string;
  /** The body of the request. */
  readonly sent: string;
  status: number;
  headers: Headers;
  body: Buffer;
}

export interface AlteringProxy {
  readonly origin: string;
  close(): Promise<void>;
}

/** Stands in front of a server and changes its answers; sockets pass as they are. */
export async function altering(
  origin: string,
  alter: (answer: PassingAnswer) => void,
): Promise<AlteringProxy> {
  const target = new URL(origin);
  const server = createServer((request, response) => {
    void pass(request, origin, alter).then(
      ({ status, headers, body }) => {
        headers.delete('transfer-encoding');
        headers.delete('connection');
        if (headers.has('content-length')) headers.set('content-length', String(body.length));
        return response.writeHead(status, Object.fromEntries(headers)).end(body);
      },
      () => response.destroy(),
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    const lines = request.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
    );
    const onward = connect(Number(target.port), target.hostname, () => {
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => end.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function pass(
  request: IncomingMessage,
  origin: string,
  alter: (answer: PassingAnswer) => void,
): Promise<PassingAnswer> {
  const { method = 'GET', url = '/', headers } = request;
  const sent = Buffer.concat(await Array.fromAsync(request));
  // The host stays that of the proxy: answers name the address that was asked.
  const onward = ask(origin + url, { method, headers }).end(sent);
  const [reply] = (await once(onward, 'response')) as [IncomingMessage]; // What the event comes with.
  const answer: PassingAnswer = {
    path: url,
    method,
    sent: sent.toString('latin1'),
    status: reply.statusCode ?? 0,
    headers: new Headers(Object.entries(reply.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(await Array.fromAsync(reply)),
  };
  alter(answer);
  return answer;
}
