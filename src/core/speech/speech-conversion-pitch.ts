import { concatSamples } from '../../media/pcm.ts';
import { semitonesBetween } from '../../media/pitch.ts';
import { measureInWorker } from '../../media/reference-pool.ts';
import { changeTempoInThread } from '../../media/tempo-thread.ts';
import type { RequestContext } from '../context.ts';
import type { MediaOpener } from '../media-opening.ts';
import type { VoiceLibrary } from '../voices/voice-library.ts';
import type { Warning } from '../warning.ts';
import type { ConvertedSound } from './speech-conversion-voice.ts';
import { checkLength, type ConversionRequest } from './speech-conversion-request.ts';
import { openVoice } from './voice-isolation.ts';

/** What the pitch of recordings is moved with. */
export interface PitchConversionParts {
  readonly voices: VoiceLibrary;
  readonly opener: MediaOpener;
  /** Longest recording in seconds. */
  readonly maxSeconds: number;
}

/** Speech that is shifted further is hard to understand. */
const MOST_SEMITONES = 12;
/** How much of a recording tells how high somebody speaks. */
const MEASURED_SECONDS = 12;

/** A recording whose pitch is to be moved. */
export interface PitchMove {
  readonly request: ConversionRequest;
  /** By how much, in semitones; undefined where recording or voice cannot be measured. */
  readonly semitones: number | undefined;
  /** What a caller has to be told. */
  readonly warnings: readonly Warning[];
}

/** Finds how far a recording is from the wanted voice; `why` says why no more than its pitch is moved. */
export async function findPitchMove(
  request: ConversionRequest,
  why: string,
  house: { readonly parts: PitchConversionParts; readonly context: RequestContext },
): Promise<PitchMove> {
  const { parts, context } = house;
  const wanted = await parts.voices.measure(request.voice, context);
  const { samples, sampleRate } = await beginning(request, parts, context);
  const caller = { owner: context.principal.id, signal: context.signal };
  const own = await measureInWorker(samples, sampleRate, caller);
  const apart = wanted && own && semitonesBetween(own.pitchHertz, wanted.pitchHertz);
  const semitones =
    apart === undefined
      ? undefined
      : Math.round(Math.max(-MOST_SEMITONES, Math.min(MOST_SEMITONES, apart)) * 100) / 100;
  return { request, semitones, warnings: [...inVain(request), toldShift(request, semitones, why)] };
}

/** The recording with its pitch moved, in its own time. */
export async function movePitch(
  { request, semitones, warnings }: PitchMove,
  { parts, context }: { readonly parts: PitchConversionParts; readonly context: RequestContext },
): Promise<ConvertedSound> {
  const sound = await openVoice(openingOf(request, parts), context);
  const pcm = changeTempoInThread(sound, { tempo: 1, pitchSemitones: semitones ?? 0 });
  return {
    pcm,
    servedBy: 'antiphon/pitch',
    voiceId: request.voiceId,
    warnings,
    close: async () => {
      await pcm.chunks[Symbol.asyncIterator]().return?.();
    },
  };
}

function openingOf({ audio, voiceOnly, spelling }: ConversionRequest, parts: PitchConversionParts) {
  return { audio, voiceOnly, opener: parts.opener, maxSeconds: parts.maxSeconds, param: spelling.audio };
}

async function beginning(
  request: ConversionRequest,
  parts: PitchConversionParts,
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
  checkLength(length / sampleRate, request);
  return { samples: concatSamples(held), sampleRate };
}

/** Pitch is all that is changed, always in the same way. */
function inVain({ asked }: ConversionRequest): Warning[] {
  const reason = 'only the pitch of the recording is changed';
  return asked.map(({ parameter }) => ({ type: 'ignored', setting: parameter, reason }));
}

function toldShift(
  { spelling, voiceId }: ConversionRequest,
  semitones: number | undefined,
  why: string,
): Warning {
  const way = (semitones ?? 0) < 0 ? 'lower' : 'higher';
  const moved =
    semitones === undefined ? 'at its own pitch' : `${Math.abs(semitones).toFixed(1)} semitones ${way}`;
  return {
    type: 'adjusted',
    setting: spelling.voice,
    from: `the voice '${voiceId}'`,
    to: `the voice of the recording, ${moved}: ${why}`,
  };
}
