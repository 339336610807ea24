import { NOISE_SAMPLE_RATE, suppressNoise } from './noise-suppression.ts';
import { collectSamples, rootMeanSquare } from './pcm.ts';
import { measurePitch, type PitchMeasure } from './pitch.ts';
import { resample } from './resample.ts';
import { createVoiceDetector, VOICE_FRAME, VOICE_SAMPLE_RATE } from './voice-activity.ts';

/** A recording of somebody, decoded: mono. */
export interface RawReference {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly sampleRate: number;
  /** Whether noise is taken away first. */
  readonly denoise: boolean;
  /** What is kept at most. */
  readonly maxSeconds: number;
}

/** The part of a recording that is worth keeping, at an even level, or that nothing can be heard in it. */
export type ReferenceSound =
  | {
      readonly kind: 'sound';
      /** Mono, at `REFERENCE_RATE`. */
      readonly samples: Float32Array<ArrayBuffer>;
      /** Absent where no voice was found in the sound. */
      readonly measure?: PitchMeasure;
    }
  | { readonly kind: 'silence' };

/** Hertz at which recordings of voices are kept. */
export const REFERENCE_RATE = 24_000;

/** Root mean square of the kept speech: -20 dB of full scale. */
const LEVEL = 0.1;
/** No sample becomes larger than this. */
const PEAK = 0.97;
/** Below this level (about -60 dB) a recording is silence, however much it is amplified. */
const SILENCE_LEVEL = 0.001;
/** Frames this much quieter than the loudest one are pauses, where the detector finds no voice at all. */
const PAUSE_LEVEL = 0.02;
/** The detector tires of steady sounds; so few frames are no finding: half a second. */
const LEAST_VOICED_FRAMES = 17;
/** Left on before and after the sound, so that no consonant is cut. */
const MARGIN_FRAMES = 4;
const THRESHOLD = 0.5;
/** More does not change what is measured. */
const MEASURED_SECONDS = 12;
const FADE_SECONDS = 0.01;

const FRAME_SECONDS = VOICE_FRAME / VOICE_SAMPLE_RATE;

/**
 * Makes a reference of a recording: noise taken away where that is wanted, silence cut off at both ends, of a long
 * one the stretch with the most speech, and speech at a level of -20 dB unless that would clip.
 */
export async function shapeReference(raw: RawReference): Promise<ReferenceSound> {
  const clean = raw.denoise ? await atRate(await denoised(raw), REFERENCE_RATE) : await kept(raw);
  const judged = await atRate({ samples: clean, sampleRate: REFERENCE_RATE }, VOICE_SAMPLE_RATE);
  const levels = frameLevels(judged);
  if (Math.max(0, ...levels) < SILENCE_LEVEL) return { kind: 'silence' };
  const sounding = await soundingFrames(judged, levels);
  const span = bestSpan(sounding, Math.floor(raw.maxSeconds / FRAME_SECONDS));
  const cut = (samples: Float32Array, sampleRate: number) =>
    samples.slice(Math.round(span.start * FRAME_SECONDS * sampleRate), secondsEnd(span.end, sampleRate));
  const samples = cut(clean, REFERENCE_RATE).subarray(0, Math.floor(raw.maxSeconds * REFERENCE_RATE));
  const speech = levels.filter((_, frame) => frame >= span.start && frame < span.end && sounding[frame]);
  level(samples, Math.hypot(...speech) / Math.sqrt(Math.max(1, speech.length)));
  fadeEnds(samples);
  const measure = measureVoice(cut(judged, VOICE_SAMPLE_RATE), VOICE_SAMPLE_RATE);
  return { kind: 'sound', samples, ...(measure ? { measure } : {}) };
}

/** How high the voice in some mono samples speaks, judged by at most their first twelve seconds. */
export function measureVoice(samples: Float32Array, sampleRate: number): PitchMeasure | undefined {
  return measurePitch(samples.subarray(0, MEASURED_SECONDS * sampleRate), sampleRate);
}

interface Sound {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly sampleRate: number;
}

function kept({ samples, sampleRate }: RawReference): Promise<Float32Array<ArrayBuffer>> {
  return atRate({ samples, sampleRate }, REFERENCE_RATE);
}

async function denoised({ samples, sampleRate }: RawReference): Promise<Sound> {
  const wide = await atRate({ samples, sampleRate }, NOISE_SAMPLE_RATE);
  const { chunks } = suppressNoise({ sampleRate: NOISE_SAMPLE_RATE, channels: 1, chunks: once(wide) });
  return { samples: await collectSamples(chunks), sampleRate: NOISE_SAMPLE_RATE };
}

async function atRate(sound: Sound, sampleRate: number): Promise<Float32Array<ArrayBuffer>> {
  if (sound.sampleRate === sampleRate) return sound.samples;
  const { chunks } = resample(
    { sampleRate: sound.sampleRate, channels: 1, chunks: once(sound.samples) },
    sampleRate,
  );
  return collectSamples(chunks);
}

async function* once(samples: Float32Array): AsyncGenerator<Float32Array> {
  yield samples;
}

function frameLevels(samples: Float32Array): number[] {
  const count = Math.ceil(samples.length / VOICE_FRAME);
  return Array.from({ length: count }, (_, frame) =>
    rootMeanSquare(samples.subarray(frame * VOICE_FRAME, (frame + 1) * VOICE_FRAME)),
  );
}

/** Where there is a voice; where hardly any is found, where it is not much quieter than elsewhere. */
async function soundingFrames(samples: Float32Array, levels: readonly number[]): Promise<boolean[]> {
  const detector = await createVoiceDetector(THRESHOLD);
  try {
    const frame = new Float32Array(VOICE_FRAME);
    const voiced = levels.map((_, index) => {
      frame.fill(0);
      frame.set(samples.subarray(index * VOICE_FRAME, (index + 1) * VOICE_FRAME));
      return detector.isVoice(frame);
    });
    if (countSounding(voiced) >= LEAST_VOICED_FRAMES) return voiced;
  } finally {
    detector.close();
  }
  const least = Math.max(SILENCE_LEVEL, PAUSE_LEVEL * Math.max(...levels));
  return levels.map((one) => one >= least);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The frames from the first to the last that sound, or as many of them as fit with the most sound among them. */
function bestSpan(sounding: readonly boolean[], most: number): Span {
  const first = Math.max(0, sounding.indexOf(true) - MARGIN_FRAMES);
  const last = Math.min(sounding.length, sounding.lastIndexOf(true) + 1 + MARGIN_FRAMES);
  if (last - first <= most) return { start: first, end: last };
  let found = { start: first, count: countSounding(sounding.slice(first, first + most)) };
  let { count } = found;
  for (let start = first + 1; start + most <= last; start += 1) {
    count += Number(sounding[start + most - 1]) - Number(sounding[start - 1]);
    if (count > found.count) found = { start, count };
  }
  return { start: found.start, end: found.start + most };
}

function countSounding(frames: readonly boolean[]): number {
  return frames.filter(Boolean).length;
}

function secondsEnd(frame: number, sampleRate: number): number {
  return Math.round(frame * FRAME_SECONDS * sampleRate);
}

function level(samples: Float32Array, loudness: number): void {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  if (peak === 0 || loudness === 0) return;
  const gain = Math.min(LEVEL / loudness, PEAK / peak);
  samples.forEach((sample, index) => {
    samples[index] = sample * gain;
  });
}

/** A cut in the middle of a sound would click. */
function fadeEnds(samples: Float32Array): void {
  const length = Math.min(Math.round(FADE_SECONDS * REFERENCE_RATE), samples.length >> 1);
  for (let index = 0; index < length; index += 1) {
    const gain = index / length;
    samples[index] = (samples[index] ?? 0) * gain;
    const other = samples.length - 1 - index;
    samples[other] = (samples[other] ?? 0) * gain;
  }
}
