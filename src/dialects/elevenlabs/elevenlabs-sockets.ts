import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { admitToSocket } from '../socket-caller.ts';
import { converse } from '../socket-conversation.ts';
import { watchForSilence } from '../socket-limits.ts';
import { socketRoute } from '../web-sockets.ts';
import { findSocketVoice, readSocketCall } from './elevenlabs-socket-call.ts';
import { silenceError, toConnection, type SocketConnection } from './elevenlabs-socket-connection.ts';
import {
  credentialIn,
  credentialOfUpgrade,
  findPrincipal,
  type Credential,
} from './elevenlabs-socket-credential.ts';
import { readMessage } from './elevenlabs-socket-messages.ts';
import {
  openMultiSession,
  openSingleSession,
  type OpenSession,
  type SocketSession,
} from './elevenlabs-socket-sessions.ts';
import { voicePaths } from './elevenlabs-voice-paths.ts';

const PREFIX = '/v1/text-to-speech';
const HINT = 'This address takes WebSockets only: connect to it with ws:// or wss://.';

/** Registers the sockets that take text bit by bit and answer with sound: for one speech, and for several at once. */
export function socketRoutes(scope: FastifyInstance, core: Core): void {
  const routes = [
    ['/stream-input', openSingleSession],
    ['/multi-stream-input', openMultiSession],
  ] as const;
  for (const [suffix, openSession] of routes) {
    for (const path of voicePaths(PREFIX, suffix)) {
      const open = (socket: WebSocket, request: FastifyRequest) =>
        talk(socket, { request, core, openSession });
      socketRoute(scope, { path, hint: HINT, open });
    }
  }
}

interface Upgrade {
  readonly request: FastifyRequest;
  readonly core: Core;
  readonly openSession: OpenSession;
}

function talk(socket: WebSocket, upgrade: Upgrade): void {
  const conversation = converse(socket, upgrade.core.log, async (frame) => {
    try {
      const accept = await reception;
      await accept(readMessage(frame));
    } catch (error) {
      connection.fail(error);
    }
  });
  const connection = toConnection(conversation, upgrade);
  const reception = receive(connection, upgrade);
  reception.catch((error: unknown) => connection.fail(error));
}

type Incoming = ReturnType<typeof readMessage>;

/** Finds out who calls and whether there is what they ask for, as soon as that can be known. */
async function receive(
  connection: SocketConnection,
  { request, core, openSession }: Upgrade,
): Promise<(incoming: Incoming) => Promise<void>> {
  const call = readSocketCall(request);
  const admit = async (credential: Credential | undefined): Promise<SocketSession> => {
    const { signal } = connection;
    const onUnwanted = (error: AppError) => connection.fail(error);
    const { principal } = await admitToSocket(core, { request, signal, onUnwanted }, () =>
      findPrincipal(core, credential),
    );
    const voice = await findSocketVoice(core, call, { principal });
    const context = { ...request.antiphon, principal, signal };
    return openSession({ core, call, voice, connection, context });
  };
  let session: SocketSession | undefined;
  const watch = watchForSilence({
    milliseconds: call.query.inactivity_timeout * 1000,
    isBusy: () => session?.isBusy() ?? false,
    onSilence: () => connection.fail(silenceError(call.query.inactivity_timeout)),
  });
  connection.signal.addEventListener('abort', () => watch.stop(), { once: true });
  const credential = credentialOfUpgrade(request);
  // Where a key is needed and the upgrade has none, the first message tells it.
  if (credential || !(await core.authenticator.required())) session = await admit(credential);
  return async ({ message, sent }) => {
    if (!connection.signal.aborted) watch.touch();
    session ??= await admit(credentialIn(sent));
    await session.accept(message);
  };
}
