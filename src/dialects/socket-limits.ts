/** Waits for a silence. */
export interface SilenceWatch {
  /** Something happened: the time begins anew. */
  touch(): void;
  stop(): void;
}

/** Watches for a time without a touch. Where the server itself is busy when it is over, another such time begins. */
export function watchForSilence(options: {
  readonly milliseconds: number;
  isBusy(): boolean;
  onSilence(): void;
}): SilenceWatch {
  const onTime = () => {
    if (options.isBusy()) timer = start();
    else options.onSilence();
  };
  const start = () => setTimeout(onTime, options.milliseconds);
  let timer = start();
  return {
    touch: () => {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}

/** How long a session of live hearing may last, and how long its client may say nothing, in milliseconds. */
export interface SessionLimits {
  readonly sessionMs: number;
  readonly idleMs: number;
}

/** Holds a session to its limits. */
export interface SessionWatch {
  /** Works on a message. Meanwhile the client need not say anything, and afterwards its time begins anew. */
  during(work: () => Promise<void>): Promise<void>;
}

/** Watches a session until its signal fires. At most one of `onIdle` and `onTooLong` is called, and once. */
export function watchSession(
  signal: AbortSignal,
  options: SessionLimits & {
    /** Whether something is still to come that the client waits for. */
    readonly isBusy: () => boolean;
    readonly onIdle: () => void;
    readonly onTooLong: () => void;
  },
): SessionWatch {
  let atWork = 0;
  const stop = () => {
    silence.stop();
    clearTimeout(end);
  };
  const ending = (tell: () => void) => () => {
    stop();
    tell();
  };
  const silence = watchForSilence({
    milliseconds: options.idleMs,
    isBusy: () => atWork > 0 || options.isBusy(),
    onSilence: ending(options.onIdle),
  });
  const end = setTimeout(ending(options.onTooLong), options.sessionMs);
  signal.addEventListener('abort', stop, { once: true });
  return {
    during: async (work) => {
      atWork += 1;
      try {
        await work();
      } finally {
        atWork -= 1;
        if (!signal.aborted) silence.touch();
      }
    },
  };
}
