import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { antiphon, inFolder } from '../program/program.ts';
import { receiveEnds } from './fault-ends.ts';
import { createNode, type FaultNode } from './fault-nodes.ts';
import type { Effort } from './scaled-faults.ts';
import { tryFault, type Fault, type FaultOutcome } from './fault-trial.ts';

/** How many there are who only cost. */
export interface Crowd {
  /** Connections on which nothing is said. */
  readonly idle: number;
  /** Connections on which headers come byte by byte, and as many on which bodies do. */
  readonly slow: number;
  /** Keys that are guessed. */
  readonly guesses: number;
  /** Whether it is waited until everybody who is slow has been turned away, which takes half a minute. */
  readonly untilTurnedAway: boolean;
}

/** Places for the crowd, and for those who want something. */
const ROOM = 1_000;

/** One node with a key, and crowds while somebody who has the key is served. */
export async function crowdFaults(
  effort: Effort,
  crowd: Crowd,
): Promise<readonly FaultOutcome[] | { readonly reason: string }> {
  const ends = await receiveEnds();
  const outcomes: FaultOutcome[] = [];
  try {
    await inFolder(async (folder) => {
      const made = await antiphon(['keys', 'create', 'crowd', '--data-dir', folder]);
      const key = made.stdout.toString().trim();
      assert.match(key, /^ant_/, made.stderr);
      const node = createNode({
        name: 'the node',
        settings: {
          'data-dir': folder,
          engines: 'flite',
          workers: 1,
          'log-level': 'silent',
          'history-days': 0,
          'job-workers': 2,
          'max-connections': crowd.idle + crowd.slow + ROOM,
          'drain-seconds': 0,
        },
      });
      try {
        await node.start();
        const bed = { targets: [node], ends, key, crashes: () => node.crashes, ...effort };
        for (const fault of [idle(node, crowd), ...slow(node, key, crowd), guessing(node, crowd)])
          outcomes.push(await tryFault(fault, bed));
      } finally {
        await node.stop();
      }
    });
  } finally {
    ends.close();
  }
  return outcomes;
}

async function open({ origin }: FaultNode): Promise<Socket> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function idle(node: FaultNode, { idle: count }: Crowd): Fault {
  const sockets: Socket[] = [];
  return {
    name: `${count.toLocaleString('en')} idle connections`,
    begin: async () => {
      // As many at a time as the system lets wait.
      while (sockets.length < count) {
        const more = Math.min(250, count - sockets.length);
        sockets.push(...(await Promise.all(Array.from({ length: more }, () => open(node)))));
      }
    },
    end: async () => {
      assert.ok(sockets.some((socket) => !socket.destroyed) || count === 0, 'all were cut at once');
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** How often a slow one says something more, in milliseconds. */
const DRIP_MS = 250;

function slow(node: FaultNode, key: string, { slow: count, untilTurnedAway }: Crowd): readonly Fault[] {
  const start = `POST /v1/audio/speech HTTP/1.1\r\nhost: here\r\nauthorization: Bearer ${key}\r\n`;
  const kinds = {
    headers: { first: `${start}x-slow: `, drip: 'a' },
    bodies: {
      first: `${start}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{`,
      drip: ' ',
    },
  };
  return Object.entries(kinds).map(([name, { first, drip }]) => {
    const sockets: Socket[] = [];
    const answers: string[] = [];
    let dripping: NodeJS.Timeout | undefined;
    let turnedAway: Promise<unknown> = Promise.resolve();
    return {
      name: `${count.toLocaleString('en')} slow ${name}`,
      begin: async () => {
        sockets.push(...(await Promise.all(Array.from({ length: count }, () => open(node)))));
        turnedAway = Promise.all(
          sockets.map((socket) => {
            socket.on('data', (chunk: Buffer) => answers.push(chunk.subarray(9, 12).toString()));
            return new Promise((resolve) => socket.once('close', resolve));
          }),
        );
        for (const socket of sockets) socket.write(first);
        dripping = setInterval(() => {
          for (const socket of sockets) if (socket.writable) socket.write(drip);
        }, DRIP_MS);
      },
      during: async () => {
        if (untilTurnedAway) await turnedAway;
      },
      end: async () => {
        clearInterval(dripping);
        for (const socket of sockets) socket.destroy();
      },
      remark: () =>
        `${answers.length} were turned away, with ${[...new Set(answers)].join(' and ') || 'nothing'}`,
    };
  });
}

/** Connections that guess, and guesses that are sent before the answers are awaited. */
const GUESSERS = 4;
const AT_ONCE = 16;

function guessing(node: FaultNode, { guesses }: Crowd): Fault {
  const statuses = new Map<string, number>();
  let sent = 0;
  let startedAt = 0;
  let seconds = 0;
  const isLeft = () => sent < guesses;
  const send = (socket: Socket): number => {
    const count = Math.min(AT_ONCE, guesses - sent);
    const first = sent;
    sent += count;
    socket.write(Array.from({ length: count }, (_, index) => guess(first + index)).join(''));
    return count;
  };
  const guesser = async () => {
    // Whoever is hung up on comes again.
    while (isLeft()) {
      const socket = await open(node);
      let awaited = send(socket);
      let rest = '';
      for await (const chunk of socket) {
        rest += String(chunk);
        const heads = [...rest.matchAll(/HTTP\/1\.1 (\d{3})/g)];
        for (const [, status = ''] of heads) statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // The beginning of the next head may be there already.
        rest = rest.slice(-15).replace(/HTTP\/1\.1 \d{3}/g, '');
        awaited -= heads.length;
        if (awaited > 0) continue;
        if (!isLeft()) break;
        awaited = send(socket);
      }
    }
  };
  return {
    name: `${guesses.toLocaleString('en')} guessed keys`,
    begin: async () => {
      startedAt = performance.now();
    },
    during: async () => {
      await Promise.all(Array.from({ length: GUESSERS }, guesser));
      seconds = (performance.now() - startedAt) / 1000;
    },
    end: async () => {},
    remark: () => {
      const told = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
      return `${told}; ${Math.round(guesses / seconds)} per second`;
    },
  };
}

/** A key that looks like one of ours. */
function guess(number: number): string {
  const key = `ant_${String(number).padStart(43, '0')}`;
  return `GET /v1/models HTTP/1.1\r\nhost: here\r\nauthorization: Bearer ${key}\r\n\r\n`;
}
