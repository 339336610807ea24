import { AppError } from '../../base/errors.ts';

/** A film in AVI whose frames are pictures of their own (Motion JPEG). */
export interface JpegFilm {
  /** JPEG files, in order. */
  readonly frames: readonly Uint8Array[];
}

const MOST_FRAMES = 20_000;

/** Takes a film apart. Throws `engine_failed` for what is no such film. */
export function readJpegFilm(bytes: Uint8Array): JpegFilm {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'AVI ') {
    throw notAFilm('it is no AVI file');
  }
  const frames: Uint8Array[] = [];
  collect(file.subarray(12), frames);
  if (frames.length === 0) throw notAFilm('no picture in JPEG is in it');
  return { frames };
}

/** Each chunk has a name, a length and its bytes, filled up to an even length; a list begins with its own name. */
function collect(chunks: Buffer, frames: Uint8Array[]): void {
  let at = 0;
  while (at + 8 <= chunks.length && frames.length < MOST_FRAMES) {
    const name = chunks.toString('latin1', at, at + 4);
    const length = chunks.readUInt32LE(at + 4);
    const body = chunks.subarray(at + 8, at + 8 + length);
    if (body.length < length) throw notAFilm('it ends too early');
    if (name === 'LIST') collectList(body, frames);
    else if (/^\d\dd[bc]$/.test(name) && body[0] === 0xff && body[1] === 0xd8) frames.push(body);
    at += 8 + length + (length % 2);
  }
}

function collectList(body: Buffer, frames: Uint8Array[]): void {
  const kind = body.toString('latin1', 0, 4);
  if (kind === 'movi' || kind === 'rec ') collect(body.subarray(4), frames);
}

function notAFilm(why: string): AppError {
  return new AppError(
    'engine_failed',
    `The engine's server answered with a film that cannot be read: ${why}.`,
    {
      reason: 'no_film',
    },
  );
}
