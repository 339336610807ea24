import { AppError } from '../base/errors.ts';
import type { EngineHealth } from '../core/engine.ts';

/** Failures in a row after which nobody is sent there for a while. */
const FAILURES = 3;
const OPEN_MS = { first: 2000, most: 30_000 };
/** A server that was used lately is looked at this often. */
const LOOK_MS = 15_000;
/** Nobody looks after a server that was not used for so long. */
const USED_MS = 60_000;

/** What is known of a server's health, and whether it is worth asking at all. Nothing is known at first. */
export class RemoteCircuit {
  readonly #id: string;
  /** Asks whether the server is well. */
  readonly #probe: () => Promise<boolean>;
  #failures = 0;
  #openUntil = 0;
  #usedAt = Number.NEGATIVE_INFINITY;
  #state: EngineHealth['state'] = 'unknown';
  #reason: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(id: string, probe: () => Promise<boolean>) {
    this.#id = id;
    this.#probe = probe;
  }

  /** Throws `engine_failed` at once while the server is known to be down. */
  check(): void {
    this.#usedAt = performance.now();
    this.#schedule(this.#failures > 0 ? OPEN_MS.first : LOOK_MS);
    if (performance.now() >= this.#openUntil) return;
    const why = this.#reason ?? 'It does not answer.';
    throw new AppError('engine_failed', `The engine '${this.#id}' is down. ${why}`, {
      retryAfterMs: this.#retryAfterMs(),
      reason: 'circuit_open',
    });
  }

  succeed(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#state = 'healthy';
    this.#reason = undefined;
  }

  /** Takes note of a failure. Who only refuses or is busy is there. */
  note({ code, reason, message }: AppError): void {
    if (code === 'invalid_request' || code === 'overloaded') this.succeed();
    if (code === 'engine_failed' && reason !== 'circuit_open') this.#fail(message);
  }

  /** The same failure with the server's name, and when to come again; what the caller can mend stays as it is. */
  described(failure: AppError): AppError {
    const { code, message, reason, cause, retryAfterMs } = failure;
    if (!failure.retryable) return failure;
    const failed = code === 'engine_failed' ? `The engine '${this.#id}' failed. ` : '';
    return new AppError(code, failed + message, {
      cause,
      retryAfterMs: retryAfterMs ?? this.#retryAfterMs(),
      ...(reason === undefined ? {} : { reason }),
    });
  }

  health(): EngineHealth {
    return { state: this.#state, ...(this.#reason === undefined ? {} : { reason: this.#reason }) };
  }

  /** Asks how the server is, unless that is known already. */
  async look(): Promise<void> {
    if (this.#state === 'unknown') await this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #retryAfterMs(): number {
    return Math.max(1000, Math.round(this.#openUntil - performance.now()));
  }

  #fail(reason: string): void {
    this.#failures += 1;
    this.#state = 'unhealthy';
    this.#reason = reason;
    if (this.#failures < FAILURES) return;
    const openMs = Math.min(OPEN_MS.most, OPEN_MS.first * 2 ** (this.#failures - FAILURES));
    this.#openUntil = performance.now() + openMs;
  }

  #schedule(milliseconds: number): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look(), milliseconds).unref();
  }

  async #look(): Promise<void> {
    const well = await this.#probe();
    this.#timer = undefined;
    if (this.#stopped) return;
    if (well) this.succeed();
    else this.#fail('It does not answer when it is asked how it is.');
    if (performance.now() - this.#usedAt < USED_MS) this.#schedule(well ? LOOK_MS : OPEN_MS.first);
  }
}
