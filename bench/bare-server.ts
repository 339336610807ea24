/**
 * The least that Node.js does, in a process of its own: `empty` answers every request with two letters, `file FOLDER` writes
 * each body to a file and then answers, `speech` sends sound as a model makes it that is just in time: a second at once, then a
 * quarter of a second four times a second, `SPEECH_SECONDS` (8) in all. Prints its port.
 */
import { createWriteStream, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const SPEECH_SECONDS = Number(process.env['SPEECH_SECONDS'] ?? 8);
/** 24,000 samples of two bytes. */
const SECOND_BYTES = 48_000;
const PIECE_MS = 250;

const empty: RequestListener = (incoming, outgoing) => {
  incoming.resume().on('end', () => outgoing.end('ok'));
};

function toFile(folder: string): RequestListener {
  let number = 0;
  return (incoming, outgoing) => {
    number += 1;
    const path = join(folder, `body-${number}`);
    const answer = async () => {
      await pipeline(incoming, createWriteStream(path));
      rmSync(path);
      outgoing.end('ok');
    };
    answer().catch(() => outgoing.destroy());
  };
}

function speech(): RequestListener {
  const second = Buffer.alloc(SECOND_BYTES);
  for (let at = 0; at < SECOND_BYTES; at += 2) second.writeInt16LE(Math.round(9000 * Math.sin(at / 20)), at);
  const piece = second.subarray(0, (SECOND_BYTES * PIECE_MS) / 1000);
  return (incoming, outgoing) => {
    incoming.resume().on('end', () => {
      if (incoming.method === 'GET') {
        outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
        return;
      }
      outgoing.writeHead(200, { 'content-type': 'audio/pcm' });
      outgoing.write(second);
      let left = ((SPEECH_SECONDS - 1) * 1000) / PIECE_MS;
      const beat = setInterval(() => {
        left -= 1;
        if (left >= 0) outgoing.write(piece);
        if (left > 0) return;
        clearInterval(beat);
        outgoing.end();
      }, PIECE_MS);
      outgoing.once('close', () => clearInterval(beat));
    });
  };
}

const [kind, folder = '.'] = process.argv.slice(2);
const listeners: Readonly<Record<string, () => RequestListener>> = {
  empty: () => empty,
  file: () => toFile(folder),
  speech,
};
const listener = listeners[kind ?? '']?.();
if (!listener) throw new Error('Which one: empty, file or speech?');
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  console.log(`port ${port}`);
});
