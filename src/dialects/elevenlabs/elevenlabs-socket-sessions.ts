import { AppError, toAppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { KnownVoice } from '../../core/voices/voice-library.ts';
import type { SpokenPiece } from '../../core/speech/speech-line.ts';
import type { SocketCall } from './elevenlabs-socket-call.ts';
import type { SocketConnection } from './elevenlabs-socket-connection.ts';
import { contextIdOf, type ClientMessage } from './elevenlabs-socket-messages.ts';
import { audioMessage, finalMessage } from './elevenlabs-socket-replies.ts';
import { openSocketSpeech, type SocketSpeech } from './elevenlabs-socket-speech.ts';

/** What a client and a server do on a socket once they know each other. */
export interface SocketSession {
  accept(message: ClientMessage): Promise<void>;
  /** Whether something is being spoken. */
  isBusy(): boolean;
}

/** What a session is made of. */
export interface SessionParts {
  readonly core: Core;
  readonly call: SocketCall;
  readonly voice: KnownVoice;
  readonly connection: SocketConnection;
  /** Who asks; its signal fires when the socket closes. */
  readonly context: RequestContext;
}

export type OpenSession = (parts: SessionParts) => SocketSession;

/** One stream of speech: text until an empty one, then all the sound that is left, a last message, and the end. */
export function openSingleSession(parts: SessionParts): SocketSession {
  const { connection } = parts;
  let speech: SocketSpeech | undefined;
  let ended = false;
  const endAfter = async ({ done }: SocketSpeech) => {
    await done;
    await connection.send(finalMessage());
    connection.finish();
  };
  return {
    isBusy: () => speech?.isBusy() ?? false,
    accept: async (message) => {
      if (ended) return;
      if (!speech) {
        const send = (piece: SpokenPiece) => connection.send(audioMessage(piece));
        speech = await openSocketSpeech({ ...parts, opening: message, send });
        endAfter(speech).catch((error: unknown) => connection.fail(error));
      }
      ended = message.text === '';
      if (ended) speech.end();
      else speech.accept(message);
    },
  };
}

/** Contexts that may be open on one socket at the same time. */
const MOST_CONTEXTS = 5;
/** Closed contexts that may still be speaking what was flushed before the next one has to wait for them. */
const MOST_ENDING_CONTEXTS = 50;
/** The context of messages that name none. */
const DEFAULT_CONTEXT = 'default';

/** Several streams of speech side by side, such as answers that replace one another. */
export function openMultiSession(parts: SessionParts): SocketSession {
  const { connection } = parts;
  const contexts = openContexts(parts);
  let closing = false;
  const closeSocket = () => {
    closing = true;
    contexts.closeAll();
    void contexts.silence().then(() => connection.finish());
  };
  return {
    isBusy: () => contexts.isBusy(),
    accept: async (message) => {
      if (closing) return;
      if (message.close_socket) closeSocket();
      else await speakInContext(contexts, message);
    },
  };
}

async function speakInContext(contexts: Contexts, message: ClientMessage): Promise<void> {
  const id = contextIdOf(message) ?? DEFAULT_CONTEXT;
  const known = contexts.find(id);
  // The settings of a context stand in the message that opens it.
  if (known && (message.text || message.flush)) known.accept({ ...message, voice_settings: undefined });
  // An empty text only keeps the socket open.
  else if (message.text && !message.close_context) (await contexts.open(id, message)).accept(message);
  if (message.close_context) contexts.close(id);
}

/** The contexts of one socket. */
interface Contexts {
  find(id: string): SocketSpeech | undefined;
  open(id: string, opening: ClientMessage): Promise<SocketSpeech>;
  close(id: string): void;
  closeAll(): void;
  isBusy(): boolean;
  /** Resolves when every context has said its last word. */
  silence(): Promise<unknown>;
}

function openContexts(parts: SessionParts): Contexts {
  const { connection } = parts;
  const open = new Map<string, SocketSpeech>();
  /** Closed, and still speaking what was flushed. */
  const ending = new Set<SocketSpeech>();
  /** By the id of a context, when its last message is sent. */
  const farewells = new Map<string, Promise<void>>();

  const sayFarewell = async (id: string, speech: SocketSpeech, before: Promise<void> | undefined) => {
    await speech.done.catch(unlessStopped);
    await before;
    await connection.send(finalMessage(id));
  };

  const openContext = async (id: string, opening: ClientMessage) => {
    if (open.size >= MOST_CONTEXTS) throw tooManyContexts();
    while (ending.size >= MOST_ENDING_CONTEXTS) await Promise.race(farewells.values());
    // A context with the id of one that is still speaking does not interrupt it.
    const before = farewells.get(id);
    const send = async (piece: SpokenPiece) => {
      await before;
      await connection.send(audioMessage(piece, id));
    };
    const speech = await openSocketSpeech({ ...parts, opening, send });
    const farewell = sayFarewell(id, speech, before)
      .catch((error: unknown) => connection.fail(error))
      .finally(() => {
        ending.delete(speech);
        if (farewells.get(id) === farewell) farewells.delete(id);
      });
    farewells.set(id, farewell);
    open.set(id, speech);
    return speech;
  };

  const close = (id: string) => {
    const speech = open.get(id);
    if (!speech) return;
    open.delete(id);
    ending.add(speech);
    speech.close();
  };

  return {
    find: (id) => open.get(id),
    open: openContext,
    close,
    closeAll: () => {
      for (const id of open.keys()) close(id);
    },
    isBusy: () => [...open.values(), ...ending].some((speech) => speech.isBusy()),
    silence: () => Promise.all(farewells.values()),
  };
}

function tooManyContexts(): AppError {
  const message = `This socket has ${MOST_CONTEXTS} contexts already: close one before you open another.`;
  return new AppError('invalid_request', message, { reason: 'max_active_conversations' });
}

function unlessStopped(thrown: unknown): void {
  if (toAppError(thrown).code !== 'cancelled') throw thrown;
}
