import { AppError, cancelledError } from './errors.ts';

interface Waiter {
  readonly grant: () => void;
}

/** A fixed number of slots, handed out in the order of asking. */
export class Semaphore {
  readonly #slots: number;
  readonly #waiters: Waiter[] = [];
  readonly #maxWaiting: number;
  #taken = 0;

  constructor(slots: number, maxWaiting = Number.POSITIVE_INFINITY) {
    this.#slots = slots;
    this.#maxWaiting = maxWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * Waits for a slot and returns the function that gives it back (harmless when called twice).
   * Throws `cancelled` when the signal fires first and `overloaded` when too many already wait.
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw cancelledError();
    if (this.#taken < this.#slots) {
      this.#taken += 1;
      return this.#releaser();
    }
    if (this.#waiters.length >= this.#maxWaiting) {
      throw new AppError(
        'overloaded',
        `All ${this.#slots} slots are busy and ${this.#waiters.length} requests already wait.`,
        {
          retryAfterMs: 1000,
        },
      );
    }
    await this.#wait(signal);
    return this.#releaser();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(cancelledError());
      };
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #releaser(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiters.shift();
      if (next) next.grant();
      else this.#taken -= 1;
    };
  }
}
