import { primed, whenDone } from '../../base/stream.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../media/decoders/audio-decoders.ts';
import type { AudioFormatRequest } from '../../media/formats/format.ts';
import { encodeAudio } from '../../media/formats/index.ts';
import { NOISE_SAMPLE_RATE } from '../../media/noise-suppression.ts';
import { suppressNoiseInThread } from '../../media/noise-thread.ts';
import { countSeconds, type PcmStream } from '../../media/pcm.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import { mediaChunks, type MediaInput } from '../media-input.ts';
import { blamed, blamedChunks, type MediaOpener } from '../media-opening.ts';
import type { Clock } from '../ports/clock.ts';
import { countUse, countingFailures, type UsageCounter } from '../usage/usage-record.ts';

/** What voices are taken out of recordings with. */
export interface VoiceIsolationParts {
  readonly opener: MediaOpener;
  readonly clock: Clock;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
}

/** A recording out of which the voice is wanted. */
export interface IsolationRequest {
  readonly audio: MediaInput;
  /** The caller's spelling of the field that holds it. */
  readonly param: string;
  readonly format: AudioFormatRequest;
}

/** The voice of a recording, encoded while it is read. */
export interface IsolatedVoice {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly servedBy: string;
}

/** Takes everything but the voice out of recordings. */
export interface VoiceIsolation {
  /**
   * Answers once the first bytes exist; memory does not grow with the recording. Throws what is wrong with it, naming
   * `param`, and `cancelled`.
   */
  isolate(request: IsolationRequest, context: RequestContext): Promise<IsolatedVoice>;
}

/** Bytes of a recording that is fetched. */
const FETCHED_BYTES = 100 * 1024 * 1024;

/** Nothing else takes voices out of recordings, so callers name no model. */
const SERVED_BY = 'rnnoise/rnnoise';

/** A recording comes out changed, as it does where it is turned towards another voice. */
const USE = { capability: 'conversion', model: SERVED_BY } as const;

/** Builds the service. */
export function createVoiceIsolation(parts: VoiceIsolationParts): VoiceIsolation {
  return {
    isolate: async (request, context) => {
      await parts.access.admit({ ...USE, characters: 0 }, context);
      return countingFailures(parts.usage, { use: USE, context }, () => isolate(request, context, parts));
    },
  };
}

async function isolate(
  { audio, param, format }: IsolationRequest,
  context: RequestContext,
  { opener, clock, usage }: VoiceIsolationParts,
): Promise<IsolatedVoice> {
  const askedAt = clock.monotonicMs();
  const counted = countSeconds(await openVoice({ audio, param, voiceOnly: true, opener }, context));
  const first = await primed(encodeAudio(counted.pcm, format));
  const chunks = whenDone(first.stream, (failure) => {
    void first.close().catch(() => undefined);
    const durationMs = clock.monotonicMs() - askedAt;
    const failed = failure !== undefined && !context.signal.aborted;
    const engineSeconds = durationMs / 1000;
    const use = { ...USE, servedBy: SERVED_BY, audioSeconds: counted.seconds(), engineSeconds, failed };
    countUse(usage, use, context);
    const fields = { durationMs: Math.round(durationMs), cancelled: context.signal.aborted };
    if (failed) logFailure(context.log, 'isolation-failed', { ...fields, error: failure });
    else context.log.debug(fields, 'isolation-end');
  });
  return { chunks, servedBy: SERVED_BY };
}

/** How a recording of somebody is opened. */
export interface VoiceOpening {
  readonly audio: MediaInput;
  readonly param: string;
  /** Whether noise is taken away. */
  readonly voiceOnly: boolean;
  readonly opener: MediaOpener;
  /** Longest recording in seconds; ten hours when absent. */
  readonly maxSeconds?: number;
}

/** A recording as mono sound at 48 kHz; what is wrong with it is blamed on its field, while it is read, too. */
export async function openVoice(
  { audio, param, voiceOnly, opener, maxSeconds }: VoiceOpening,
  { signal }: Pick<RequestContext, 'signal'>,
): Promise<PcmStream> {
  try {
    const media =
      audio.kind === 'url' ? await opener.open(audio, { param, signal, maxBytes: FETCHED_BYTES }) : audio;
    const { pcm } = await decodeAudio(mediaChunks(media), {
      sampleRate: NOISE_SAMPLE_RATE,
      mono: true,
      limits: { ...WIDEST_DECODE_LIMITS, ...(maxSeconds === undefined ? {} : { maxSeconds }) },
      signal,
    });
    const sound = { ...pcm, chunks: blamedChunks(pcm.chunks, param) };
    return voiceOnly ? suppressNoiseInThread(sound) : sound;
  } catch (error) {
    throw blamed(error, param);
  }
}
