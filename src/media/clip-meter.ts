/** How loud a stretch of speech is and how much silence stands at its ends. */
export interface ClipMeasure {
  /** Silence before the first sound, in seconds; all of it where there is no sound. */
  readonly leadSeconds: number;
  /** Silence after the last sound, in seconds. */
  readonly tailSeconds: number;
  /** Root mean square of the frames in which something sounds, 0 to 1; 0 where nothing does. */
  readonly level: number;
}

/** Measures speech while it goes by. */
export interface ClipMeter {
  push(samples: Float32Array): void;
  measure(): ClipMeasure;
  /** Level of what sounded from a moment on; of the last ten seconds at most. */
  levelFrom(seconds: number): number;
}

/** Loudest sample that still counts as silence: below the noise floor of a 10-bit recording. */
export const SILENT_SAMPLE = 0.002;
/** Frames whose root mean square is lower are pauses, about -46 dB. */
const SOUNDING_LEVEL = 0.005;
const FRAME_SECONDS = 0.01;
/** Frames that are remembered one by one. */
const KEPT_FRAMES = 1000;

/** Makes the meter for one stretch of speech. Of several channels every sample counts alike. */
export function createClipMeter(sampleRate: number, channels: number): ClipMeter {
  const frameSize = Math.max(1, Math.round(FRAME_SECONDS * sampleRate)) * channels;
  const seconds = (samples: number) => samples / channels / sampleRate;
  const frames: number[] = [];
  const whole = { energy: 0, frames: 0 };
  let firstFrame = 0;
  let energy = 0;
  let inFrame = 0;
  let total = 0;
  let firstSound: number | undefined;
  let lastSound = 0;

  const closeFrame = () => {
    const mean = energy / frameSize;
    if (Math.sqrt(mean) >= SOUNDING_LEVEL) {
      whole.energy += mean;
      whole.frames += 1;
    }
    frames.push(mean);
    if (frames.length > KEPT_FRAMES * 2) {
      firstFrame += KEPT_FRAMES;
      frames.splice(0, KEPT_FRAMES);
    }
    energy = 0;
    inFrame = 0;
  };

  /** Takes in samples that lie within one frame. Each is looked at, so everything in the loop is local. */
  const pushWithin = (samples: Float32Array) => {
    let sum = energy;
    let last = -1;
    for (let index = 0; index < samples.length; index += 1) {
      const sample = samples[index] ?? 0;
      if (sample > SILENT_SAMPLE || sample < -SILENT_SAMPLE) last = index;
      sum += sample * sample;
    }
    if (last >= 0) {
      firstSound ??= total + samples.findIndex((sample) => Math.abs(sample) > SILENT_SAMPLE);
      lastSound = total + last + 1;
    }
    energy = sum;
    inFrame += samples.length;
    total += samples.length;
    if (inFrame === frameSize) closeFrame();
  };

  return {
    push: (samples) => {
      for (let at = 0; at < samples.length;) {
        const end = Math.min(samples.length, at + frameSize - inFrame);
        pushWithin(samples.subarray(at, end));
        at = end;
      }
    },
    measure: () => ({
      leadSeconds: seconds(firstSound ?? total),
      tailSeconds: firstSound === undefined ? 0 : seconds(total - lastSound),
      level: whole.frames === 0 ? 0 : Math.sqrt(whole.energy / whole.frames),
    }),
    levelFrom: (from) => levelOf(frames.slice(Math.max(0, Math.floor(from / FRAME_SECONDS) - firstFrame))),
  };
}

function levelOf(means: readonly number[]): number {
  const sounding = means.filter((mean) => Math.sqrt(mean) >= SOUNDING_LEVEL);
  if (sounding.length === 0) return 0;
  return Math.sqrt(sounding.reduce((sum, mean) => sum + mean, 0) / sounding.length);
}
