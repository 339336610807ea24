import { concatSamples } from './pcm.ts';
import { fixedBlocks } from './sample-blocks.ts';
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

interface Frame {
  readonly samples: Float32Array;
  readonly voice: boolean;
}

/**
 * Cuts a recording (mono, 16 kHz) into windows that follow one another without a gap. A recording that fits into
 * one window is not cut at all; a longer one is cut where it is silent, in the middle of the longest silence of the
 * window's second half. At most one window is in memory.
 */
export async function* cutWindows(
  chunks: AsyncIterable<Float32Array>,
  options: WindowOptions = {},
): AsyncGenerator<SpeechWindow> {
  const settings = { ...DEFAULTS, ...options };
  const detector = await createVoiceDetector(settings.threshold);
  const maxFrames = Math.floor(settings.maxSeconds / FRAME_SECONDS);
  let frames: Frame[] = [];
  let firstFrame = 0;
  try {
    for await (const block of fixedBlocks(chunks, VOICE_FRAME)) {
      if (frames.length === maxFrames) {
        const cut = cutAfter(frames);
        yield toWindow(frames.slice(0, cut), firstFrame, settings);
        frames = frames.slice(cut);
        firstFrame += cut;
      }
      frames.push(judge(detector, block));
    }
    if (frames.length > 0) yield toWindow(frames, firstFrame, settings);
  } finally {
    detector.close();
  }
}

function judge(detector: VoiceDetector, block: Float32Array): Frame {
  if (block.length === VOICE_FRAME) return { samples: block, voice: detector.isVoice(block) };
  const padded = new Float32Array(VOICE_FRAME);
  padded.set(block);
  return { samples: block, voice: detector.isVoice(padded) };
}

/** The number of frames after which to cut: in the middle of the longest silence, else where it is quietest. */
function cutAfter(frames: readonly Frame[]): number {
  const earliest = Math.floor(frames.length * EARLIEST_CUT);
  let best = { length: 0, middle: 0 };
  let run = 0;
  for (let index = earliest; index < frames.length; index += 1) {
    run = frames[index]?.voice ? 0 : run + 1;
    if (run >= best.length && run > 0) best = { length: run, middle: index - Math.floor(run / 2) };
  }
  return best.length > 0 ? Math.max(1, best.middle) : quietest(frames, earliest);
}

function quietest(frames: readonly Frame[], from: number): number {
  const energy = (frame: Frame | undefined) =>
    frame?.samples.reduce((sum, sample) => sum + sample * sample, 0) ?? 0;
  let best = from;
  for (let index = from; index < frames.length; index += 1) {
    if (energy(frames[index]) < energy(frames[best])) best = index;
  }
  return Math.max(1, best);
}

function toWindow(
  frames: readonly Frame[],
  firstFrame: number,
  settings: Required<WindowOptions>,
): SpeechWindow {
  const samples = concatSamples(frames.map((frame) => frame.samples));
  const startSeconds = firstFrame * FRAME_SECONDS;
  const endSeconds = startSeconds + samples.length / VOICE_SAMPLE_RATE;
  const speech = speechIntervals(
    frames.map((frame) => frame.voice),
    settings,
  ).map((interval) => ({
    startSeconds: startSeconds + interval.startSeconds,
    endSeconds: Math.min(endSeconds, startSeconds + interval.endSeconds),
  }));
  return { startSeconds, endSeconds, samples, speech };
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
