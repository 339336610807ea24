import { crc32, deflateSync } from 'node:zlib';
import encoders from 'h264-mp4-encoder';

const TONE = { hertz: 440, level: 8000 };
const PIECE_BYTES = 4096;

/** A tone as raw 16-bit samples; every channel has the same. */
export function tonePcm(seconds: number, sampleRate: number, channels = 1): Uint8Array {
  const frames = Math.round(seconds * sampleRate);
  const bytes = Buffer.alloc(frames * channels * 2);
  for (let frame = 0; frame < frames; frame += 1) {
    const value = Math.round(TONE.level * Math.sin((2 * Math.PI * TONE.hertz * frame) / sampleRate));
    for (let channel = 0; channel < channels; channel += 1)
      bytes.writeInt16LE(value, (frame * channels + channel) * 2);
  }
  return new Uint8Array(bytes);
}

/** The same tone as a WAV file with a head of 44 bytes. */
export function toneWav(seconds: number, sampleRate: number, channels = 1): Uint8Array {
  return wavOfPcm(tonePcm(seconds, sampleRate, channels), sampleRate, channels);
}

/** Raw 16-bit samples as a WAV file. */
export function wavOfPcm(pcm: Uint8Array, sampleRate: number, channels = 1): Uint8Array {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + pcm.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * channels * 2, 28);
  head.writeUInt16LE(channels * 2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(pcm.length, 40);
  return new Uint8Array(Buffer.concat([head, pcm]));
}

/** Bytes cut into pieces, as a network would. */
export function pieces(bytes: Uint8Array, size = PIECE_BYTES): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return cut;
}

/** A picture of one colour in PNG. */
export function plainPng(width: number, height: number): Uint8Array {
  const row = Buffer.alloc(1 + width * 3, 120);
  row[0] = 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunk = (name: string, body: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  const parts = [
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** A film of one colour in H.264 and MP4. */
export async function plainMp4(film: {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}): Promise<Uint8Array> {
  const encoder = await encoders.createH264MP4Encoder();
  encoder.width = film.width;
  encoder.height = film.height;
  encoder.frameRate = film.framesPerSecond;
  encoder.initialize();
  const pixels = new Uint8Array(film.width * film.height * 4).fill(120);
  for (let frame = 0; frame < film.frames; frame += 1) encoder.addFrameRgba(pixels);
  encoder.finalize();
  const bytes = Uint8Array.from(encoder.FS.readFile(encoder.outputFilename));
  encoder.delete();
  return bytes;
}
