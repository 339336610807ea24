import { AppError, toAppError } from '../../base/errors.ts';
import { primed, whenDone } from '../../base/stream.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { MediaOpener } from '../media-opening.ts';
import { atSlot, type EngineRunner, type EngineSlot } from '../models/engine-runner.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { countUse, countingFailures, type UsageCounter } from '../usage/usage-record.ts';
import type { ChatCompletion, ChatFields, ChatOutput } from './chat-engine.ts';
import { withInlineMedia } from './chat-media.ts';

/** What is asked. Built only by a dialect's mapper, which has checked types and limits. */
export interface ChatRequest {
  /** A public or engine model name. */
  readonly model: string;
  /** At least one. */
  readonly messages: readonly ChatFields[];
  /** All else that the engine is told. */
  readonly fields: ChatFields;
  readonly stream: boolean;
}

/** The service's answer. The first event of a stream is there, so nothing of it can still be refused. */
export interface ChatResult {
  readonly output: ChatOutput;
  /** `<engine>/<model>` that answers. */
  readonly servedBy: string;
  readonly standIn: boolean;
}

/** What the service is built from. */
export interface ChatServiceParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
  readonly engines: readonly Engine[];
  readonly opener: MediaOpener;
}

/** Passes messages to language models, which all run elsewhere. */
export interface ChatService {
  /**
   * Answers once the first words exist, so every refusal comes before the first byte. Throws `invalid_request`,
   * `not_found`, `unsupported_feature`, `overloaded`, `engine_failed` or `cancelled`. The caller must read or close the
   * chunks, or abort the context's signal.
   */
  complete(request: ChatRequest, context: RequestContext): Promise<ChatResult>;
}

/** Builds the service. */
export function createChatService(parts: ChatServiceParts): ChatService {
  return {
    complete: async (request, context) => {
      if (!parts.engines.some(({ chat }) => chat)) throw noChatHere();
      const use = { capability: 'chat', model: request.model } as const;
      await parts.access.admit({ ...use, characters: 0 }, context);
      return countingFailures(parts.usage, { use, context }, () => completeFirst(request, context, parts));
    },
  };
}

/** Has the best model answer that can. */
async function completeFirst(
  request: ChatRequest,
  context: RequestContext,
  parts: ChatServiceParts,
): Promise<ChatResult> {
  const candidates = parts.models.candidates(request.model, 'chat');
  const messages = await withInlineMedia(request.messages, parts.opener, context);
  const fields = { ...request.fields, messages };
  let refusal: AppError | undefined;
  for (const candidate of candidates) {
    try {
      return await completeThrough(candidate, { request, fields, context, parts });
    } catch (error) {
      refusal = toAppError(error);
      if (refusal.code !== 'engine_failed' || context.signal.aborted) throw refusal;
      context.log.warn({ error: refusal, cause: refusal.cause }, 'engine-fallback');
    }
  }
  throw refusal ?? noChatHere();
}

/** Nothing that comes with this program holds a conversation. */
function noChatHere(): AppError {
  return new AppError(
    'unsupported_feature',
    "This server has no language model. Its operator can add one that runs elsewhere: a remote with a model of the capability 'chat'.",
    { param: 'model', reason: 'no_engine' },
  );
}

interface Completing {
  readonly request: ChatRequest;
  readonly fields: ChatFields;
  readonly context: RequestContext;
  readonly parts: ChatServiceParts;
}

async function completeThrough(candidate: Candidate, completing: Completing): Promise<ChatResult> {
  const { request, fields, context, parts } = completing;
  const { engine, card, standIn } = candidate;
  const askedAt = parts.clock.monotonicMs();
  const release = await parts.runner.acquire(engine, context);
  const slot = { askedAt, heldAt: parts.clock.monotonicMs(), release, begun: false };
  const finish = endOfChat(candidate, completing, slot);
  try {
    const asked: ChatCompletion = { model: card.id, fields, stream: request.stream };
    const output = await engine.chat?.complete(asked, atSlot(context, release));
    if (!output) throw new AppError('internal', `${card.id} claims to answer and cannot.`);
    const answered = { servedBy: card.id, standIn };
    if (output.kind === 'events') {
      const events = await opened(output, context, finish);
      slot.begun = true;
      return { ...answered, output: events };
    }
    finish();
    return { ...answered, output };
  } catch (error) {
    finish(error);
    throw error;
  }
}

type ChatEvents = Extract<ChatOutput, { readonly kind: 'events' }>;

async function opened(
  output: ChatEvents,
  { signal }: RequestContext,
  finish: (failure?: unknown) => void,
): Promise<ChatEvents> {
  const first = await primed(output.chunks);
  if (first.empty) throw new AppError('engine_failed', 'The engine ended its answer before it began.');
  const abandon = () => {
    void first.close().catch(() => undefined);
    finish();
  };
  signal.addEventListener('abort', abandon, { once: true });
  const chunks = whenDone(first.stream, (failure) => {
    signal.removeEventListener('abort', abandon);
    finish(failure);
  });
  return { kind: 'events', chunks };
}

interface ChatSlot {
  readonly askedAt: number;
  readonly heldAt: number;
  readonly release: EngineSlot;
  /** Whether the caller has the beginning of the answer, so that no other model can give one. */
  begun: boolean;
}

/** Gives the slot back, counts the usage and writes the one log line, whichever way the answer ended. */
function endOfChat(
  { card }: Candidate,
  { request, context, parts }: Completing,
  slot: ChatSlot,
): (failure?: unknown) => void {
  let ended = false;
  return (failure) => {
    if (ended) return;
    ended = true;
    slot.release(failure);
    const failed = failure !== undefined && toAppError(failure).code !== 'cancelled';
    const engineSeconds = (parts.clock.monotonicMs() - slot.heldAt) / 1000;
    const use = {
      capability: 'chat',
      model: request.model,
      servedBy: card.id,
      engineSeconds,
      failed,
    } as const;
    if (!failed || slot.begun) countUse(parts.usage, use, context);
    const fields = {
      model: card.id,
      messages: request.messages.length,
      stream: request.stream,
      durationMs: Math.round(parts.clock.monotonicMs() - slot.askedAt),
      cancelled: context.signal.aborted,
    };
    if (failed) logFailure(context.log, 'chat-failed', { ...fields, error: failure });
    else context.log.debug(fields, 'chat-end');
  };
}
