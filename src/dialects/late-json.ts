import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { withHeartbeats, withinTime } from './heartbeats.ts';

/** How long a caller waits without a sign of life. */
export interface Pace {
  /** After this long the headers go out, whether the answer is there or not. */
  readonly graceMs: number;
  /** From then on a space goes out as often as this. */
  readonly beatMs: number;
}

/** Shorter than the idle timeouts of common proxies, longer than most refusals take. */
const USUAL_PACE: Pace = { graceMs: 25_000, beatMs: 15_000 };

/**
 * Sends a JSON answer that may take minutes to make. One that is ready, or has failed, within the grace is sent in
 * the usual way. A later one is preceded by its headers and by spaces, which JSON allows in front, so that neither
 * the client nor a proxy takes the wait for a dead server; a failure then cuts the connection, for a status can no
 * longer tell.
 */
export async function sendLateJson(
  reply: FastifyReply,
  answer: Promise<unknown>,
  pace: Pace = USUAL_PACE,
): Promise<FastifyReply> {
  // Nobody may be waiting any more when it fails: a caller who hung up is not.
  answer.catch(() => undefined);
  const ready = await withinTime(answer, pace.graceMs);
  if (ready) return reply.send(ready.value);
  const pieces = withHeartbeats(afterSpace(answer), { everyMs: pace.beatMs, beat: ' ' });
  reply.headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  return reply.send(Readable.from(pieces, { encoding: 'utf8', highWaterMark: 1 }));
}

async function* afterSpace(answer: Promise<unknown>): AsyncGenerator<string> {
  yield ' ';
  yield JSON.stringify(await answer);
}
