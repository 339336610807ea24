import { createStableText, type StableText } from '../../media/text/stable-text.ts';
import { openWindowCutter, type SpeechWindow, type WindowCutter } from '../../media/speech-windows.ts';
import type { HearingSession } from '../engine.ts';
import { HEARING_RATE } from './recording-sound.ts';
import { createWindowHearing, type WindowHearing, type WindowHearingParts } from './window-hearing.ts';

/** A guess is made after so many seconds of fresh sound … */
const GUESS_SECONDS = 1;
/** … and after this share of what would be heard again, so that long speech is not heard ever more often. */
const GUESS_SHARE = 0.2;

/** Who hears an item for whom. */
export interface LiveItemParts extends WindowHearingParts {
  /** Whether it is heard before it is complete, to show what it seems to be. */
  readonly guesses: boolean;
}

/** A stretch of live sound that becomes one transcript: what was said until somebody committed it. */
export class LiveItem {
  /** Counts the items of a session from 0. */
  readonly number: number;
  readonly startSeconds: number;
  readonly parts: LiveItemParts;
  readonly hearing: WindowHearing;
  readonly stable: StableText = createStableText();
  /** Windows that are complete and wait to be heard. */
  readonly windows: SpeechWindow[] = [];
  /** The model, while it is at work on this item. */
  session: HearingSession | undefined;
  /** The guess that was told last. */
  guess = '';
  /** How long engines were taken up by it. */
  engineMs = 0;
  #state: 'open' | 'committed' | 'over' = 'open';
  #cutter: WindowCutter | undefined;
  #samples = 0;
  /** Samples since the last complete window, and since the last guess. */
  #tail = 0;
  #fresh = 0;

  private constructor(place: LiveItemPlace, parts: LiveItemParts, cutter: WindowCutter) {
    this.number = place.number;
    this.startSeconds = place.startSeconds;
    this.parts = parts;
    this.hearing = createWindowHearing(parts);
    this.#cutter = cutter;
  }

  /** Opens an item without sound. */
  static async open(place: LiveItemPlace, parts: LiveItemParts): Promise<LiveItem> {
    const cutter = await openWindowCutter(parts.request.voiceActivity ?? {}, place.startSeconds);
    return new LiveItem(place, parts, cutter);
  }

  get isCommitted(): boolean {
    return this.#state === 'committed';
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  get seconds(): number {
    return this.#samples / HEARING_RATE;
  }

  /** Takes in sound and gives the seconds of it that have become windows. */
  push(samples: Float32Array): number {
    if (!this.#cutter) return 0;
    this.#samples += samples.length;
    this.#tail += samples.length;
    this.#fresh += samples.length;
    let complete = 0;
    for (const window of this.#cutter.push(samples)) complete += this.#keep(window);
    return complete;
  }

  /** Nothing more is to come. Gives the seconds that have become windows by this. */
  commit(): number {
    const last = this.#cutter?.takeRest();
    this.#letGo();
    if (this.#state === 'open') this.#state = 'committed';
    return last && !this.isOver ? this.#keep(last) : 0;
  }

  /** What may be heard for a guess now, if it is time for one. */
  takeGuess(): SpeechWindow | undefined {
    const due = Math.max(GUESS_SECONDS * HEARING_RATE, GUESS_SHARE * this.#tail);
    if (!this.parts.guesses || this.#state !== 'open' || this.#fresh < due) return undefined;
    this.#fresh = 0;
    const window = this.#cutter?.peek();
    return window && window.speech.length > 0 ? window : undefined;
  }

  /** Ends it, whatever it waits for. Gives the seconds that are not to be heard any more. */
  end(): number {
    const unheard = this.windows.reduce((sum, window) => sum + lengthOf(window), 0);
    this.windows.length = 0;
    this.#state = 'over';
    this.#letGo();
    this.session?.close();
    this.session = undefined;
    return unheard;
  }

  #keep(window: SpeechWindow): number {
    this.windows.push(window);
    this.#tail -= window.samples.length;
    return lengthOf(window);
  }

  #letGo(): void {
    this.#cutter?.close();
    this.#cutter = undefined;
  }
}

/** Where an item stands in its session. */
export interface LiveItemPlace {
  readonly number: number;
  /** Of all the session's sound. */
  readonly startSeconds: number;
}

/** How long a window is. */
export function lengthOf({ startSeconds, endSeconds }: SpeechWindow): number {
  return endSeconds - startSeconds;
}
