import type { ByteReader } from './byte-reader.ts';
import { truncatedFile } from './decode-refusals.ts';
import type { SoundBlock } from './sound-block.ts';

/** How samples lie in a file that does not compress them; `le` and `be` tell the order of a sample's bytes. */
export type LinearEncoding =
  | 'u8'
  | 's8'
  | `s${16 | 24 | 32}${'le' | 'be'}`
  | `f${32 | 64}${'le' | 'be'}`
  | 'mulaw'
  | 'alaw';

/** Uncompressed samples, interleaved. */
export interface LinearSound {
  readonly container: string;
  readonly encoding: LinearEncoding;
  readonly sampleRate: number;
  readonly channels: number;
  readonly surround: boolean;
  /** How many bytes of samples the header promises; absent means up to the end. */
  readonly byteLength?: number;
}

const FRAMES_PER_BLOCK = 16_384;

const MULAW = Float32Array.from({ length: 256 }, (_, byte) => mulawSample(byte) / 32_768);
const ALAW = Float32Array.from({ length: 256 }, (_, byte) => alawSample(byte) / 32_768);

type ReadSample = (view: DataView, offset: number) => number;

const READERS: Readonly<Record<LinearEncoding, { readonly bytes: number; readonly read: ReadSample }>> = {
  u8: { bytes: 1, read: (view, at) => (view.getUint8(at) - 128) / 128 },
  s8: { bytes: 1, read: (view, at) => view.getInt8(at) / 128 },
  s16le: { bytes: 2, read: (view, at) => view.getInt16(at, true) / 32_768 },
  s16be: { bytes: 2, read: (view, at) => view.getInt16(at) / 32_768 },
  s24le: {
    bytes: 3,
    read: (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 8_388_608,
  },
  s24be: { bytes: 3, read: (view, at) => (view.getInt16(at) * 256 + view.getUint8(at + 2)) / 8_388_608 },
  s32le: { bytes: 4, read: (view, at) => view.getInt32(at, true) / 2_147_483_648 },
  s32be: { bytes: 4, read: (view, at) => view.getInt32(at) / 2_147_483_648 },
  f32le: { bytes: 4, read: (view, at) => bounded(view.getFloat32(at, true)) },
  f32be: { bytes: 4, read: (view, at) => bounded(view.getFloat32(at)) },
  f64le: { bytes: 8, read: (view, at) => bounded(view.getFloat64(at, true)) },
  f64be: { bytes: 8, read: (view, at) => bounded(view.getFloat64(at)) },
  mulaw: { bytes: 1, read: (view, at) => MULAW[view.getUint8(at)] ?? 0 },
  alaw: { bytes: 1, read: (view, at) => ALAW[view.getUint8(at)] ?? 0 },
};

/** How many bytes one sample takes. */
export function bytesPerSample(encoding: LinearEncoding): number {
  return READERS[encoding].bytes;
}

/** One array per channel from the bytes of whole frames; a cut frame at the end is left out. */
export function linearPlanes(bytes: Uint8Array, encoding: LinearEncoding, channels: number): Float32Array[] {
  const { bytes: width, read } = READERS[encoding];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frameBytes = width * channels;
  const frames = Math.floor(bytes.length / frameBytes);
  return Array.from({ length: channels }, (_, channel) => {
    const plane = new Float32Array(frames);
    let offset = channel * width;
    for (let frame = 0; frame < frames; frame += 1) {
      plane[frame] = read(view, offset);
      offset += frameBytes;
    }
    return plane;
  });
}

/** Reads uncompressed samples in blocks. Throws `truncated` after the last one when promised bytes are missing. */
export async function* linearBlocks(bytes: ByteReader, sound: LinearSound): AsyncGenerator<SoundBlock> {
  const { encoding, channels, sampleRate, surround } = sound;
  const frameBytes = bytesPerSample(encoding) * channels;
  let left = sound.byteLength ?? Number.POSITIVE_INFINITY;
  while (left >= frameBytes) {
    const wanted = Math.min(left, frameBytes * FRAMES_PER_BLOCK);
    const taken = await bytes.take(wanted);
    if (taken.length >= frameBytes) {
      yield { sampleRate, surround, planes: linearPlanes(taken, encoding, channels) };
    }
    left -= taken.length;
    if (taken.length === wanted) continue;
    if (sound.byteLength === undefined) return;
    throw truncatedFile(sound.container, `${left} of ${sound.byteLength} bytes of sound are missing`);
  }
}

/** Floats beyond full scale are clipped, and what is no number is silence. */
function bounded(sample: number): number {
  return Number.isNaN(sample) ? 0 : Math.max(-1, Math.min(1, sample));
}

/** G.711 mu-law: 8 segments of 16 steps, each segment twice as wide as the one before. */
function mulawSample(byte: number): number {
  const code = byte ^ 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84;
  return code & 0x80 ? -magnitude : magnitude;
}

/** G.711 A-law, whose two lowest segments share one step size. */
function alawSample(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code & 0x70) >> 4;
  const step = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
}
