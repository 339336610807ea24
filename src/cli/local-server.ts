import { Readable } from 'node:stream';
import type { InjectOptions } from 'fastify';
import { ANYBODY, type Principal } from '../core/context.ts';
import type { Authenticator } from '../core/ports/authenticator.ts';
import type { Config } from '../platform/config.ts';
import { createLogger } from '../platform/log.ts';
import type { CommandServer } from './command-server.ts';

/** Only the path counts: nothing goes over the network. */
const HERE = 'http://127.0.0.1';

/**
 * The whole server in this process, not listening, on the data folder of this machine. Whoever can read that folder
 * needs no key. It does no jobs: those are for the server that goes on running when a command has ended.
 */
export async function localServer(config: Config, ownerId: string): Promise<CommandServer> {
  // Whoever asks a server elsewhere does not wait for the code of this one.
  const [{ assemble }, { createApp }, { dialects }] = await Promise.all([
    import('../assembly.ts'),
    import('../app.ts'),
    import('../dialects/index.ts'),
  ]);
  const assembly = await assemble(config, { log: createLogger('silent'), environment: process.env });
  const authenticator = letIn({ ...ANYBODY, id: ownerId, name: 'command line' });
  const app = await createApp({ ...assembly.core, authenticator }, { dialects, role: 'api' });
  return {
    send: async (path, request) => {
      const asked = new Request(`${HERE}${path}`, request);
      const answer = await app.inject({ ...(await injected(asked, path)), payloadAsStream: true });
      const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
      );
      const isEmpty = answer.statusCode === 204;
      const body = Readable.toWeb(answer.stream());
      return new Response(isEmpty ? null : body, { status: answer.statusCode, headers });
    },
    close: async () => {
      await app.close();
      await assembly.stop();
    },
  };
}

async function injected({ method, headers, body, signal }: Request, url: string): Promise<InjectOptions> {
  return {
    method: method === 'POST' || method === 'DELETE' ? method : 'GET',
    url,
    headers: Object.fromEntries(headers),
    signal,
    ...(body ? { payload: Readable.from(body) } : {}),
  };
}

function letIn(principal: Principal): Authenticator {
  return {
    required: async () => false,
    authenticate: async () => principal,
    findAdmitted: async () => principal,
  };
}
