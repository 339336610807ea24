import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { ImageTools, PixelImage } from '../../core/image/image-tools.ts';
import type { PixelSize } from '../../core/image/image.ts';
import { joinFilms } from '../../media/films/film-container.ts';
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts';

/** Some frames of a film that are encoded together. */
export interface Stretch extends PixelSize {
  readonly framesPerSecond: number;
  /** Four bytes for each pixel. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
}

/** The same in H.264 and MP4. */
export interface EncodedStretch {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A film of frames, written anew. */
export interface WrittenFilm extends PixelSize {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly frames: number;
  /** PNGs, evenly spread. */
  readonly samples: readonly Uint8Array<ArrayBuffer>[];
}

/** What a film is written from and with. */
export interface FilmWriting {
  /** JPEG files of one size. */
  readonly frames: readonly Uint8Array[];
  readonly framesPerSecond: number;
  readonly tools: ImageTools;
}

/** Writes films of pictures, in threads of its own. */
export interface FilmWriter {
  /** Throws `engine_failed` for frames that are no pictures of one size, and `cancelled` at the signal's abort. */
  write(writing: FilmWriting, context: RequestContext): Promise<WrittenFilm>;
  stop(): Promise<void>;
}

/** Pixels of no more frames than these are in memory at the same time. */
const STRETCH = 16;
const SAMPLES = 10;
const CANCEL_GRACE_MS = 700;

/** Makes a writer; no thread runs before the first film. */
export function createFilmWriter(engine: string): FilmWriter {
  const pool = createWorkerPool<Stretch, EncodedStretch>({
    engine,
    script: new URL('jpeg-film-worker.ts', import.meta.url),
    size: 1,
    cancelGraceMs: CANCEL_GRACE_MS,
  });
  return { write: (writing, context) => writeFilm(writing, context, pool), stop: () => pool.stop() };
}

async function writeFilm(
  { frames, framesPerSecond, tools }: FilmWriting,
  context: RequestContext,
  pool: WorkerPool<Stretch, EncodedStretch>,
): Promise<WrittenFilm> {
  const wanted = sampleFrames(frames.length);
  const samples: Uint8Array<ArrayBuffer>[] = [];
  const stretches: Uint8Array<ArrayBuffer>[] = [];
  let size: PixelSize | undefined;
  for (let start = 0; start < frames.length; start += STRETCH) {
    const images: PixelImage[] = [];
    for (const [place, jpeg] of frames.slice(start, start + STRETCH).entries()) {
      const image = evenSides(await pixelsOf(jpeg, tools, context));
      size ??= { width: image.width, height: image.height };
      if (image.width !== size.width || image.height !== size.height) throw odd('its frames differ in size');
      images.push(image);
      if (!wanted.includes(start + place)) continue;
      samples.push((await tools.write(image, { format: { id: 'png' } }, context)).bytes);
    }
    const { width, height } = size ?? { width: 0, height: 0 };
    const stretch = { width, height, framesPerSecond, frames: images.map(({ pixels }) => pixels) };
    stretches.push(await encode(stretch, context, pool));
  }
  if (!size) throw odd('it has no frames');
  const joined = await joinFilms(stretches, framesPerSecond);
  return { ...size, ...joined, samples };
}

async function encode(
  stretch: Stretch,
  { signal }: RequestContext,
  pool: WorkerPool<Stretch, EncodedStretch>,
): Promise<Uint8Array<ArrayBuffer>> {
  for await (const { bytes } of pool.run(stretch, { signal, dueMs: performance.now() })) return bytes;
  throw new AppError('engine_failed', 'The film was not written.');
}

async function pixelsOf(jpeg: Uint8Array, tools: ImageTools, context: RequestContext): Promise<PixelImage> {
  try {
    return await tools.toPixels(jpeg, context);
  } catch (error) {
    if (error instanceof AppError && error.code === 'cancelled') throw error;
    throw odd('one of its frames is no picture', error);
  }
}

/** The codec takes even sides only: the last row or column of odd ones goes. */
function evenSides(image: PixelImage): PixelImage {
  const width = image.width - (image.width % 2);
  const height = image.height - (image.height % 2);
  if (width === image.width && height === image.height) return image;
  const pixels = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const from = row * image.width * 4;
    pixels.set(image.pixels.subarray(from, from + width * 4), row * width * 4);
  }
  return { width, height, pixels };
}

function sampleFrames(frames: number): number[] {
  const count = Math.min(SAMPLES, frames);
  return Array.from({ length: count }, (_, index) => Math.floor((index * frames) / count));
}

function odd(why: string, cause?: unknown): AppError {
  return new AppError('engine_failed', `The engine's film cannot be used: ${why}.`, {
    cause,
    reason: 'no_film',
  });
}
