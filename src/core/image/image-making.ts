import { AppError } from '../../base/errors.ts';
import { merged } from '../../base/merged.ts';
import type { RequestContext } from '../context.ts';
import { atSlot, type EngineRunner } from '../models/engine-runner.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { ImageGeneration } from './image-engine.ts';
import type { ImageRoute } from './image-routing.ts';
import { isSameSize } from './image-sizes.ts';
import type { ImageStep, ImageTools } from './image-tools.ts';
import type { ImageFormatRequest, ImageResultEvent, MadeImage, PixelSize } from './image.ts';

/** Seeds are whole numbers that JSON carries exactly. */
const SEEDS = 2 ** 53;

const MEDIA_TYPES: Readonly<Record<ImageFormatRequest['id'], string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
};

/** Pictures that are to be made with one engine model, everything resolved. */
export interface ImageWork {
  readonly route: ImageRoute;
  /** What the engine is asked for the first of them. */
  readonly generation: ImageGeneration;
  readonly count: number;
  readonly format: ImageFormatRequest;
  /** The size to which they are brought; absent: as the engine makes them. */
  readonly delivered?: PixelSize;
  /** Whether transparency is filled with white. */
  readonly opaque: boolean;
  readonly tools: ImageTools;
  readonly runner: EngineRunner;
  readonly context: RequestContext;
  /** Hears what the engine has to tell of a finished picture, once. */
  readonly onWarning: (warning: Warning) => void;
}

/** Makes all of them at once, as far as the engine has slots. Leaving the stream stops the work. */
export async function* makeImages(work: ImageWork): AsyncGenerator<ImageResultEvent> {
  const left = new AbortController();
  const signal = AbortSignal.any([work.context.signal, left.signal]);
  const tell = reporter(work);
  const pictures = Array.from({ length: work.count }, (_, index) =>
    makeImage({ ...work, context: { ...work.context, signal } }, index, (fraction) => tell(index, fraction)),
  );
  try {
    yield* merged(pictures);
  } finally {
    left.abort();
  }
}

/** Tells the progress of all pictures together. */
function reporter({ count, context }: ImageWork): (index: number, fraction: number) => void {
  const fractions = Array.from({ length: count }, () => 0);
  return (index, fraction) => {
    fractions[index] = Math.min(1, Math.max(fractions[index] ?? 0, fraction));
    context.report?.(fractions.reduce((sum, one) => sum + one, 0) / count);
  };
}

async function* makeImage(
  work: ImageWork,
  index: number,
  tell: (fraction: number) => void,
): AsyncGenerator<ImageResultEvent> {
  const { route, runner, context } = work;
  const seed = (work.generation.seed + index) % SEEDS;
  const finish = async (bytes: Uint8Array): Promise<MadeImage> => ({
    index,
    seed,
    ...(await written(bytes, work)),
  });
  const release = await runner.acquire(route.candidate.engine, context);
  try {
    let previews = 0;
    for await (const event of route.image.generate({ ...work.generation, seed }, atSlot(context, release))) {
      if (event.type === 'progress') tell(event.fraction);
      else if (event.type === 'image-end') {
        hear(event.warnings ?? [], work);
        tell(1);
        yield { type: 'image-end', ...(await finish(event.bytes)) };
        return;
      } else if (previews < work.generation.previews) {
        yield { type: 'image-preview', previewIndex: previews, ...(await finish(event.bytes)) };
        previews += 1;
      }
    }
  } catch (error) {
    release(error);
    throw error;
  } finally {
    release();
  }
  throw new AppError('engine_failed', `The engine ${route.candidate.engine.id} ended without a picture.`);
}

function hear(warnings: readonly Warning[], { context, onWarning }: ImageWork): void {
  if (context.strict) refuseUnderStrict(warnings);
  for (const warning of warnings) onWarning(warning);
}

/** What an engine made, in the format and size that the caller gets. */
async function written(
  bytes: Uint8Array,
  { tools, format, delivered, opaque, generation, context }: ImageWork,
): Promise<Omit<MadeImage, 'index' | 'seed'>> {
  const mediaType = MEDIA_TYPES[format.id];
  const facts = delivered || generation.animation ? await ourInspection(bytes, tools, context) : undefined;
  // Written anew it would not move any more.
  if (facts && facts.frames > 1 && facts.format === format.id) {
    return { mediaType, bytes, width: facts.width, height: facts.height };
  }
  const steps: ImageStep[] = [
    ...(facts && delivered && !isSameSize(facts, delivered)
      ? [{ kind: 'resize', ...pixelSize(delivered), fit: 'cover' } as const]
      : []),
    ...(opaque ? [{ kind: 'flatten', red: 255, green: 255, blue: 255 } as const] : []),
  ];
  try {
    return { mediaType, ...(await tools.write(bytes, { format, steps }, context)) };
  } catch (error) {
    throw enginesFault(error);
  }
}

function pixelSize({ width, height }: PixelSize): PixelSize {
  return { width, height };
}

async function ourInspection(bytes: Uint8Array, tools: ImageTools, context: RequestContext) {
  try {
    return await tools.inspect(bytes, context);
  } catch (error) {
    throw enginesFault(error);
  }
}

/** The caller has no part in it when what an engine answers is no picture. */
function enginesFault(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.code !== 'unsupported_media' && error.code !== 'payload_too_large') return error;
  return new AppError('engine_failed', `The engine did not answer with a picture: ${error.message}`, {
    cause: error,
  });
}
