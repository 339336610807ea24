import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerProcess {
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Where a server keeps its data, if it is not to be an empty folder that goes with it. */
export interface ServerPlace {
  readonly folder: string;
  /** What its environment has beside that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the program as its README says, on a free port with an empty data folder, and waits until it answers. */
export async function startServer(args: readonly string[] = [], place?: ServerPlace): Promise<ServerProcess> {
  const folder = place?.folder ?? mkdtempSync(join(tmpdir(), 'antiphon-bench-'));
  const child = spawn(
    process.execPath,
    // As `npm start` does.
    [
      '--max-semi-space-size=16',
      'bin/antiphon.js',
      'serve',
      '--port',
      '0',
      '--data-dir',
      folder,
      '--log-level',
      'error',
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...place?.environment } },
  );
  let printed = '';
  let origin: string | undefined;
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    origin = /answers at (http:\S+)/.exec(printed)?.[1];
    if (origin) break;
  }
  if (!origin || child.pid === undefined) throw new Error(`The server did not start: ${printed}`);
  return {
    origin,
    pid: child.pid,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      if (!place) rmSync(folder, { recursive: true, force: true });
    },
  };
}
