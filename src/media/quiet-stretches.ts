import { rootMeanSquare } from './pcm.ts';
import type { Interval } from './speech-windows.ts';

const FRAME_SECONDS = 0.01;
/** Everything below this level is silence. */
const SILENCE = 0.0005;
/** Frames that are at least so loud, against the loudest, say how loud the sound is. */
const LOUD_SHARE = 0.1;
/** What is this much quieter than the sound is quiet, whatever noise there is … */
const QUIET_SHARE = { least: 0.02, most: 0.1 };
/** … and so is what hardly rises above the noise. */
const ABOVE_NOISE = 2;
/** The part of the frames that is taken for nothing but noise. */
const NOISE_PART = 0.1;

/**
 * Where mono samples are quiet for so long or longer, in seconds from the first one, judged against how loud they are
 * elsewhere. Sound in which nothing can be heard is one quiet stretch.
 */
export function findQuiet(
  samples: Float32Array,
  sampleRate: number,
  leastSeconds: number,
): readonly Interval[] {
  const levels = frameLevels(samples, sampleRate);
  const threshold = quietBelow(levels);
  const length = samples.length / sampleRate;
  const found: Interval[] = [];
  for (let start = 0; start < levels.length; start += 1) {
    if ((levels[start] ?? 0) >= threshold) continue;
    let end = start + 1;
    while (end < levels.length && (levels[end] ?? 0) < threshold) end += 1;
    const stretch = {
      startSeconds: start * FRAME_SECONDS,
      endSeconds: Math.min(length, end * FRAME_SECONDS),
    };
    if (stretch.endSeconds - stretch.startSeconds >= leastSeconds - FRAME_SECONDS / 2) found.push(stretch);
    start = end;
  }
  return found;
}

/** Mono samples from the first sound to the last; empty where nothing can be heard. */
export function withoutQuietEnds(samples: Float32Array, sampleRate: number): Float32Array {
  const levels = frameLevels(samples, sampleRate);
  const threshold = quietBelow(levels);
  const first = levels.findIndex((level) => level >= threshold);
  if (first < 0) return samples.subarray(0, 0);
  const last = levels.findLastIndex((level) => level >= threshold);
  const at = (frame: number) => Math.round(frame * FRAME_SECONDS * sampleRate);
  return samples.subarray(at(first), Math.min(samples.length, at(last + 1)));
}

function frameLevels(samples: Float32Array, sampleRate: number): number[] {
  const count = Math.ceil(samples.length / sampleRate / FRAME_SECONDS - 1e-9);
  const at = (frame: number) => Math.round(frame * FRAME_SECONDS * sampleRate);
  return Array.from({ length: count }, (_, frame) =>
    rootMeanSquare(samples.subarray(at(frame), at(frame + 1))),
  );
}

function quietBelow(levels: readonly number[]): number {
  const loudest = levels.reduce((most, level) => Math.max(most, level), 0);
  const loud = rootMeanSquare(Float32Array.from(levels.filter((level) => level >= LOUD_SHARE * loudest)));
  const noise = levels.toSorted((a, b) => a - b)[Math.floor(NOISE_PART * levels.length)] ?? 0;
  const least = QUIET_SHARE.least * loud;
  return Math.max(SILENCE, least, Math.min(ABOVE_NOISE * noise, QUIET_SHARE.most * loud));
}
