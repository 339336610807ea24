import { AppError, blamedOn, isAbort, toAppError } from '../../base/errors.ts';
import { countCodePoints } from '../../base/code-points.ts';
import { findAudioFormat } from '../../media/formats/index.ts';
import type { AudioFormat } from '../../media/formats/format.ts';
import type { MarkedText } from '../../media/text/marked-text.ts';
import type { NormalizedText } from '../../media/text/normalized-text.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import { atSlot, type EngineRunner, type EngineSlot } from '../models/engine-runner.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { silentSpan } from '../ports/work-span.ts';
import type { UploadRoom } from '../ports/upload-room.ts';
import { countUse, countingFailures, type UsageCounter } from '../usage/usage-record.ts';
import type { VoiceLibrary } from '../voices/voice-library.ts';
import { primaryLanguage } from '../voices/voice-library.ts';
import type { Warning } from '../warning.ts';
import type { TimingTrack } from './alignment.ts';
import { speakAtLength } from './long-speech.ts';
import { spreadTimingsToSource } from './source-timings.ts';
import { findSpeechRoutes, type SpeechRoute } from './speech-routing.ts';
import { readMarkup, type MarkupSwitch } from './speech-markup.ts';
import type { JoinedOutput } from './speech-seams.ts';
import { castScript, type CastScript } from './script-casting.ts';
import { warningsFor } from './speech-settings.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import type { SpeechRequest, SpeechResult } from './speech.ts';
import { nothingToSpeak, openSpeechSource, type SpeechSource } from './speech-source.ts';
import { gatherFile } from './whole-file.ts';

/** What the service is built from. */
export interface SpeechServiceParts {
  readonly models: ModelCatalog;
  readonly voices: VoiceLibrary;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
  /** What is looked for in texts whose request does not say; nothing when absent. */
  readonly markup?: MarkupSwitch | undefined;
  /** Where a speech that is wanted whole lies when it is too large for memory; absent: in memory. */
  readonly uploads?: UploadRoom;
  /** Longest stretch of a long text that is written out at a time, in UTF-16 units; 4,000 when absent. */
  readonly passageCharacters?: number;
}

/** Speaks. */
export interface SpeechService {
  /**
   * Answers once the first samples exist, so every refusal comes before the first byte. Throws
   * `invalid_request`, `not_found`, `unsupported_feature`, `overloaded`, `engine_failed` or `cancelled`.
   * The caller must read or close `chunks`, or abort the context's signal.
   */
  speak(request: SpeechRequest, context: RequestContext): Promise<SpeechResult>;
}

/** Builds the service. */
export function createSpeechService(parts: SpeechServiceParts): SpeechService {
  return {
    speak: async (request, context) => {
      const format = checkRequest(request);
      const use = { capability: 'speech', model: request.model } as const;
      await parts.access.admit({ ...use, characters: countCodePoints(request.text) }, context);
      return countingFailures(parts.usage, { use, context }, async () => {
        const marked = await readMarkup(request, parts, context);
        if (marked.text.trim() === '') throw emptyText(request);
        return speakFirst({ request, marked, context, format, parts });
      });
    },
  };
}

/** Speaks through the best engine that can. */
async function speakFirst(speaking: Speaking): Promise<SpeechResult> {
  const { request, marked, context, parts } = speaking;
  let refusal: AppError | undefined;
  for await (const route of findSpeechRoutes(withoutMarkup(request, marked), parts, context)) {
    try {
      return await speakThrough(route, speaking);
    } catch (error) {
      refusal = worthAnotherEngine(error, context);
    }
  }
  throw refusal?.code === 'engine_failed' ? refusal : nothingToSpeak(request);
}

function checkRequest(request: SpeechRequest): AudioFormat {
  if (request.text.trim() === '') throw emptyText(request);
  const format = findAudioFormat(request.format.id);
  if (!format) {
    throw new AppError('invalid_request', `The format '${request.format.id}' does not exist.`, {
      param: request.spelling.format,
    });
  }
  return format;
}

function emptyText({ spelling }: SpeechRequest): AppError {
  return new AppError('invalid_request', `The ${spelling.text} must not be empty or blank.`, {
    param: spelling.text,
    reason: 'empty_text',
  });
}

/** Where all of a text is marked as of one language, that is what the caller wants it spoken in. */
function withoutMarkup(request: SpeechRequest, { text, parts }: MarkedText): SpeechRequest {
  const languages = new Set(parts.flatMap((part) => (part.kind === 'text' ? [part.manner.language] : [])));
  const [language] = languages;
  if (languages.size > 1 || language === undefined || request.language !== undefined)
    return { ...request, text };
  return { ...request, text, language: primaryLanguage(language) };
}

/** An engine that broke, or that found nothing in the text it could say, leaves the request to the next one. */
function worthAnotherEngine(error: unknown, context: RequestContext): AppError {
  const failure = toAppError(error);
  const another = failure.code === 'engine_failed' || failure.reason === 'nothing_to_speak';
  if (!another || context.signal.aborted) throw failure;
  if (failure.code === 'engine_failed')
    context.log.warn({ error: failure, cause: failure.cause }, 'engine-fallback');
  return failure;
}

interface Speaking {
  readonly request: SpeechRequest;
  readonly marked: MarkedText;
  readonly context: RequestContext;
  readonly format: AudioFormat;
  readonly parts: SpeechServiceParts;
}

async function speakThrough(route: SpeechRoute, speaking: Speaking): Promise<SpeechResult> {
  const { request, context, parts } = speaking;
  const { engine } = route.candidate;
  const warnings = [...route.warnings, ...warningsFor(request.asked, route.speech, engine.id)];
  if (context.strict) refuseUnderStrict(warnings);
  const askedAt = parts.clock.monotonicMs();
  const cast = await castScript(speaking.marked, route, { request, parts, context });
  const release = await acquireSlots(cast, speaking);
  const heldAt = parts.clock.monotonicMs();
  try {
    const {
      output,
      normalized,
      warnings: more,
    } = await speakAtLength({
      cast,
      request,
      context: atSlot(context, release),
      passageCharacters: parts.passageCharacters,
    });
    const told = [...warnings, ...respelled(more, request)];
    return await deliver(output, {
      ...speaking,
      route,
      normalized,
      askedAt,
      heldAt,
      release,
      warnings: told,
    });
  } catch (error) {
    release(error);
    throw blamed(error, request);
  }
}

/** An engine knows only that the voice was at fault, not how the caller named it. */
function blamed(error: unknown, { spelling }: SpeechRequest): unknown {
  if (!(error instanceof AppError) || error.param !== 'voice' || spelling.voice === 'voice') return error;
  return blamedOn(spelling.voice, error);
}

/** Waits for a slot of every engine that takes part, always in the same order, so that no two wait for each other. */
async function acquireSlots({ routes }: CastScript, { parts, context }: Speaking): Promise<EngineSlot> {
  const engines = [...new Set(routes.map(({ candidate }) => candidate.engine))];
  const slots: EngineSlot[] = [];
  const release = (failure?: unknown) => {
    for (const one of slots.splice(0)) one(failure);
  };
  try {
    for (const engine of engines.toSorted((a, b) => a.id.localeCompare(b.id)))
      slots.push(await parts.runner.acquire(engine, context));
  } catch (error) {
    release();
    throw error;
  }
  const [only] = slots;
  if (only && slots.length === 1) return only;
  // What one of several does cannot be told from what the others do.
  return Object.assign(release, { span: context.span ?? silentSpan });
}

interface Delivery extends Speaking {
  readonly route: SpeechRoute;
  readonly normalized: NormalizedText;
  readonly askedAt: number;
  /** When the engine's slot was there. */
  readonly heldAt: number;
  readonly release: EngineSlot;
  readonly warnings: readonly Warning[];
}

async function deliver(output: JoinedOutput, delivery: Delivery): Promise<SpeechResult> {
  const { request, format, route } = delivery;
  const warnings = [...delivery.warnings, ...respelled(output.warnings ?? [], request)];
  if (delivery.context.strict) refuseUnderStrict(warnings);
  const source = await openSpeechSource(output, { request, clock: delivery.parts.clock });
  delivery.release.span.mark('first sound');
  const finish = endOfSpeech(delivery, source);
  const abandon = () => {
    void source.close().catch(() => undefined);
    finish();
  };
  delivery.context.signal.addEventListener('abort', abandon, { once: true });
  const encoded = source.watch((failure) => {
    delivery.context.signal.removeEventListener('abort', abandon);
    void source.close().catch(() => undefined);
    finish(failure);
  });
  const facts = {
    mediaType: format.mediaType,
    formatId: format.id,
    sampleRate: source.sampleRate,
    secondsSoFar: source.secondsSoFar,
    warnings,
    servedBy: route.candidate.card.id,
    voiceId: route.cast.voice.id,
    standIn: route.candidate.standIn || route.cast.standIn,
    characters: countCodePoints(request.text),
    ...(output.trace ? { trace: output.trace } : {}),
    ...alignmentOf(source.timings, delivery),
  };
  if (request.delivery === 'stream') return { ...facts, chunks: encoded };
  const { signal } = delivery.context;
  return { ...facts, ...(await gatherFile(encoded, { format, room: delivery.parts.uploads, signal })) };
}

/** An engine knows the text only as `text`, and settings by our words; the caller has words of its own for them. */
function respelled(warnings: readonly Warning[], { asked, spelling }: SpeechRequest): Warning[] {
  return warnings.map((warning) => {
    const parameter = asked.find(({ setting }) => setting === warning.setting)?.parameter;
    return {
      ...warning,
      setting: warning.setting === 'text' ? spelling.text : (parameter ?? warning.setting),
    };
  });
}

function alignmentOf(timings: TimingTrack | undefined, delivery: Delivery): Pick<SpeechResult, 'alignment'> {
  if (!delivery.request.alignment || !timings) return {};
  const { normalized, marked } = delivery;
  return {
    alignment: {
      normalized: {
        get text() {
          return normalized.text;
        },
        get words() {
          return timings.words;
        },
      },
      original: spreadTimingsToSource(timings, normalized, marked.text),
    },
  };
}

/** Gives the slot back, counts the usage and writes the one log line, whichever way the speech ended. */
function endOfSpeech(delivery: Delivery, source: SpeechSource): (failure?: unknown) => void {
  const { parts, context, request, route } = delivery;
  let ended = false;
  return (failure) => {
    if (ended) return;
    ended = true;
    delivery.release(failure);
    const endedAt = parts.clock.monotonicMs();
    const characters = countCodePoints(request.text);
    const audioSeconds = source.secondsSoFar();
    const failed = failure !== undefined && !isAbort(failure) && toAppError(failure).code !== 'cancelled';
    const use = {
      capability: 'speech',
      model: request.model,
      servedBy: route.candidate.card.id,
      characters,
      audioSeconds,
      engineSeconds: (endedAt - delivery.heldAt) / 1000,
      pace: { firstMs: source.firstAt - delivery.askedAt, flowMs: endedAt - source.firstAt },
      failed,
    } as const;
    // A speech that was wanted whole and broke goes to another engine, or is counted as failed.
    if (!failed || request.delivery === 'stream') countUse(parts.usage, use, context);
    const fields = {
      model: route.candidate.card.id,
      voice: route.cast.voice.id,
      format: request.format.id,
      characters,
      ttfbMs: Math.round(source.firstAt - delivery.askedAt),
      durationMs: Math.round(endedAt - delivery.askedAt),
      audioMs: Math.round(audioSeconds * 1000),
      cancelled: context.signal.aborted,
    };
    if (failed) logFailure(context.log, 'speech-failed', { ...fields, error: failure, afterHeaders: true });
    else context.log.debug(fields, 'speech-end');
  };
}
