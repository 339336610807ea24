import { randomAlphanumeric, randomHex } from '../../base/ids.ts';
import type { RequestContext } from '../context.ts';
import type { MediaOpener } from '../media-opening.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Transcript } from '../transcription/transcription.ts';
import type { TranscriptionService } from '../transcription/transcription-service.ts';
import {
  encodeReference,
  prepareReference,
  REFERENCE_SECONDS,
  type ReferenceRecording,
  type ReferenceWish,
} from './reference-recording.ts';
import type { VoiceSampleRecord } from './voice-record.ts';
import type { VoiceUpload } from './voice-studio.ts';

/** What recordings are kept with. */
export interface SampleKeeping {
  readonly blobs: BlobStore;
  readonly opener: MediaOpener;
  readonly models: ModelCatalog;
  readonly transcription: TranscriptionService;
}

/** How recordings are prepared before they are kept. */
export interface SampleWish {
  readonly denoise: boolean;
  /** The field that holds them, as the caller spells it. */
  readonly param: string;
  readonly context: RequestContext;
}

/** Hearing what is said in half a minute never takes longer, or it is done without. */
const HEARING_MS = 60_000;

/** Prepares all recordings, then keeps them: all or none. Throws what `prepareReference` throws. */
export async function keepSamples(
  uploads: readonly VoiceUpload[],
  keeping: SampleKeeping,
  wish: SampleWish,
): Promise<readonly VoiceSampleRecord[]> {
  const kept: VoiceSampleRecord[] = [];
  try {
    for (const upload of uploads) {
      const recording = await prepareReference(upload.audio, keeping.opener, strictly(wish));
      kept.push(await keepSample(recording, { keeping, wish, filename: upload.filename }));
    }
    return kept;
  } catch (error) {
    await forgetSamples(kept, keeping.blobs);
    throw error;
  }
}

/** Who wants nothing adjusted wants no recording shortened either. */
function strictly(wish: SampleWish): ReferenceWish {
  return wish.context.strict ? { ...wish, maxSeconds: REFERENCE_SECONDS.most } : wish;
}

/** Removes the bytes of recordings. */
export async function forgetSamples(
  samples: readonly Pick<VoiceSampleRecord, 'blobId'>[],
  blobs: BlobStore,
): Promise<void> {
  for (const { blobId } of samples) await blobs.remove(blobId);
}

interface Keeping {
  readonly keeping: SampleKeeping;
  readonly wish: SampleWish;
  readonly filename: string;
}

async function keepSample(
  recording: ReferenceRecording,
  { keeping, wish, filename }: Keeping,
): Promise<VoiceSampleRecord> {
  const file = await encodeReference(recording);
  const transcript = await hearWords(file, keeping, wish.context);
  const blobId = `samples/${randomHex(16)}`;
  await keeping.blobs.put(blobId, file);
  const { durationSeconds, heardSeconds, measure } = recording;
  return {
    id: randomAlphanumeric(20),
    filename,
    mediaType: 'audio/flac',
    byteLength: file.length,
    sha256: await sha256(file),
    durationSeconds,
    heardSeconds,
    blobId,
    ...(transcript ? { transcript } : {}),
    ...(measure ? { measure } : {}),
  };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is said in a recording, when something here hears; a voice is good without it, too. */
async function hearWords(
  bytes: Uint8Array,
  { models, transcription }: SampleKeeping,
  context: RequestContext,
): Promise<string | undefined> {
  const listener = models.engineModels.find(({ capability }) => capability === 'transcription');
  if (!listener) return undefined;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(HEARING_MS)]);
  try {
    const { events } = await transcription.transcribe(
      {
        model: listener.id,
        audio: { kind: 'bytes', bytes },
        task: 'transcribe',
        wordTimes: false,
        logprobs: false,
        diarize: false,
        knownSpeakers: [],
        asked: [],
        spelling: { audio: 'audio', model: 'model', language: 'language' },
      },
      { ...context, signal, strict: false },
    );
    let transcript: Transcript | undefined;
    for await (const event of events) if (event.type === 'transcript-end') transcript = event.transcript;
    return transcript?.text;
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.log.warn({ error, model: listener.id }, 'sample-not-heard');
    return undefined;
  }
}
