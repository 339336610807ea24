import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import { collectBytes } from '../../base/stream.ts';
import type { RequestContext } from '../context.ts';
import { mediaChunks } from '../media-input.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConsentStore } from '../ports/store.ts';
import type { MediaOpener } from '../media-opening.ts';
import { prepareReference, REFERENCE_BYTES } from './reference-recording.ts';
import type { ConsentRecord } from './voice-record.ts';
import type { NewConsent, VoiceStudio } from './voice-studio.ts';

/** What consents are kept with. */
export interface ConsentKeeping {
  readonly consents: ConsentStore;
  readonly blobs: BlobStore;
  readonly opener: MediaOpener;
  readonly clock: Pick<Clock, 'now'>;
}

type ConsentDesk = Pick<
  VoiceStudio,
  'addConsent' | 'consents' | 'consent' | 'renameConsent' | 'removeConsent'
>;

/** The part of the studio that keeps recorded consents: as they were sent, for they are evidence. */
export function createConsentDesk(keeping: ConsentKeeping): ConsentDesk {
  const { consents, blobs } = keeping;
  const get = async (id: string, { principal }: RequestContext): Promise<ConsentRecord> => {
    const found = await consents.find(id, principal.id);
    if (!found) throw noSuchConsent(id);
    return found;
  };
  return {
    addConsent: (consent, context) => addConsent(consent, keeping, context),
    consents: ({ principal }) => consents.list(principal.id),
    consent: get,
    renameConsent: async (id, name, context) => {
      const renamed = { ...(await get(id, context)), name };
      if (!(await consents.replace(renamed))) throw noSuchConsent(id);
      return renamed;
    },
    removeConsent: async (id, context) => {
      const { blobId, ownerId } = await get(id, context);
      if (!(await consents.remove(id, ownerId))) throw noSuchConsent(id);
      await blobs.remove(blobId);
    },
  };
}

async function addConsent(
  { id, name, language, recording, param }: NewConsent,
  { consents, blobs, opener, clock }: ConsentKeeping,
  context: RequestContext,
): Promise<ConsentRecord> {
  const { signal, principal } = context;
  const media = await opener.open(recording.audio, { param, signal, maxBytes: REFERENCE_BYTES });
  // Heard only to refuse what is no recording of anybody.
  const { container } = await prepareReference(media, opener, { param, denoise: false, context });
  const bytes = mediaChunks(media);
  const blobId = `consents/${randomHex(16)}`;
  await blobs.put(blobId, bytes instanceof Uint8Array ? bytes : await collectBytes(bytes));
  const record: ConsentRecord = {
    id,
    ownerId: principal.id,
    name,
    language,
    blobId,
    mediaType: MEDIA_TYPES[container] ?? 'application/octet-stream',
    createdAt: clock.now(),
  };
  try {
    await consents.add(record);
  } catch (error) {
    await blobs.remove(blobId);
    throw error;
  }
  return record;
}

/** By what the bytes are, whatever they were sent as. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  aiff: 'audio/aiff',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  webm: 'audio/webm',
  mp4: 'audio/mp4',
  aac: 'audio/aac',
  mp3: 'audio/mpeg',
};

function noSuchConsent(id: string): AppError {
  return new AppError('not_found', `There is no voice consent '${id}'.`, { subject: 'consent' });
}
