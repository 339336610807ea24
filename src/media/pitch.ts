import { PitchDetector } from 'pitchy';
import { present } from '../base/assert.ts';

/** The fundamental frequency at one moment of a voice. */
export interface PitchPoint {
  /** Middle of the frame that was looked at. */
  readonly seconds: number;
  readonly hertz: number;
}

/** How high a voice speaks and how much it moves. */
export interface PitchMeasure {
  /** Median of the voiced frames. */
  readonly pitchHertz: number;
  /** From the 10th to the 90th percentile of the voiced frames. */
  readonly pitchRangeSemitones: number;
}

/** Two periods of the lowest voice fit into a frame. */
const FRAME_SECONDS = 0.04;
const STEP_SECONDS = 0.01;
/** Voices of people, from a deep man's to a child's. */
const VOICE_HERTZ = { least: 60, most: 600 };
/** How periodic a frame is when a vowel is in it, 0 to 1. */
const VOICED_CLARITY = 0.9;
/** Quieter frames than this part of the loudest one are breath and room. */
const VOICED_LEVEL = 0.05;
/** Fewer voiced frames than these say nothing about a voice: a tenth of a second. */
const LEAST_POINTS = 10;

/**
 * The fundamental frequency of the voiced frames of mono samples, by the McLeod pitch method (McLeod and Wyvill,
 * "A smarter way to find pitch", ICMC 2005), every hundredth of a second.
 */
export function trackPitch(samples: Float32Array, sampleRate: number): readonly PitchPoint[] {
  const frame = Math.round(FRAME_SECONDS * sampleRate);
  const step = Math.round(STEP_SECONDS * sampleRate);
  if (samples.length < frame) return [];
  const detector = PitchDetector.forFloat32Array(frame);
  detector.clarityThreshold = VOICED_CLARITY;
  const quiet = VOICED_LEVEL * loudest(samples);
  const points: PitchPoint[] = [];
  for (let start = 0; start + frame <= samples.length; start += step) {
    const piece = samples.subarray(start, start + frame);
    if (loudest(piece) <= quiet) continue;
    const [hertz, clarity] = detector.findPitch(piece, sampleRate);
    if (clarity < VOICED_CLARITY || hertz < VOICE_HERTZ.least || hertz > VOICE_HERTZ.most) continue;
    points.push({ seconds: (start + frame / 2) / sampleRate, hertz });
  }
  return points;
}

/** How high the voice in mono samples speaks; undefined where there is less than a tenth of a second of voice. */
export function measurePitch(samples: Float32Array, sampleRate: number): PitchMeasure | undefined {
  const hertz = trackPitch(samples, sampleRate)
    .map((point) => point.hertz)
    .sort((a, b) => a - b);
  if (hertz.length < LEAST_POINTS) return undefined;
  const at = (part: number) => present(hertz[Math.floor(part * (hertz.length - 1))], 'a percentile');
  return { pitchHertz: at(0.5), pitchRangeSemitones: semitonesBetween(at(0.1), at(0.9)) };
}

/** How many semitones a frequency lies above another one; negative when it lies below. */
export function semitonesBetween(fromHertz: number, toHertz: number): number {
  return 12 * Math.log2(toHertz / fromHertz);
}

function loudest(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}
