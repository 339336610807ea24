import { AppError, toAppError } from '../../base/errors.ts';
import { primed, whenDone } from '../../base/stream.ts';
import type { DecodedAudio } from '../../media/decoders/audio-decoders.ts';
import { collectSamples } from '../../media/pcm.ts';
import { cutWindows } from '../../media/speech-windows.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import type { Engine, HearingSession } from '../engine.ts';
import type { MediaInput } from '../media-input.ts';
import type { MediaOpener } from '../media-opening.ts';
import { atSlot, type EngineRunner, type EngineSlot } from '../models/engine-runner.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import { countUse, countingFailures, isOurFault, type UsageCounter } from '../usage/usage-record.ts';
import type { Warning } from '../warning.ts';
import { HEARING_RATE, openRecording } from './recording-sound.ts';
import { createSpeakerTracker, type SpeakerTracker } from './speaker-turns.ts';
import { findListenerAnew, type Listener } from './transcription-routing.ts';
import { transcriptionWarnings } from './transcription-settings.ts';
import type { TranscriptionEvent, TranscriptionRequest, TranscriptionResult } from './transcription.ts';
import { createWindowHearing, openHearingSession } from './window-hearing.ts';
import { createWordAligner, findWordFinder, type WordAligner } from './word-alignment.ts';

/** What the service is built from. */
export interface TranscriptionServiceParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
  readonly engines: readonly Engine[];
  /** Longest recording in seconds. */
  readonly maxSeconds: number;
  readonly opener: MediaOpener;
}

/** Hears. */
export interface TranscriptionService {
  /**
   * Answers once the first words (or the certainty that there are none) exist, so every refusal comes before the
   * first byte. Throws `invalid_request`, `not_found`, `unsupported_media`, `unsupported_feature`,
   * `payload_too_large`, `overloaded`, `engine_failed` or `cancelled`. The caller must read or close `events`, or
   * abort the context's signal.
   */
  transcribe(request: TranscriptionRequest, context: RequestContext): Promise<TranscriptionResult>;
}

/** The vendors refuse less than this, too. */
const LEAST_SECONDS = 0.1;
const REFERENCE_SECONDS = { least: 1, most: 30 };

/** Builds the service. */
export function createTranscriptionService(parts: TranscriptionServiceParts): TranscriptionService {
  return {
    transcribe: async (request, context) => {
      const use = { capability: 'transcription', model: request.model } as const;
      await parts.access.admit({ ...use, characters: 0 }, context);
      return countingFailures(parts.usage, { use, context }, () => transcribe(request, context, parts));
    },
  };
}

async function transcribe(
  request: TranscriptionRequest,
  context: RequestContext,
  parts: TranscriptionServiceParts,
): Promise<TranscriptionResult> {
  const candidate = await findListenerAnew(request, parts.models);
  const { engine } = candidate;
  const speakers = parts.engines.find((one) => one.speakers)?.speakers;
  const finder = findWordFinder(parts.engines, { request, card: candidate.card });
  const warnings = transcriptionWarnings(request.asked, { ...candidate, speakers, finder });
  if (context.strict) refuseUnderStrict(warnings);
  if (request.diarize && !speakers) throw noSpeakerModel();
  let read = 0;
  const onRead = (fraction: number) => {
    read = fraction;
  };
  const audio = await readAudio(request.audio, { request, context, parts, onRead });
  try {
    const tracker =
      speakers && request.diarize ? createSpeakerTracker(speakers, context, request) : undefined;
    if (tracker) await introduceSpeakers(tracker, { request, context, parts });
    const askedAt = parts.clock.monotonicMs();
    const release = await parts.runner.acquire(engine, context);
    const hearing: Hearing = {
      request,
      context,
      parts,
      candidate,
      audio,
      read: () => read,
      tracker,
      aligner: createWordAligner({ finder, request, card: candidate.card, context }),
      askedAt,
      heldAt: parts.clock.monotonicMs(),
    };
    return await start(hearing, { release, warnings });
  } catch (error) {
    // Who is turned away never reads the sound, and only reading to the end lets go of the decoder.
    await audio.close().catch(() => undefined);
    throw error;
  }
}

interface Hearing {
  readonly request: TranscriptionRequest;
  readonly context: RequestContext;
  readonly parts: TranscriptionServiceParts;
  readonly candidate: Listener;
  readonly audio: DecodedAudio;
  /** How much of its file was read, 0 to 1. */
  readonly read: () => number;
  readonly tracker: SpeakerTracker | undefined;
  readonly aligner: WordAligner;
  readonly askedAt: number;
  /** When the engine's slot was there. */
  readonly heldAt: number;
}

async function start(
  hearing: Hearing,
  held: { release: EngineSlot; warnings: readonly Warning[] },
): Promise<TranscriptionResult> {
  const { context } = hearing;
  const heard = { seconds: 0 };
  let session: HearingSession | undefined;
  let begun = false;
  let ended = false;
  const finish = (failure?: unknown) => {
    if (ended) return;
    ended = true;
    session?.close();
    held.release(failure);
    // Where the caller has nothing yet, the failure is the whole request's.
    if (begun || failure === undefined || !isOurFault(failure)) countHearing(hearing, heard.seconds, failure);
    report(hearing, heard.seconds, failure);
  };
  try {
    session = await openHearingSession({ ...hearing, context: atSlot(context, held.release) });
    const first = await primed(listen(hearing, session, heard));
    const late = hearing.aligner.warnings();
    if (context.strict && late.length > 0) {
      await first.close();
      refuseUnderStrict(late);
    }
    const events = whenDone(first.stream, finish);
    // What goes wrong while nobody listens any more must not end the process.
    const abandon = () => {
      void first.close().catch(() => undefined);
      finish();
    };
    context.signal.addEventListener('abort', abandon, { once: true });
    begun = true;
    return {
      events,
      warnings: [...held.warnings, ...late],
      servedBy: hearing.candidate.card.id,
      standIn: hearing.candidate.standIn,
    };
  } catch (error) {
    finish(error);
    throw error;
  }
}

async function* listen(
  hearing: Hearing,
  session: HearingSession,
  heard: { seconds: number },
): AsyncGenerator<TranscriptionEvent> {
  const { request, audio, context } = hearing;
  const windows = createWindowHearing(hearing);
  for await (const window of cutWindows(audio.pcm.chunks, request.voiceActivity)) {
    heard.seconds = window.endSeconds;
    for (const segment of await windows.hear(window, session)) {
      const text = segment.id === 0 ? segment.text.trimStart() : segment.text;
      yield { type: 'text-delta', text, logprobs: segment.logprobs };
      yield { type: 'segment-end', segment };
    }
    context.report?.(audio.durationSeconds ? heard.seconds / audio.durationSeconds : hearing.read());
  }
  if (heard.seconds < LEAST_SECONDS) throw tooShort(heard.seconds, request);
  yield { type: 'transcript-end', transcript: windows.transcript(heard.seconds) };
}

/** The refusal where speakers are to be told apart and nothing can. */
export function noSpeakerModel(): AppError {
  return new AppError(
    'unsupported_feature',
    'Telling speakers apart needs a speaker model, and none is installed. Install one with: antiphon models pull sherpa/nemo-titanet-small-en',
    { reason: 'not_installed' },
  );
}

interface Reading {
  readonly request: TranscriptionRequest;
  readonly context: RequestContext;
  readonly parts: Pick<TranscriptionServiceParts, 'maxSeconds' | 'opener'>;
  readonly onRead?: (fraction: number) => void;
}

function readAudio(audio: MediaInput, { request, context, parts, onRead }: Reading): Promise<DecodedAudio> {
  const { maxSeconds, opener } = parts;
  const param = request.spelling.audio;
  const reading = { maxSeconds, opener, signal: context.signal, param };
  return openRecording(audio, { ...reading, ...(onRead ? { onRead } : {}) });
}

async function introduceSpeakers(tracker: SpeakerTracker, reading: Reading): Promise<void> {
  for (const known of reading.request.knownSpeakers) {
    const decoded = await readAudio(known.audio, reading);
    const samples = await collectSamples(decoded.pcm.chunks);
    const seconds = samples.length / HEARING_RATE;
    if (seconds < REFERENCE_SECONDS.least || seconds > REFERENCE_SECONDS.most) {
      throw new AppError(
        'invalid_request',
        `The clip of '${known.name}' is ${seconds.toFixed(1)} s long; it must have 2 to 10 seconds.`,
      );
    }
    await tracker.introduce(known.name, samples);
  }
}

function tooShort(seconds: number, request: TranscriptionRequest): AppError {
  return new AppError(
    'invalid_request',
    `The recording is ${seconds.toFixed(3)} s long; the shortest that can be heard is ${LEAST_SECONDS} s.`,
    {
      param: request.spelling.audio,
      reason: 'audio_too_short',
    },
  );
}

function countHearing(hearing: Hearing, audioSeconds: number, failure: unknown): void {
  const { context, parts, candidate, request } = hearing;
  const use = {
    capability: 'transcription',
    model: request.model,
    servedBy: candidate.card.id,
    audioSeconds,
    engineSeconds: (parts.clock.monotonicMs() - hearing.heldAt) / 1000,
    failed: failure !== undefined && isOurFault(failure),
  } as const;
  countUse(parts.usage, use, context);
}

function report(hearing: Hearing, audioSeconds: number, failure: unknown): void {
  const { context, parts, candidate, request } = hearing;
  const fields = {
    model: candidate.card.id,
    task: request.task,
    durationMs: Math.round(parts.clock.monotonicMs() - hearing.askedAt),
    audioMs: Math.round(audioSeconds * 1000),
    cancelled: context.signal.aborted,
    truncated: hearing.audio.truncated,
    ...hearing.aligner.facts(),
  };
  const failed = failure !== undefined && toAppError(failure).status >= 500;
  if (failed) logFailure(context.log, 'transcription-failed', { ...fields, error: failure });
  else context.log.debug(fields, 'transcription-end');
}
