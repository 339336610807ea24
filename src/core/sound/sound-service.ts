import { countCodePoints } from '../../base/code-points.ts';
import { AppError, blamedOn, isAbort, toAppError } from '../../base/errors.ts';
import { randomSeed } from '../../base/ids.ts';
import { whenDone } from '../../base/stream.ts';
import type { AudioFormat } from '../../media/formats/format.ts';
import { getAudioFormat } from '../../media/formats/index.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard, MeteredAct } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import { atSlot, type EngineRunner, type EngineSlot } from '../models/engine-runner.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { UploadRoom } from '../ports/upload-room.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import { gatherFile } from '../speech/whole-file.ts';
import { countUse, countingFailures, type UsageCounter, type Use } from '../usage/usage-record.ts';
import type { Warning } from '../warning.ts';
import type { SoundGeneration, SoundOutput } from './sound-engine.ts';
import { findSoundRoutes, type SoundRoute } from './sound-routing.ts';
import { soundWarnings, withinRanges } from './sound-settings.ts';
import { openSound, type OpenSound } from './sound-opening.ts';
import type { MusicPlan, SoundRequest, SoundResult } from './sound.ts';

/** What the service is built from. */
export interface SoundServiceParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
  /** Where a sound that is wanted whole lies when it is too large for memory; absent: in memory. */
  readonly uploads?: UploadRoom;
}

/** What is known of a sound before it is made. */
export type SoundForecast = Pick<SoundResult, 'servedBy' | 'standIn' | 'warnings'>;

/** Makes sounds and music. */
export interface SoundService {
  /**
   * Answers once the first samples exist, so every refusal comes before the first byte. Throws
   * `invalid_request`, `not_found`, `unsupported_feature`, `overloaded`, `engine_failed` or `cancelled`.
   * The caller must read or close `chunks`, or abort the context's signal.
   */
  make(request: SoundRequest, context: RequestContext): Promise<SoundResult>;
  /** Says what would become of a request, for those who have it made later. Refuses all that can be refused now. */
  foresee(
    request: SoundRequest,
    context: Pick<RequestContext, 'strict' | 'principal'>,
  ): Promise<SoundForecast>;
  /** How a piece of music would be laid out. Throws `unsupported_feature` where nothing that runs here plans. */
  plan(request: SoundRequest, context: RequestContext): Promise<MusicPlan>;
}

/** Builds the service. */
export function createSoundService(parts: SoundServiceParts): SoundService {
  return {
    make: async (request, context) => {
      const format = checkRequest(request);
      await parts.access.admit(actOf(request), context);
      return countingFailures(parts.usage, { use: useOf(request), context }, async () => {
        const routes = findSoundRoutes(request, parts.models);
        return firstThatWorks(routes, context, (route) =>
          makeThrough(route, { request, context, format, parts }),
        );
      });
    },
    foresee: async (request, context) => {
      checkRequest(request);
      await parts.access.admit(actOf(request), context);
      const [route] = findSoundRoutes(request, parts.models);
      if (!route) throw new AppError('internal', 'There is no route.');
      const warnings = soundWarnings(request.asked, route.sound, route.candidate.engine.id);
      if (context.strict) refuseUnderStrict(warnings);
      return { servedBy: route.candidate.card.id, standIn: route.candidate.standIn, warnings };
    },
    plan: async (request, context) => {
      checkRequest(request);
      await parts.access.admit({ ...useOf(request), characters: 0 }, context);
      const planners = findSoundRoutes(request, parts.models).filter(({ sound }) => 'plan' in sound);
      return firstThatWorks(planners, context, (route) => planThrough(route, { request, context, parts }));
    },
  };
}

function useOf({ kind, model }: SoundRequest): Pick<Use, 'capability' | 'model'> {
  return { capability: kind === 'music' ? 'music' : 'sound', model };
}

function actOf(request: SoundRequest): MeteredAct {
  return { ...useOf(request), characters: countCodePoints(request.prompt) };
}

function checkRequest(request: SoundRequest): AudioFormat {
  const { spelling, durationSeconds } = request;
  if (request.prompt.trim() === '' && !request.plan) {
    throw new AppError('invalid_request', `The ${spelling.prompt} must not be empty or blank.`, {
      param: spelling.prompt,
      reason: 'empty_text',
    });
  }
  if (durationSeconds !== undefined && !(durationSeconds > 0 && Number.isFinite(durationSeconds))) {
    const param = request.asked.find(({ setting }) => setting === 'duration')?.parameter ?? 'duration';
    throw new AppError('invalid_request', `${param} must be more than 0 s, not ${durationSeconds}.`, {
      param,
    });
  }
  try {
    return getAudioFormat(request.format);
  } catch (error) {
    throw new AppError('invalid_request', toAppError(error).message, {
      param: spelling.format,
      cause: error,
    });
  }
}

/** An engine that broke leaves the request to the next one. */
async function firstThatWorks<Result>(
  routes: readonly SoundRoute[],
  context: RequestContext,
  work: (route: SoundRoute) => Promise<Result>,
): Promise<Result> {
  let refusal: AppError | undefined;
  for (const route of routes) {
    try {
      return await work(route);
    } catch (error) {
      refusal = toAppError(error);
      if (refusal.code !== 'engine_failed' || context.signal.aborted) throw refusal;
      context.log.warn({ error: refusal, cause: refusal.cause }, 'engine-fallback');
    }
  }
  throw refusal ?? new AppError('unsupported_feature', 'Nothing that runs here lays out music in sections.');
}

interface Planning {
  readonly request: SoundRequest;
  readonly context: RequestContext;
  readonly parts: SoundServiceParts;
}

async function planThrough(route: SoundRoute, { request, context, parts }: Planning): Promise<MusicPlan> {
  const release = await parts.runner.acquire(route.candidate.engine, context);
  try {
    const plan = await route.sound.plan?.(toGeneration(request, route), atSlot(context, release));
    if (!plan) throw new AppError('engine_failed', 'The engine did not lay out the music.');
    return plan;
  } catch (error) {
    release(error);
    throw respelledError(error, request);
  } finally {
    release();
  }
}

interface Making extends Planning {
  readonly format: AudioFormat;
}

async function makeThrough(route: SoundRoute, making: Making): Promise<SoundResult> {
  const { request, context, parts } = making;
  const { engine } = route.candidate;
  const warnings = soundWarnings(request.asked, route.sound, engine.id);
  if (context.strict) refuseUnderStrict(warnings);
  const askedAt = parts.clock.monotonicMs();
  const release = await parts.runner.acquire(engine, context);
  const heldAt = parts.clock.monotonicMs();
  try {
    const generation = toGeneration(request, route);
    const output = await route.sound.generate(generation, atSlot(context, release));
    // What came from elsewhere is complete: its engine has nothing more to do.
    if (output.kind === 'file') release();
    return await deliver(output, { ...making, route, generation, askedAt, heldAt, release, warnings });
  } catch (error) {
    release(error);
    throw respelledError(error, request);
  }
}

function toGeneration(request: SoundRequest, { candidate, sound }: SoundRoute): SoundGeneration {
  // An engine gets the wish alone: what is left is for the service and the caller.
  const { model: _m, format: _f, delivery: _d, channels: _c, asked: _a, spelling: _s, ...wish } = request;
  const within = withinRanges({ ...wish, seed: request.seed ?? randomSeed() }, sound);
  return { ...within, seed: within.seed ?? 0, model: candidate.card.id };
}

interface Delivery extends Making {
  readonly route: SoundRoute;
  readonly generation: SoundGeneration;
  readonly askedAt: number;
  /** When the engine's slot was there. */
  readonly heldAt: number;
  readonly release: EngineSlot;
  readonly warnings: readonly Warning[];
}

async function deliver(output: SoundOutput, delivery: Delivery): Promise<SoundResult> {
  const { request, context, format, route, generation } = delivery;
  const told = respelled(output.warnings ?? [], request);
  const warnings = [...delivery.warnings, ...told.filter((one) => !isAmong(delivery.warnings, one))];
  if (context.strict) refuseUnderStrict(warnings);
  const sound = await openSound(output, request, context);
  const finish = endOfSound(delivery, { sound, firstAt: delivery.parts.clock.monotonicMs() });
  const abandon = () => {
    void sound.close().catch(() => undefined);
    finish();
  };
  context.signal.addEventListener('abort', abandon, { once: true });
  const chunks = whenDone(sound.bytes, (failure) => {
    context.signal.removeEventListener('abort', abandon);
    void sound.close().catch(() => undefined);
    finish(failure);
  });
  const facts = {
    mediaType: format.mediaType,
    formatId: format.id,
    sampleRate: sound.sampleRate,
    outline: sound.outline,
    durationSeconds: sound.durationSeconds,
    seed: route.sound.settings.seed === undefined ? undefined : generation.seed,
    warnings,
    servedBy: route.candidate.card.id,
    standIn: route.candidate.standIn,
  };
  if (request.delivery === 'stream') return { ...facts, chunks };
  const room = delivery.parts.uploads;
  return { ...facts, ...(await gatherFile(chunks, { format, room, signal: context.signal })) };
}

/** An engine knows the settings by our words; the caller has words of its own for them. */
function callersWord(word: string, { asked, spelling }: SoundRequest): string {
  if (word === 'prompt' || word === 'model' || word === 'format') return spelling[word];
  const parameterOf = (wanted: string) => asked.find(({ setting }) => setting === wanted)?.parameter;
  return word === 'lines' ? `${parameterOf('plan') ?? 'plan'}.lines` : (parameterOf(word) ?? word);
}

function respelled(warnings: readonly Warning[], request: SoundRequest): Warning[] {
  return warnings.map((warning) => ({ ...warning, setting: callersWord(warning.setting, request) }));
}

/** An engine may say itself what its table of settings says already. */
function isAmong(warnings: readonly Warning[], { type, setting }: Warning): boolean {
  return warnings.some((one) => one.type === type && one.setting === setting);
}

function respelledError(error: unknown, request: SoundRequest): unknown {
  if (!(error instanceof AppError) || error.param === undefined) return error;
  return blamedOn(callersWord(error.param, request), error);
}

/** Gives the slot back, counts the usage and writes the one log line, whichever way the sound ended. */
function endOfSound(
  delivery: Delivery,
  { sound, firstAt }: { readonly sound: OpenSound; readonly firstAt: number },
): (failure?: unknown) => void {
  const { parts, context, request, route } = delivery;
  let ended = false;
  return (failure) => {
    if (ended) return;
    ended = true;
    delivery.release(failure);
    const endedAt = parts.clock.monotonicMs();
    const characters = countCodePoints(request.prompt);
    const audioSeconds = sound.secondsSoFar();
    const failed = failure !== undefined && !isAbort(failure) && toAppError(failure).code !== 'cancelled';
    const use = {
      ...useOf(request),
      servedBy: route.candidate.card.id,
      characters,
      audioSeconds,
      engineSeconds: (endedAt - delivery.heldAt) / 1000,
      pace: { firstMs: firstAt - delivery.askedAt, flowMs: endedAt - firstAt },
      failed,
    };
    // A sound that was wanted whole and broke goes to another engine, or is counted as failed.
    if (!failed || request.delivery === 'stream') countUse(parts.usage, use, context);
    const fields = {
      model: route.candidate.card.id,
      kind: request.kind,
      format: request.format.id,
      characters,
      ttfbMs: Math.round(firstAt - delivery.askedAt),
      durationMs: Math.round(endedAt - delivery.askedAt),
      audioMs: Math.round(audioSeconds * 1000),
      cancelled: context.signal.aborted,
    };
    if (failed) logFailure(context.log, 'sound-failed', { ...fields, error: failure, afterHeaders: true });
    else context.log.debug(fields, 'sound-end');
  };
}
