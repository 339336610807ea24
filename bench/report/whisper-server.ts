import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** How long it may take to load its model, in milliseconds. */
const LOADING_MS = 60_000;

export interface WhisperServer {
  /** Sends a recording; the milliseconds until its text has come. */
  hear(path: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the `whisper-server` of whisper.cpp on the model in a folder, and waits until it answers. */
export async function startWhisperServer(
  program: string,
  { folder, threads }: { readonly folder: string; readonly threads: number },
): Promise<WhisperServer> {
  const model = readdirSync(folder).find((name) => name.endsWith('.bin'));
  if (model === undefined) throw new Error(`${folder} holds no model of whisper.cpp.`);
  const port = await freePort();
  const args = ['--model', join(folder, model), '--host', '127.0.0.1', '--port', String(port)];
  const child = spawn(program, [...args, '--threads', String(threads), '--language', 'en'], {
    stdio: 'ignore',
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
  });
  const origin = `http://127.0.0.1:${port}`;
  const isThere = () =>
    fetch(`${origin}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const startedAt = performance.now();
  while (!(await Promise.race([isThere(), failed]))) {
    if (child.exitCode !== null || performance.now() - startedAt > LOADING_MS)
      throw new Error(`${program} does not answer.`);
    await pause(50);
  }
  return {
    hear: async (path) => {
      const form = new FormData();
      form.append('file', await openAsBlob(path), 'recording.wav');
      form.append('response_format', 'json');
      form.append('temperature', '0');
      const before = performance.now();
      const answer = await fetch(`${origin}/inference`, { method: 'POST', body: form });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${program} answered ${answer.status}: ${text}`);
      return performance.now() - before;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  server.close();
  await once(server, 'close');
  return port;
}
