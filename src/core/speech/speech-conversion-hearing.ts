import { readAhead } from '../../base/read-ahead.ts';
import { toAppError } from '../../base/errors.ts';
import type { PcmStream } from '../../media/pcm.ts';
import { measureInWorker } from '../../media/reference-pool.ts';
import { resample } from '../../media/resample.ts';
import { cutWindows, type SpeechWindow } from '../../media/speech-windows.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import { ANY_MODEL, type ModelCatalog } from '../models/model-catalog.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import { HEARING_RATE, openRecording } from '../transcription/recording-sound.ts';
import { findListenerAnew, type Listener } from '../transcription/transcription-routing.ts';
import type { HearingWish, TranscribedSegment } from '../transcription/transcription.ts';
import { createWindowHearing, openHearingSession } from '../transcription/window-hearing.ts';
import { createWordAligner, findWordFinder } from '../transcription/word-alignment.ts';
import { cutPhrases, type RecordedPhrase } from './speech-conversion-phrases.ts';
import { checkLength, type ConversionRequest } from './speech-conversion-request.ts';
import { openVoice, type VoiceOpening } from './voice-isolation.ts';

/** What recordings are heard with before they are spoken anew. */
export interface ConversionHearingParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly engines: readonly Engine[];
  readonly opener: VoiceOpening['opener'];
  /** Longest recording in seconds. */
  readonly maxSeconds: number;
}

/** A phrase of a recording and how high it is spoken; undefined where that cannot be told. */
export interface HeardPhrase extends RecordedPhrase {
  readonly pitchHertz: number | undefined;
}

/** What was heard in a stretch of a recording. Stretches follow one another without a gap. */
export interface HeardStretch {
  readonly endSeconds: number;
  readonly phrases: readonly HeardPhrase[];
  /** ISO 639-1, as far as it is known by now. */
  readonly language: string | undefined;
}

/**
 * The model that hears recordings which are to be spoken anew; a sentence that says how to install one where there is
 * none.
 */
export async function findConversionListener(
  request: ConversionRequest,
  { models }: Pick<ConversionHearingParts, 'models'>,
): Promise<Listener | { readonly missing: string }> {
  try {
    return await findListenerAnew(wishOf(request), models);
  } catch (error) {
    const failure = toAppError(error);
    if (failure.reason === 'not_installed') return { missing: failure.message };
    throw failure;
  }
}

/**
 * Hears a recording stretch by stretch, each while the one before is being used. The model's slot is held only while
 * it listens. Throws what is wrong with the recording, naming its field, and what the engine throws.
 */
export function hearPhrases(
  request: ConversionRequest,
  listener: Listener,
  house: { readonly parts: ConversionHearingParts; readonly context: RequestContext },
): AsyncGenerator<HeardStretch> {
  return readAhead(hear(request, listener, house));
}

async function* hear(
  request: ConversionRequest,
  listener: Listener,
  { parts, context }: { readonly parts: ConversionHearingParts; readonly context: RequestContext },
): AsyncGenerator<HeardStretch> {
  const wish = wishOf(request);
  const { card } = listener;
  const finder = findWordFinder(parts.engines, { request: wish, card });
  const aligner = createWordAligner({ finder, request: wish, card, context });
  const windows = createWindowHearing({
    request: wish,
    context,
    candidate: listener,
    tracker: undefined,
    aligner,
  });
  let language: string | undefined;
  const listen = async (window: SpeechWindow): Promise<readonly TranscribedSegment[]> => {
    if (window.speech.length === 0) return [];
    const release = await parts.runner.acquire(listener.engine, context);
    try {
      // What the first words were spoken in need not be found out again.
      const told = language === undefined ? wish : { ...wish, language };
      const session = await openHearingSession({ request: told, context, candidate: listener });
      try {
        return await windows.hear(window, session);
      } finally {
        session.close();
      }
    } finally {
      release();
    }
  };
  const sound = await openSound(request, parts, context);
  let seconds = 0;
  for await (const window of cutWindows(sound.chunks)) {
    seconds = window.endSeconds;
    // Only the last one may end so early, and whoever hears something in it would have it spoken before it is refused.
    checkLength(seconds, request);
    const phrases = cutPhrases(window, await listen(window));
    language ??= windows.transcript(seconds).language;
    yield { endSeconds: seconds, phrases: await measured(phrases, context), language };
  }
  checkLength(seconds, request);
}

function wishOf({ spelling }: ConversionRequest): HearingWish {
  return {
    model: ANY_MODEL,
    task: 'transcribe',
    wordTimes: true,
    logprobs: false,
    diarize: false,
    knownSpeakers: [],
    asked: [],
    spelling: { audio: spelling.audio, model: spelling.model, language: spelling.model },
  };
}

async function openSound(
  { audio, spelling, voiceOnly }: ConversionRequest,
  { opener, maxSeconds }: ConversionHearingParts,
  context: RequestContext,
): Promise<PcmStream> {
  const param = spelling.audio;
  if (voiceOnly) {
    const clean = await openVoice({ audio, param, voiceOnly, opener, maxSeconds }, context);
    return resample(clean, HEARING_RATE);
  }
  const { pcm } = await openRecording(audio, { maxSeconds, opener, signal: context.signal, param });
  return pcm;
}

async function measured(
  phrases: readonly RecordedPhrase[],
  { principal, signal }: RequestContext,
): Promise<HeardPhrase[]> {
  const caller = { owner: principal.id, signal };
  const found: HeardPhrase[] = [];
  for (const phrase of phrases) {
    const measure = await measureInWorker(phrase.samples, HEARING_RATE, caller);
    found.push({ ...phrase, pitchHertz: measure?.pitchHertz });
  }
  return found;
}
