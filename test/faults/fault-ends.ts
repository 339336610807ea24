import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** Hears of the ends of jobs. */
export interface Ends {
  readonly url: string;
  hasEnded(jobId: string): boolean;
  /** Whether two ends of the job, or two results, were told of. */
  isDoubled(jobId: string): boolean;
  close(): void;
}

const MESSAGE = z.object({
  type: z.string(),
  data: z.object({ id: z.string(), links: z.record(z.string(), z.string()) }),
});

/** A receiver of webhooks on loopback. */
export async function receiveEnds(): Promise<Ends> {
  const messages = new Map<string, Set<string>>();
  const results = new Map<string, Set<string>>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { type, data } = MESSAGE.parse(JSON.parse(Buffer.concat(pieces).toString()));
      // One end has one id, however often it is told.
      note(messages, data.id, String(request.headers['webhook-id']));
      // Addresses of files are signed anew for each message.
      const file = data.links['file']?.replace(/^https?:\/\/[^/]+|\?.*$/g, '') ?? '';
      note(results, data.id, `${type} ${file}`);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return {
    url: `http://127.0.0.1:${port}/`,
    hasEnded: (jobId) => messages.has(jobId),
    isDoubled: (jobId) => [messages, results].some((known) => (known.get(jobId)?.size ?? 0) > 1),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function note(known: Map<string, Set<string>>, jobId: string, what: string): void {
  known.set(jobId, (known.get(jobId) ?? new Set()).add(what));
}
