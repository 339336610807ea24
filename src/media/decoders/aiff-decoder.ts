import type { ByteReader } from './byte-reader.ts';
import { textAt, viewOf } from './byte-view.ts';
import { notAudio, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { bytesPerSample, linearBlocks } from './linear-samples.ts';
import type { LinearEncoding } from './linear-samples.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';

/** A common chunk has 18 bytes and in AIFF-C also a codec and its name. */
const MOST_COMMON_BYTES = 4096;
const INTEGERS = { 1: 's8', 2: 's16be', 3: 's24be', 4: 's32be' } as const;
const AIFC_ENCODINGS: Readonly<Record<string, LinearEncoding>> = {
  sowt: 's16le',
  fl32: 'f32be',
  FL32: 'f32be',
  fl64: 'f64be',
  FL64: 'f64be',
  ulaw: 'mulaw',
  ULAW: 'mulaw',
  alaw: 'alaw',
  ALAW: 'alaw',
  'raw ': 'u8',
};

interface AiffFormat {
  readonly channels: number;
  readonly sampleRate: number;
  readonly encoding: LinearEncoding;
}

/** AIFF and AIFF-C with PCM, floats, mu-law or A-law. */
export const aiffDecoder: ContainerDecoder = { container: 'aiff', open: openAiff };

async function openAiff(bytes: ByteReader): Promise<OpenedSound> {
  await bytes.take(12);
  let format: AiffFormat | undefined;
  for (;;) {
    const header = await bytes.take(8);
    if (header.length < 8) throw truncatedFile('AIFF', 'it ends before its sound chunk');
    const id = textAt(header, 0, 4);
    const size = viewOf(header).getUint32(4);
    if (id === 'SSND') return openSound(bytes, format, size);
    const padded = size + (size % 2);
    const body = id === 'COMM' ? await bytes.take(Math.min(padded, MOST_COMMON_BYTES)) : undefined;
    if (body) format = readCommon(body);
    await bytes.skip(padded - (body?.length ?? 0));
  }
}

function readCommon(body: Uint8Array): AiffFormat {
  if (body.length < 18) throw truncatedFile('AIFF', 'its common chunk is cut');
  const view = viewOf(body);
  const channels = view.getUint16(0);
  const sampleRate = extended(view, 8);
  if (channels === 0 || !(sampleRate >= 1) || sampleRate > 1e9) {
    throw notAudio(`The AIFF file claims ${channels} channels at ${sampleRate} Hz, which is not sound.`);
  }
  const codec = body.length >= 22 ? textAt(body, 18, 4) : 'NONE';
  return { channels, sampleRate: Math.round(sampleRate), encoding: encodingOf(codec, view.getUint16(6)) };
}

function encodingOf(codec: string, bits: number): LinearEncoding {
  const known = AIFC_ENCODINGS[codec];
  if (known) return known;
  const width = Math.ceil(bits / 8);
  const plain = codec === 'NONE' || codec === 'twos' || codec === 'in24' || codec === 'in32';
  if (!plain) throw unsupportedCodec('AIFF', codec.trim());
  if (width === 1 || width === 2 || width === 3 || width === 4) return INTEGERS[width];
  throw unsupportedCodec('AIFF', `PCM of ${bits} bit`);
}

async function openSound(
  bytes: ByteReader,
  format: AiffFormat | undefined,
  size: number,
): Promise<OpenedSound> {
  if (!format) throw notAudio('The AIFF file has sound but does not say in which format.');
  const header = await bytes.take(8);
  const offset = header.length === 8 ? viewOf(header).getUint32(0) : 0;
  await bytes.skip(offset);
  const promised = size - 8 - offset;
  const known = promised > 0 && size < 0x7fff_0000;
  const linear = { container: 'AIFF', surround: false, ...format };
  const blocks = linearBlocks(bytes, known ? { ...linear, byteLength: promised } : linear);
  const opened: OpenedSound = { container: 'aiff', codec: `pcm_${format.encoding}`, blocks };
  const available = bytes.totalBytes === undefined ? undefined : bytes.totalBytes - bytes.position;
  if (available === undefined || available < 0) return opened;
  const soundBytes = known ? Math.min(available, promised) : available;
  const frames = Math.floor(soundBytes / (bytesPerSample(format.encoding) * format.channels));
  return { ...opened, durationSeconds: frames / format.sampleRate };
}

/** The 80-bit floating-point number in which AIFF states its rate: sign and exponent, then 64 bits of mantissa. */
function extended(view: DataView, offset: number): number {
  const exponent = view.getUint16(offset) & 0x7fff;
  const mantissa = view.getUint32(offset + 2) * 2 ** 32 + view.getUint32(offset + 6);
  return mantissa * 2 ** (exponent - 16_383 - 63);
}
