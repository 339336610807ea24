import { othersFirst } from '../../base/event-loop.ts';
import { AppError } from '../../base/errors.ts';
import { openLiveSound, type LiveSound } from '../../media/live-sound.ts';
import { openTurnCutter, type TurnCutter, type TurnPiece } from '../../media/turn-cutter.ts';
import { LiveHearing, type LiveHearingParts } from './live-hearing.ts';
import { LiveItem, type LiveItemParts } from './live-item.ts';
import type { LiveAnswer, LiveEvent, LiveRequest, LiveTranscription } from './live-request.ts';
import { HEARING_RATE } from './recording-sound.ts';

/** What a session is made from. */
export interface LiveSessionParts extends LiveHearingParts {
  readonly emit: (event: LiveEvent) => void;
  /** Longest item in seconds. */
  readonly maxSeconds: number;
  /** Throws where the caller may not have anything heard, or not any more. */
  readonly admit: (request: LiveRequest) => Promise<void>;
  /** Finds out who hears a request. */
  readonly prepare: (
    request: LiveRequest,
  ) => Promise<{ readonly answer: LiveAnswer; readonly itemParts: () => LiveItemParts }>;
}

/** How sound is heard at the moment. */
interface Setup {
  readonly request: LiveRequest;
  readonly sound: LiveSound;
  readonly turns: TurnCutter | undefined;
  readonly itemParts: () => LiveItemParts;
}

/** Bytes that are worked on in one go: a second or less of common formats. */
const SLICE_BYTES = 32 * 1024;

/** Turns sound that comes in pieces into items, and has them heard. */
export class LiveSession implements LiveTranscription {
  readonly #parts: LiveSessionParts;
  readonly #hearing: LiveHearing;
  #setup: Setup | undefined;
  #item: LiveItem | undefined;
  #itemCount = 0;
  /** Samples so far, and how many of them there were at the last commit. */
  #position = 0;
  #committedAt = 0;

  constructor(parts: LiveSessionParts) {
    this.#parts = parts;
    this.#hearing = new LiveHearing(parts);
    parts.context.signal.addEventListener('abort', () => this.#setup?.turns?.close(), { once: true });
  }

  get uncommittedSeconds(): number {
    const held = this.#setup?.sound.heldSeconds ?? 0;
    return (this.#position - this.#committedAt) / HEARING_RATE + held;
  }

  async configure(request: LiveRequest): Promise<LiveAnswer> {
    await this.#parts.admit(request);
    const { answer, itemParts } = await this.#parts.prepare(request);
    const before = this.#setup;
    const sound =
      before && sameValues(before.request.sound, request.sound)
        ? before.sound
        : openLiveSound(request.sound, HEARING_RATE);
    const keepsTurns = before !== undefined && sameValues(before.request.turns, request.turns);
    if (!keepsTurns) await this.#endTurns(before?.turns);
    const turns = keepsTurns ? before.turns : await this.#openTurns(request);
    this.#setup = { request, sound, turns, itemParts };
    return answer;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const setup = this.#configured();
    for (let offset = 0; offset < bytes.length; offset += SLICE_BYTES) {
      if (offset > 0) await othersFirst();
      if (this.#parts.context.signal.aborted) return;
      await this.#take(setup, setup.sound.push(bytes.subarray(offset, offset + SLICE_BYTES)));
    }
    await this.#hearing.room();
  }

  async commit(): Promise<number> {
    const setup = this.#configured();
    await this.#take(setup, setup.sound.finish());
    const rest = setup.turns?.interrupt();
    const item = this.#item ?? (await this.#begin(this.#position - (rest?.length ?? 0)));
    if (rest) this.#push(item, rest);
    this.#complete(item);
    return item.number;
  }

  clear(): void {
    const { turns, sound } = this.#configured();
    sound.finish();
    turns?.interrupt();
    if (this.#item) this.#hearing.drop(this.#item);
    this.#item = undefined;
    this.#committedAt = this.#position;
  }

  #configured(): Setup {
    if (this.#setup) return this.#setup;
    throw new AppError('conflict', 'Nothing has been said yet about how to hear.');
  }

  async #openTurns({ turns }: LiveRequest): Promise<TurnCutter | undefined> {
    const cutter = turns && (await openTurnCutter(turns, this.#position));
    // Who leaves meanwhile cannot close what is only being opened.
    if (this.#parts.context.signal.aborted) cutter?.close();
    return cutter;
  }

  /** What was being said is complete; what was held back becomes the beginning of what comes. */
  async #endTurns(turns: TurnCutter | undefined): Promise<void> {
    const rest = turns?.interrupt();
    turns?.close();
    if (!this.#item) return;
    if (rest) this.#push(this.#item, rest);
    this.#complete(this.#item);
  }

  async #take(setup: Setup, samples: Float32Array): Promise<void> {
    this.#position += samples.length;
    if (!setup.turns) {
      if (samples.length === 0) return;
      this.#item ??= await this.#begin(this.#position - samples.length);
      this.#push(this.#item, samples);
      return;
    }
    for (const piece of setup.turns.push(samples)) await this.#takePiece(piece);
  }

  async #takePiece(piece: TurnPiece): Promise<void> {
    const { emit } = this.#parts;
    switch (piece.type) {
      case 'speech-start': {
        const { number } = (this.#item = await this.#begin(piece.atSample));
        emit({ type: 'speech-start', item: number, atMs: toMilliseconds(piece.atSample) });
        return;
      }
      case 'sound':
        if (this.#item) this.#push(this.#item, piece.samples);
        return;
      case 'speech-stop':
        if (!this.#item) return;
        emit({ type: 'speech-stop', item: this.#item.number, atMs: toMilliseconds(piece.atSample) });
        this.#complete(this.#item);
        return;
      case 'idle': {
        const item = await this.#begin(piece.fromSample);
        const { fromSample, toSample } = piece;
        emit({
          type: 'speech-timeout',
          item: item.number,
          fromMs: toMilliseconds(fromSample),
          toMs: toMilliseconds(toSample),
        });
        this.#push(item, piece.samples);
        this.#complete(item);
      }
    }
  }

  async #begin(atSample: number): Promise<LiveItem> {
    const { request, itemParts } = this.#configured();
    // An allowance may be spent since the last one began.
    await this.#parts.admit(request);
    const place = { number: this.#itemCount, startSeconds: atSample / HEARING_RATE };
    this.#itemCount += 1;
    const item = await LiveItem.open(place, itemParts());
    this.#hearing.add(item);
    return item;
  }

  #push(item: LiveItem, samples: Float32Array): void {
    const { maxSeconds } = this.#parts;
    if (item.seconds > maxSeconds) {
      throw new AppError(
        'payload_too_large',
        `Nothing was committed for ${maxSeconds} s of sound, which is the most that is taken at a time. Commit it, or clear it.`,
      );
    }
    this.#hearing.push(item, samples);
  }

  #complete(item: LiveItem): void {
    this.#item = undefined;
    this.#committedAt = this.#position;
    this.#parts.emit({ type: 'item-commit', item: item.number });
    this.#hearing.commit(item);
  }
}

function toMilliseconds(samples: number): number {
  return Math.round((samples / HEARING_RATE) * 1000);
}

function sameValues(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
