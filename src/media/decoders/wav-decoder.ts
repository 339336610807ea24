import type { ByteReader } from './byte-reader.ts';
import { textAt, viewOf } from './byte-view.ts';
import { notAudio, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { bytesPerSample, linearBlocks } from './linear-samples.ts';
import type { LinearEncoding } from './linear-samples.ts';
import { mp3Decoder } from './mp3-decoder.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';

/** Numbers of the codecs in a `fmt ` chunk. */
const PCM = 1;
const FLOAT = 3;
const ALAW = 6;
const MULAW = 7;
const MP3 = 0x55;
const EXTENSIBLE = 0xfffe;
const CODEC_NAMES: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  0x11: 'IMA ADPCM',
  0x31: 'GSM 6.10',
  0x161: 'Windows Media Audio',
};
/** Writers that cannot go back leave a size of 0, all ones, or a little below the largest signed number. */
const UNKNOWN_SIZES_FROM = 0x7fff_0000;
/** A `fmt ` chunk has 16, 18 or 40 bytes. */
const MOST_FORMAT_BYTES = 4096;

interface WavFormat {
  readonly codec: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bits: number;
  readonly surround: boolean;
}

/** WAV: RIFF and RF64 with PCM of 8 to 32 bit, floats, mu-law, A-law or MP3, also of unknown length. */
export const wavDecoder: ContainerDecoder = { container: 'wav', open: openWav };

async function openWav(bytes: ByteReader): Promise<OpenedSound> {
  await bytes.take(12);
  let format: WavFormat | undefined;
  let longSize: number | undefined;
  for (;;) {
    const header = await bytes.take(8);
    if (header.length < 8) throw truncatedFile('WAV', 'it ends before its data chunk');
    const id = textAt(header, 0, 4);
    const size = viewOf(header).getUint32(4, true);
    if (id === 'data') return openData(bytes, requireFormat(format), { size, longSize });
    const padded = size + (size % 2);
    if (id === 'fmt ' || id === 'ds64') {
      const body = await bytes.take(Math.min(padded, MOST_FORMAT_BYTES));
      if (id === 'fmt ') format = readFormat(body);
      else if (body.length >= 16) longSize = Number(viewOf(body).getBigUint64(8, true));
      await bytes.skip(padded - body.length);
    } else {
      await bytes.skip(padded);
    }
  }
}

function requireFormat(format: WavFormat | undefined): WavFormat {
  if (format) return format;
  throw notAudio('The WAV file has sound but does not say in which format.');
}

function readFormat(body: Uint8Array): WavFormat {
  if (body.length < 16) throw truncatedFile('WAV', 'its format chunk is cut');
  const view = viewOf(body);
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  if (channels === 0 || sampleRate === 0) {
    throw notAudio(`The WAV file claims ${channels} channels at ${sampleRate} Hz, which is not sound.`);
  }
  const named = view.getUint16(0, true);
  const extended = named === EXTENSIBLE && body.length >= 40;
  return {
    codec: extended ? view.getUint16(24, true) : named,
    channels,
    sampleRate,
    bits: view.getUint16(14, true),
    surround: extended && view.getUint32(20, true) !== 0,
  };
}

async function openData(
  bytes: ByteReader,
  format: WavFormat,
  sizes: { readonly size: number; readonly longSize: number | undefined },
): Promise<OpenedSound> {
  if (format.codec === MP3) return { ...(await mp3Decoder.open(bytes)), container: 'wav' };
  const encoding = encodingOf(format);
  const byteLength = dataLength(sizes);
  const { channels, sampleRate, surround } = format;
  const linear = { container: 'WAV', encoding, sampleRate, channels, surround };
  const sound = byteLength === undefined ? linear : { ...linear, byteLength };
  const blocks = linearBlocks(bytes, sound);
  const opened: OpenedSound = { container: 'wav', codec: `pcm_${encoding}`, blocks };
  const available = bytes.totalBytes === undefined ? undefined : bytes.totalBytes - bytes.position;
  if (available === undefined) return opened;
  const soundBytes = Math.min(available, byteLength ?? available);
  const durationSeconds = Math.floor(soundBytes / (bytesPerSample(encoding) * channels)) / sampleRate;
  return { ...opened, durationSeconds };
}

/** RF64 writes all ones into the short field and the real size into its own chunk. */
function dataLength(sizes: {
  readonly size: number;
  readonly longSize: number | undefined;
}): number | undefined {
  if (sizes.longSize !== undefined && sizes.longSize > 0 && sizes.size === 0xffff_ffff) return sizes.longSize;
  return sizes.size === 0 || sizes.size >= UNKNOWN_SIZES_FROM ? undefined : sizes.size;
}

function encodingOf(format: WavFormat): LinearEncoding {
  const { codec, bits } = format;
  if (codec === MULAW) return 'mulaw';
  if (codec === ALAW) return 'alaw';
  if (codec === FLOAT) return bits === 64 ? 'f64le' : 'f32le';
  if (codec !== PCM) {
    throw unsupportedCodec('WAV', CODEC_NAMES[codec] ?? `codec number 0x${codec.toString(16)}`);
  }
  if (bits <= 8) return 'u8';
  if (bits <= 16) return 's16le';
  if (bits <= 24) return 's24le';
  if (bits <= 32) return 's32le';
  throw unsupportedCodec('WAV', `PCM of ${bits} bit`);
}
