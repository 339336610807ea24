import { countCodePoints } from '../../base/code-points.ts';
import { AppError, blamedOn, isAbort, toAppError } from '../../base/errors.ts';
import { randomSeed } from '../../base/ids.ts';
import { primed, whenDone } from '../../base/stream.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { MediaOpener } from '../media-opening.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import { countUse, countingFailures, type UsageCounter } from '../usage/usage-record.ts';
import type { Warning } from '../warning.ts';
import type { ImageGeneration } from './image-engine.ts';
import { openGivenImages, prepareImages, type GivenImages, type PreparedImages } from './image-inputs.ts';
import { makeImages, type ImageWork } from './image-making.ts';
import { findImageRoutes, type ImageRoute } from './image-routing.ts';
import { imageWarnings, withinImageRanges } from './image-settings.ts';
import { isSameSize, planSize, sizeText, type SizePlan } from './image-sizes.ts';
import { imageToolsOf } from './image-tool-finding.ts';
import type { ImageTools } from './image-tools.ts';
import type { ImageRequest, ImageResult, ImageResultEvent, ImageWish } from './image.ts';

/** What the service is built from. */
export interface ImageServiceParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
  /** One of them reads and writes pictures. */
  readonly engines: readonly Engine[];
  readonly opener: MediaOpener;
}

/** Makes and changes pictures. */
export interface ImageService {
  /**
   * Answers once the first event exists, so every refusal comes before the first byte. Throws `invalid_request`,
   * `not_found`, `unsupported_media`, `unsupported_feature`, `payload_too_large`, `overloaded`, `engine_failed` or
   * `cancelled`. The caller must read or close `events`, or abort the context's signal.
   */
  make(request: ImageRequest, context: RequestContext): Promise<ImageResult>;
}

/** Builds the service. */
export function createImageService(parts: ImageServiceParts): ImageService {
  return {
    make: async (request, context) => {
      if (request.prompt.trim() === '') throw emptyPrompt(request);
      const use = { capability: 'image', model: request.model } as const;
      await parts.access.admit({ ...use, characters: countCodePoints(request.prompt) }, context);
      return countingFailures(parts.usage, { use, context }, () => makeFirst(request, context, parts));
    },
  };
}

/** Makes them with the best engine that can. */
async function makeFirst(
  request: ImageRequest,
  context: RequestContext,
  parts: ImageServiceParts,
): Promise<ImageResult> {
  const routes = findImageRoutes(request, parts.models);
  const tools = imageToolsOf(parts.engines);
  const given = await openGivenImages(request, { opener: parts.opener, tools, context });
  let refusal: AppError | undefined;
  for (const route of routes) {
    try {
      return await makeThrough(route, { request, context, given, tools, parts });
    } catch (error) {
      refusal = worthAnotherEngine(respelledError(error, request), context, refusal);
    }
  }
  throw refusal ?? new AppError('internal', 'There is no route.');
}

function emptyPrompt({ spelling }: ImageRequest): AppError {
  return new AppError('invalid_request', `The ${spelling.prompt} must not be empty or blank.`, {
    param: spelling.prompt,
    reason: 'empty_text',
  });
}

/**
 * An engine that broke, or that cannot make what is wanted, leaves the request to the next one. When none is left, a
 * broken one is the reason, for trying again can help; else what the first one said.
 */
function worthAnotherEngine(error: unknown, context: RequestContext, before: AppError | undefined): AppError {
  const failure = toAppError(error);
  const another =
    failure.code === 'engine_failed' ||
    (failure.code === 'unsupported_feature' && failure.reason !== 'strict');
  if (!another || context.signal.aborted) throw failure;
  if (failure.code !== 'engine_failed') return before ?? failure;
  context.log.warn({ error: failure, cause: failure.cause }, 'engine-fallback');
  return before?.code === 'engine_failed' ? before : failure;
}

interface Making {
  readonly request: ImageRequest;
  readonly context: RequestContext;
  readonly given: GivenImages;
  readonly tools: ImageTools;
  readonly parts: ImageServiceParts;
}

async function makeThrough(route: ImageRoute, making: Making): Promise<ImageResult> {
  const { request, context, given, parts } = making;
  const { engine, card, standIn } = route.candidate;
  const { sizes } = route.takes;
  const warnings = [
    ...imageWarnings(request, route.image, engine.id),
    ...(request.size ? sizeWarning(request, planSize(request.size, sizes)) : []),
  ];
  if (context.strict) refuseUnderStrict(warnings);
  const askedAt = parts.clock.monotonicMs();
  const limits = { megapixels: request.inputMegapixels, side: sizes.maximum };
  const prepared = await prepareImages(given, limits, making);
  const told = [...warnings];
  const made = { pictures: 0, askedAt };
  const work = workOf(route, making, { prepared, told });
  const first = await primed(counted(makeImages(work), made));
  if (first.empty) throw new AppError('engine_failed', `The engine ${engine.id} made no picture.`);
  const finish = endOfImages(route, making, made);
  const abandon = () => {
    void first.close().catch(() => undefined);
    finish();
  };
  context.signal.addEventListener('abort', abandon, { once: true });
  const events = whenDone(first.stream, (failure) => {
    context.signal.removeEventListener('abort', abandon);
    finish(failure);
  });
  return { events, warnings: told, servedBy: card.id, standIn, inputs: prepared.sizes };
}

interface MadePictures {
  pictures: number;
  readonly askedAt: number;
}

/** The events as they come; those that end a picture are counted. */
async function* counted(
  events: AsyncIterable<ImageResultEvent>,
  made: MadePictures,
): AsyncGenerator<ImageResultEvent> {
  for await (const event of events) {
    if (event.type === 'image-end') made.pictures += 1;
    yield event;
  }
}

function sizeWarning({ size, spelling }: ImageRequest, { delivered }: SizePlan): Warning[] {
  if (!size || isSameSize(size, delivered)) return [];
  return [{ type: 'adjusted', setting: spelling.size, from: sizeText(size), to: sizeText(delivered) }];
}

interface Prepared {
  readonly prepared: PreparedImages;
  /** What the caller is told; the work adds to it. */
  readonly told: Warning[];
}

function workOf(route: ImageRoute, making: Making, { prepared, told }: Prepared): ImageWork {
  const { request, tools, parts, context } = making;
  const { sizes } = route.takes;
  const plan = planSize(request.size ?? prepared.sizes[0] ?? sizes.usual, sizes);
  const generation: ImageGeneration = {
    ...withinImageRanges(wishIn(request), route.image),
    model: route.candidate.card.id,
    size: plan.made,
    seed: request.seed ?? randomSeed(),
    inputs: prepared.inputs,
    ...(prepared.mask ? { mask: prepared.mask } : {}),
    previews: request.previews,
    tools,
  };
  return {
    route,
    generation,
    count: request.count,
    format: request.format,
    ...(request.size ? { delivered: plan.delivered } : {}),
    opaque: request.background === 'opaque',
    tools,
    runner: parts.runner,
    context,
    onWarning: (warning) => {
      const spelled = { ...warning, setting: respelled(warning.setting, request) };
      if (!told.some((one) => JSON.stringify(one) === JSON.stringify(spelled))) told.push(spelled);
    },
  };
}

/** An engine gets the wish alone: what is left is for the service and the caller. */
function wishIn(request: ImageRequest): ImageWish {
  const { model: _m, count: _c, format: _f, inputs: _i, mask: _k, inputMegapixels: _p, ...rest } = request;
  const { previews: _v, asked: _a, spelling: _s, ...wish } = rest;
  return wish;
}

/** An engine knows only our words for what came; the caller has words of its own for them. */
function respelled(name: string, { spelling, asked }: ImageRequest): string {
  const parts: Readonly<Record<string, string>> = { ...spelling };
  return parts[name] ?? asked.find(({ setting }) => setting === name)?.parameter ?? name;
}

function respelledError(error: unknown, request: ImageRequest): unknown {
  if (!(error instanceof AppError) || error.param === undefined) return error;
  return blamedOn(respelled(error.param, request), error);
}

/** Counts the usage and writes the one log line, whichever way the work ended. */
function endOfImages(
  { candidate }: ImageRoute,
  { request, context, parts }: Making,
  made: MadePictures,
): (failure?: unknown) => void {
  let ended = false;
  return (failure) => {
    if (ended) return;
    ended = true;
    const characters = countCodePoints(request.prompt);
    const failed = failure !== undefined && !isAbort(failure) && toAppError(failure).code !== 'cancelled';
    const durationMs = parts.clock.monotonicMs() - made.askedAt;
    const use = {
      capability: 'image',
      model: request.model,
      servedBy: candidate.card.id,
      characters,
      pictures: made.pictures,
      engineSeconds: durationMs / 1000,
      failed,
    } as const;
    countUse(parts.usage, use, context);
    const fields = {
      model: candidate.card.id,
      format: request.format.id,
      count: request.count,
      inputs: request.inputs.length,
      characters,
      durationMs: Math.round(durationMs),
      cancelled: context.signal.aborted,
    };
    if (failed) logFailure(context.log, 'image-failed', { ...fields, error: failure, afterHeaders: true });
    else context.log.debug(fields, 'image-end');
  };
}
