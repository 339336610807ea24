/** Passes items from one who pushes to one who pulls; neither gets ahead of the other by more than one. */
export interface Handoff<T> {
  /** Resolves once the item was taken, or nobody takes items any more. */
  push(item: T): Promise<void>;
  /** Says that no more comes; with a reason, the one who pulls fails with it. */
  end(reason?: Error): void;
  /** Says that nobody takes items any more, for one who never began to pull. */
  leave(): void;
  /** What was pushed. It can be read once. */
  readonly items: AsyncIterable<T>;
}

/** Makes a handoff. */
export function createHandoff<T>(): Handoff<T> {
  let offered: { readonly item: T; readonly taken: () => void } | undefined;
  let ended: { readonly reason: Error | undefined } | undefined;
  let isLeft = false;
  let wake: (() => void) | undefined;
  const signal = () => {
    wake?.();
    wake = undefined;
  };

  /** What is offered, as soon as anything is; undefined at the end. */
  const next = async (): Promise<{ readonly item: T } | undefined> => {
    if (!offered && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const taken = offered;
    offered = undefined;
    taken?.taken();
    if (!taken && ended?.reason) throw ended.reason;
    return taken;
  };

  async function* pull(): AsyncGenerator<T> {
    try {
      for (let got = await next(); got; got = await next()) yield got.item;
    } finally {
      leave();
    }
  }

  const leave = () => {
    isLeft = true;
    offered?.taken();
    offered = undefined;
  };

  return {
    push: async (item) => {
      if (isLeft || ended) return;
      await new Promise<void>((taken) => {
        offered = { item, taken };
        signal();
      });
    },
    end: (reason) => {
      ended ??= { reason };
      signal();
    },
    leave,
    items: pull(),
  };
}
