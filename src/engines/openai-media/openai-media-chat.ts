import { AppError } from '../../base/errors.ts';
import type { ChatEngine, ChatFields } from '../../core/chat/chat-engine.ts';
import type { RemoteModel } from '../../core/models/remote.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import type { RemoteLink } from '../remote-link.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { jsonBody } from '../remote-bodies.ts';
import { replyEvents } from './reply-events.ts';

const MAX_BYTES = 256 * 1024 * 1024;

/** What the way to a language model is made of. */
export interface RemoteChatParts {
  readonly remote: string;
  readonly models: readonly RemoteModel[];
  readonly path: string;
  readonly link: RemoteLink;
}

/** Answers messages through a server elsewhere, passing its words on as they come. */
export function createRemoteChat({ remote, models, path, link }: RemoteChatParts): ChatEngine {
  return {
    complete: async ({ model: id, fields, stream }, { signal, span }) => {
      const model = models.find((one) => `${remote}/${one.id}` === id);
      if (!model) throw new AppError('internal', `${id} is none of the models of ${remote}.`);
      const reply = await link.call({
        method: 'POST',
        path,
        body: jsonBody({
          ...model.defaults,
          ...fields,
          model: model.upstream ?? model.id,
          stream,
          ...model.fixed,
        }),
        signal,
        span,
        maxBytes: MAX_BYTES,
        headMs: model.timeoutSeconds === undefined ? undefined : model.timeoutSeconds * 1000,
      });
      if (reply.contentType === 'text/event-stream') return { kind: 'events', chunks: eventsOf(reply) };
      return { kind: 'whole', completion: await completionOf(reply) };
    },
  };
}

async function* eventsOf(reply: RemoteReply): AsyncGenerator<ChatFields, void> {
  for await (const event of replyEvents(reply.chunks)) {
    if (event['error'] !== undefined) throw failure(event);
    yield event;
  }
}

async function completionOf(reply: RemoteReply): Promise<ChatFields> {
  const text = new TextDecoder().decode(await reply.collect());
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const what = text.trimStart().startsWith('<') ? 'a web page' : 'something that is no JSON';
    throw new AppError('engine_failed', `The engine's server answered with ${what}.`, { cause });
  }
  if (isRecord(body) && Array.isArray(body['choices'])) return body;
  throw failure(body);
}

function failure(body: unknown): AppError {
  const words = readErrorObject(body).message ?? 'there is no answer in it';
  return new AppError('engine_failed', `The engine's answer cannot be used: ${words.slice(0, 300)}.`, {
    reason: 'no_answer',
  });
}
