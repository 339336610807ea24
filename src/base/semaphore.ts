import { AppError, cancelledError } from './errors.ts';

/** What a semaphore hands out, and to how many it promises something. */
export interface SemaphoreOptions {
  readonly slots: number;
  /** Requests of all owners that may wait; without limit unless told. */
  readonly maxWaiting?: number;
  /** How long somebody had better stay away who comes when so many are in front; 1 s unless told. */
  readonly retryAfterMs?: (ahead: number) => number;
}

interface Waiter {
  readonly grant: () => void;
}

/**
 * A fixed number of slots. Owners that wait take turns, and each owner's requests are served in the order of asking,
 * so that one request of a newcomer never stands behind hundreds of somebody else.
 */
export class Semaphore {
  readonly #slots: number;
  readonly #maxWaiting: number;
  readonly #retryAfterMs: (ahead: number) => number;
  /** Owners that wait, the next one first. None of the queues is empty. */
  readonly #queues = new Map<string, Waiter[]>();
  #waiting = 0;
  #taken = 0;

  constructor({ slots, maxWaiting = Number.POSITIVE_INFINITY, retryAfterMs }: SemaphoreOptions) {
    this.#slots = slots;
    this.#maxWaiting = maxWaiting;
    this.#retryAfterMs = retryAfterMs ?? (() => 1000);
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Waits for a slot and returns the function that gives it back (harmless when called twice). Throws `cancelled`
   * when the signal fires first, and `overloaded` when too many already wait: all in all, or of this owner. An owner
   * may have as many requests waiting as there are places left for the others, so that nobody fills them all.
   */
  async acquire(owner: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw cancelledError();
    if (this.#taken < this.#slots) {
      this.#taken += 1;
      return this.#releaser();
    }
    this.#refuseCrowd(owner);
    await this.#wait(owner, signal);
    return this.#releaser();
  }

  #refuseCrowd(owner: string): void {
    const own = this.#queues.get(owner)?.length ?? 0;
    if (own < this.#maxWaiting - this.#waiting) return;
    const whose = this.#waiting < this.#maxWaiting ? `${own} of your requests` : `${this.#waiting} requests`;
    throw new AppError('overloaded', `All ${this.#slots} slots are busy and ${whose} already wait.`, {
      retryAfterMs: this.#retryAfterMs(this.#ahead(own)),
    });
  }

  /** How many are served before the next request of somebody who has so many waiting. */
  #ahead(own: number): number {
    let ahead = 0;
    for (const queue of this.#queues.values()) ahead += Math.min(queue.length, own + 1);
    return ahead;
  }

  #wait(owner: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#leave(owner, waiter);
        reject(cancelledError());
      };
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const queue = this.#queues.get(owner);
      if (queue) queue.push(waiter);
      else this.#queues.set(owner, [waiter]);
      this.#waiting += 1;
    });
  }

  #leave(owner: string, waiter: Waiter): void {
    const queue = this.#queues.get(owner) ?? [];
    queue.splice(queue.indexOf(waiter), 1);
    if (queue.length === 0) this.#queues.delete(owner);
    this.#waiting -= 1;
  }

  /** Whose turn it is; the owner goes to the end of the line with what else it wants. */
  #next(): Waiter | undefined {
    for (const [owner, queue] of this.#queues) {
      const waiter = queue.shift();
      this.#queues.delete(owner);
      if (queue.length > 0) this.#queues.set(owner, queue);
      this.#waiting -= 1;
      return waiter;
    }
    return undefined;
  }

  #releaser(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#next();
      if (next) next.grant();
      else this.#taken -= 1;
    };
  }
}
