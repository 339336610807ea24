import { fork, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { parse } from 'node:path';
import { AppError } from '../base/errors.ts';
import { childEnvironment } from './child-environment.ts';
import { unpackFailure, type NativeOrder, type NativeReport } from './native-messages.ts';

/** How one child process is started and watched. */
export interface NativeLinkParts {
  /** Name of the engine, for messages. */
  readonly engine: string;
  readonly script: URL;
  /** What the child's `prepare` gets. */
  readonly start: unknown;
  /** Longest time for the start and for `prepare`, in milliseconds. */
  readonly startTimeoutMs: number;
  /** How long the event loop of a busy child may stand still before the child counts as hung, in milliseconds. */
  readonly silenceMs: number;
}

/** Why a child is no more: it broke, it could not be made ready and said why, or it was told to go. */
export interface NativeEnd {
  readonly how: 'crash' | 'unfit' | 'dismissed';
  /** For the calls that were under way. */
  readonly failure: AppError;
}

/** What the supervisor hears of its child. `ended` comes once, last. */
export interface NativeLinkEvents {
  readonly ready: () => void;
  readonly report: (report: Extract<NativeReport, { id: number }>) => void;
  readonly ended: (end: NativeEnd) => void;
}

/** One child process from its start to its end. */
export interface NativeLink {
  readonly pid: number | undefined;
  send(order: NativeOrder): void;
  /** A busy child holds this process alive and has to show that it lives; an idle one does neither. */
  setBusy(busy: boolean): void;
  /** Kills a child that is no longer wanted. */
  dismiss(): void;
  /** Kills a child that does not work as it must; `what` follows its name in the message. */
  condemn(what: string): void;
}

/** How much of the child's complaints is kept, in characters. */
const TAIL_CHARACTERS = 4000;
/** A child without a sign of life for this many beats hangs. */
const BEATS = 4;
/** After the exit the last lines may still be on their way; a grandchild could hold the pipe open for ever. */
const LAST_WORDS_MS = 100;

/** Starts a child process. */
export function startNativeLink(parts: NativeLinkParts, events: NativeLinkEvents): NativeLink {
  const child = fork(parts.script, [], {
    serialization: 'advanced',
    // Flags of this process (an inspector's port, a test runner's) are not meant for the child.
    execArgv: [],
    env: childEnvironment(),
    // What a crash leaves behind does not end up among anybody's files.
    cwd: parse(process.execPath).root,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const tail = keepTail(child);
  const pulse = watchPulse(parts.silenceMs, {
    beat: () => transmit(child, { kind: 'ping' }),
    silent: () => condemn(`did not move for ${seconds(parts.silenceMs)}`),
  });
  const startTimer = setTimeout(
    () => condemn(`was not ready after ${seconds(parts.startTimeoutMs)}`),
    parts.startTimeoutMs,
  ).unref();
  let verdict: NativeEnd | undefined;

  const over = (how: NativeEnd['how'], what: string): NativeEnd => {
    const cause = new Error(tail() || `It wrote nothing to its standard error.`);
    return { how, failure: new AppError('engine_failed', `The engine ${parts.engine} ${what}.`, { cause }) };
  };
  const kill = (reason: () => NativeEnd) => {
    verdict ??= reason();
    child.kill('SIGKILL');
  };
  const condemn = (what: string) => kill(() => over('crash', `${what} and was ended`));
  const finish = (what: string) => {
    clearTimeout(startTimer);
    pulse.stop();
    events.ended(verdict ?? over('crash', what));
  };

  whenGone(child, (code, signal) => finish(describeEnd({ code, signal, tail: tail() })));
  child.on('message', (message) => {
    // Only `serveNativeCalls` speaks at the other end.
    const report = message as NativeReport;
    pulse.felt();
    if (report.kind === 'ready') {
      clearTimeout(startTimer);
      events.ready();
    } else if (report.kind === 'unfit') {
      const failure = unpackFailure(report.failure, `The engine ${parts.engine} could not be made ready`);
      kill(() => ({ how: 'unfit', failure }));
    } else if (report.kind !== 'pong') {
      events.report(report);
    }
  });
  transmit(child, { kind: 'prepare', start: parts.start });

  return {
    pid: child.pid,
    send: (order) => transmit(child, order),
    setBusy: (busy) => {
      hold(child, busy);
      if (busy) pulse.start();
      else pulse.stop();
    },
    dismiss: () => kill(() => over('dismissed', 'was started anew')),
    condemn,
  };
}

function transmit(child: ChildProcess, order: NativeOrder): void {
  // An order that cannot be sent has no reader: the end of the child is reported by itself.
  if (child.connected) child.send(order, () => undefined);
}

function hold(child: ChildProcess, held: boolean): void {
  const change = held ? 'ref' : 'unref';
  child[change]();
  child.channel?.[change]();
  if (child.stderr instanceof Socket) child.stderr[change]();
}

function keepTail(child: ChildProcess): () => string {
  let kept = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    kept = (kept + text).slice(-TAIL_CHARACTERS);
  });
  return () => kept.trim();
}

/** Calls once, when the process has ended and its last words and reports are read, or when it never began. */
function whenGone(
  child: ChildProcess,
  gone: (code: number | null, signal: NodeJS.Signals | null) => void,
): void {
  let told = false;
  const tell = (code: number | null, signal: NodeJS.Signals | null) => {
    if (told) return;
    told = true;
    gone(code, signal);
  };
  child.on('error', () => {
    if (child.pid === undefined) tell(null, null);
  });
  child.on('exit', (code, signal) => setTimeout(() => tell(code, signal), LAST_WORDS_MS));
  child.on('close', tell);
}

/** Beats are counted, not milliseconds: a pause of this process, such as a closed laptop, is not the child's fault. */
function watchPulse(silenceMs: number, on: { readonly beat: () => void; readonly silent: () => void }) {
  let silent = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      if (timer || !Number.isFinite(silenceMs)) return;
      silent = 0;
      timer = setInterval(() => {
        silent += 1;
        if (silent > BEATS) on.silent();
        else on.beat();
      }, silenceMs / BEATS).unref();
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
    },
    felt: () => {
      silent = 0;
    },
  };
}

function describeEnd(end: {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tail: string;
}): string {
  if (end.code === null && end.signal === null) return 'could not be started';
  if (/out of memory|bad_alloc|cannot allocate memory/i.test(end.tail)) return 'ran out of memory';
  if (end.signal === 'SIGKILL') return 'was killed (SIGKILL), as systems do when memory runs out';
  if (end.signal !== null) return `crashed (${end.signal})`;
  return `ended by itself (exit code ${end.code})`;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
