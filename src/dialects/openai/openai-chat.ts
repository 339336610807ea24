import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import { answerChat } from '../chat-reply.ts';
import { GENERATES } from '../respond-async.ts';
import { errorBody } from './openai-errors.ts';

/** Bodies may hold pictures as data URLs. */
const BODY_BYTES = 64 * 1024 * 1024;

/** Registers chat, which language models that run elsewhere answer. */
export function chatRoutes(scope: FastifyInstance, core: Core): void {
  scope.post('/chat/completions', { ...GENERATES, bodyLimit: BODY_BYTES }, (request, reply) =>
    answerChat(core, reply, { body: request.body, context: request.antiphon, errorBody }),
  );
}
