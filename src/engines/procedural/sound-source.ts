/** Frames per second of everything that this engine makes, in hertz. */
export const SAMPLE_RATE = 44_100;

/** Shortest and longest clip, in seconds. */
export const CLIP_SECONDS = { least: 0.5, most: 600 } as const;

/** Seconds of one frame. */
export const FRAME_SECONDS = 1 / SAMPLE_RATE;

/** Frames that are computed at once. Blocks of any other length are cut from these, so no length changes a sample. */
export const QUANTUM = 128;

/** A sound that is made as it is read. It is not shared: every reader makes a source of its own. */
export interface SoundSource {
  readonly sampleRate: 44_100;
  readonly durationSeconds: number;
  /** The next block of interleaved stereo frames (left, right, left, …), undefined at the end. The reader owns it. */
  next(): Float32Array<ArrayBuffer> | undefined;
}

/** A stretch of two channels that are worked on side by side. */
export interface StereoBlock {
  readonly left: Float32Array<ArrayBuffer>;
  readonly right: Float32Array<ArrayBuffer>;
}

/** Silence of some frames. */
export function stereoBlock(frames: number = QUANTUM): StereoBlock {
  return { left: new Float32Array(frames), right: new Float32Array(frames) };
}

/** Makes a block silent again. */
export function clearBlock(block: StereoBlock): void {
  block.left.fill(0);
  block.right.fill(0);
}

/** Something that changes a block in place and remembers what came before it: a filter, a reverb, a limiter. */
export interface StereoEffect {
  process(block: StereoBlock): void;
}

/** Reads a source to its end. For what is known to be short. */
export function readSource(source: SoundSource): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(2 * Math.round(source.durationSeconds * SAMPLE_RATE));
  let offset = 0;
  for (let block = source.next(); block; block = source.next()) {
    samples.set(block.subarray(0, samples.length - offset), offset);
    offset += block.length;
  }
  return samples;
}
