import type { IncomingMessage } from 'node:http';

/** How long a refused caller is listened to before the answer. */
export interface RestLimits {
  readonly mostBytes: number;
  /** Without a byte for so long, the caller waits for the answer, too. */
  readonly idleMs: number;
}

/** Most clients listen only when they have sent all, and most mistakes are smaller than this. */
const USUAL_LIMITS: RestLimits = { mostBytes: 512 * 1024 * 1024, idleMs: 10_000 };

/**
 * Reads on, without keeping anything, until the caller has sent all or is gone. Resolves to false when there is
 * more than anybody sends by mistake, or when nothing comes; the rest then runs into the void until the connection
 * is closed.
 */
export async function readRest(
  request: IncomingMessage,
  { mostBytes, idleMs }: RestLimits = USUAL_LIMITS,
): Promise<boolean> {
  request.unpipe();
  if (request.readableEnded || request.destroyed) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const idle = setTimeout(() => resolve(false), idleMs);
  let left = mostBytes;
  const count = (chunk: Uint8Array) => {
    idle.refresh();
    left -= chunk.length;
    if (left < 0) resolve(false);
  };
  const end = () => resolve(true);
  request.on('data', count).once('end', end).once('close', end).once('error', end);
  request.resume();
  const ended = await promise;
  clearTimeout(idle);
  request.off('data', count);
  return ended;
}
