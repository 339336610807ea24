/**
 * One of the two servers of the edge benchmark: `upstream` answers every request for speech with the same raw samples,
 * `proxy PORT` passes everything on to a port of this machine and does nothing else. Prints its port.
 */
import { Agent, createServer, request as send, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

const BYTES = 200_000;
const PIECE = 16_384;

function upstream(): RequestListener {
  const samples = Buffer.alloc(BYTES);
  for (let at = 0; at < BYTES; at += 2) samples.writeInt16LE(Math.round(9000 * Math.sin(at / 20)), at);
  return (incoming, outgoing) => {
    incoming.resume().on('end', () => {
      if (incoming.method === 'GET') {
        outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
        return;
      }
      outgoing.writeHead(200, { 'content-type': 'audio/pcm' });
      for (let at = 0; at < BYTES; at += PIECE) outgoing.write(samples.subarray(at, at + PIECE));
      outgoing.end();
    });
  };
}

function proxy(port: number): RequestListener {
  const agent = new Agent({ keepAlive: true });
  return (incoming, outgoing) => {
    const { method, headers, url: path } = incoming;
    const passed = send({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  };
}

const [kind, port] = process.argv.slice(2);
const server = createServer(kind === 'proxy' ? proxy(Number(port)) : upstream());
server.listen(0, '127.0.0.1', () => {
  const { port: own } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  console.log(`port ${own}`);
});
