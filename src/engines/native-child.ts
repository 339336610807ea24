import { packFailure, type NativeOrder, type NativeReport } from './native-messages.ts';

/** What a call may do while it runs in its child process. */
export interface NativeCallControl<Update> {
  /** Fires when nobody wants the answer any more. The sooner the call then ends, the longer the child lives. */
  readonly signal: AbortSignal;
  /** Hands something to the caller before the answer. Resolves when it is on its way. */
  readonly send: (update: Update) => Promise<void>;
}

/** The child's half of a native engine. */
export interface NativeServer<Start, Call, Answer, Update> {
  /** Loads whatever the first call needs. Throwing ends the child, and the message reaches the caller. */
  prepare(start: Start): Promise<void> | void;
  /** Answers one call. As many run at once as the parent's `concurrency` says. */
  call(call: Call, control: NativeCallControl<Update>): Promise<Answer> | Answer;
}

/**
 * Serves the native process that started this child. Called once, by the child's script. The child ends itself
 * when its parent is gone, whatever native code still runs in its threads.
 */
export function serveNativeCalls<Start, Call, Answer, Update = never>(
  server: NativeServer<Start, Call, Answer, Update>,
): void {
  if (!process.connected) throw new Error('This script runs as the child of a native process only.');
  const running = new Map<number, AbortController>();

  const run = async (id: number, call: Call): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const send = (update: Update) => report({ kind: 'update', id, update });
    try {
      const answer = await server.call(call, { signal: controller.signal, send });
      await report({ kind: 'answer', id, answer });
    } catch (error) {
      await report({ kind: 'failed', id, failure: packFailure(error) });
    } finally {
      running.delete(id);
    }
  };

  const prepare = async (start: Start): Promise<void> => {
    try {
      await server.prepare(start);
      await report({ kind: 'ready' });
    } catch (error) {
      await report({ kind: 'unfit', failure: packFailure(error) });
    }
  };

  // No farewell: an exit would wait for threads that are busy in native code.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Ctrl-C and service managers signal whole groups; the parent still finishes what is under way.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('message', (order: NativeOrder) => {
    // The parent's half of this engine's folder sends nothing but Start and Call.
    if (order.kind === 'prepare') void prepare(order.start as Start);
    else if (order.kind === 'call') void run(order.id, order.call as Call); // As above.
    else if (order.kind === 'cancel') running.get(order.id)?.abort();
    else void report({ kind: 'pong' });
  });
}

function report(message: NativeReport): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // A report that cannot be sent has no reader: the parent is gone, and `disconnect` ends this process.
  if (process.send) process.send(message, undefined, undefined, () => resolve());
  else resolve();
  return promise;
}
