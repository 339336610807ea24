import { AppError, blamedOn, isAbort, toAppError } from '../../base/errors.ts';
import { countCodePoints } from '../../base/code-points.ts';
import { primed, whenDone } from '../../base/stream.ts';
import { encodeAudio, findAudioFormat } from '../../media/formats/index.ts';
import type { AudioFormat } from '../../media/formats/format.ts';
import { countSeconds } from '../../media/pcm.ts';
import type { MarkedText } from '../../media/text/marked-text.ts';
import type { NormalizedText } from '../../media/text/normalized-text.ts';
import type { RequestContext } from '../context.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { UploadRoom } from '../ports/upload-room.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
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
import { gatherFile } from './whole-file.ts';

/** What the service is built from. */
export interface SpeechServiceParts {
  readonly models: ModelCatalog;
  readonly voices: VoiceLibrary;
  readonly runner: EngineRunner;
  readonly usage: UsageMeter;
  readonly clock: Clock;
  /** What is looked for in texts whose request does not say; nothing when absent. */
  readonly markup?: MarkupSwitch;
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
      const marked = await readMarkup(request, parts, context);
      if (marked.text.trim() === '') throw emptyText(request);
      let refusal: AppError | undefined;
      for await (const route of findSpeechRoutes(withoutMarkup(request, marked), parts, context)) {
        try {
          return await speakThrough(route, { request, marked, context, format, parts });
        } catch (error) {
          refusal = worthAnotherEngine(error, context);
        }
      }
      throw refusal?.code === 'engine_failed' ? refusal : nothingToSpeak(request);
    },
  };
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

function nothingToSpeak(request: SpeechRequest): AppError {
  return new AppError('invalid_request', `The ${request.spelling.text} holds nothing that can be spoken.`, {
    param: request.spelling.text,
    reason: 'nothing_to_speak',
  });
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
  try {
    const {
      output,
      normalized,
      warnings: more,
    } = await speakAtLength({
      cast,
      request,
      context,
      passageCharacters: parts.passageCharacters,
    });
    const told = [...warnings, ...respelled(more, request)];
    return await deliver(output, { ...speaking, route, normalized, askedAt, release, warnings: told });
  } catch (error) {
    release();
    throw blamed(error, request);
  }
}

/** An engine knows only that the voice was at fault, not how the caller named it. */
function blamed(error: unknown, { spelling }: SpeechRequest): unknown {
  if (!(error instanceof AppError) || error.param !== 'voice' || spelling.voice === 'voice') return error;
  return blamedOn(spelling.voice, error);
}

/** Waits for a slot of every engine that takes part, always in the same order, so that no two wait for each other. */
async function acquireSlots({ routes }: CastScript, { parts, context }: Speaking): Promise<() => void> {
  const engines = [...new Set(routes.map(({ candidate }) => candidate.engine))];
  const releases: (() => void)[] = [];
  const release = () => {
    for (const one of releases.splice(0)) one();
  };
  try {
    for (const engine of engines.toSorted((a, b) => a.id.localeCompare(b.id)))
      releases.push(await parts.runner.acquire(engine, context));
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

interface Delivery extends Speaking {
  readonly route: SpeechRoute;
  readonly normalized: NormalizedText;
  readonly askedAt: number;
  readonly release: () => void;
  readonly warnings: readonly Warning[];
}

async function deliver(output: JoinedOutput, delivery: Delivery): Promise<SpeechResult> {
  const { request, format, route } = delivery;
  const warnings = [...delivery.warnings, ...respelled(output.warnings ?? [], request)];
  if (delivery.context.strict) refuseUnderStrict(warnings);
  const source = await speechSource(output, delivery);
  const finish = endOfSpeech(delivery, source);
  const abandon = () => {
    void source.close().catch(() => undefined);
    finish();
  };
  delivery.context.signal.addEventListener('abort', abandon, { once: true });
  const encoded = whenDone(source.bytes, (failure) => {
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

interface SpeechSource {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sampleRate: number;
  readonly timings: TimingTrack | undefined;
  /** When the first samples were there, by the monotonic clock. */
  readonly firstAt: number;
  readonly secondsSoFar: () => number;
  close(): Promise<void>;
}

async function speechSource(output: JoinedOutput, delivery: Delivery): Promise<SpeechSource> {
  if (output.kind === 'raw') return passedOn(output, delivery);
  const first = await primed(withoutEmpty(output.pcm.chunks));
  if (first.empty) throw nothingToSpeak(delivery.request);
  const firstAt = delivery.parts.clock.monotonicMs();
  const counted = countSeconds({ ...output.pcm, chunks: first.stream });
  return {
    bytes: encodeAudio(counted.pcm, delivery.request.format),
    sampleRate: delivery.request.format.sampleRate ?? output.pcm.sampleRate,
    timings: output.timings,
    firstAt,
    secondsSoFar: counted.seconds,
    close: () => first.close(),
  };
}

/** Raw samples of 16 bits on their way to the caller just as they came. */
async function passedOn(
  { sampleRate, chunks }: Extract<JoinedOutput, { readonly kind: 'raw' }>,
  { request, parts }: Delivery,
): Promise<SpeechSource> {
  const first = await primed(withoutEmpty(chunks));
  if (first.empty) throw nothingToSpeak(request);
  const firstAt = parts.clock.monotonicMs();
  let byteLength = 0;
  async function* counted() {
    for await (const chunk of first.stream) {
      byteLength += chunk.length;
      yield chunk;
    }
  }
  return {
    bytes: counted(),
    sampleRate,
    timings: undefined,
    firstAt,
    secondsSoFar: () => byteLength / 2 / sampleRate,
    close: () => first.close(),
  };
}

async function* withoutEmpty<Chunk extends { readonly length: number }>(
  chunks: AsyncIterable<Chunk>,
): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) if (chunk.length > 0) yield chunk;
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
    delivery.release();
    const characters = countCodePoints(request.text);
    const audioSeconds = source.secondsSoFar();
    parts.usage.add({ principalId: context.principal.id, model: request.model, characters, audioSeconds });
    const failed = failure !== undefined && !isAbort(failure) && toAppError(failure).code !== 'cancelled';
    const fields = {
      model: route.candidate.card.id,
      voice: route.cast.voice.id,
      format: request.format.id,
      characters,
      ttfbMs: Math.round(source.firstAt - delivery.askedAt),
      durationMs: Math.round(parts.clock.monotonicMs() - delivery.askedAt),
      audioMs: Math.round(audioSeconds * 1000),
      cancelled: context.signal.aborted,
    };
    if (failed) context.log.error({ ...fields, error: failure, afterHeaders: true }, 'speech-failed');
    else context.log.info(fields, 'speech-end');
  };
}
