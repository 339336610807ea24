import { OpusDecoder } from 'opus-decoder';
import { byteAt, viewOf } from './byte-view.ts';
import { notAudio, unsupportedCodec } from './decode-refusals.ts';
import { inWaveOrder } from './sound-block.ts';
import type { PacketDecoder } from './sound-block.ts';

/** Opus always decodes at this rate, in hertz, whatever was recorded. */
export const OPUS_SAMPLE_RATE = 48_000;

/** The identification header of an Opus stream (RFC 7845, section 5.1). */
export interface OpusHead {
  readonly channels: number;
  /** Frames to drop at the beginning. */
  readonly preSkip: number;
  /** The factor that the writer wants applied. */
  readonly gain: number;
  readonly family: number;
  readonly streams: number;
  readonly coupled: number;
  readonly mapping: readonly number[];
}

/** Reads the header that Ogg, WebM and MP4 files share. */
export function readOpusHead(bytes: Uint8Array): OpusHead {
  if (bytes.length < 19) throw notAudio('The Opus stream has a broken header.');
  const view = viewOf(bytes);
  const channels = byteAt(bytes, 9);
  const family = byteAt(bytes, 18);
  const preSkip = view.getUint16(10, true);
  const gain = 10 ** (view.getInt16(16, true) / 256 / 20);
  if (channels > 8) throw unsupportedCodec('Opus', `Opus with ${channels} channels`);
  const table =
    family === 0
      ? { streams: 1, coupled: channels - 1, mapping: [0, 1].slice(0, channels) }
      : {
          streams: byteAt(bytes, 19),
          coupled: byteAt(bytes, 20),
          mapping: [...bytes.subarray(21, 21 + channels)],
        };
  if (channels === 0 || !isSound(table, channels)) {
    throw notAudio('The Opus stream has a broken channel table.');
  }
  return { channels, preSkip, gain, family, ...table };
}

/** Whether each channel names a stream that there is; 255 stands for silence. */
function isSound(table: Pick<OpusHead, 'streams' | 'coupled' | 'mapping'>, channels: number): boolean {
  const { streams, coupled, mapping } = table;
  const named = mapping.every((source) => source === 255 || source < streams + coupled);
  return named && mapping.length === channels && streams > 0 && coupled <= streams;
}

/** Decodes Opus packets with libopus. The frames of `preSkip` are still in front. */
export async function createOpusPacketDecoder(head: OpusHead): Promise<PacketDecoder> {
  const { channels, streams, coupled, mapping, gain } = head;
  const decoder = new OpusDecoder({
    channels,
    streamCount: streams,
    coupledStreamCount: coupled,
    channelMappingTable: [...mapping],
  });
  await decoder.ready;
  return {
    decode: async (packets) => {
      const { channelData, samplesDecoded } = decoder.decodeFrames(
        packets.filter(({ length }) => length > 0),
      );
      if (samplesDecoded === 0) return undefined;
      const planes =
        gain === 1 ? channelData : channelData.map((plane) => plane.map((sample) => sample * gain));
      const surround = head.family === 1;
      return { sampleRate: OPUS_SAMPLE_RATE, planes: surround ? inWaveOrder(planes) : planes, surround };
    },
    free: () => {
      decoder.free();
    },
  };
}
