import { AppError } from '../../base/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** Wrong keys that may come from one address within a minute. */
const MOST_GUESSES = 60;
const MINUTE_MS = 60_000;
/** The first block lasts a minute, each further one twice as long as the one before, and none longer than this. */
const LONGEST_BLOCK_MS = 60 * MINUTE_MS;
/** Addresses that are remembered; whoever has not guessed for longest is forgotten. */
const MOST_ADDRESSES = 10_000;

/** Slows down who tries keys. It knows only of wrong ones: a right key is let in from any address. */
export interface GuessGuard {
  /** Notes a wrong key. Throws `rate_limited` (reason `wrong_keys`, with `retryAfterMs`) when there were too many. */
  note(address: string): void;
}

interface Guesses {
  count: number;
  /** When the minute began in which they are counted. */
  since: number;
  blocks: number;
  blockedUntil: number;
}

/** Opens a guard that remembers nobody. */
export function createGuessGuard({ monotonicMs }: Pick<Clock, 'monotonicMs'>): GuessGuard {
  const known = new Map<string, Guesses>();
  const recall = (address: string, now: number): Guesses => {
    const network = networkOf(address);
    const guesses = known.get(network) ?? { count: 0, since: now, blocks: 0, blockedUntil: 0 };
    known.delete(network);
    known.set(network, guesses);
    const [oldest] = known.keys();
    if (known.size > MOST_ADDRESSES && oldest !== undefined) known.delete(oldest);
    return guesses;
  };
  return {
    note: (address) => {
      const now = monotonicMs();
      const guesses = recall(address, now);
      if (guesses.blockedUntil <= now) count(guesses, now);
      const retryAfterMs = guesses.blockedUntil - now;
      if (retryAfterMs <= 0) return;
      const message = `Too many wrong API keys came from your address. A right one is let in; another wrong one is looked at in ${Math.ceil(retryAfterMs / 1000)} s.`;
      throw new AppError('rate_limited', message, { retryAfterMs, reason: 'wrong_keys' });
    },
  };
}

function count(guesses: Guesses, now: number): void {
  if (now - guesses.since >= MINUTE_MS) Object.assign(guesses, { since: now, count: 0 });
  if (now - guesses.blockedUntil >= LONGEST_BLOCK_MS) guesses.blocks = 0;
  guesses.count += 1;
  if (guesses.count <= MOST_GUESSES) return;
  const blockMs = Math.min(LONGEST_BLOCK_MS, MINUTE_MS * 2 ** guesses.blocks);
  Object.assign(guesses, { count: 0, blocks: guesses.blocks + 1, blockedUntil: now + blockMs });
}

/** An address, or the /64 network that one customer has of the newer ones. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return groups.slice(0, 4).join(':').toLowerCase();
}
