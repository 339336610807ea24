import type { RequestContext } from '../context.ts';

/** JSON as it is, for what only the engine understands. */
export type ChatFields = Readonly<Record<string, unknown>>;

/** What a chat engine is asked: the fields of the usual contract, checked, with all media in the messages inline. */
export interface ChatCompletion {
  /** Id of one of the engine's own models. */
  readonly model: string;
  /** All but the model and whether it streams. */
  readonly fields: ChatFields;
  readonly stream: boolean;
}

/** An engine's answer in the shape of the usual contract: as a whole, or the data of one event after another. */
export type ChatOutput =
  | { readonly kind: 'whole'; readonly completion: ChatFields }
  | { readonly kind: 'events'; readonly chunks: AsyncIterable<ChatFields> };

/** The part of an engine that answers messages. */
export interface ChatEngine {
  /**
   * Answers. A stream ends at once with `cancelled` at the signal's abort, and with `engine_failed` when the engine
   * breaks.
   */
  complete(request: ChatCompletion, context: RequestContext): Promise<ChatOutput>;
}
