import { collectBytes } from '../../base/stream.ts';
import type { RequestContext } from '../context.ts';
import type { VoiceSample } from '../engine.ts';
import { mediaChunks, type MediaBytes } from '../media-input.ts';
import type { MediaOpener } from '../media-opening.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { checkDuration, prepareReference, REFERENCE_BYTES } from './reference-recording.ts';
import type { VoiceMeasure, VoiceRecord, VoiceSampleRecord } from './voice-record.ts';
import type { Gender, VoiceRef } from './voice.ts';

/** Somebody whose voice is to be taken on, or else played by the voice that comes nearest. */
export interface Likeness {
  /** What it is the likeness of, as a caller would say it. */
  readonly title: string;
  readonly gender?: Gender;
  /** The recording itself; undefined where there is none. Read when first asked for. */
  sample(): Promise<VoiceSample | undefined>;
  /** How high it speaks; undefined where nobody knows. Found out when first asked for. */
  measure(): Promise<VoiceMeasure | undefined>;
}

/** The likeness of a voice that is kept: of its longest recording. */
export function likenessOfRecord(record: VoiceRecord, blobs: BlobStore): Likeness {
  const { samples, gender } = record;
  return {
    title: `the voice '${record.name}'`,
    ...(gender === undefined ? {} : { gender }),
    sample: once(async () => {
      const best = longest(samples);
      const blob = best && (await blobs.find(best.blobId));
      if (!best || !blob) return undefined;
      const { transcript, durationSeconds } = best;
      return {
        audio: { kind: 'bytes', bytes: await collectBytes(blob.open()) },
        durationSeconds,
        ...(transcript === undefined ? {} : { transcript }),
      };
    }),
    measure: async () => longest(samples.filter(({ measure }) => measure !== undefined))?.measure,
  };
}

/** How a recording that came with a request is read. */
export interface SampleReading {
  readonly opener: MediaOpener;
  /** The field that holds it, as the caller spells it. */
  readonly param: string;
  readonly context: RequestContext;
}

/**
 * The likeness of a recording that came with a request. Reading it throws `invalid_request`, `unsupported_media` or
 * `payload_too_large` naming the field.
 */
export function likenessOfSample(
  ref: Extract<VoiceRef, { kind: 'sample' }>,
  reading: SampleReading,
): Likeness {
  const { opener, param, context } = reading;
  const { maxSeconds, transcript } = ref;
  const open = once(() =>
    opener.open(ref.audio, { param, signal: context.signal, maxBytes: REFERENCE_BYTES }),
  );
  const limit = maxSeconds === undefined ? {} : { maxSeconds };
  return {
    title: 'the voice of the recording',
    sample: once(async () => {
      const audio: MediaBytes & { readonly filename?: string } = await open();
      if (maxSeconds !== undefined) await checkDuration(mediaChunks(audio), { param, maxSeconds, context });
      return { audio, ...(transcript === undefined ? {} : { transcript }) };
    }),
    measure: once(async () => {
      const wish = { param, denoise: false, context, ...limit };
      return (await prepareReference(await open(), opener, wish)).measure;
    }),
  };
}

function longest(samples: readonly VoiceSampleRecord[]): VoiceSampleRecord | undefined {
  return samples.toSorted((a, b) => b.durationSeconds - a.durationSeconds)[0];
}

/** Asked again it gives the same promise. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
