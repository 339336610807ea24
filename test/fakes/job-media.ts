import sharp from 'sharp';

/** A picture of one colour, which tells a seed from another. */
export async function plainPicture(
  { width, height, seed }: { readonly width: number; readonly height: number; readonly seed: number },
  format: 'png' | 'jpeg' = 'png',
): Promise<Buffer> {
  const background = { r: (seed * 37) % 256, g: (seed * 91) % 256, b: 128 };
  const image = sharp({ create: { width, height, channels: 3, background } });
  return format === 'png' ? image.png().toBuffer() : image.jpeg().toBuffer();
}

/** A film of Motion JPEG in AVI: a head, and each frame in a chunk of its own. */
export function jpegFilm(frames: readonly Uint8Array[]): Buffer {
  const chunk = (name: string, body: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const list = (kind: string, body: Buffer) =>
    chunk('LIST', Buffer.concat([Buffer.from(kind, 'latin1'), body]));
  const head = list('hdrl', chunk('avih', Buffer.alloc(56)));
  const body = list('movi', Buffer.concat(frames.map((frame) => chunk('00dc', frame))));
  return chunk('RIFF', Buffer.concat([Buffer.from('AVI ', 'latin1'), head, body]));
}
