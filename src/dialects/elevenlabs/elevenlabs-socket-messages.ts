import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { parseBody } from '../parse-body.ts';
import type { ClientFrame } from '../socket-conversation.ts';
import { looseBoolean } from './elevenlabs-fields.ts';
import { speechBody } from './elevenlabs-speech-schema.ts';

/** Bytes of one message: far more text than any model speaks at a time. */
const MESSAGE_LIMIT = 1024 * 1024;

const flag = looseBoolean(z.boolean().nullish());
const text = z.string().nullish();

const generationConfig = z.object({
  chunk_length_schedule: z.array(z.int().min(50).max(500)).min(1).nullish(),
});

const clientMessage = z.object({
  text,
  voice_settings: speechBody.shape.voice_settings,
  generation_config: generationConfig.nullish(),
  // The vendor's own schema has this spelling as well.
  generator_config: generationConfig.nullish(),
  pronunciation_dictionary_locators: speechBody.shape.pronunciation_dictionary_locators,
  try_trigger_generation: flag,
  flush: flag,
  context_id: text,
  contextId: text,
  close_context: flag,
  close_socket: flag,
});

/** What a client says on a socket. */
export type ClientMessage = z.output<typeof clientMessage>;

/** A message, and the object that it was read from: before somebody is known it may hold a credential. */
interface ReadMessage {
  readonly message: ClientMessage;
  readonly sent: object;
}

/** The `reason` of an error about a message that cannot be understood. */
const INVALID_MESSAGE = 'invalid_input_message';

/** The `reason` of an error about a message that is too large. */
const MESSAGE_TOO_LARGE = 'message_too_large';

/** Reads a frame. Throws `invalid_request` or `payload_too_large`. */
export function readMessage({ bytes, isBinary }: ClientFrame): ReadMessage {
  if (bytes.length > MESSAGE_LIMIT) {
    const message = `A message has at most ${MESSAGE_LIMIT} bytes; this one has ${bytes.length}.`;
    throw new AppError('payload_too_large', message, { reason: MESSAGE_TOO_LARGE });
  }
  if (isBinary) throw invalidMessage('Send each message as a text frame: this one is binary.');
  const sent = parseJson(bytes.toString('utf8'));
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    throw invalidMessage('A message is a JSON object, such as {"text": "Hello "}.');
  }
  try {
    return { message: parseBody(clientMessage, sent), sent };
  } catch (error) {
    throw error instanceof AppError
      ? invalidMessage(`The message is wrong: ${error.message}.`, error)
      : error;
  }
}

/** How much must wait at least before each stretch is spoken, where a message says so. */
export function scheduleOf(message: ClientMessage): readonly number[] | undefined {
  const config = message.generation_config ?? message.generator_config;
  return config?.chunk_length_schedule ?? undefined;
}

/** The context that a message is about. */
export function contextIdOf(message: ClientMessage): string | undefined {
  return message.context_id ?? message.contextId ?? undefined;
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    throw invalidMessage('The message is not valid JSON.', cause);
  }
}

function invalidMessage(message: string, cause?: unknown): AppError {
  return new AppError('invalid_request', message, { reason: INVALID_MESSAGE, cause });
}
