/** Takes bytes as they come. */
export interface ByteSink {
  /** False asks for a pause until `resume`; what is given with that answer was taken all the same. */
  take(chunk: Uint8Array): boolean;
  /** Nothing more comes; with a failure, what came is not all. Not called after `stop`. */
  end(failure?: unknown): void;
}

/** Bytes that are being given to a sink. */
export interface Pouring {
  resume(): void;
  /** Nobody wants the rest. Harmless when it is over. */
  stop(): void;
}

/**
 * Bytes that come by themselves, such as those of a connection. Poured into a sink they cost a call for each chunk; pulled
 * one by one they cost several promises. They can be had once, one way or the other.
 */
export interface ByteFlow extends AsyncIterable<Uint8Array> {
  pour(sink: ByteSink): Pouring;
}

/** Bytes that are held for somebody who pulls before the flow is asked to pause. */
const MOST_HELD = 65_536;

/** A flow from what begins to give. */
export function byteFlow(pour: ByteFlow['pour']): ByteFlow {
  return { pour, [Symbol.asyncIterator]: () => pulled(pour) };
}

/** A flow of what has to be pulled. */
export function flowFrom(source: AsyncIterable<Uint8Array>): ByteFlow {
  const pour = (sink: ByteSink): Pouring => {
    const iterator = source[Symbol.asyncIterator]();
    let state: 'running' | 'paused' | 'over' = 'paused';
    const run = async () => {
      try {
        while (state === 'running') {
          const { done, value } = await iterator.next();
          // Whoever stopped meanwhile wants nothing more.
          if (isOver()) return;
          if (done === true) {
            state = 'over';
            sink.end();
          } else if (!sink.take(value)) state = 'paused';
        }
      } catch (error) {
        if (isOver()) return;
        state = 'over';
        sink.end(error);
      }
    };
    const isOver = () => state === 'over';
    const resume = () => {
      if (state !== 'paused') return;
      state = 'running';
      void run();
    };
    resume();
    return {
      resume,
      stop: () => {
        state = 'over';
        void Promise.resolve(iterator.return?.()).catch(() => undefined);
      },
    };
  };
  return { pour, [Symbol.asyncIterator]: () => source[Symbol.asyncIterator]() };
}

/** Whether chunks come by themselves. */
export function isByteFlow(chunks: AsyncIterable<Uint8Array>): chunks is ByteFlow {
  return 'pour' in chunks;
}

function pulled(pour: ByteFlow['pour']): AsyncIterator<Uint8Array, undefined> {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let over: { readonly failure: unknown } | undefined;
  let wake: (() => void) | undefined;
  let pouring: Pouring | undefined;
  const tell = () => {
    wake?.();
    wake = undefined;
  };
  const sink: ByteSink = {
    take: (chunk) => {
      held.push(chunk);
      heldBytes += chunk.length;
      tell();
      return heldBytes < MOST_HELD;
    },
    end: (failure) => {
      over = { failure };
      tell();
    },
  };
  return {
    next: async () => {
      pouring ??= pour(sink);
      if (held.length === 0 && !over) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        pouring.resume();
        await woken;
      }
      const value = held.shift();
      if (value !== undefined) {
        heldBytes -= value.length;
        return { done: false, value };
      }
      if (over?.failure !== undefined) throw over.failure;
      return { done: true, value: undefined };
    },
    return: async () => {
      over = { failure: undefined };
      held.length = 0;
      // Whoever waits for the next chunk hears that there is none.
      tell();
      (pouring ?? pour(sink)).stop();
      return { done: true, value: undefined };
    },
  };
}

/** The beginning of a flow, and all of it. */
export interface BegunFlow {
  /** So many bytes as were asked for, or more; fewer where there are no more. */
  readonly head: Uint8Array;
  /** Everything, the head included. */
  readonly all: ByteFlow;
  /** Ends the source, also when nobody ever reads it. */
  readonly close: () => void;
}

/** Waits for the first bytes of a flow, so that what is wrong with it is known before anything is promised to anybody. */
export function begun(source: ByteFlow, least: number): Promise<BegunFlow> {
  return new Promise((resolve, reject) => {
    const held: Uint8Array[] = [];
    let heldBytes = 0;
    let isBegun = false;
    let over: { readonly failure: unknown } | undefined;
    let reader: ByteSink | undefined;
    const begin = () => {
      if (isBegun) return;
      isBegun = true;
      const [head = new Uint8Array(0)] = held.length > 1 ? [joined(held, heldBytes)] : held;
      held.splice(0, held.length, head);
      resolve({ head, all: byteFlow(pour), close: () => pouring.stop() });
    };
    const pour = (sink: ByteSink): Pouring => {
      reader = sink;
      let goesOn = true;
      for (const chunk of held.splice(0)) if (chunk.length > 0) goesOn = sink.take(chunk);
      if (over) sink.end(over.failure);
      else if (goesOn) pouring.resume();
      return pouring;
    };
    const pouring = source.pour({
      take: (chunk) => {
        if (reader) return reader.take(chunk);
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes < least) return true;
        // What begins to give at once does so before it can be stopped.
        queueMicrotask(begin);
        return false;
      },
      end: (failure) => {
        if (reader) return reader.end(failure);
        over = { failure };
        if (failure !== undefined && !isBegun && heldBytes < least) reject(failure);
        else queueMicrotask(begin);
      },
    });
  });
}

function joined(chunks: readonly Uint8Array[], byteLength: number): Uint8Array {
  const all = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** What somebody wants to know of a flow that passes by. */
export interface FlowWatch {
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Called once: at the end, at a failure, or when the rest is not wanted. */
  readonly onEnd: (failure?: unknown) => void;
}

/** The same flow, watched. */
export function watched(source: ByteFlow, { onChunk, onEnd }: FlowWatch): ByteFlow {
  let open = true;
  const end = (failure?: unknown) => {
    if (!open) return;
    open = false;
    onEnd(failure);
  };
  return byteFlow((sink) => {
    const pouring = source.pour({
      take: (chunk) => {
        onChunk(chunk);
        return sink.take(chunk);
      },
      end: (failure) => {
        end(failure);
        sink.end(failure);
      },
    });
    return {
      resume: () => pouring.resume(),
      stop: () => {
        pouring.stop();
        end();
      },
    };
  });
}
