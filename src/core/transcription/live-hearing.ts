import { toAppError, type AppError } from '../../base/errors.ts';
import type { SpeechWindow } from '../../media/speech-windows.ts';
import type { RequestContext } from '../context.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import type { Clock } from '../ports/clock.ts';
import { countUse, isOurFault, type UsageCounter } from '../usage/usage-record.ts';
import { lengthOf, type LiveItem } from './live-item.ts';
import type { HearingWish, TokenLogprob, TranscribedSegment, Transcript } from './transcription.ts';
import { openHearingSession } from './window-hearing.ts';

/** What is heard in an item. Exactly one `item-end` or `item-failure` comes for each, unless the session ends. */
export type LiveText =
  /** The whole text of the item as it seems now; the next one may say otherwise. */
  | { readonly type: 'text-guess'; readonly item: number; readonly text: string }
  /** What is added to the text for good; only the end of the item may still know better. */
  | {
      readonly type: 'text-delta';
      readonly item: number;
      readonly text: string;
      readonly logprobs: readonly TokenLogprob[];
    }
  /** Times are seconds of all the session's sound, of which the item's begins at `startSeconds`; so they are below. */
  | {
      readonly type: 'segment-end';
      readonly item: number;
      readonly startSeconds: number;
      readonly segment: TranscribedSegment;
    }
  | {
      readonly type: 'item-end';
      readonly item: number;
      readonly startSeconds: number;
      readonly transcript: Transcript;
      /** What was asked for when the item began. */
      readonly request: HearingWish;
    }
  | { readonly type: 'item-failure'; readonly item: number; readonly error: AppError };

/** What a line of items is made from. */
export interface LiveHearingParts {
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly clock: Clock;
  readonly context: RequestContext;
  readonly emit: (text: LiveText) => void;
}

/** Unheard sound, in seconds, from which on more is not taken in: about 20 MB. */
const MOST_UNHEARD_SECONDS = 300;

/**
 * Hears the items of one session, one after another, each window in a slot of its own, so that callers who speak at the
 * same time take turns. Guesses are made only while a slot is free.
 */
export class LiveHearing {
  readonly #parts: LiveHearingParts;
  readonly #items: LiveItem[] = [];
  #isAtWork = false;
  #hasNews = false;
  #unheard = 0;
  #room = Promise.withResolvers<void>();

  constructor(parts: LiveHearingParts) {
    this.#parts = parts;
    parts.context.signal.addEventListener('abort', () => this.#end(), { once: true });
  }

  /** Puts an item at the end of the line. */
  add(item: LiveItem): void {
    this.#items.push(item);
  }

  /** Has an item hear more sound. */
  push(item: LiveItem, samples: Float32Array): void {
    if (item.isOver) return;
    this.#unheard += item.push(samples);
    this.#start();
  }

  /** Has an item end as soon as everything is heard. */
  commit(item: LiveItem): void {
    this.#unheard += item.commit();
    this.#start();
  }

  /** Forgets an item as if nothing had been said. */
  drop(item: LiveItem): void {
    this.#forget(item);
    this.#start();
  }

  /** Waits until there is room for more sound. */
  async room(): Promise<void> {
    while (this.#unheard > MOST_UNHEARD_SECONDS && !this.#parts.context.signal.aborted) {
      await this.#room.promise;
    }
  }

  #start(): void {
    this.#hasNews = true;
    if (!this.#isAtWork) void this.#work();
  }

  /** Works until there is nothing to do; every change that may make some starts it again. */
  async #work(): Promise<void> {
    this.#isAtWork = true;
    while (this.#hasNews) {
      this.#hasNews = false;
      await this.#workOff();
    }
    this.#isAtWork = false;
  }

  async #workOff(): Promise<void> {
    for (let item = this.#items[0]; item; item = this.#items[0]) {
      if (item.isOver) {
        this.#items.shift();
        continue;
      }
      try {
        if (!(await this.#advance(item))) return;
      } catch (error) {
        this.#fail(item, error);
      }
    }
  }

  /** Takes one step, and says whether there was one to take. */
  async #advance(item: LiveItem): Promise<boolean> {
    const window = item.windows[0];
    if (window) {
      await this.#hear(item, window);
      return true;
    }
    if (item.isCommitted) {
      this.#finish(item);
      return true;
    }
    const seeming = this.#isFree(item) ? item.takeGuess() : undefined;
    if (!seeming) return false;
    await this.#guess(item, seeming);
    return true;
  }

  async #hear(item: LiveItem, window: SpeechWindow): Promise<void> {
    const segments = await this.#inSlot(item, (session) => item.hearing.hear(window, session));
    if (item.isOver) return;
    item.windows.shift();
    this.#take(lengthOf(window));
    const { number, startSeconds } = item;
    for (const segment of segments) {
      this.#parts.emit({ type: 'segment-end', item: number, startSeconds, segment });
    }
    const text = item.stable.settle(item.hearing.text());
    const logprobs = segments.flatMap((segment) => segment.logprobs);
    if (text !== '') this.#parts.emit({ type: 'text-delta', item: number, text, logprobs });
  }

  async #guess(item: LiveItem, window: SpeechWindow): Promise<void> {
    const text = await this.#inSlot(item, (session) => item.hearing.guess(window, session));
    if (item.isOver || text === '' || text === item.guess) return;
    item.guess = text;
    const { number } = item;
    this.#parts.emit({ type: 'text-guess', item: number, text });
    const sure = item.stable.guess(text);
    if (sure !== '') this.#parts.emit({ type: 'text-delta', item: number, text: sure, logprobs: [] });
  }

  async #inSlot<T>(
    item: LiveItem,
    work: (session: NonNullable<LiveItem['session']>) => Promise<T>,
  ): Promise<T> {
    const { context, candidate } = item.parts;
    const release = await this.#parts.runner.acquire(candidate.engine, context);
    const heldAt = this.#parts.clock.monotonicMs();
    try {
      const session = item.session ?? (await openHearingSession(item.parts));
      item.session = session;
      const done = await work(session);
      // Whoever ended it meanwhile could not close what was being opened.
      if (item.isOver) this.#forget(item);
      return done;
    } catch (error) {
      release(error);
      throw error;
    } finally {
      release();
      item.engineMs += this.#parts.clock.monotonicMs() - heldAt;
    }
  }

  /** Whether a guess takes no slot from anybody. */
  #isFree({ parts: { candidate } }: LiveItem): boolean {
    const { running, waiting } = this.#parts.runner.load(candidate.engine);
    return waiting === 0 && running < candidate.engine.concurrency;
  }

  #finish(item: LiveItem): void {
    const { number, startSeconds, seconds, parts } = item;
    const { request } = parts;
    const transcript = item.hearing.transcript(seconds);
    this.#report(item);
    this.#forget(item);
    this.#parts.emit({ type: 'item-end', item: number, startSeconds, transcript, request });
  }

  #fail(item: LiveItem, thrown: unknown): void {
    const wasOver = item.isOver;
    this.#forget(item);
    if (wasOver || this.#parts.context.signal.aborted) return;
    const error = toAppError(thrown);
    this.#report(item, error);
    this.#parts.emit({ type: 'item-failure', item: item.number, error });
  }

  #report(item: LiveItem, error?: AppError): void {
    const { context, usage } = this.#parts;
    const { request, candidate, aligner } = item.parts;
    const audioSeconds = item.seconds;
    const use = {
      capability: 'transcription',
      model: request.model,
      servedBy: candidate.card.id,
      audioSeconds,
      engineSeconds: item.engineMs / 1000,
      failed: error !== undefined && isOurFault(error),
    } as const;
    countUse(usage, use, context);
    const fields = {
      requestId: context.requestId,
      model: candidate.card.id,
      audioMs: Math.round(audioSeconds * 1000),
      ...aligner.facts(),
    };
    if (error && error.status >= 500) context.log.error({ ...fields, error }, 'live-transcription-failed');
    else context.log.debug(fields, 'live-transcription-end');
  }

  #forget(item: LiveItem): void {
    this.#take(item.end());
  }

  #take(seconds: number): void {
    this.#unheard = Math.max(0, this.#unheard - seconds);
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  #end(): void {
    for (const item of this.#items) this.#forget(item);
    this.#room.resolve();
  }
}
