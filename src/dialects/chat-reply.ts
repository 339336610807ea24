import type { FastifyReply } from 'fastify';
import { AppError, toAppError } from '../base/errors.ts';
import type { RequestContext } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import type { ChatResult } from '../core/chat/chat-service.ts';
import { withHeartbeats } from './heartbeats.ts';
import { antiphonHeaders, sendLines } from './speech-reply.ts';
import { toChatRequest } from './chat-request.ts';

/** A model that thinks for long says nothing meanwhile; comments keep the line open. */
const HEARTBEAT = { everyMs: 15_000, beat: ': \n\n' };

/** A chat that is wanted, as it arrived. */
export interface ChatOrder {
  readonly body: unknown;
  readonly context: RequestContext;
  /** The envelope of an error in the middle of a stream. */
  readonly errorBody: (error: AppError) => object;
}

/** Answers in the usual contract: one object, or events with a piece each and `[DONE]` at the end. */
export async function answerChat(core: Core, reply: FastifyReply, order: ChatOrder): Promise<FastifyReply> {
  const result = await core.chat.complete(toChatRequest(order.body), order.context);
  const headers = antiphonHeaders({ ...result, warnings: [] });
  const { output } = result;
  if (output.kind === 'whole') return reply.headers(headers).send(output.completion);
  const lines = withHeartbeats(eventLines(output, order), HEARTBEAT);
  return sendLines(reply, lines, { contentType: 'text/event-stream', headers });
}

async function* eventLines(
  { chunks }: Extract<ChatResult['output'], { readonly kind: 'events' }>,
  { errorBody }: ChatOrder,
): AsyncGenerator<string> {
  try {
    for await (const chunk of chunks) yield `data: ${JSON.stringify(chunk)}\n\n`;
    yield 'data: [DONE]\n\n';
  } catch (error) {
    const failure = toAppError(error);
    if (failure.code !== 'cancelled') yield `data: ${JSON.stringify(errorBody(failure))}\n\n`;
  }
}
