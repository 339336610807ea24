import type { ByteReader } from './byte-reader.ts';

/** A piece of sound as a codec gives it: one array of samples in -1..1 for each channel, all of one length. */
export interface SoundBlock {
  /** Frames per second, in hertz. */
  readonly sampleRate: number;
  readonly planes: readonly Float32Array[];
  /** Whether three or more channels are loudspeakers in the order of WAVE (left, right, centre, low, …). */
  readonly surround: boolean;
}

/** What a container turned out to hold. The blocks are decoded while they are read. */
export interface OpenedSound {
  readonly container: string;
  readonly codec: string;
  /** Present only where the file's own tables or its size prove it. */
  readonly durationSeconds?: number;
  readonly blocks: AsyncIterable<SoundBlock>;
}

/** Reads one kind of container from its first byte on. */
export interface ContainerDecoder {
  readonly container: string;
  open(bytes: ByteReader): Promise<OpenedSound>;
}

/**
 * Decodes the packets of one codec, in order. It gives one block for some packets, or none when they yield no
 * sound yet. `free` must be called once, also after a failure.
 */
export interface PacketDecoder {
  decode(packets: readonly Uint8Array[]): Promise<SoundBlock | undefined>;
  free(): void;
}

/** A block without its first `frames` frames. */
export function dropFrames(block: SoundBlock, frames: number): SoundBlock {
  if (frames <= 0) return block;
  return { ...block, planes: block.planes.map((plane) => plane.subarray(frames)) };
}

/** A block cut down to its first `frames` frames. */
export function keepFrames(block: SoundBlock, frames: number): SoundBlock {
  if (frames >= framesOf(block)) return block;
  return { ...block, planes: block.planes.map((plane) => plane.subarray(0, Math.max(0, frames))) };
}

/** How many frames a block has. */
export function framesOf(block: SoundBlock): number {
  return block.planes[0]?.length ?? 0;
}

/** One array per channel from interleaved samples. */
export function toPlanes(interleaved: Float32Array, channels: number): Float32Array[] {
  const frames = Math.floor(interleaved.length / channels);
  return Array.from({ length: channels }, (_, channel) => {
    const plane = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame += 1)
      plane[frame] = interleaved[frame * channels + channel] ?? 0;
    return plane;
  });
}

/** For each count of channels, where the channels of WAVE's order are found in that of Vorbis and Opus. */
const VORBIS_TO_WAVE: Readonly<Record<number, readonly number[]>> = {
  3: [0, 2, 1],
  5: [0, 2, 1, 3, 4],
  6: [0, 2, 1, 5, 3, 4],
  7: [0, 2, 1, 6, 5, 3, 4],
  8: [0, 2, 1, 7, 5, 6, 3, 4],
};

/** The channels of a Vorbis or Opus stream (RFC 7845, section 5.1.1.2) in the order of WAVE. */
export function inWaveOrder(planes: readonly Float32Array[]): readonly Float32Array[] {
  const order = VORBIS_TO_WAVE[planes.length];
  return order ? order.flatMap((index) => planes[index] ?? []) : planes;
}
