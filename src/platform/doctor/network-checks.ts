import { createServer } from 'node:net';
import { failure, ok, reasonOf, warning, type Finding } from './finding.ts';

/** How long an address gets to answer. */
const ANSWER_MS = 5000;

/** Whether the port can be listened on, or is already served by this program. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  if (port === 0) return ok('port', 'A free port is taken at each start.');
  const refusal = await listenOnce(host, port);
  if (refusal === undefined) return ok('port', `${host}:${port} is free.`);
  const named = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  if (codeOf(refusal) === 'EADDRINUSE') {
    const answer = await healthOf(`http://${named.includes(':') ? `[${named}]` : named}:${port}`);
    if (answer === 'ours') return ok('port', `A server of this program answers on ${host}:${port}.`);
    return failure(
      'port',
      `Some other program listens on ${host}:${port}.`,
      'Stop it, or set port to another number.',
    );
  }
  return failure(
    'port',
    `Cannot listen on ${host}:${port}: ${reasonOf(refusal)}`,
    'Set host and port to what this machine and user may use.',
  );
}

function listenOnce(host: string, port: number): Promise<unknown> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether the address that callers are told leads here. */
export async function checkPublicUrl(publicUrl: string): Promise<Finding> {
  const answer = await healthOf(publicUrl);
  if (answer === 'ours') return ok('public-url', `${publicUrl} answers.`);
  const advice =
    'Check publicUrl, the balancer behind it, and whether a server runs; some networks do not let machines reach their own outer address.';
  return answer === 'other'
    ? warning('public-url', `At ${publicUrl} answers something that is not this program.`, advice)
    : warning('public-url', `${publicUrl} does not answer from here: ${answer.reason}`, advice);
}

async function healthOf(origin: string): Promise<'ours' | 'other' | { readonly reason: string }> {
  try {
    const answer = await fetch(`${origin}/health`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: 'manual',
    });
    const said: unknown = await answer.json().catch(() => undefined);
    const isOurs = typeof said === 'object' && said !== null && 'status' in said && 'version' in said;
    return isOurs ? 'ours' : 'other';
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}
