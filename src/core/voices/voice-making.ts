import { AppError } from '../../base/errors.ts';
import { visibleOwners, type Principal, type RequestContext } from '../context.ts';
import type { Clock } from '../ports/clock.ts';
import type { VoiceStore } from '../ports/store.ts';
import { createConsentDesk, type ConsentKeeping } from './voice-consents.ts';
import type { VoiceRecord } from './voice-record.ts';
import { forgetSamples, keepSamples, type SampleKeeping } from './voice-samples.ts';
import type { NewVoice, VoiceChange, VoiceOwners, VoiceStudio, VoiceUpload } from './voice-studio.ts';

/** What the studio is built from. */
export interface VoiceStudioParts extends SampleKeeping, ConsentKeeping {
  readonly voices: VoiceStore;
  readonly clock: Clock;
}

/** Builds the studio. */
export function createVoiceStudio(parts: VoiceStudioParts): VoiceStudio {
  const desk = createConsentDesk(parts);
  const find = (id: string, { principal }: RequestContext) => parts.voices.find(id, visibleOwners(principal));
  const get = async (id: string, context: RequestContext): Promise<VoiceRecord> => {
    const found = await find(id, context);
    if (!found) throw noSuchVoice(id);
    return found;
  };
  return {
    ...desk,
    create: async (voice, context) => {
      if (voice.consentId !== undefined) await desk.consent(voice.consentId, context);
      return createVoice(voice, parts, context);
    },
    list: async ({ principal }) => parts.voices.list(visibleOwners(principal)),
    page: async ({ whose = 'all', ...query }, { principal }) =>
      parts.voices.page({ ...query, ownerIds: ownersOf(whose, principal) }),
    placeOf: async (id, { principal }) => parts.voices.placeOf(id, visibleOwners(principal)),
    count: async (whose, { principal }) => parts.voices.count(ownersOf(whose, principal)),
    find,
    get,
    edit: async (id, change, context) => {
      owned(await get(id, context), context);
      const { uploads = [], denoise = false, param = 'audio' } = change;
      const added = await keepSamples(uploads, parts, { denoise, param, context });
      try {
        // Read again: making the samples took its time.
        const changed = changedVoice(owned(await get(id, context), context), change, added);
        if (!(await parts.voices.replace(changed))) throw noSuchVoice(id);
        return changed;
      } catch (error) {
        await forgetSamples(added, parts.blobs);
        throw error;
      }
    },
    remove: async (id, context) => {
      const { ownerId, samples } = owned(await get(id, context), context);
      if (!(await parts.voices.remove(id, ownerId))) throw noSuchVoice(id);
      await forgetSamples(samples, parts.blobs);
    },
    sampleAudio: async (id, sampleId, context) => {
      const sample = sampleOf(await get(id, context), sampleId);
      const blob = await parts.blobs.find(sample.blobId);
      if (!blob) throw noSuchSample(id, sampleId);
      const { mediaType, filename } = sample;
      return { mediaType, filename, byteLength: blob.byteLength, bytes: blob.open() };
    },
    removeSample: async (id, sampleId, context) => {
      const voice = owned(await get(id, context), context);
      const sample = sampleOf(voice, sampleId);
      const samples = voice.samples.filter((one) => one !== sample);
      if (!(await parts.voices.replace({ ...voice, samples }))) throw noSuchVoice(id);
      await forgetSamples([sample], parts.blobs);
    },
  };
}

async function createVoice(
  voice: NewVoice,
  parts: VoiceStudioParts,
  context: RequestContext,
): Promise<VoiceRecord> {
  const { source, param } = voice;
  const samples =
    source.kind === 'samples'
      ? await keepSamples(someOf(source.uploads, param), parts, { denoise: source.denoise, param, context })
      : [];
  const record: VoiceRecord = {
    id: voice.id,
    ownerId: context.principal.id,
    name: voice.name,
    description: voice.description ?? '',
    labels: voice.labels ?? {},
    origin: source.kind === 'samples' ? 'cloned' : 'designed',
    ...(voice.language === undefined ? {} : { language: voice.language }),
    ...(voice.gender === undefined ? {} : { gender: voice.gender }),
    ...(voice.licence === undefined ? {} : { licence: voice.licence }),
    ...(voice.consentId === undefined ? {} : { consentId: voice.consentId }),
    traits: voice.traits ?? {},
    ...(source.kind === 'design' ? { design: source.design } : {}),
    samples,
    createdAt: parts.clock.now(),
  };
  try {
    await parts.voices.add(record);
  } catch (error) {
    await forgetSamples(samples, parts.blobs);
    throw error;
  }
  return record;
}

function someOf(uploads: readonly VoiceUpload[], param: string): readonly VoiceUpload[] {
  if (uploads.length > 0) return uploads;
  throw new AppError('invalid_request', `The voice needs a recording in '${param}'.`, { param });
}

function changedVoice(voice: VoiceRecord, change: VoiceChange, added: VoiceRecord['samples']): VoiceRecord {
  const { name, description, labels, language, gender, traits } = change;
  return {
    ...voice,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(labels === undefined ? {} : { labels }),
    ...(language === undefined ? {} : { language }),
    ...(gender === undefined ? {} : { gender }),
    traits: { ...voice.traits, ...traits },
    samples: [...voice.samples, ...added],
  };
}

function ownersOf(whose: VoiceOwners, principal: Principal): readonly string[] {
  if (whose === 'own') return [principal.id];
  const seen = visibleOwners(principal);
  return whose === 'all' ? seen : seen.filter((id) => id !== principal.id);
}

function owned(voice: VoiceRecord, { principal }: RequestContext): VoiceRecord {
  if (voice.ownerId === principal.id) return voice;
  const message = `The voice '${voice.id}' belongs to everybody: it was made before there were keys, and no key can change it.`;
  throw new AppError('permission_denied', message, { subject: 'voice' });
}

function sampleOf(voice: VoiceRecord, sampleId: string): VoiceRecord['samples'][number] {
  const found = voice.samples.find(({ id }) => id === sampleId);
  if (!found) throw noSuchSample(voice.id, sampleId);
  return found;
}

function noSuchVoice(id: string): AppError {
  return new AppError('not_found', `The voice '${id}' does not exist here.`, { subject: 'voice' });
}

function noSuchSample(id: string, sampleId: string): AppError {
  return new AppError('not_found', `The voice '${id}' has no sample '${sampleId}'.`, { subject: 'file' });
}
