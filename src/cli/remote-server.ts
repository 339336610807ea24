import { CommandFailure } from './command-failure.ts';
import type { CommandServer } from './command-server.ts';

/** A server that is reached at its address, with a key where it wants one. */
export function remoteServer(address: string, key: string | undefined): CommandServer {
  const base = baseOf(address);
  return {
    send: async (path, request) => {
      const headers = new Headers(request.headers);
      if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
      // ElevenLabs' routes look for a key under their own name.
      if (key !== undefined) headers.set('xi-api-key', key);
      try {
        return await fetch(`${base}${path}`, { ...request, headers });
      } catch (error) {
        if (request.signal?.aborted === true) throw error;
        throw new CommandFailure(`${base} cannot be reached: ${reasonOf(error)}`);
      }
    },
    close: async () => undefined,
  };
}

/** Without a slash at the end; it may have a path, where a balancer puts it. */
function baseOf(address: string): string {
  const url = URL.parse(address);
  if (url && /^https?:$/.test(url.protocol)) return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  throw new CommandFailure(
    `--url is the address of a server, such as http://127.0.0.1:8484, not '${address}'.`,
    2,
  );
}

/** `fetch` hides what was wrong in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
