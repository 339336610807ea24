import { byteAt, textAt } from './byte-view.ts';
import type { FrameHeader } from './frame-scanner.ts';

/** The header of an MPEG audio frame (ISO 11172-3 and 13818-3), layers II and III. */
export interface Mp3FrameHeader extends FrameHeader {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly framesPerPacket: number;
  /** Where side information ends and an information frame begins. */
  readonly informationOffset: number;
}

const BIT_RATES: Readonly<Record<string, readonly number[]>> = {
  '1.1': [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1.2': [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1.3': [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2.1': [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2.2': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2.3': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const FRAMES_PER_PACKET: Readonly<Record<string, number>> = { '1.1': 384, '2.1': 384, '2.3': 576 };
const SAMPLE_RATES = [44_100, 48_000, 32_000];

/** By the two bits of the version: 2.5, none, 2, 1. */
const RATE_DIVISORS = [4, undefined, 2, 1];
/** The bytes of side information in layer III, by MPEG version and channels. */
const SIDE_BYTES: Readonly<Record<string, number>> = { '1.1': 17, '1.2': 32, '2.1': 9, '2.2': 17 };

/** Reads a frame header. Free-format frames, which state no length, are not supported. */
export function readMp3Header(bytes: Uint8Array, offset: number): Mp3FrameHeader | undefined {
  const second = byteAt(bytes, offset + 1);
  const third = byteAt(bytes, offset + 2);
  if (byteAt(bytes, offset) !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const versionBits = (second >> 3) & 3;
  const layer = 4 - ((second >> 1) & 3);
  const divisor = RATE_DIVISORS[versionBits];
  const baseRate = SAMPLE_RATES[(third >> 2) & 3];
  const version = versionBits === 3 ? 1 : 2;
  const bitRate = BIT_RATES[`${version}.${layer}`]?.[(third >> 4) - 1];
  if (divisor === undefined || baseRate === undefined || bitRate === undefined) return undefined;
  const sampleRate = baseRate / divisor;
  const channels = byteAt(bytes, offset + 3) >> 6 === 3 ? 1 : 2;
  const framesPerPacket = FRAMES_PER_PACKET[`${version}.${layer}`] ?? 1152;
  return {
    byteLength: frameBytes({ layer, framesPerPacket, bitRate, sampleRate, padding: (third >> 1) & 1 }),
    kind: `${versionBits}.${layer}.${sampleRate}`,
    sampleRate,
    channels,
    framesPerPacket,
    informationOffset: 4 + (SIDE_BYTES[`${version}.${channels}`] ?? 0),
  };
}

function frameBytes(frame: {
  readonly layer: number;
  readonly framesPerPacket: number;
  readonly bitRate: number;
  readonly sampleRate: number;
  readonly padding: number;
}): number {
  const unit = frame.layer === 1 ? 4 : 1;
  const units = Math.floor(((frame.framesPerPacket / 8) * frame.bitRate * 1000) / frame.sampleRate / unit);
  return (units + frame.padding) * unit;
}

/** What an information frame (Xing, Info) says about silence that the encoder added at both ends, in frames. */
export interface Mp3Padding {
  readonly delay: number;
  readonly padding: number;
}

/** Where LAME's tag keeps its two 12-bit numbers, counted from the tag's name. */
const LAME_DELAY_OFFSET = 21;
/** The fields of an information frame that its flags announce: frames, bytes, table, quality. */
const FIELD_BYTES = [4, 4, 100, 4];

/** Whether the first frame is an information frame instead of sound, and what it says about delay and padding. */
export function readInformation(frame: Uint8Array, header: Mp3FrameHeader): Mp3Padding | 'none' | undefined {
  const at = header.informationOffset;
  const name = textAt(frame, at, 4);
  if (name === 'VBRI') return 'none';
  if (name !== 'Xing' && name !== 'Info') return undefined;
  const flags = byteAt(frame, at + 7);
  const fields = FIELD_BYTES.reduce((sum, bytes, bit) => sum + (flags & (1 << bit) ? bytes : 0), 0);
  const numbers = at + 8 + fields + LAME_DELAY_OFFSET;
  const middle = byteAt(frame, numbers + 1);
  const delay = (byteAt(frame, numbers) << 4) | (middle >> 4);
  const padding = ((middle & 0x0f) << 8) | byteAt(frame, numbers + 2);
  return delay === 0 && padding === 0 ? 'none' : { delay, padding };
}
