import { AppError } from '../../base/errors.ts';
import { begun, watched } from '../../base/byte-flow.ts';
import { primed, whenDone } from '../../base/stream.ts';
import { encodeAudio } from '../../media/formats/index.ts';
import { countSeconds } from '../../media/pcm.ts';
import type { Clock } from '../ports/clock.ts';
import type { TimingTrack } from './alignment.ts';
import type { JoinedOutput } from './speech-seams.ts';
import type { SpeechRequest } from './speech.ts';

/** A speech that has begun, in the format that was asked for. */
export interface SpeechSource {
  /** The bytes. They can be had once; `onEnd` is called when they end, fail or are left. */
  readonly watch: (onEnd: (failure?: unknown) => void) => AsyncIterable<Uint8Array>;
  readonly sampleRate: number;
  readonly timings: TimingTrack | undefined;
  /** When the first samples were there, by the monotonic clock. */
  readonly firstAt: number;
  readonly secondsSoFar: () => number;
  close(): Promise<void>;
}

/** What a speech is opened with. */
export interface SpeechOpening {
  readonly request: SpeechRequest;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Waits for the first samples. Throws where nothing is to be heard. */
export async function openSpeechSource(output: JoinedOutput, opening: SpeechOpening): Promise<SpeechSource> {
  if (output.kind === 'raw') return passedOn(output, opening);
  const { request, clock } = opening;
  const first = await primed(withoutEmpty(output.pcm.chunks));
  if (first.empty) throw nothingToSpeak(request);
  const firstAt = clock.monotonicMs();
  const counted = countSeconds({ ...output.pcm, chunks: first.stream });
  return {
    watch: (onEnd) => whenDone(encodeAudio(counted.pcm, request.format), onEnd),
    sampleRate: request.format.sampleRate ?? output.pcm.sampleRate,
    timings: output.timings,
    firstAt,
    secondsSoFar: counted.seconds,
    close: () => first.close(),
  };
}

/** Raw samples of 16 bits on their way to the caller just as they came. */
async function passedOn(
  { sampleRate, chunks }: Extract<JoinedOutput, { readonly kind: 'raw' }>,
  { request, clock }: SpeechOpening,
): Promise<SpeechSource> {
  const first = await begun(chunks, 1);
  if (first.head.length === 0) throw nothingToSpeak(request);
  const firstAt = clock.monotonicMs();
  let byteLength = 0;
  const count = (chunk: Uint8Array) => {
    byteLength += chunk.length;
  };
  return {
    watch: (onEnd) => watched(first.all, { onChunk: count, onEnd }),
    sampleRate,
    timings: undefined,
    firstAt,
    secondsSoFar: () => byteLength / 2 / sampleRate,
    close: async () => first.close(),
  };
}

async function* withoutEmpty<Chunk extends { readonly length: number }>(
  chunks: AsyncIterable<Chunk>,
): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) if (chunk.length > 0) yield chunk;
}

/** The refusal of a text in which there is nothing to say. */
export function nothingToSpeak({ spelling }: SpeechRequest): AppError {
  return new AppError('invalid_request', `The ${spelling.text} holds nothing that can be spoken.`, {
    param: spelling.text,
    reason: 'nothing_to_speak',
  });
}
