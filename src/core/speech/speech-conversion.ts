import { AppError } from '../../base/errors.ts';
import { primed, whenDone } from '../../base/stream.ts';
import type { AudioFormatRequest } from '../../media/formats/format.ts';
import { encodeAudio, findAudioFormat } from '../../media/formats/index.ts';
import { concatSamples, countSeconds } from '../../media/pcm.ts';
import { semitonesBetween } from '../../media/pitch.ts';
import { measureInWorker } from '../../media/reference-pool.ts';
import { changeTempo } from '../../media/tempo.ts';
import type { RequestContext } from '../context.ts';
import type { MediaInput } from '../media-input.ts';
import type { MediaOpener } from '../media-opening.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { KnownVoice, VoiceLibrary } from '../voices/voice-library.ts';
import type { Warning } from '../warning.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import type { SpeechResult } from './speech.ts';
import { openVoice } from './voice-isolation.ts';

/** What speech is converted with. */
export interface SpeechConversionParts {
  readonly voices: VoiceLibrary;
  readonly opener: MediaOpener;
  readonly usage: UsageMeter;
  readonly clock: Clock;
}

/** A recording that is wanted in another voice. */
export interface ConversionRequest {
  readonly audio: MediaInput;
  readonly voice: KnownVoice;
  /** As the caller named them. */
  readonly voiceId: string;
  readonly model: string;
  readonly format: AudioFormatRequest;
  /** Whether noise is taken out of the recording first. */
  readonly voiceOnly: boolean;
  /** What the caller sent in vain. */
  readonly warnings: readonly Warning[];
  /** The caller's spelling of the fields for recording and voice. */
  readonly spelling: { readonly audio: string; readonly voice: string };
}

/** Turns recordings towards other voices. */
export interface SpeechConversion {
  /**
   * Keeps words, rhythm and melody of a recording and moves its pitch to that of the voice. It does not take on the
   * voice's colour, and a warning says so. Throws what is wrong with the recording, naming its field.
   */
  convert(request: ConversionRequest, context: RequestContext): Promise<SpeechResult>;
}

/** Speech that is shifted further is hard to understand. */
const MOST_SEMITONES = 12;
/** How much of a recording tells how high somebody speaks. */
const MEASURED_SECONDS = 12;

/** Builds the service. */
export function createSpeechConversion(parts: SpeechConversionParts): SpeechConversion {
  return {
    convert: async (request, context) => {
      const format = findAudioFormat(request.format.id);
      if (!format) throw new AppError('invalid_request', `The format '${request.format.id}' does not exist.`);
      const askedAt = parts.clock.monotonicMs();
      const semitones = await findShift(request, parts, context);
      const warnings = [...request.warnings, toldShift(request, semitones)];
      if (context.strict) refuseUnderStrict(warnings);
      const counted = countSeconds(await openVoice(openingOf(request, parts), context));
      const moved = changeTempo(counted.pcm, { tempo: 1, pitchSemitones: semitones ?? 0 });
      const first = await primed(encodeAudio(moved, request.format));
      const chunks = whenDone(first.stream, (failure) => {
        void first.close().catch(() => undefined);
        const audioSeconds = counted.seconds();
        const { model } = request;
        parts.usage.add({ principalId: context.principal.id, model, characters: 0, audioSeconds });
        const durationMs = Math.round(parts.clock.monotonicMs() - askedAt);
        const fields = {
          durationMs,
          audioMs: Math.round(audioSeconds * 1000),
          cancelled: context.signal.aborted,
        };
        if (failure === undefined || context.signal.aborted) context.log.info(fields, 'conversion-end');
        else context.log.error({ ...fields, error: failure }, 'conversion-failed');
      });
      return {
        mediaType: format.mediaType,
        formatId: format.id,
        sampleRate: request.format.sampleRate ?? moved.sampleRate,
        chunks,
        secondsSoFar: counted.seconds,
        warnings,
        servedBy: 'antiphon/pitch',
        voiceId: request.voiceId,
        standIn: true,
        characters: 0,
      };
    },
  };
}

function openingOf({ audio, voiceOnly, spelling }: ConversionRequest, { opener }: SpeechConversionParts) {
  return { audio, voiceOnly, opener, param: spelling.audio };
}

/** How far the recording is from the voice; undefined where one of both cannot be measured. */
async function findShift(
  request: ConversionRequest,
  parts: SpeechConversionParts,
  context: RequestContext,
): Promise<number | undefined> {
  const wanted = await parts.voices.measure(request.voice, context);
  const { samples, sampleRate } = await beginning(request, parts, context);
  const caller = { owner: context.principal.id, signal: context.signal };
  const own = await measureInWorker(samples, sampleRate, caller);
  if (!wanted || !own) return undefined;
  const apart = semitonesBetween(own.pitchHertz, wanted.pitchHertz);
  return Math.round(Math.max(-MOST_SEMITONES, Math.min(MOST_SEMITONES, apart)) * 100) / 100;
}

async function beginning(
  request: ConversionRequest,
  parts: SpeechConversionParts,
  context: RequestContext,
): Promise<{ readonly samples: Float32Array<ArrayBuffer>; readonly sampleRate: number }> {
  const { sampleRate, chunks } = await openVoice(openingOf(request, parts), context);
  const held: Float32Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    held.push(chunk.slice());
    length += chunk.length;
    if (length >= MEASURED_SECONDS * sampleRate) break;
  }
  return { samples: concatSamples(held), sampleRate };
}

function toldShift({ spelling, voiceId }: ConversionRequest, semitones: number | undefined): Warning {
  const way = (semitones ?? 0) < 0 ? 'lower' : 'higher';
  const moved =
    semitones === undefined ? 'at its own pitch' : `${Math.abs(semitones).toFixed(1)} semitones ${way}`;
  return {
    type: 'adjusted',
    setting: spelling.voice,
    from: `the voice '${voiceId}'`,
    to: `the voice of the recording, ${moved}`,
  };
}
