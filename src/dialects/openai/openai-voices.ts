import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { VoiceRecord } from '../../core/voices/voice-record.ts';
import type { PresetVoice, Voice } from '../../core/voices/voice.ts';
import { parseBody } from '../parse-body.ts';
import { warningHeaders } from '../speech-reply.ts';
import { listPage } from './openai-list-page.ts';
import { createVoice } from './openai-voice-making.ts';

const MOST_PER_PAGE = 1_000;

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_PER_PAGE).optional(),
  after: z.string().optional(),
});

const voiceParams = z.object({ voice_id: z.string() });

/**
 * Registers what lists, makes and deletes voices. The vendor has no list; self-hosted servers agreed on this one, and
 * clients read it under `voices` or, like every other list of the vendor, under `data`.
 */
export function voiceRoutes(scope: FastifyInstance, core: Core, dialect: string): void {
  scope.get('/audio/voices', async (request) => {
    const query = parseBody(pageQuery, request.query);
    const page = await pageOfVoices(query, { core, dialect, context: request.antiphon });
    return { ...page, voices: page.data };
  });

  scope.post('/audio/voices', async (request, reply) => {
    const { voice, warnings } = await createVoice(core, request);
    reply.headers(warningHeaders(warnings));
    return madeEntry(voice);
  });

  scope.delete('/audio/voices/:voice_id', async (request) => {
    const id = await deleteVoice(core, request);
    return { object: 'audio.voice.deleted', id, deleted: true };
  });
}

interface Listing {
  readonly core: Core;
  readonly dialect: string;
  readonly context: RequestContext;
}

/**
 * The caller's voices, then this vendor's, then those of other vendors, then the engines' own. Of the caller's only
 * those on the page are read.
 */
async function pageOfVoices({ limit, after }: z.output<typeof pageQuery>, listing: Listing) {
  const { core, context } = listing;
  const canClone = core.engines.some(({ speech }) => speech?.settings.voice_sample !== undefined);
  const entry = (record: VoiceRecord) => addedEntry(record, { context, canClone });
  const place = after === undefined ? undefined : await core.studio.placeOf(after, context);
  const shipped = shippedEntries(listing);
  if (after !== undefined && !place) return listPage(shipped, { limit, after });
  if (limit === undefined && !place) {
    return listPage([...(await core.studio.list(context)).map(entry), ...shipped], {});
  }
  const most = limit === undefined ? Number.MAX_SAFE_INTEGER : limit + 1;
  const added = await core.studio.page({ limit: most, direction: 'oldest_first', after: place }, context);
  return listPage([...added.map(({ record }) => entry(record)), ...shipped], { limit });
}

function shippedEntries({ core, dialect }: Listing) {
  const own = core.voices.presets.filter((preset) => preset.dialect === dialect);
  const others = core.voices.presets.filter((preset) => preset.dialect !== dialect);
  return [...[...own, ...others].map(presetEntry), ...core.voices.engineVoices.map(engineEntry)];
}

/** A voice in the vendor's words. */
function madeEntry({ id, name, createdAt, origin, design }: VoiceRecord) {
  return {
    object: 'audio.voice',
    id,
    name,
    created_at: Math.floor(createdAt / 1000),
    type: origin === 'cloned' ? 'audio_sample' : 'prompt',
    ...(design ? { prompt: design.prompt } : {}),
  };
}

interface Viewing {
  readonly context: RequestContext;
  /** Whether some engine here takes on the voice of a recording. */
  readonly canClone: boolean;
}

function addedEntry(record: VoiceRecord, { context: { principal }, canClone }: Viewing) {
  const { gender, language, description, labels, licence } = record;
  return {
    ...madeEntry(record),
    owned_by: record.ownerId === principal.id ? 'you' : 'everybody',
    ...(gender === undefined ? {} : { gender }),
    ...(language === undefined ? {} : { languages: [language] }),
    description,
    labels,
    antiphon: { stand_in: record.origin === 'cloned' && !canClone, licence: licence ?? null },
  };
}

function presetEntry(preset: PresetVoice) {
  return {
    id: preset.id,
    object: 'audio.voice',
    name: preset.name,
    owned_by: preset.dialect,
    gender: preset.gender,
    description: preset.description,
    labels: preset.labels,
    antiphon: { stand_in: true },
  };
}

function engineEntry(voice: Voice) {
  return {
    id: voice.id,
    object: 'audio.voice',
    name: voice.name,
    owned_by: voice.engine,
    gender: voice.gender,
    languages: voice.languages,
    labels: voice.labels,
    antiphon: { stand_in: false, licence: voice.licence },
  };
}

/** Only by its id: a name finds a voice to speak with, and what is deleted has to be meant. */
async function deleteVoice(core: Core, request: FastifyRequest): Promise<string> {
  const { voice_id: id } = parseBody(voiceParams, request.params);
  const { antiphon } = request;
  const known = await core.voices.find(id, antiphon.principal);
  if (known && known.kind !== 'added') {
    throw new AppError('permission_denied', `The voice '${id}' came with the server and cannot be deleted.`, {
      param: 'voice_id',
    });
  }
  if (known?.record.id !== id) throw noSuchVoice(id);
  try {
    await core.studio.remove(id, antiphon);
  } catch (error) {
    // Somebody else was quicker.
    throw error instanceof AppError && error.code === 'not_found' ? noSuchVoice(id) : error;
  }
  return id;
}

/** Without a subject: here the voice is a thing with an address, and 404 is the vendor's answer. */
function noSuchVoice(id: string): AppError {
  return new AppError('not_found', `There is no voice '${id}'.`, { param: 'voice_id' });
}
