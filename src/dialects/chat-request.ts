import { z } from 'zod';
import type { ChatRequest } from '../core/chat/chat-service.ts';
import { parseBody } from './parse-body.ts';

const fields = z.record(z.string(), z.unknown());
const message = z.looseObject({ role: z.string().min(1) });

/** The usual contract of chat, and what its clients send beyond it. Other fields reach no engine. */
export const chatBody = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: fields.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().positive().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  response_format: fields.nullish(),
  reasoning_effort: z.string().nullish(),
  chat_template_kwargs: fields.nullish(),
  skip_special_tokens: z.boolean().nullish(),
  tools: z.array(fields).nullish(),
  tool_choice: z.union([z.string(), fields]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
});

/** A request for chat in the usual contract. Throws `invalid_request` naming the field. */
export function toChatRequest(body: unknown): ChatRequest {
  const { model, messages, stream, ...rest } = parseBody(chatBody, body);
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  return { model, messages, stream: stream === true, fields: Object.fromEntries(given) };
}
