/** What a WAV file says about itself, true or not. */
export interface WavClaims {
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes that its header claims; those that it has unless told. */
  readonly claimedBytes?: number;
}

/** A WAV file of 16-bit samples whose header says whatever it is told to say. */
export function wavClaiming({ channels, sampleRate, claimedBytes }: WavClaims, data: Uint8Array): Buffer {
  const header = Buffer.alloc(44);
  const claimed = claimedBytes ?? data.length;
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + claimed, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(claimed, 40);
  return Buffer.concat([header, data]);
}

/** One tone in all channels for half a second, then as much silence. */
export function toneWav({ channels, sampleRate }: WavClaims): Buffer {
  const data = Buffer.alloc(sampleRate * channels * 2);
  for (let frame = 0; frame < sampleRate / 2; frame += 1) {
    const phase = (2 * Math.PI * 150 * frame) / sampleRate;
    const level = 6_000 * (Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.3 * Math.sin(3 * phase));
    for (let channel = 0; channel < channels; channel += 1) {
      data.writeInt16LE(Math.round(level), (frame * channels + channel) * 2);
    }
  }
  return wavClaiming({ channels, sampleRate }, data);
}

/** An M4A file that was cut before its table of contents, which most recorders write last. */
export function m4aWithoutContents(): Buffer {
  const type = Buffer.from('\0\0\0\u0018ftypM4A \0\0\0\0M4A isom', 'latin1');
  const media = Buffer.alloc(4_096, 0x21);
  media.writeUInt32BE(1_000_000, 0);
  media.write('mdat', 4);
  return Buffer.concat([type, media]);
}

const BOMB_RATE = 8_000;
/** The longest block that FLAC has (RFC 9639, section 8.2). */
const BLOCK_FRAMES = 65_535;

/**
 * A FLAC file of constant blocks: 8 kHz, mono, one level throughout. Each of its frames has about 15 bytes and
 * stands for 8 seconds, so that an hour takes less than 7 kB.
 */
export function flacBomb(seconds: number): Buffer {
  const frames = Math.ceil((seconds * BOMB_RATE) / BLOCK_FRAMES);
  return Buffer.concat([
    Buffer.from('fLaC'),
    streamInfo(),
    ...Array.from({ length: frames }, (_, index) => constantFrame(index)),
  ]);
}

/** The total length may be left open, as streams do. */
function streamInfo(): Buffer {
  const info = Buffer.alloc(38);
  info.writeUInt32BE(0x8000_0022, 0);
  info.writeUInt16BE(BLOCK_FRAMES, 4);
  info.writeUInt16BE(BLOCK_FRAMES, 6);
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1.
  info.writeUInt32BE(((BOMB_RATE << 12) | (15 << 4)) >>> 0, 14);
  return info;
}

function constantFrame(index: number): Buffer {
  // Sync, fixed block size; 16 bits of block size at the end, 8 kHz; mono, 16 bit.
  const start = Buffer.from([0xff, 0xf8, 0x74, 0x08, ...codedNumber(index), 0xff, 0xfe]);
  const header = Buffer.concat([start, Buffer.of(checksum(start, { bits: 8, polynomial: 0x07 }))]);
  const frame = Buffer.concat([header, Buffer.of(0, 0x00, 0x00)]);
  const tail = Buffer.alloc(2);
  tail.writeUInt16BE(checksum(frame, { bits: 16, polynomial: 0x8005 }));
  return Buffer.concat([frame, tail]);
}

/** FLAC counts frames as UTF-8 counts letters. */
function codedNumber(value: number): Buffer {
  return Buffer.from(String.fromCodePoint(value));
}

function checksum(bytes: Uint8Array, { bits, polynomial }: { bits: 8 | 16; polynomial: number }): number {
  const top = 1 << (bits - 1);
  const mask = 2 ** bits - 1;
  let rest = 0;
  for (const byte of bytes) {
    rest ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1) rest = (rest & top ? (rest << 1) ^ polynomial : rest << 1) & mask;
  }
  return rest;
}
