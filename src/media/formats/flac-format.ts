import { concatBytes } from '../../base/stream.ts';
import { toInt16 } from '../pcm.ts';
import type { PcmStream } from '../pcm.ts';
import { fixedBlocks } from '../sample-blocks.ts';
import { BitWriter } from './bit-writer.ts';
import { findFlacFrame, flacFrame, FLAC_SAMPLE_BITS } from './flac-frame.ts';
import type { AudioFormat } from './format.ts';

/** The bytes `fLaC`, a metadata block header of 4 bytes and STREAMINFO of 34. */
const HEADER_BYTES = 42;
const STREAM_INFO_BYTES = 34;
const MINIMUM_BLOCK_SIZE_OFFSET = 8;
/** A field of 36 bits that starts in the middle of this byte. */
const TOTAL_SAMPLES_OFFSET = 21;

/**
 * FLAC with 16-bit samples and the format's fixed predictors. Streamed, the total number of samples is 0, which
 * means unknown; frame sizes and the checksum of the sound always stay unknown.
 */
export const flacFormat: AudioFormat = {
  id: 'flac',
  mediaType: 'audio/flac',
  extension: 'flac',
  lossless: true,
  costly: true,
  sampleRates: 'any',
  encode: encodeFlac,
  writeTrueLengths: (file, byteLength = file.length) => {
    if (byteLength > file.length) return;
    const total = totalSamples(file);
    file[TOTAL_SAMPLES_OFFSET] = ((file[TOTAL_SAMPLES_OFFSET] ?? 0) & 0xf0) | Math.floor(total / 2 ** 32);
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    view.setUint32(TOTAL_SAMPLES_OFFSET + 1, total % 2 ** 32);
  },
};

async function* encodeFlac(pcm: PcmStream): AsyncGenerator<Uint8Array> {
  // About a tenth of a second: short enough to stream, long enough to predict.
  const blockSize = pcm.sampleRate <= 32_000 ? 2_048 : 4_096;
  yield streamHeader(pcm, blockSize);
  let frameNumber = 0;
  for await (const block of fixedBlocks(pcm.chunks, blockSize * pcm.channels)) {
    const { channels, sampleRate } = pcm;
    yield flacFrame({ samples: toInt16(block), channels, sampleRate, frameNumber });
    frameNumber += 1;
  }
}

function streamHeader(pcm: PcmStream, blockSize: number): Uint8Array {
  const info = new BitWriter();
  info.write(blockSize, 16);
  info.write(blockSize, 16);
  info.write(0, 24);
  info.write(0, 24);
  info.write(pcm.sampleRate, 20);
  info.write(pcm.channels - 1, 3);
  info.write(FLAC_SAMPLE_BITS - 1, 5);
  info.write(0, 4);
  info.write(0, 32);
  const lastBlockOfTypeStreamInfo = Uint8Array.of(0x80, 0, 0, STREAM_INFO_BYTES);
  return concatBytes([
    new TextEncoder().encode('fLaC'),
    lastBlockOfTypeStreamInfo,
    info.bytes(),
    new Uint8Array(16),
  ]);
}

/** Counts the samples of each channel by the last frame, which is looked for from the end. */
function totalSamples(file: Uint8Array): number {
  const blockSize = new DataView(file.buffer, file.byteOffset).getUint16(MINIMUM_BLOCK_SIZE_OFFSET);
  for (let start = file.length - 1; start >= HEADER_BYTES; start -= 1) {
    const last = findFlacFrame(file, start);
    if (last) return last.frameNumber * blockSize + last.blockSize;
  }
  return 0;
}
