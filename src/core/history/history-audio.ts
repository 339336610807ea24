import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../media/decoders/audio-decoders.ts';
import { linearPlanes } from '../../media/decoders/linear-samples.ts';
import type { AudioFormatRequest } from '../../media/formats/format.ts';
import { encodeAudio, findAudioFormat } from '../../media/formats/index.ts';
import type { PcmStream } from '../../media/pcm.ts';
import type { StoredBlob } from '../ports/blob-store.ts';

/** Bytes that were kept, and the format that they were written in. */
export interface KeptAudio {
  readonly blob: StoredBlob;
  readonly format: AudioFormatRequest;
}

/** Formats that have no header: their bytes are the samples. */
const BARE = { pcm: 's16le', mulaw: 'mulaw', alaw: 'alaw' } as const;

/** The recording as a WAV file with true lengths in its header, in memory. */
export async function toWavFile({ blob, format }: KeptAudio, signal: AbortSignal): Promise<Uint8Array> {
  const wav = findAudioFormat('wav');
  if (!wav) throw new AppError('internal', 'There is no WAV format.');
  if (format.id === wav.id) return collectBytes(blob.open());
  const pcm = await samplesOf({ blob, format }, signal);
  const file = await collectBytes(encodeAudio(pcm, { id: wav.id }));
  wav.writeTrueLengths?.(file);
  return file;
}

async function samplesOf({ blob, format }: KeptAudio, signal: AbortSignal): Promise<PcmStream> {
  const encoding = Object.entries(BARE).find(([id]) => id === format.id)?.[1];
  if (encoding && format.sampleRate !== undefined) {
    const planes = linearPlanes(await collectBytes(blob.open()), encoding, 1);
    return { sampleRate: format.sampleRate, channels: 1, chunks: all(planes) };
  }
  const { pcm } = await decodeAudio(blob.open(), { limits: WIDEST_DECODE_LIMITS, signal });
  return pcm;
}

async function* all(planes: readonly Float32Array[]): AsyncGenerator<Float32Array> {
  yield* planes;
}
