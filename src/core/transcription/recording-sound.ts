import { decodeAudio, type DecodedAudio } from '../../media/decoders/audio-decoders.ts';
import { mediaChunks, type ByteSource, type MediaBytes, type MediaInput } from '../media-input.ts';
import { blamed, blamedChunks, type MediaOpener } from '../media-opening.ts';

/** Hertz at which everything is heard. */
export const HEARING_RATE = 16_000;

/** How a recording is read, and who is to blame when it cannot be. */
export interface RecordingReading {
  /** Longest recording in seconds. */
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  /** The field that the recording came in, as the caller spells it. */
  readonly param: string;
  /** Gets at recordings that lie at an address. */
  readonly opener: MediaOpener;
  /** Told how much of a recording outside memory was read, 0 to 1. */
  readonly onRead?: (fraction: number) => void;
}

/** Bytes of a recording that is fetched: all of them are held in memory. */
const FETCHED_BYTES = 100 * 1024 * 1024;

/**
 * Opens a recording as mono sound of 16 kHz. What is wrong with it is blamed on its field, here and while its
 * samples are read.
 */
export async function openRecording(audio: MediaInput, reading: RecordingReading): Promise<DecodedAudio> {
  const { maxSeconds, signal, param } = reading;
  const media =
    audio.kind === 'url'
      ? await reading.opener.open(audio, { param, signal, maxBytes: FETCHED_BYTES })
      : audio;
  const limits = { maxSeconds, maxChannels: 8, maxSampleRate: 192_000 };
  const options = { sampleRate: HEARING_RATE, mono: true, limits, signal };
  const decoded = await decodeAudio(countedChunks(media, reading), options).catch((error: unknown) => {
    throw blamed(error, param);
  });
  const { pcm } = decoded;
  const chunks = blamedChunks(pcm.chunks, param);
  return {
    container: decoded.container,
    codec: decoded.codec,
    channels: decoded.channels,
    sampleRate: decoded.sampleRate,
    ...(decoded.durationSeconds === undefined ? {} : { durationSeconds: decoded.durationSeconds }),
    pcm: { ...pcm, chunks },
    get truncated() {
      return decoded.truncated;
    },
    close: () => decoded.close(),
  };
}

function countedChunks(
  media: MediaBytes,
  { onRead }: RecordingReading,
): Uint8Array | AsyncIterable<Uint8Array> {
  return media.kind === 'bytes' || !onRead ? mediaChunks(media) : counted(media.source, onRead);
}

async function* counted(source: ByteSource, onRead: (fraction: number) => void): AsyncGenerator<Uint8Array> {
  let byteLength = 0;
  for await (const chunk of source.read()) {
    byteLength += chunk.length;
    onRead(byteLength / source.byteLength);
    yield chunk;
  }
}
