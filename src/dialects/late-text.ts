import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { withinTime } from './heartbeats.ts';
import { sendLines } from './speech-reply.ts';

/** A text that may take minutes to make, in pieces that are final. */
export interface LateText {
  readonly contentType: string;
  /** What it begins with whatever follows, and is there without any piece; may be empty. */
  readonly opening: string;
  readonly pieces: AsyncIterable<string>;
}

/** How long a caller waits, in milliseconds from the start. */
export interface TextPace {
  /** After this long, what there is of the text goes out, and the rest as it is made. */
  readonly graceMs: number;
  /** After this long the opening goes out although nothing follows yet. */
  readonly openingMs: number;
}

/** Two seconds are enough for a short recording; common proxies give up after a minute. */
const USUAL_PACE: TextPace = { graceMs: 2000, openingMs: 25_000 };

/**
 * Sends a text that has no character to spare for a sign of life. One that is ready, or has failed, within the grace
 * is sent in the usual way. Of a longer one the pieces are sent as they come; as long as there are none, a failure
 * still has its status. A later failure cuts the connection, so that nobody takes half a text for the whole.
 */
export async function sendLateText(
  reply: FastifyReply,
  { contentType, opening, pieces }: LateText,
  pace: TextPace = USUAL_PACE,
): Promise<FastifyReply> {
  const iterator = pieces[Symbol.asyncIterator]();
  const { text, next } = await readFor(iterator, pace.graceMs);
  if (!next) return reply.type(contentType).send(opening + text);
  if (text === '') await firstPiece(next, opening === '' ? undefined : pace.openingMs - pace.graceMs);
  return sendLines(reply, goOn(opening + text, next, iterator), { contentType });
}

interface Beginning {
  readonly text: string;
  /** The piece that is being waited for; none when the text is complete. */
  readonly next: Promise<IteratorResult<string>> | undefined;
}

async function readFor(iterator: AsyncIterator<string>, milliseconds: number): Promise<Beginning> {
  const timer = new AbortController();
  const timeUp = setTimeout(milliseconds, undefined, { signal: timer.signal, ref: false });
  let text = '';
  try {
    for (;;) {
      const next = iterator.next();
      const arrived = await Promise.race([next, timeUp]);
      if (!arrived) return { text, next };
      if (arrived.done) return { text, next: undefined };
      text += arrived.value;
    }
  } finally {
    timer.abort();
  }
}

/** Waits for a piece, so long as nothing else can be sent. Throws what goes wrong meanwhile. */
async function firstPiece(next: Promise<unknown>, milliseconds: number | undefined): Promise<void> {
  await (milliseconds === undefined ? next : withinTime(next, milliseconds));
}

async function* goOn(
  beginning: string,
  next: Promise<IteratorResult<string>>,
  iterator: AsyncIterator<string>,
): AsyncGenerator<string> {
  try {
    if (beginning !== '') yield beginning;
    for (let piece = await next; !piece.done; piece = await iterator.next()) yield piece.value;
  } finally {
    await iterator.return?.();
  }
}
