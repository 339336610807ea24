import { readAhead } from '../base/read-ahead.ts';
import { rootMeanSquare } from './pcm.ts';
import { createVoiceDetector, VOICE_FRAME, VOICE_SAMPLE_RATE, type VoiceDetector } from './voice-activity.ts';

/** A stretch of time in seconds of the whole recording. */
export interface Interval {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** A stretch of a recording for a recogniser to hear in one go, and where in it somebody speaks. */
export interface SpeechWindow extends Interval {
  /** Mono, 16 kHz. */
  readonly samples: Float32Array;
  /** In order, not overlapping; empty when nobody speaks. */
  readonly speech: readonly Interval[];
}

/** How speech is told from silence. */
export interface WindowOptions {
  /** 0..1; higher wants clearer speech. */
  readonly threshold?: number;
  /** Milliseconds before a voice that still belong to it. */
  readonly prefixPaddingMs?: number;
  /** Milliseconds without a voice that end a stretch of speech. */
  readonly silenceDurationMs?: number;
  /** Longest window, at most 30. */
  readonly maxSeconds?: number;
}

const FRAME_SECONDS = VOICE_FRAME / VOICE_SAMPLE_RATE;
const DEFAULTS = { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 200, maxSeconds: 29.4 } as const;

/** A window is not cut before this share of its length, so that windows stay long enough for context. */
const EARLIEST_CUT = 0.5;

/**
 * Cuts a recording (mono, 16 kHz) into windows that follow one another without a gap. A recording that fits into
 * one window is not cut at all; a longer one is cut where it is silent, in the middle of the longest silence of the
 * window's second half. While the caller works on a window the next one is made; no more than these two are kept.
 */
export function cutWindows(
  chunks: AsyncIterable<Float32Array>,
  options: WindowOptions = {},
): AsyncGenerator<SpeechWindow> {
  return readAhead(cut(chunks, options));
}

async function* cut(
  chunks: AsyncIterable<Float32Array>,
  options: WindowOptions,
): AsyncGenerator<SpeechWindow> {
  const cutter = await openWindowCutter(options);
  try {
    for await (const chunk of chunks) yield* cutter.push(chunk);
    const last = cutter.takeRest();
    if (last) yield last;
  } finally {
    cutter.close();
  }
}

/** Cuts sound into windows as it comes. */
export interface WindowCutter {
  /** Takes in samples and gives the windows that they fill. */
  push(samples: Float32Array): Iterable<SpeechWindow>;
  /** The window that is being filled, as far as it goes; undefined before its first 30 ms. */
  peek(): SpeechWindow | undefined;
  /** What is left at the end of the sound. */
  takeRest(): SpeechWindow | undefined;
  /** Gives the memory back. */
  close(): void;
}

/** Opens a cutter for sound (mono, 16 kHz) that begins at some second of whatever it is a part of. */
export async function openWindowCutter(options: WindowOptions, startSeconds = 0): Promise<WindowCutter> {
  const settings = { ...DEFAULTS, ...options };
  return new Cutter(await createVoiceDetector(settings.threshold), settings, startSeconds);
}

/** The window that is being filled, in one array for the whole recording, with a verdict for each frame. */
class Cutter implements WindowCutter {
  readonly #detector: VoiceDetector;
  readonly #settings: Required<WindowOptions>;
  readonly #startSeconds: number;
  readonly #samples: Float32Array;
  #filled = 0;
  #voiced: boolean[] = [];
  #firstFrame = 0;

  constructor(detector: VoiceDetector, settings: Required<WindowOptions>, startSeconds: number) {
    this.#detector = detector;
    this.#settings = settings;
    this.#startSeconds = startSeconds;
    this.#samples = new Float32Array(
      Math.max(1, Math.floor(settings.maxSeconds / FRAME_SECONDS)) * VOICE_FRAME,
    );
  }

  /** Takes in samples and gives the windows that they fill. One is cut when there is more to come than it can hold. */
  *push(samples: Float32Array): Generator<SpeechWindow> {
    for (let rest = samples; rest.length > 0;) {
      if (this.#filled === this.#samples.length) yield this.#take();
      rest = rest.subarray(this.#add(rest));
    }
  }

  peek(): SpeechWindow | undefined {
    return this.#voiced.length === 0 ? undefined : this.#toWindow(this.#voiced.length);
  }

  close(): void {
    this.#detector.close();
  }

  /** What is left at the end of the recording; its last frame may be a part of one. */
  takeRest(): SpeechWindow | undefined {
    if (this.#filled === 0) return undefined;
    if (this.#filled > this.#voiced.length * VOICE_FRAME) {
      const padded = new Float32Array(VOICE_FRAME);
      padded.set(this.#samples.subarray(this.#voiced.length * VOICE_FRAME, this.#filled));
      this.#voiced.push(this.#detector.isVoice(padded));
    }
    return this.#toWindow(this.#voiced.length);
  }

  /** Takes in as many samples as there is room for, and says how many. */
  #add(samples: Float32Array): number {
    const count = Math.min(samples.length, this.#samples.length - this.#filled);
    this.#samples.set(samples.subarray(0, count), this.#filled);
    this.#filled += count;
    while ((this.#voiced.length + 1) * VOICE_FRAME <= this.#filled) {
      this.#voiced.push(this.#detector.isVoice(this.#frame(this.#voiced.length)));
    }
    return count;
  }

  /** The window up to where a full one is best cut; what comes after begins the next one. */
  #take(): SpeechWindow {
    const end = this.#cutAfter();
    const window = this.#toWindow(end);
    this.#samples.copyWithin(0, end * VOICE_FRAME, this.#filled);
    this.#filled -= end * VOICE_FRAME;
    this.#voiced = this.#voiced.slice(end);
    this.#firstFrame += end;
    return window;
  }

  #frame(index: number): Float32Array {
    return this.#samples.subarray(index * VOICE_FRAME, (index + 1) * VOICE_FRAME);
  }

  /** The number of frames after which to cut: in the middle of the longest silence, else where it is quietest. */
  #cutAfter(): number {
    const earliest = Math.floor(this.#voiced.length * EARLIEST_CUT);
    let best = { length: 0, middle: 0 };
    let run = 0;
    for (let index = earliest; index < this.#voiced.length; index += 1) {
      run = this.#voiced[index] ? 0 : run + 1;
      if (run >= best.length && run > 0) best = { length: run, middle: index - Math.floor(run / 2) };
    }
    return Math.max(1, best.length > 0 ? best.middle : this.#quietest(earliest));
  }

  #quietest(from: number): number {
    let best = { index: from, level: Number.POSITIVE_INFINITY };
    for (let index = from; index < this.#voiced.length; index += 1) {
      const level = rootMeanSquare(this.#frame(index));
      if (level < best.level) best = { index, level };
    }
    return best.index;
  }

  #toWindow(frames: number): SpeechWindow {
    const samples = this.#samples.slice(0, Math.min(frames * VOICE_FRAME, this.#filled));
    const startSeconds = this.#startSeconds + this.#firstFrame * FRAME_SECONDS;
    const endSeconds = startSeconds + samples.length / VOICE_SAMPLE_RATE;
    const speech = speechIntervals(this.#voiced.slice(0, frames), this.#settings).map((interval) => ({
      startSeconds: startSeconds + interval.startSeconds,
      endSeconds: Math.min(endSeconds, startSeconds + interval.endSeconds),
    }));
    return { startSeconds, endSeconds, samples, speech };
  }
}

/**
 * Where somebody speaks, from one verdict per 30 ms frame, in seconds from the first. A lone frame or two are no
 * speech; stretches that come closer than the silence duration are one.
 */
export function speechIntervals(
  voiced: readonly boolean[],
  settings: Pick<Required<WindowOptions>, 'prefixPaddingMs' | 'silenceDurationMs'>,
): Interval[] {
  const least = 3;
  const padding = settings.prefixPaddingMs / 1000;
  const gap = settings.silenceDurationMs / 1000;
  const found: Interval[] = [];
  for (let start = 0; start < voiced.length; start += 1) {
    if (!voiced[start]) continue;
    let end = start;
    while (voiced[end]) end += 1;
    if (end - start >= least) {
      const next = {
        startSeconds: Math.max(0, start * FRAME_SECONDS - padding),
        endSeconds: end * FRAME_SECONDS,
      };
      const last = found.at(-1);
      if (last && next.startSeconds - last.endSeconds < gap)
        found[found.length - 1] = { ...last, endSeconds: next.endSeconds };
      else found.push(next);
    }
    start = end;
  }
  return found;
}
