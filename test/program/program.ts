import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs the program to its end, the way a user does. */
export async function antiphon(
  args: readonly string[],
  options: { readonly input?: string | Buffer; readonly node?: string } = {},
): Promise<Outcome> {
  const child = spawn(options.node ?? process.execPath, ['bin/antiphon.js', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null]; // The close event's first argument is the exit code.
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** Gives a test a folder of its own. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-program-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the server and gives the test what it printed up to the end of its banner. */
export async function serving(
  args: readonly string[],
  use: (server: { origin: string; banner: string; child: ChildProcess }) => Promise<void>,
  nodeOptions = '',
): Promise<void> {
  await inFolder(async (folder) => {
    const child = spawn(
      process.execPath,
      ['bin/antiphon.js', 'serve', '--port', '0', '--data-dir', folder, ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: nodeOptions },
      },
    );
    child.stderr.resume();
    const gone = once(child, 'exit');
    try {
      let banner = '';
      for await (const chunk of child.stdout) {
        banner += String(chunk);
        if (/generate .*\n/.test(banner)) break;
      }
      const origin = /answers at (http:\S+)/.exec(banner)?.[1];
      if (!origin) throw new Error(`no banner: ${banner}`);
      await use({ origin, banner, child });
    } finally {
      child.kill('SIGTERM');
      await gone;
    }
  });
}
