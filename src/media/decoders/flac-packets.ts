import { FLACDecoder } from '@wasm-audio-decoders/flac';
import type { PacketDecoder, SoundBlock } from './sound-block.ts';

/** Decodes whole FLAC frames with libFLAC. Samples come out exactly as integers of the file's width would. */
export async function createFlacPacketDecoder(): Promise<PacketDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  return {
    decode: async (packets) => {
      const { channelData, samplesDecoded, sampleRate, bitDepth } = await decoder.decodeFrames([...packets]);
      if (samplesDecoded === 0 || sampleRate === 0) return undefined;
      const block: SoundBlock = { sampleRate, planes: channelData, surround: true };
      rescale(channelData, bitDepth);
      return block;
    },
    free: () => {
      decoder.free();
    },
  };
}

/** The package divides by the largest number of the width, everybody else by the number of steps. */
function rescale(planes: readonly Float32Array[], bits: number): void {
  const steps = 2 ** (bits - 1);
  const scale = (steps - 1) / steps;
  for (const plane of planes) {
    for (let index = 0; index < plane.length; index += 1) {
      const sample = (plane[index] ?? 0) * scale;
      // Up to 24 bit a float holds the integer exactly, once the rounding of two divisions is undone.
      plane[index] = bits <= 24 ? Math.round(sample * steps) / steps : sample;
    }
  }
}
