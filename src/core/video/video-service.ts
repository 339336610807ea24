import { countCodePoints } from '../../base/code-points.ts';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import type { AccessGuard, MeteredAct } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { FileService } from '../files/file-service.ts';
import { imageToolsOf } from '../image/image-tool-finding.ts';
import { jobFileId, type JobPart } from '../jobs/job-file-ids.ts';
import type { Job, JobFile, VideoJobOutput } from '../jobs/job.ts';
import type { JobHandler, JobService, JobWork } from '../jobs/job-service.ts';
import type { MediaOpener } from '../media-opening.ts';
import { atSlot, type EngineRunner } from '../models/engine-runner.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import { countUse, countingFailures, type UsageCounter } from '../usage/usage-record.ts';
import type { Warning } from '../warning.ts';
import type { MadeVideo } from './video-engine.ts';
import { findFilm, keepInputs, makeAnew, type VideoInputParts, type VideoOrder } from './video-inputs.ts';
import { makeOverview } from './video-overview.ts';
import { planVideo, type VideoPlan } from './video-plan.ts';
import type { VideoRequest } from './video.ts';

/** What films are made with. */
export interface VideoServiceParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly engines: readonly Engine[];
  readonly opener: MediaOpener;
  readonly files: FileService;
  readonly jobs: JobService;
  readonly clock: Clock;
}

/** Makes films, always in jobs. */
export interface VideoService {
  /**
   * Checks the order, keeps its files and writes the job down. Throws what can be known to be wrong beforehand, naming
   * the field, and `not_found` for a film of somebody else.
   */
  submit(order: VideoOrder, context: RequestContext): Promise<OrderedVideo>;
  /** Makes the film of a job. */
  readonly handler: JobHandler<'video'>;
}

/** A film that is going to be made. */
export interface OrderedVideo {
  readonly job: Job<'video'>;
  readonly warnings: readonly Warning[];
  /** `<engine>/<model>` that will make it, unless another one is there by then. */
  readonly servedBy: string;
  readonly standIn: boolean;
}

/** Builds the service. */
export function createVideoService(parts: VideoServiceParts): VideoService {
  return {
    submit: async (order, context) => {
      const { model, strict } = order.film;
      await parts.access.admit(actOf(model, order.film.wish.prompt), context);
      const candidates = parts.models.candidates(model, 'video');
      const { input, warnings: remade } = await toRequest(order, { ...parts, candidates }, context);
      try {
        const { candidate, warnings: planned } = planVideo(input, candidates);
        const warnings = [...remade, ...planned];
        if (strict) refuseUnderStrict(warnings);
        const job = await parts.jobs.submit({ ...order.job, kind: 'video', input, model }, context);
        return { job, warnings, servedBy: candidate.card.id, standIn: candidate.standIn };
      } catch (error) {
        await forgetInputs(input, parts.files, context);
        throw error;
      }
    },
    handler: async (work) => {
      const { input } = work.job;
      const { context } = work;
      const use = { capability: 'video', model: input.model } as const;
      // What the key may do and has left may have changed since the order.
      await parts.access.admit(actOf(input.model, input.wish.prompt), context);
      return countingFailures(parts.usage, { use, context }, () => makeFilm(work, parts));
    },
  };
}

function actOf(model: string, prompt: string): MeteredAct {
  return { capability: 'video', model, characters: countCodePoints(prompt) };
}

async function makeFilm(work: JobWork<'video'>, parts: VideoServiceParts): Promise<VideoJobOutput> {
  const { input } = work.job;
  const plan = planVideo(input, parts.models.candidates(input.model, 'video'));
  const release = await parts.runner.acquire(plan.candidate.engine, work.context);
  const heldAt = parts.clock.monotonicMs();
  try {
    const made = await generate(plan, { ...work, context: atSlot(work.context, release) }, parts);
    const output = await keepVideo(made, plan, { work, parts });
    const use = {
      capability: 'video',
      model: input.model,
      servedBy: output.servedBy,
      characters: countCodePoints(input.wish.prompt),
      audioSeconds: made.frames / made.framesPerSecond,
      engineSeconds: (parts.clock.monotonicMs() - heldAt) / 1000,
    } as const;
    countUse(parts.usage, use, work.context);
    return output;
  } catch (error) {
    release(error);
    throw error;
  } finally {
    release();
  }
}

/** What a job is to make. A remix that no engine makes from the film itself is made from what that film was made from. */
async function toRequest(
  order: VideoOrder,
  parts: VideoInputParts & { readonly candidates: readonly Candidate[] },
  context: RequestContext,
): Promise<{ readonly input: VideoRequest; readonly warnings: readonly Warning[] }> {
  const { source, film } = order;
  const anew = source?.use === 'remix' && source.media.kind === 'job' && !parts.candidates.some(remixes);
  if (!anew) return { input: await keepInputs(order, parts, context), warnings: [] };
  const param = film.spelling.source;
  const ownerId = context.principal.id;
  const original = await findFilm(source.media.id, { jobs: parts.jobs, ownerId, param });
  const from = 'a change of that film';
  const to = 'a new film from the same picture, seed, size and length';
  const warning: Warning = { type: 'adjusted', setting: param, from, to };
  return { input: await makeAnew(order, original, parts), warnings: [warning] };
}

/** No job will ever read them. */
async function forgetInputs(
  { firstFrame, source }: VideoRequest,
  files: FileService,
  { principal }: RequestContext,
): Promise<void> {
  for (const kept of [firstFrame, source]) if (kept) await files.remove(kept.fileId, principal.id);
}

function remixes({ engine: { video }, card }: Candidate): boolean {
  return video?.limits(card.id).sourceUses.includes('remix') ?? false;
}

async function generate(
  plan: VideoPlan,
  work: JobWork<'video'>,
  parts: VideoServiceParts,
): Promise<MadeVideo> {
  const { job, context } = work;
  const { input } = job;
  const read = async (fileId: string) => {
    const blob = await parts.files.read(fileId, job.ownerId);
    if (!blob) throw new AppError('internal', 'What the film is made from is gone.');
    return collectBytes(blob.open());
  };
  const { firstFrame, source, wish } = input;
  return plan.video.generate(
    {
      ...wish,
      ...plan.film,
      model: plan.candidate.card.id,
      ...(firstFrame ? { firstFrame: await read(firstFrame.fileId) } : {}),
      ...(source ? { source: { bytes: await read(source.fileId), use: source.use } } : {}),
      ...(job.engineReference === undefined ? {} : { reference: job.engineReference }),
      remember: (reference) => work.remember(reference),
      tools: imageToolsOf(parts.engines),
    },
    context,
  );
}

async function keepVideo(
  made: MadeVideo,
  { candidate, warnings }: VideoPlan,
  { work, parts }: { readonly work: JobWork<'video'>; readonly parts: VideoServiceParts },
): Promise<VideoJobOutput> {
  const { job, context } = work;
  const keep = async (part: JobPart, { mediaType, filename, bytes }: PartFile): Promise<JobFile> => {
    const file = { id: jobFileId(job.id, part), ownerId: job.ownerId, mediaType, filename, bytes };
    const { id: fileId, byteLength } = await parts.files.keep(file);
    return { fileId, mediaType, byteLength };
  };
  const film = await keep('main', { mediaType: 'video/mp4', filename: 'video.mp4', bytes: made.bytes });
  const overview = await makeOverview(made, imageToolsOf(parts.engines), context);
  const picture = async (part: 'thumbnail' | 'spritesheet') => {
    const bytes = overview[part];
    if (!bytes) return {};
    return { [part]: await keep(part, { mediaType: 'image/webp', filename: `${part}.webp`, bytes }) };
  };
  return {
    file: film,
    ...(await picture('thumbnail')),
    ...(await picture('spritesheet')),
    width: made.width,
    height: made.height,
    frames: made.frames,
    framesPerSecond: made.framesPerSecond,
    seed: job.input.wish.seed,
    warnings: [...warnings, ...respelled(made.warnings ?? [], job.input)],
    servedBy: candidate.card.id,
    standIn: candidate.standIn,
  };
}

/** An engine knows only our words for what came; the caller has words of its own for them. */
function respelled(warnings: readonly Warning[], { asked, spelling }: VideoRequest): Warning[] {
  const parts: Readonly<Record<string, string>> = { ...spelling };
  const wordFor = (name: string) =>
    asked.find(({ setting }) => setting === name)?.parameter ?? parts[name] ?? name;
  return warnings.map((warning) => ({ ...warning, setting: wordFor(warning.setting) }));
}

interface PartFile {
  readonly mediaType: string;
  readonly filename: string;
  readonly bytes: Uint8Array;
}
