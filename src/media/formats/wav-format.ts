import type { PcmStream } from '../pcm.ts';
import type { AudioFormat } from './format.ts';
import { toLittleEndian16 } from './pcm-format.ts';

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
/** What streamed files say instead of a length; players read on to the end. */
const UNKNOWN_LENGTH = 0xffff_ffff;
const RIFF_SIZE_OFFSET = 4;
const DATA_SIZE_OFFSET = 40;
/** The part of the header that the RIFF size does not count. */
const UNCOUNTED_BYTES = 8;

/** RIFF WAVE with 16-bit samples behind a header of 44 bytes. Streamed, both lengths are FF FF FF FF. */
export const wavFormat: AudioFormat = {
  id: 'wav',
  mediaType: 'audio/wav',
  extension: 'wav',
  lossless: true,
  costly: false,
  sampleRates: 'any',
  encode: encodeWav,
  writeTrueLengths: (file, byteLength = file.length) => {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    view.setUint32(RIFF_SIZE_OFFSET, Math.min(byteLength - UNCOUNTED_BYTES, UNKNOWN_LENGTH), true);
    view.setUint32(DATA_SIZE_OFFSET, Math.min(byteLength - HEADER_BYTES, UNKNOWN_LENGTH), true);
  },
};

async function* encodeWav(pcm: PcmStream): AsyncGenerator<Uint8Array> {
  yield wavHeader(pcm);
  yield* toLittleEndian16(pcm);
}

function wavHeader(pcm: PcmStream): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const bytesPerFrame = pcm.channels * BYTES_PER_SAMPLE;
  const words = { 0: 'RIFF', 8: 'WAVE', 12: 'fmt ', 36: 'data' };
  for (const [offset, word] of Object.entries(words))
    header.set(new TextEncoder().encode(word), Number(offset));
  view.setUint32(RIFF_SIZE_OFFSET, UNKNOWN_LENGTH, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, pcm.channels, true);
  view.setUint32(24, pcm.sampleRate, true);
  view.setUint32(28, pcm.sampleRate * bytesPerFrame, true);
  view.setUint16(32, bytesPerFrame, true);
  view.setUint16(34, BYTES_PER_SAMPLE * 8, true);
  view.setUint32(DATA_SIZE_OFFSET, UNKNOWN_LENGTH, true);
  return header;
}
