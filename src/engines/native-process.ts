import { AppError, cancelledError } from '../base/errors.ts';
import { MessageStream } from './message-stream.ts';
import { startNativeLink, type NativeEnd, type NativeLink } from './native-link.ts';
import { unpackFailure, type NativeReport } from './native-messages.ts';

/** How a native process is made. */
export interface NativeProcessParts {
  /** Id of the engine, for messages. */
  readonly engine: string;
  /** The child's script; it calls `serveNativeCalls`. */
  readonly script: URL;
  /** What each child's `prepare` gets, such as the path of a model; it must survive a structured clone. */
  readonly start?: unknown;
  /** Calls that run in the child at once; the others wait here, in order. Default 1. */
  readonly concurrency?: number;
  /** Longest start, `prepare` included. Default 5 minutes. */
  readonly startTimeoutMs?: number;
  /** Longest run of one call. Default 10 minutes. */
  readonly callTimeoutMs?: number;
  /** How long the child's event loop may stand still while it starts or works. Default 30 s; `Infinity` switches it off. */
  readonly silenceMs?: number;
  /** How long a child may go on with a call that nobody wants any more before it is replaced. Default 100 ms. */
  readonly cancelGraceMs?: number;
  /** How long an idle child lives. Default 5 minutes; `Infinity` keeps it. */
  readonly idleMs?: number;
  /** Called whenever a child has ended and its memory is free. */
  readonly onGone?: () => void;
}

export interface NativeCallOptions<Update = never> {
  readonly signal: AbortSignal;
  /** Called with each update in order, before the answer. */
  readonly onUpdate?: (update: Update) => void;
  /** Longest run of this call, where the default does not fit. */
  readonly timeoutMs?: number;
}

/**
 * A native engine in a child process of its own, so that nothing it does can harm this one. Started by the first
 * call, replaced after a crash, ended when idle. Its end costs the calls under way one `engine_failed` each.
 */
export interface NativeProcess<Call, Answer, Update = never> {
  /** Throws `cancelled` at once when the signal fires, `engine_failed` when the child fails, `overloaded` when it does so again and again. */
  call(call: Call, options: NativeCallOptions<Update>): Promise<Answer>;
  /** A call as its updates; the answer is dropped. Closing the iterator cancels it. */
  stream(call: Call, options: Omit<NativeCallOptions, 'onUpdate'>): AsyncIterableIterator<Update>;
  /** Waits until the child is prepared. Throws like `call`. */
  ready(signal: AbortSignal): Promise<void>;
  /** Keeps the child from ending when idle until the returned function is called (harmless when called twice). */
  hold(): () => void;
  /** Ends the child now unless it works or is held; resolves to whether none is alive, once its memory is free. */
  unload(): Promise<boolean>;
  /** Ends the child; calls that wait or run fail with `overloaded`. */
  stop(): Promise<void>;
  /** Process id of the child, while there is one. */
  readonly pid: number | undefined;
  /** When the child was last used, on the clock of `performance.now()`. */
  readonly lastUsedMs: number;
}

/** Makes a native process. Nothing is started before the first call. */
export function createNativeProcess<Call, Answer, Update = never>(
  parts: NativeProcessParts,
): NativeProcess<Call, Answer, Update> {
  const supervisor = new Supervisor(parts);
  const call = async (what: Call, { onUpdate, ...options }: NativeCallOptions<Update>): Promise<Answer> => {
    const answer = await supervisor.call(
      {
        what,
        // The script answers this process's calls with this process's updates: all types belong to one engine's folder.
        onUpdate: (update) => onUpdate?.(update as Update),
      },
      options,
    );
    // As above.
    return answer as Answer;
  };
  return {
    call,
    stream: (what, options) => {
      const left = new AbortController();
      const messages = new MessageStream<Update>();
      messages.onClose(() => left.abort());
      const signal = AbortSignal.any([options.signal, left.signal]);
      call(what, { ...options, signal, onUpdate: (update) => messages.push(update) }).then(
        () => messages.end(),
        (error: unknown) => messages.fail(error instanceof Error ? error : new Error(String(error))),
      );
      return messages;
    },
    ready: async (signal) => void (await supervisor.call(undefined, { signal })),
    hold: () => supervisor.hold(),
    unload: () => supervisor.unload(),
    stop: () => supervisor.stop(),
    get pid() {
      return supervisor.pid;
    },
    get lastUsedMs() {
      return supervisor.lastUsedMs;
    },
  };
}

const DEFAULTS = {
  concurrency: 1,
  startTimeoutMs: 5 * 60_000,
  callTimeoutMs: 10 * 60_000,
  silenceMs: 30_000,
  cancelGraceMs: 100,
  idleMs: 5 * 60_000,
};
/** This many crashes within the window make the engine rest until the oldest of them is forgotten. */
const CRASHES = { most: 5, windowMs: 60_000 };

interface Asked {
  readonly what: unknown;
  readonly onUpdate: (update: unknown) => void;
}

interface Pending {
  readonly id: number;
  /** Absent for somebody who only waits for the child to be ready. */
  readonly asked: Asked | undefined;
  readonly timeoutMs: number;
  readonly settle: PromiseWithResolvers<unknown>;
  /** Whether the caller has gone. */
  dropped: boolean;
  /** Whether the caller has got updates, so that a second run would repeat them. */
  begun: boolean;
  timer: NodeJS.Timeout | undefined;
}

class Supervisor {
  readonly #parts: NativeProcessParts & typeof DEFAULTS;
  readonly #waiting: Pending[] = [];
  readonly #running = new Map<number, Pending>();
  readonly #crashes: number[] = [];
  #link: NativeLink | undefined;
  #state: 'absent' | 'starting' | 'ready' | 'ending' = 'absent';
  #gone: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #lastCrash = '';
  #lastId = 0;
  #holders = 0;
  #stopped = false;
  #idleTimer: NodeJS.Timeout | undefined;
  lastUsedMs = 0;

  constructor(parts: NativeProcessParts) {
    this.#parts = { ...DEFAULTS, ...parts };
  }

  get pid(): number | undefined {
    return this.#link?.pid;
  }

  async call(asked: Asked | undefined, options: Omit<NativeCallOptions, 'onUpdate'>): Promise<unknown> {
    if (options.signal.aborted) throw cancelledError();
    if (this.#stopped) throw this.#shuttingDown();
    this.#lastId += 1;
    const pending: Pending = {
      id: this.#lastId,
      asked,
      timeoutMs: options.timeoutMs ?? this.#parts.callTimeoutMs,
      settle: Promise.withResolvers<unknown>(),
      dropped: false,
      begun: false,
      timer: undefined,
    };
    const drop = () => this.#drop(pending);
    options.signal.addEventListener('abort', drop, { once: true });
    this.#waiting.push(pending);
    this.#advance();
    try {
      return await pending.settle.promise;
    } finally {
      options.signal.removeEventListener('abort', drop);
    }
  }

  hold(): () => void {
    let held = true;
    this.#holders += 1;
    clearTimeout(this.#idleTimer);
    return () => {
      if (!held) return;
      held = false;
      this.#holders -= 1;
      this.#advance();
    };
  }

  async unload(): Promise<boolean> {
    if (this.#state === 'absent') return true;
    if (this.#state !== 'ending') {
      if (this.#holders > 0 || this.#waiting.length + this.#running.size > 0) return false;
      this.#dismiss();
    }
    await this.#gone.promise;
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const pending of [...this.#waiting.splice(0), ...this.#running.values()]) {
      this.#settle(pending, { failure: this.#shuttingDown() });
    }
    if (this.#state === 'absent') return;
    this.#dismiss();
    await this.#gone.promise;
  }

  /** Moves on: starts a child if one is needed, and gives it what waits. */
  #advance(): void {
    if (this.#state === 'ending') return;
    if (this.#state === 'absent') this.#startIfNeeded();
    if (this.#state === 'ready') this.#greet();
    while (this.#state === 'ready' && this.#running.size < this.#parts.concurrency) {
      const next = this.#waiting.shift();
      if (!next) break;
      this.#begin(next);
    }
    this.#rest();
  }

  /** Whoever has work holds the program alive; whoever has none for long ends. */
  #rest(): void {
    const busy = this.#state === 'starting' || this.#running.size > 0;
    this.#link?.setBusy(busy);
    clearTimeout(this.#idleTimer);
    const { idleMs } = this.#parts;
    if (busy || this.#state !== 'ready' || this.#holders > 0 || !Number.isFinite(idleMs)) return;
    this.#idleTimer = setTimeout(() => this.#dismiss(), idleMs).unref();
  }

  /** Who only waits for the child to be ready does not wait for other people's calls. */
  #greet(): void {
    for (const pending of this.#waiting.filter(({ asked }) => !asked)) {
      this.#waiting.splice(this.#waiting.indexOf(pending), 1);
      this.#settle(pending, { answer: undefined });
    }
  }

  #startIfNeeded(): void {
    if (this.#waiting.length === 0 || this.#stopped) return;
    const rest = this.#restMs();
    if (rest > 0) {
      const failure = this.#resting(rest);
      for (const pending of this.#waiting.splice(0)) this.#settle(pending, { failure });
      return;
    }
    this.#state = 'starting';
    this.#gone = Promise.withResolvers<void>();
    this.#link = startNativeLink(
      { start: undefined, ...this.#parts },
      {
        ready: () => {
          if (this.#state === 'starting') this.#state = 'ready';
          this.#advance();
        },
        report: (report) => this.#receive(report),
        ended: (end) => this.#bury(end),
      },
    );
  }

  #begin(pending: Pending): void {
    this.lastUsedMs = performance.now();
    this.#running.set(pending.id, pending);
    const limit = `worked on one request for more than ${Math.round(pending.timeoutMs / 1000)} s`;
    pending.timer = setTimeout(() => this.#link?.condemn(limit), pending.timeoutMs).unref();
    this.#link?.send({ kind: 'call', id: pending.id, call: pending.asked?.what });
  }

  #receive(report: Extract<NativeReport, { id: number }>): void {
    const pending = this.#running.get(report.id);
    if (!pending) return;
    if (report.kind === 'update') {
      pending.begun = true;
      if (!pending.dropped) pending.asked?.onUpdate?.(report.update);
      return;
    }
    this.#running.delete(report.id);
    this.lastUsedMs = performance.now();
    if (report.kind === 'answer') this.#settle(pending, { answer: report.answer });
    else {
      const failure = unpackFailure(report.failure, `The engine ${this.#parts.engine} failed`);
      this.#settle(pending, { failure });
    }
    this.#advance();
  }

  /** The caller has its answer at once; the child has a moment to stop before it is replaced. */
  #drop(pending: Pending): void {
    if (pending.dropped) return;
    pending.dropped = true;
    this.#settle(pending, { failure: cancelledError() });
    const place = this.#waiting.indexOf(pending);
    if (place >= 0) this.#waiting.splice(place, 1);
    if (!this.#running.has(pending.id)) return;
    this.#link?.send({ kind: 'cancel', id: pending.id });
    pending.timer = setTimeout(() => this.#dismiss(), this.#parts.cancelGraceMs);
  }

  #dismiss(): void {
    clearTimeout(this.#idleTimer);
    this.#state = 'ending';
    // Whoever waits for the end, or for the next child, must not be left by a process that has nothing else to do.
    this.#link?.setBusy(true);
    this.#link?.dismiss();
  }

  #bury(end: NativeEnd): void {
    this.#link = undefined;
    this.#state = 'absent';
    clearTimeout(this.#idleTimer);
    const underWay = [...this.#running.values()];
    this.#running.clear();
    if (end.how === 'crash') {
      this.#crashes.push(performance.now());
      this.#lastCrash = end.failure.message;
    }
    // Whoever waited for a child that never became ready would else start one after the other.
    const hit = end.how === 'dismissed' ? [] : this.#waiting.splice(0, this.#waitedFor(underWay));
    for (const pending of underWay.toReversed()) {
      clearTimeout(pending.timer);
      if (end.how === 'dismissed' && !pending.begun && !pending.dropped) this.#waiting.unshift(pending);
      else this.#settle(pending, { failure: end.failure });
    }
    for (const pending of hit) this.#settle(pending, { failure: end.failure });
    this.#gone.resolve();
    this.#parts.onGone?.();
    this.#advance();
  }

  /** With calls under way the crash was theirs; without any it was the start's, and costs all who waited for it. */
  #waitedFor(underWay: readonly Pending[]): number {
    return underWay.length > 0 ? 0 : this.#waiting.length;
  }

  #settle(pending: Pending, outcome: { readonly answer: unknown } | { readonly failure: AppError }): void {
    clearTimeout(pending.timer);
    if ('failure' in outcome) pending.settle.reject(outcome.failure);
    else pending.settle.resolve(outcome.answer);
  }

  #restMs(): number {
    const now = performance.now();
    while ((this.#crashes[0] ?? now) < now - CRASHES.windowMs) this.#crashes.shift();
    if (this.#crashes.length < CRASHES.most) return 0;
    return Math.ceil((this.#crashes[0] ?? now) + CRASHES.windowMs - now);
  }

  #resting(restMs: number): AppError {
    return new AppError(
      'overloaded',
      `The engine ${this.#parts.engine} broke ${this.#crashes.length} times within a minute and rests for ${Math.ceil(restMs / 1000)} s. The last time: ${this.#lastCrash}`,
      { retryAfterMs: restMs },
    );
  }

  #shuttingDown(): AppError {
    return new AppError('overloaded', `The engine ${this.#parts.engine} is being shut down.`);
  }
}
