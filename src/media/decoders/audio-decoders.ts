import { cancelledError } from '../../base/errors.ts';
import type { PcmStream } from '../pcm.ts';
import type { DecodedDescription } from './decode-messages.ts';
import { decodeInWorker } from './decode-pool.ts';
import { emptyFile } from './decode-refusals.ts';
import type { DecodeLimits, SoundShape } from './sound-shaping.ts';

/** In which shape the sound is wanted, how much of it at most, and for how long the caller waits. */
export interface DecodeOptions {
  /** Hertz; absent means the file's own rate. */
  readonly sampleRate?: number;
  /** One channel, whatever the file has. Otherwise more than two become two. */
  readonly mono?: boolean;
  readonly limits: DecodeLimits;
  readonly signal: AbortSignal;
}

/** The sound of a file. `channels` and `sampleRate` are the file's own; `pcm` has the wanted ones. */
export interface DecodedAudio extends Omit<DecodedDescription, 'pcm'> {
  /** Decoded while it is read, and readable once. */
  readonly pcm: PcmStream;
  /** Whether the file broke off before its end; final once `pcm` was read to its end. */
  readonly truncated: boolean;
  /** Lets go of the decoder and the bytes; needed only where `pcm` is not read. */
  close(): Promise<void>;
}

/** What can be heard in any file: eight channels, 192 kHz and ten hours. */
export const WIDEST_DECODE_LIMITS: DecodeLimits = {
  maxSeconds: 36_000,
  maxChannels: 8,
  maxSampleRate: 192_000,
};

/**
 * Opens a sound file of any container, judged by its bytes, and decodes it in a worker thread while its samples are
 * read. It is resolved after the first tenth of a second was decoded. Throws `unsupported_media` with a reason for
 * what cannot be read, `payload_too_large` for what passes a limit (while reading, too), `engine_failed` when the
 * decoder died, and `cancelled` when the signal fires.
 */
export async function decodeAudio(
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  options: DecodeOptions,
): Promise<DecodedAudio> {
  const { signal } = options;
  if (signal.aborted) throw cancelledError();
  if (bytes instanceof Uint8Array && bytes.length === 0) throw emptyFile();
  const replies = decodeInWorker({ bytes, shape: toShape(options), signal });
  const { value: opened } = await replies.next();
  if (opened?.type !== 'opened') throw emptyFile();
  const { pcm, ...description } = opened.description;
  const outcome = { truncated: false };
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', abort);
    await replies.return(undefined);
  };
  const abort = (): void => void close().catch(() => undefined);
  signal.addEventListener('abort', abort, { once: true });
  return {
    ...description,
    pcm: { ...pcm, chunks: samplesOf(replies, outcome, options) },
    get truncated() {
      return outcome.truncated;
    },
    close,
  };
}

function toShape({ sampleRate, mono, limits }: DecodeOptions): SoundShape {
  const shape = { mono: mono ?? false, limits };
  return sampleRate === undefined ? shape : { ...shape, sampleRate };
}

async function* samplesOf(
  replies: ReturnType<typeof decodeInWorker>,
  outcome: { truncated: boolean },
  { signal }: DecodeOptions,
): AsyncGenerator<Float32Array> {
  try {
    for await (const reply of replies) {
      if (reply.type === 'samples') yield reply.samples;
      if (reply.type === 'finished') outcome.truncated = reply.truncated;
    }
    if (signal.aborted) throw cancelledError();
  } finally {
    await replies.return(undefined);
  }
}
