import { AppError } from '../../../base/errors.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { MadeVideo, VideoGeneration } from '../../../core/video/video-engine.ts';
import { joinFilms, withNote, type FilmNote } from '../../../media/films/film-container.ts';
import type { WorkerPool } from '../../worker-pool.ts';
import type { PixelWork } from '../pictures/picture-changes.ts';
import { planFilm, type PlannedFilm } from './film-planning.ts';
import type { FilmAnswer, FilmTask } from './film-task.ts';

type Pool = WorkerPool<FilmTask, FilmAnswer>;

/** Frames that are given as pictures, for an overview. */
const SAMPLES = 10;

/** Who computes frames and changes pictures. */
export interface FilmThreads {
  readonly pool: Pool;
  readonly pixels: PixelWork;
}

/** Plans a film, has its frames made and joins it to what it continues. */
export async function makeFilm(
  request: VideoGeneration,
  context: RequestContext,
  { pool, pixels }: FilmThreads,
): Promise<MadeVideo> {
  const { tools } = request;
  const planned = await planFilm(request, { tools, pixels, context });
  const { plan, warnings } = planned;
  const samples = sampleFrames(plan.frames);
  const shot = await shoot({ plan, wanted: [...samples, plan.frames - 1] }, context, pool);
  const joined = await joinFilms(
    [...(planned.before ? [planned.before] : []), shot.film],
    plan.framesPerSecond,
  );
  const png = async (index: number) => {
    const pixelsOf = shot.frames.get(index);
    if (!pixelsOf) throw new AppError('engine_failed', 'A frame of the film is missing.');
    return (
      await tools.write(
        { width: plan.width, height: plan.height, pixels: pixelsOf },
        { format: { id: 'png' } },
        context,
      )
    ).bytes;
  };
  const pictures = await Promise.all(samples.map(png));
  const [poster] = pictures;
  const bytes = withNote(
    joined.bytes,
    await noteOf(planned, { request, shot, context, frames: joined.frames }),
  );
  context.report?.(1);
  return {
    bytes,
    width: plan.width,
    height: plan.height,
    framesPerSecond: plan.framesPerSecond,
    frames: joined.frames,
    ...(poster && !planned.before ? { poster } : {}),
    samples: pictures,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

function sampleFrames(frames: number): number[] {
  const count = Math.min(SAMPLES, frames);
  return Array.from({ length: count }, (_, index) => Math.floor((index * frames) / count));
}

interface Shot {
  readonly film: Uint8Array<ArrayBuffer>;
  readonly frames: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

async function shoot(task: FilmTask, { signal, report }: RequestContext, pool: Pool): Promise<Shot> {
  const frames = new Map<number, Uint8Array<ArrayBuffer>>();
  for await (const answer of pool.run(task, { signal, dueMs: performance.now() })) {
    if (answer.kind === 'progress') report?.(0.05 + (0.9 * answer.frames) / task.plan.frames);
    else if (answer.kind === 'frame') frames.set(answer.index, answer.pixels);
    else return { film: answer.bytes, frames };
  }
  throw new AppError('engine_failed', 'The film was not finished.');
}

/** What is kept in the film, so that it can be changed and continued. */
async function noteOf(
  { plan, prompt, picture }: PlannedFilm,
  {
    request,
    shot,
    context,
    frames,
  }: {
    readonly request: VideoGeneration;
    readonly shot: Shot;
    readonly context: RequestContext;
    readonly frames: number;
  },
): Promise<FilmNote> {
  const { width, height, framesPerSecond, seed } = plan;
  const jpeg = { id: 'jpeg', quality: 92 } as const;
  const last = shot.frames.get(plan.frames - 1) ?? new Uint8Array(width * height * 4);
  const lastFrame = await request.tools.write({ width, height, pixels: last }, { format: jpeg }, context);
  const kept = picture && (await request.tools.write(picture, { format: jpeg }, context));
  return {
    prompt,
    ...(request.negativePrompt === undefined ? {} : { negativePrompt: request.negativePrompt }),
    seed,
    width,
    height,
    frames,
    framesPerSecond,
    ...(kept ? { picture: kept.bytes } : {}),
    lastFrame: lastFrame.bytes,
  };
}
