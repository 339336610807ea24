import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';

/** A server as its callers know it. */
export interface Target {
  readonly name: string;
  /** Where it answers, or answered last. */
  readonly origin: string;
  /** Whether it answers requests; else it only does jobs. */
  readonly answers: boolean;
}

/** The real program in a process of its own, which can be ended and started again on the same data. */
export interface FaultNode extends Target {
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Ends every process that the program has begun with signal 9, and tells how many there were. */
  killChildren(): number;
  /** What it said when it ended without being told to. */
  readonly crashes: readonly string[];
}

export interface NodeOptions {
  readonly name: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly answers?: boolean;
}

/** Nobody listens there, and clients do not refuse the port by themselves. */
const NOWHERE = 'http://127.0.0.1:2';

/** How much of what a program says is kept, in characters. */
const SAID = 4000;

/** A program that is not started yet. */
export function createNode({ name, settings, environment = {}, answers = true }: NodeOptions): FaultNode {
  const flags = Object.entries(settings).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const crashes: string[] = [];
  let origin = NOWHERE;
  let running: { readonly child: ChildProcess; readonly gone: Promise<unknown> } | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const ended = running;
    running = undefined;
    ended?.child.kill(signal);
    await ended?.gone;
  };
  return {
    name,
    answers,
    crashes,
    get origin() {
      return origin;
    },
    start: async () => {
      const child = spawn(process.execPath, ['bin/antiphon.js', 'serve', '--port', '0', ...flags], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...environment, ANTIPHON_FETCH_ALLOW: '127.0.0.0/8' },
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-SAID);
      });
      running = { child, gone: once(child, 'exit') };
      child.once('exit', (code, signal) => {
        if (running?.child === child) crashes.push(`${name} ended (${code ?? signal}): ${said}`);
      });
      let banner = '';
      for await (const chunk of child.stdout) {
        banner += String(chunk);
        if (/generate .*\n/.test(banner)) break;
      }
      origin = /answers at (http:\S+)/.exec(banner)?.[1] ?? assert.fail(`no banner of ${name}: ${said}`);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    killChildren: () => {
      const children = running?.child.pid === undefined ? [] : childrenOf(running.child.pid);
      for (const pid of children) process.kill(pid, 'SIGKILL');
      return children.length;
    },
  };
}

/** Child processes of whichever thread (Linux). */
function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const told = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8');
    return told.split(' ').flatMap((child) => (child === '' ? [] : [Number(child)]));
  });
}
