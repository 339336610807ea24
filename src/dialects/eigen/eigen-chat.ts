import type { FastifyReply } from 'fastify';
import { AppError, toAppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { answerChat } from '../chat-reply.ts';
import { eigenStatus } from './eigen-errors.ts';

/** Names that the vendor made known. They are listed only where a model that runs elsewhere is one of them. */
export const EIGEN_CHAT_MODELS: readonly string[] = [
  'gpt-oss-120b',
  'llama31-8b',
  'deepseek-v31',
  'deepseek-v31-terminus',
  'dpsk-3-2',
  'glm5',
  'kimi-k2-5',
  'minimax-m2-5',
  'qwen3-8b-fp8',
  'qwen3-30b-fp8',
  'qwen3-235b-thinking',
  'qwen3-235b-a22b-thinking-2507-fp8',
  'qwen3-next-80b-a3b-thinking',
  'qwen3-vl-30b-thinking',
  'qwen3-vl-30b-instruct',
  'qwen3-coder-480b',
  'qwen3-5-397b',
];

/** Whether a name is for chat: one of the vendor's, or of a model that answers here. */
export function isChatModel(core: Core, name: string): boolean {
  if (EIGEN_CHAT_MODELS.includes(name)) return true;
  return core.models.engineModels.some(
    (card) => card.capability === 'chat' && (card.id === name || card.implements.includes(name)),
  );
}

/** The vendor's chat models that something here is. */
export function servedChatModels(core: Core): readonly string[] {
  const cards = core.models.engineModels.filter(({ capability }) => capability === 'chat');
  return [...new Set(cards.flatMap((card) => card.implements))];
}

/** Answers a chat. Its errors have the shape that clients of chat know, unlike those of this vendor's other routes. */
export async function answerEigenChat(
  core: Core,
  reply: FastifyReply,
  { body, context }: { readonly body: unknown; readonly context: RequestContext },
): Promise<FastifyReply> {
  try {
    return await answerChat(core, reply, { body, context, errorBody });
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.status >= 500 && error.code !== 'overloaded')
      core.log.error({ requestId: context.requestId, error, cause: error.cause }, 'request-failed');
    const { retryAfterMs } = error;
    if (retryAfterMs !== undefined)
      reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    return reply.code(eigenStatus(error)).send(errorBody(error));
  }
}

function errorBody(error: AppError) {
  const isCallers = error.status < 500;
  const type = isCallers ? 'invalid_request_error' : 'server_error';
  return { error: { message: error.message, type, param: error.param ?? null, code: error.code } };
}
