import * as fc from 'fast-check';
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
  type AudioCodec,
} from 'mediabunny';
import sharp from 'sharp';
import { present } from '../../src/base/assert.ts';
import { collectBytes } from '../../src/base/stream.ts';
import { encodeAudio } from '../../src/media/formats/index.ts';

/** A whole file that is what its name says. */
export interface RealFile {
  readonly name: string;
  readonly kind: 'recording' | 'picture';
  readonly bytes: Uint8Array;
}

const RATE = 16_000;
const SECONDS = 0.4;

/** A small file of each kind that is read here, written by our own encoders. */
export async function realFiles(): Promise<readonly RealFile[]> {
  const [recordings, pictures] = await Promise.all([realRecordings(), realPictures()]);
  return [...recordings, ...pictures];
}

async function realRecordings(): Promise<RealFile[]> {
  const written = await Promise.all(
    ['wav', 'flac', 'mp3', 'opus', 'aac'].map(async (id) => {
      const chunks = (async function* tone() {
        yield Float32Array.from({ length: RATE * SECONDS }, (_, at) => 0.4 * Math.sin(at / (9 + at / 2_000)));
      })();
      const bytes = await collectBytes(encodeAudio({ sampleRate: RATE, channels: 1, chunks }, { id }));
      return { name: `sound.${id}`, kind: 'recording' as const, bytes };
    }),
  );
  const of = (name: string) => present(written.find((file) => file.name === name)?.bytes, name);
  const mp4 = await repacked(of('sound.aac'), 'mp4');
  const webm = await repacked(of('sound.opus'), 'webm');
  return [
    ...written,
    { name: 'sound.mp4', kind: 'recording', bytes: mp4 },
    { name: 'sound.webm', kind: 'recording', bytes: webm },
  ];
}

/** The same packets in another container. */
async function repacked(bytes: Uint8Array, into: 'mp4' | 'webm'): Promise<Uint8Array> {
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const track = present(await input.getPrimaryAudioTrack(), 'a track of sound');
  const config = present(await track.getDecoderConfig(), 'a description of the codec');
  const target = new BufferTarget();
  const format = into === 'mp4' ? new Mp4OutputFormat({ fastStart: 'in-memory' }) : new WebMOutputFormat();
  const output = new Output({ format, target });
  const codec: AudioCodec = into === 'mp4' ? 'aac' : 'opus';
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  await output.start();
  for await (const packet of new EncodedPacketSink(track).packets()) {
    await source.add(packet, { decoderConfig: config });
  }
  await output.finalize();
  return new Uint8Array(present(target.buffer, 'a file'));
}

async function realPictures(): Promise<RealFile[]> {
  const still = sharp({
    create: {
      width: 24,
      height: 16,
      channels: 3,
      background: { r: 20, g: 120, b: 200 },
      noise: { type: 'gaussian', mean: 120, sigma: 30 },
    },
  });
  return Promise.all(
    (['png', 'jpeg', 'webp', 'gif', 'avif'] as const).map(async (format) => ({
      name: `picture.${format}`,
      kind: 'picture' as const,
      bytes: new Uint8Array(await still.clone().toFormat(format).toBuffer()),
    })),
  );
}

/** One thing that is done to a file. Places are shares of its length in millionths, half of them near its beginning. */
interface Damage {
  readonly how: 'set' | 'flip' | 'insert' | 'remove' | 'cut' | 'repeat' | 'splice' | 'size';
  readonly place: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  how: fc.constantFrom('set', 'flip', 'insert', 'remove', 'cut', 'repeat', 'splice', 'size'),
  place: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 40_000 })),
  length: fc.integer({ min: 1, max: 400 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
});

/** A list of damages, few of which leave a file recognisable. */
export const damages: fc.Arbitrary<readonly Damage[]> = fc.array(damage, { minLength: 1, maxLength: 4 });

/** What sizes in headers may claim. */
const SIZES: readonly (readonly number[])[] = [
  [0, 0, 0, 0],
  [255, 255, 255, 255],
  [127, 255, 255, 255],
  [255, 255, 255, 127],
  [0, 0, 0, 1],
  [1, 0, 0, 0],
  [128, 0, 0, 0],
  [0, 0, 0, 128],
  [255, 254, 255, 255],
];

/** The file after all that was done to it; `other` is what is spliced into it. */
export function damaged(file: Uint8Array, done: readonly Damage[], other: Uint8Array): Buffer {
  return done.reduce<Buffer>((bytes, { how, place, length, bytes: own }) => {
    const at = Math.floor((place / 1_000_001) * bytes.length);
    const replaced = (middle: Uint8Array, gone: number) =>
      Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + gone)]);
    switch (how) {
      case 'set':
        return replaced(own, own.length);
      case 'flip':
        return replaced(Uint8Array.of((bytes[at] ?? 0) ^ (1 << (length % 8))), 1);
      case 'insert':
        return replaced(own, 0);
      case 'remove':
        return replaced(new Uint8Array(0), length);
      case 'cut':
        return bytes.subarray(0, at);
      case 'repeat':
        return replaced(bytes.subarray(at, at + length), 0);
      case 'splice':
        return Buffer.concat([
          bytes.subarray(0, at),
          other.subarray(Math.floor((place / 1_000_001) * other.length)),
        ]);
      case 'size':
        return replaced(Uint8Array.from(SIZES[length % SIZES.length] ?? []), 4);
    }
  }, Buffer.from(file));
}
