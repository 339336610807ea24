import { createServer } from 'node:tls';
import { connect, type AddressInfo } from 'node:net';
import { burstRecording, bursts } from './burst-recording.ts';
import { selfSigned } from './self-signed.ts';

/** So many bursts of sound and then silence, as 16-bit samples of 16 kHz without a header. */
export function liveSound(count: number, silenceSeconds = 0.2): Buffer {
  return burstRecording({ bursts: bursts(count), silenceSeconds }).subarray(44);
}

/** The same at another rate; each sample is the nearest one, which is good enough for bursts. */
export function atRate(sound: Buffer, sampleRate: number): Buffer {
  const count = Math.floor(((sound.length / 2) * sampleRate) / 16_000);
  const other = Buffer.alloc(count * 2);
  for (let at = 0; at < count; at += 1) {
    other.writeInt16LE(sound.readInt16LE(Math.floor((at * 16_000) / sampleRate) * 2), at * 2);
  }
  return other;
}

/** Pieces of so many bytes, as a client would send them. */
export function pieces(sound: Buffer, bytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(sound.length / bytes) }, (_, index) =>
    sound.subarray(index * bytes, (index + 1) * bytes),
  );
}

/** The same pieces as a stream that never makes anybody wait. */
export function streamed(sound: Buffer, bytes: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces(sound, bytes));
}

/** Puts TLS in front of a server while something is done with it. */
export async function withTls(origin: string, use: (origin: string) => Promise<void>): Promise<void> {
  const { port } = new URL(origin);
  const server = createServer(selfSigned(), (outside) => {
    const inside = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use(`https://127.0.0.1:${address.port}`);
  } finally {
    server.close();
  }
}
