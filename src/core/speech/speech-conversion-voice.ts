import { cancelledError, toAppError } from '../../base/errors.ts';
import { primed } from '../../base/stream.ts';
import { concatSamples, type PcmStream } from '../../media/pcm.ts';
import { withoutQuietEnds } from '../../media/quiet-stretches.ts';
import { measureInWorker } from '../../media/reference-pool.ts';
import { changeTempoInThread } from '../../media/tempo-thread.ts';
import type { RequestContext } from '../context.ts';
import { ANY_MODEL } from '../models/model-catalog.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkSpan } from '../ports/work-span.ts';
import type { Listener } from '../transcription/transcription-routing.ts';
import { primaryLanguage, type KnownVoice, type VoiceLibrary } from '../voices/voice-library.ts';
import type { Warning } from '../warning.ts';
import {
  hearPhrases,
  type ConversionHearingParts,
  type HeardPhrase,
  type HeardStretch,
} from './speech-conversion-hearing.ts';
import { findTempo, followPitch, matchLevel, type PitchFollower } from './speech-conversion-rhythm.ts';
import type { ConversionRequest } from './speech-conversion-request.ts';
import { monoSamples } from './speech-line.ts';
import type { SpeechService } from './speech-service.ts';
import type { SpeechResult } from './speech.ts';

/** What recordings are spoken anew with. */
export interface RevoicingParts extends ConversionHearingParts {
  readonly voices: VoiceLibrary;
  readonly speech: SpeechService;
}

/** A recording in another voice, and who speaks it. */
export interface ConvertedSound {
  readonly pcm: PcmStream;
  readonly servedBy: string;
  readonly voiceId: string;
  readonly warnings: readonly Warning[];
  close(): Promise<void>;
}

/** Where a format does not ask for a rate of its own, hertz. */
const USUAL_RATE = 24_000;
/** Longest piece of silence that is handed on at once. */
const SILENCE_SECONDS = 1;

/**
 * Speaks what is said in a recording with the wanted voice, phrase by phrase in the recording's time, each with its
 * loudness and as far above or below the voice's middle. Answers once the first phrase is spoken; a sentence that says
 * why where none can be.
 */
export async function revoice(
  request: ConversionRequest,
  listener: Listener,
  house: { readonly parts: RevoicingParts; readonly context: RequestContext },
): Promise<ConvertedSound | { readonly missing: string }> {
  const { parts, context } = house;
  const measure = await parts.voices.measure(request.voice, context);
  const sampleRate = request.format.sampleRate ?? USUAL_RATE;
  const speaker: Speaker = { ...house, request, sampleRate, pitch: followPitch(measure?.pitchHertz) };
  const told: Told = { answer: undefined, missing: 'no words are heard in the recording' };
  const first = await primed(spokenAnew(hearPhrases(request, listener, house), speaker, told));
  const { answer, missing } = told;
  if (!answer) return { missing };
  const { servedBy, voiceId, warnings } = answer;
  const pcm = { sampleRate, channels: 1, chunks: first.stream } as const;
  return { pcm, servedBy, voiceId, warnings, close: () => first.close() };
}

interface Speaker {
  readonly parts: RevoicingParts;
  readonly context: RequestContext;
  readonly request: ConversionRequest;
  readonly sampleRate: number;
  readonly pitch: PitchFollower;
}

/** What became of the first phrase. */
interface Told {
  answer: SpeechResult | undefined;
  missing: string;
}

/** Nothing at all comes where nothing can be spoken. */
async function* spokenAnew(
  stretches: AsyncIterable<HeardStretch>,
  speaker: Speaker,
  told: Told,
): AsyncGenerator<Float32Array> {
  const { sampleRate, pitch, request } = speaker;
  let frames = 0;
  function* silenceUntil(seconds: number): Generator<Float32Array> {
    const end = Math.round(seconds * sampleRate);
    while (frames < end) {
      const silence = new Float32Array(Math.min(end - frames, SILENCE_SECONDS * sampleRate));
      frames += silence.length;
      yield silence;
    }
  }
  for await (const { phrases, language, endSeconds } of stretches) {
    pitch.learn(phrases);
    for (const phrase of phrases) {
      const refusal = told.answer ? undefined : whyMute(request, language);
      if (refusal !== undefined) {
        told.missing = refusal;
        return;
      }
      const startSeconds = Math.max(phrase.startSeconds, frames / sampleRate);
      const spoken = await speakPhrase(phrase, speaker, { language, startSeconds });
      if (!spoken) continue;
      told.answer ??= spoken.result;
      yield* silenceUntil(phrase.startSeconds);
      frames += spoken.samples.length;
      yield spoken.samples;
    }
    if (told.answer) yield* silenceUntil(endSeconds);
  }
}

/** A voice that cannot speak the language would read its letters in another one. */
function whyMute({ voice, voiceId }: ConversionRequest, language: string | undefined): string | undefined {
  if (language === undefined || speaks(voice, language)) return undefined;
  return `'${voiceId}' does not speak '${language}', which is heard in the recording`;
}

/** Any engine may play what is not an engine's own voice. */
function speaks(known: KnownVoice, language: string): boolean {
  if (known.kind !== 'engine') return true;
  return known.voice.languages.some((tag) => primaryLanguage(tag) === primaryLanguage(language));
}

interface PhrasePlace {
  readonly language: string | undefined;
  /** When it begins in the answer: later than in the recording where the phrase before would not fit. */
  readonly startSeconds: number;
}

interface SpokenPhrase {
  readonly result: SpeechResult;
  readonly samples: Float32Array<ArrayBuffer>;
}

/** The phrase in its place; undefined where there is nothing to speak in it. */
async function speakPhrase(
  phrase: HeardPhrase,
  speaker: Speaker,
  { language, startSeconds }: PhrasePlace,
): Promise<SpokenPhrase | undefined> {
  const { sampleRate, context, pitch } = speaker;
  const result = await findSpeech(phrase.text, speaker, language);
  if (!result) return undefined;
  const plain = withoutQuietEnds(await collect(monoSamples(result.chunks), context), sampleRate).slice();
  if (plain.length === 0) return undefined;
  const caller = { owner: context.principal.id, signal: context.signal };
  const measure = await measureInWorker(plain, sampleRate, caller);
  const tempo = findTempo(plain.length / sampleRate, phrase.endSeconds - startSeconds);
  const pitchSemitones = pitch.shiftFor(phrase, measure?.pitchHertz);
  const pcm: PcmStream = { sampleRate, channels: 1, chunks: once(plain) };
  const fitted = await collect(changeTempoInThread(pcm, { tempo, pitchSemitones }).chunks, context);
  return { result, samples: matchLevel(fitted, phrase.samples, sampleRate) };
}

async function findSpeech(
  text: string,
  { parts, context, request, sampleRate }: Speaker,
  language: string | undefined,
): Promise<SpeechResult | undefined> {
  const { spelling, seed } = request;
  try {
    return await parts.speech.speak(
      {
        model: ANY_MODEL,
        text,
        voice: { kind: 'id', id: request.voiceId },
        // The one format of bare samples that says how many channels there are.
        format: { id: 'wav', sampleRate },
        delivery: 'stream',
        normalization: 'auto',
        markup: 'none',
        alignment: false,
        asked: request.asked,
        spelling: { text: spelling.audio, voice: spelling.voice, model: spelling.model, format: 'format' },
        ...(language === undefined ? {} : { language }),
        ...(seed === undefined ? {} : { seed }),
      },
      { ...context, log: inDetail(context.log), ...(context.span ? { span: unnoted(context.span) } : {}) },
    );
  } catch (error) {
    const { reason } = toAppError(error);
    if (reason === 'nothing_to_speak' || reason === 'empty_text') return undefined;
    throw error;
  }
}

/** The conversion says itself what it used. */
function unnoted(span: WorkSpan): WorkSpan {
  return {
    traceparent: span.traceparent,
    begin: (name, facts) => span.begin(name, facts),
    mark: (moment) => span.mark(moment),
    note: () => undefined,
    end: (failure) => span.end(failure),
  };
}

/** A conversion has one line of its own; what is said of each phrase is a detail. */
function inDetail(log: Logger): Logger {
  return {
    debug: (fields, event) => log.debug(fields, event),
    info: (fields, event) => log.debug(fields, event),
    warn: (fields, event) => log.warn(fields, event),
    error: (fields, event) => log.error(fields, event),
  };
}

async function collect(
  chunks: AsyncIterable<Float32Array>,
  { signal }: Pick<RequestContext, 'signal'>,
): Promise<Float32Array<ArrayBuffer>> {
  const held: Float32Array[] = [];
  for await (const chunk of chunks) {
    if (signal.aborted) throw cancelledError();
    held.push(chunk);
  }
  return concatSamples(held);
}

async function* once(samples: Float32Array): AsyncGenerator<Float32Array> {
  yield samples;
}
