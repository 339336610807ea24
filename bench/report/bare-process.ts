import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface BareProcess {
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts one of the servers of `bench/bare-server.ts` and waits until it listens. */
export async function startBareServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<BareProcess> {
  const child = spawn(process.execPath, ['bench/bare-server.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (/port \d+/.test(printed)) break;
  }
  const port = /port (\d+)/.exec(printed)?.[1];
  if (port === undefined || child.pid === undefined) throw new Error('The bare server did not start.');
  return {
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
