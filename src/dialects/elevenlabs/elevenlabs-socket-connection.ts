import type { FastifyRequest } from 'fastify';
import { AppError, toAppError } from '../../base/errors.ts';
import { othersFirst } from '../../base/event-loop.ts';
import type { Core } from '../../core/core.ts';
import type { Conversation } from '../socket-conversation.ts';
import { CLOSE } from '../web-sockets.ts';
import { errorMessage } from './elevenlabs-socket-replies.ts';

/** A socket as its sessions use it. */
export interface SocketConnection {
  /** Fires when the socket closes, whoever closes it. */
  readonly signal: AbortSignal;
  /** Sends a message and resolves when the network has taken it, so that nothing piles up for a slow reader. */
  send(message: object): Promise<void>;
  /** Says what went wrong, closes the socket and ends all work for it. */
  fail(thrown: unknown): void;
  /** Closes the socket: all is done. */
  finish(): void;
}

/** Makes a conversation end in the vendor's way. */
export function toConnection(
  conversation: Conversation,
  { core, request }: { readonly core: Core; readonly request: FastifyRequest },
): SocketConnection {
  const { signal } = conversation;
  return {
    signal,
    send: async (message) => {
      await conversation.say(message);
      // A quick network takes a message at once: without a pause the speech of one caller would stop all others.
      await othersFirst();
    },
    finish: () => conversation.close(CLOSE.normal, ''),
    fail: (thrown) => {
      if (signal.aborted) return;
      const error = toAppError(thrown);
      if (error.status >= 500 && error.code !== 'overloaded') {
        core.log.error({ requestId: request.id, error, cause: error.cause }, 'socket-failed');
      }
      const last = errorMessage(error);
      void conversation.say(last);
      conversation.close(last.code, last.message);
    },
  };
}

/** What a client is told that said nothing for too long. */
export function silenceError(seconds: number): AppError {
  const message = `No message came within ${seconds} seconds, so the socket is closed. A message whose text is one space keeps it open.`;
  return new AppError('invalid_request', message, { reason: 'input_timeout_exceeded' });
}
