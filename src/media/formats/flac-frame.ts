import { BitWriter } from './bit-writer.ts';
import { planSubframe, writeSubframe } from './flac-subframe.ts';
import type { SubframePlan } from './flac-subframe.ts';

/** The sample size of every file written here, in bits. */
export const FLAC_SAMPLE_BITS = 16;

/** One block of sound on its way into a frame. */
export interface FlacBlock {
  /** Signed 16-bit samples, interleaved. */
  readonly samples: Int16Array;
  readonly channels: 1 | 2;
  readonly sampleRate: number;
  /** Counts the file's frames from 0. */
  readonly frameNumber: number;
}

/** Where a frame is in the file and how many samples of each channel it holds. */
export interface FlacFrameHeader {
  readonly frameNumber: number;
  readonly blockSize: number;
}

/** Rates that have a code of their own in a frame header. */
const SAMPLE_RATE_CODES: ReadonlyMap<number, number> = new Map([
  [88_200, 1],
  [176_400, 2],
  [192_000, 3],
  [8_000, 4],
  [16_000, 5],
  [22_050, 6],
  [24_000, 7],
  [32_000, 8],
  [44_100, 9],
  [48_000, 10],
  [96_000, 11],
]);
/** Other rates follow at the end of the header, in hertz; those beyond 16 bits stand at the start of the file only. */
const SAMPLE_RATE_IN_16_BITS = 13;
const SAMPLE_RATE_AT_START_OF_FILE = 0;
const SYNC_AND_FIXED_BLOCKS = 0xfff8;
const BLOCK_SIZE_IN_16_BITS = 7;
const SAMPLE_SIZE_CODE = 4;
/** A frame of one constant channel. */
const SHORTEST_FRAME_BYTES = 13;

/** Two channels are written as they are, or one of them as the difference (with one bit more). */
const LEFT_RIGHT = 1;
const LEFT_SIDE = 8;
const SIDE_RIGHT = 9;
const MIDDLE_SIDE = 10;

/** For one frame after the other: a new one for each would be most of the garbage of an encoding. */
const writer = new BitWriter();

/** Writes one frame (RFC 9639, section 9) with its two checksums. */
export function flacFrame(block: FlacBlock): Uint8Array<ArrayBuffer> {
  const { assignment, plans } = planChannels(block);
  writer.clear();
  writer.write(SYNC_AND_FIXED_BLOCKS, 16);
  writer.write(BLOCK_SIZE_IN_16_BITS, 4);
  const rateCode = sampleRateCode(block.sampleRate);
  writer.write(rateCode, 4);
  writer.write(assignment, 4);
  writer.write(SAMPLE_SIZE_CODE, 3);
  writer.write(0, 1);
  for (const byte of codedNumber(block.frameNumber)) writer.write(byte, 8);
  writer.write(block.samples.length / block.channels - 1, 16);
  if (rateCode === SAMPLE_RATE_IN_16_BITS) writer.write(block.sampleRate, 16);
  writer.write(checksum8(writer.view()), 8);
  for (const plan of plans) writeSubframe(writer, plan);
  writer.align();
  writer.write(checksum16(writer.view()), 16);
  return writer.bytes();
}

/**
 * Reads the header of a frame that reaches from `start` to the end of the file, or nothing when there is no such
 * frame: both checksums must be right.
 */
export function findFlacFrame(file: Uint8Array, start: number): FlacFrameHeader | undefined {
  if (file[start] !== SYNC_AND_FIXED_BLOCKS >> 8 || file[start + 1] !== (SYNC_AND_FIXED_BLOCKS & 0xff))
    return undefined;
  const view = new DataView(file.buffer, file.byteOffset + start, file.length - start);
  if (view.byteLength < SHORTEST_FRAME_BYTES) return undefined;
  const codes = view.getUint8(2);
  const number = readCodedNumber(file, start + 4);
  const blockSizeAt = number.end - start;
  const checksumAt = blockSizeAt + ((codes & 0x0f) === SAMPLE_RATE_IN_16_BITS ? 4 : 2);
  if (codes >> 4 !== BLOCK_SIZE_IN_16_BITS || checksumAt + 2 >= view.byteLength) return undefined;
  if (checksum8(file.subarray(start, start + checksumAt)) !== view.getUint8(checksumAt)) return undefined;
  if (checksum16(file.subarray(start, -2)) !== view.getUint16(view.byteLength - 2)) return undefined;
  return { frameNumber: number.value, blockSize: view.getUint16(blockSizeAt) + 1 };
}

function sampleRateCode(sampleRate: number): number {
  const other = sampleRate <= 0xffff ? SAMPLE_RATE_IN_16_BITS : SAMPLE_RATE_AT_START_OF_FILE;
  return SAMPLE_RATE_CODES.get(sampleRate) ?? other;
}

function planChannels(block: FlacBlock): { assignment: number; plans: readonly SubframePlan[] } {
  const left = channelOf(block, 0);
  if (block.channels === 1) return { assignment: 0, plans: [planSubframe(left, FLAC_SAMPLE_BITS)] };
  const right = channelOf(block, 1);
  const plans = {
    left: planSubframe(left, FLAC_SAMPLE_BITS),
    right: planSubframe(right, FLAC_SAMPLE_BITS),
    middle: planSubframe(
      left.map((sample, index) => (sample + (right[index] ?? 0)) >> 1),
      FLAC_SAMPLE_BITS,
    ),
    side: planSubframe(
      left.map((sample, index) => sample - (right[index] ?? 0)),
      FLAC_SAMPLE_BITS + 1,
    ),
  };
  const choices = [
    { assignment: LEFT_RIGHT, plans: [plans.left, plans.right] },
    { assignment: LEFT_SIDE, plans: [plans.left, plans.side] },
    { assignment: SIDE_RIGHT, plans: [plans.side, plans.right] },
    { assignment: MIDDLE_SIDE, plans: [plans.middle, plans.side] },
  ];
  return choices.reduce((best, choice) => (bitsOf(choice.plans) < bitsOf(best.plans) ? choice : best));
}

function channelOf(block: FlacBlock, channel: number): Int32Array {
  if (block.channels === 1) return new Int32Array(block.samples);
  const samples = new Int32Array(block.samples.length / block.channels);
  for (let frame = 0; frame < samples.length; frame += 1) {
    samples[frame] = block.samples[frame * block.channels + channel] ?? 0;
  }
  return samples;
}

function bitsOf(plans: readonly SubframePlan[]): number {
  return plans.reduce((sum, plan) => sum + plan.bits, 0);
}

/** A number as UTF-8 writes a code point, but up to 31 bits. */
function codedNumber(number: number): number[] {
  if (number < 0x80) return [number];
  const following: number[] = [];
  let rest = number;
  // Each following byte takes 6 bits and costs the first byte one.
  while (rest >= 2 ** (6 - following.length)) {
    following.unshift(0x80 | (rest & 0x3f));
    rest = Math.floor(rest / 64);
  }
  const mark = (0xff << (7 - following.length)) & 0xff;
  return [mark | rest, ...following];
}

function readCodedNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  const first = bytes[start] ?? 0;
  const ones = Math.clz32(~(first << 24));
  if (ones < 2) return { value: first, end: start + 1 };
  let value = first & (0x7f >> ones);
  for (let index = 1; index < ones; index += 1) value = value * 64 + ((bytes[start + index] ?? 0) & 0x3f);
  return { value, end: start + ones };
}

const TABLE_8 = Uint8Array.from({ length: 256 }, (_, byte) => {
  let checksum = byte;
  for (let bit = 0; bit < 8; bit += 1) checksum = (checksum << 1) ^ (checksum & 0x80 ? 0x107 : 0);
  return checksum;
});
const TABLE_16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let checksum = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) checksum = (checksum << 1) ^ (checksum & 0x8000 ? 0x1_8005 : 0);
  return checksum;
});

function checksum8(bytes: Uint8Array): number {
  let checksum = 0;
  for (const byte of bytes) checksum = TABLE_8[checksum ^ byte] ?? 0;
  return checksum;
}

/** What a byte adds to the checksum when another one follows it. */
const TABLE_16_EARLIER = TABLE_16.map((checksum) => {
  return ((checksum << 8) & 0xffff) ^ (TABLE_16[checksum >> 8] ?? 0);
});

/** Two bytes at a time, so that each need not wait for the one before it. */
function checksum16(bytes: Uint8Array): number {
  let checksum = 0;
  const odd = bytes.length % 2;
  if (odd === 1) checksum = TABLE_16[bytes[0] ?? 0] ?? 0;
  for (let index = odd; index < bytes.length; index += 2) {
    const earlier = (checksum >> 8) ^ (bytes[index] ?? 0);
    const later = (checksum & 0xff) ^ (bytes[index + 1] ?? 0);
    checksum = (TABLE_16_EARLIER[earlier] ?? 0) ^ (TABLE_16[later] ?? 0);
  }
  return checksum;
}
