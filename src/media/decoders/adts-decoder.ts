import { AAC_SAMPLE_RATES, createAacPacketDecoder } from './aac-packets.ts';
import type { AacConfig } from './aac-packets.ts';
import type { ByteReader } from './byte-reader.ts';
import { byteAt } from './byte-view.ts';
import { notAudio, unsupportedCodec } from './decode-refusals.ts';
import { decodePackets } from './packet-runs.ts';
import { scanFrames } from './frame-scanner.ts';
import type { FrameHeader } from './frame-scanner.ts';
import type { ContainerDecoder, OpenedSound, SoundBlock } from './sound-block.ts';

/** The header of an ADTS packet (ISO 13818-7, section 6.2). */
export interface AdtsHeader extends FrameHeader {
  readonly headerBytes: number;
  readonly config: AacConfig;
}

const PACKETS_PER_BLOCK = 64;

/** Raw AAC in ADTS packets, as phones and web radios write it. */
export const adtsDecoder: ContainerDecoder = { container: 'aac', open: openAdts };

/** Reads the header of an ADTS packet, or finds that there is none. */
export function readAdtsHeader(bytes: Uint8Array, offset: number): AdtsHeader | undefined {
  const at = (index: number): number => byteAt(bytes, offset + index);
  if (offset + 7 > bytes.length || at(0) !== 0xff || (at(1) & 0xf6) !== 0xf0) return undefined;
  const rateIndex = (at(2) >> 2) & 0x0f;
  const byteLength = ((at(3) & 3) << 11) | (at(4) << 3) | (at(5) >> 5);
  const headerBytes = at(1) & 1 ? 7 : 9;
  if (AAC_SAMPLE_RATES[rateIndex] === undefined || byteLength <= headerBytes) return undefined;
  const objectType = (at(2) >> 6) + 1;
  const channelConfig = ((at(2) & 1) << 2) | (at(3) >> 6);
  const kind = `${objectType}.${rateIndex}.${channelConfig}`;
  return { byteLength, headerBytes, kind, config: { objectType, rateIndex, channelConfig } };
}

async function openAdts(bytes: ByteReader): Promise<OpenedSound> {
  return { container: 'aac', codec: 'aac', blocks: decodeAdts(bytes) };
}

async function* decodeAdts(bytes: ByteReader): AsyncGenerator<SoundBlock> {
  const frames = scanFrames(bytes, 'AAC', readAdtsHeader);
  const first = await frames.next();
  if (first.done) throw notAudio('No AAC packet was found in the file.');
  const { kind, config } = first.value.header;
  if (config.channelConfig === 0) throw unsupportedCodec('AAC', 'AAC with a channel layout of its own');
  const decoder = await createAacPacketDecoder(config);
  async function* packets(): AsyncGenerator<Uint8Array> {
    for (let next = first; !next.done; next = await frames.next()) {
      const { header, bytes: frame } = next.value;
      // A stream does not change its nature; what claims to is not part of it.
      if (header.kind === kind) yield frame.subarray(header.headerBytes);
    }
  }
  try {
    yield* decodePackets(packets(), decoder, { perBlock: PACKETS_PER_BLOCK });
  } finally {
    decoder.free();
  }
}
