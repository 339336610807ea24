import type { ByteReader } from './byte-reader.ts';
import { notAudio, truncatedFile } from './decode-refusals.ts';
import { cutFlacFrames, readStreamInfo } from './flac-frame-cutter.ts';
import type { FlacStreamInfo } from './flac-frame-cutter.ts';
import { createFlacPacketDecoder } from './flac-packets.ts';
import { decodePackets } from './packet-runs.ts';
import { framesOf } from './sound-block.ts';
import type { ContainerDecoder, OpenedSound, SoundBlock } from './sound-block.ts';

/** A frame has up to 65 535 samples in each channel, however few bytes it takes. */
const PACKETS_PER_BLOCK = 4;

/** FLAC of 4 to 32 bit, up to eight channels. */
export const flacDecoder: ContainerDecoder = { container: 'flac', open: openFlac };

async function openFlac(bytes: ByteReader): Promise<OpenedSound> {
  await bytes.take(4);
  const info = await readMetadata(bytes);
  return { container: 'flac', codec: 'flac', blocks: decodeFlac(bytes, info) };
}

/** Reads the first block and passes over the others, pictures among them. */
async function readMetadata(bytes: ByteReader): Promise<FlacStreamInfo> {
  let info: FlacStreamInfo | undefined;
  for (;;) {
    const [flags = 0, high = 0, middle = 0, low] = await bytes.take(4);
    if (low === undefined) throw truncatedFile('FLAC', 'its descriptions are cut');
    const byteLength = (high << 16) | (middle << 8) | low;
    if (!info) {
      if ((flags & 0x7f) !== 0) throw notAudio('The FLAC file does not begin with its stream information.');
      info = readStreamInfo(await bytes.take(byteLength));
    } else if ((await bytes.skip(byteLength)) < byteLength) {
      throw truncatedFile('FLAC', 'its descriptions are cut');
    }
    if (flags & 0x80) return info;
  }
}

async function* decodeFlac(bytes: ByteReader, info: FlacStreamInfo): AsyncGenerator<SoundBlock> {
  const decoder = await createFlacPacketDecoder();
  let decoded = 0;
  try {
    for await (const block of decodePackets(cutFlacFrames(bytes), decoder, { perBlock: PACKETS_PER_BLOCK })) {
      decoded += framesOf(block);
      yield block;
    }
  } finally {
    decoder.free();
  }
  if (decoded < info.totalFrames) {
    throw truncatedFile('FLAC', `it has ${decoded} of the ${info.totalFrames} samples that it promises`);
  }
}
