import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { prepareReference, REFERENCE_BYTES } from '../../core/voices/reference-recording.ts';
import type { VoiceMeasure } from '../../core/voices/voice-record.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findOnlyFile, lastValues, readForm } from '../parse-form.ts';
import { looseNumber } from './elevenlabs-fields.ts';
import { listVoices, type ListedVoice, type VoiceViewer } from './elevenlabs-voice-listing.ts';
import { getVoice } from './elevenlabs-voice-paths.ts';

const AUDIO_FIELD = 'audio_file';

/** The threshold of the vendor goes from 0 to 2; here it counts octaves between two voices. */
export const similarityFields = z.object({
  similarity_threshold: looseNumber(z.number().min(0).max(2).optional()),
  top_k: looseNumber(z.int().min(1).max(100).default(10)),
});

const SEMITONES_PER_OCTAVE = 12;
/** How much a livelier or flatter melody counts against a higher or lower voice. */
const RANGE_WEIGHT = 0.3;

/**
 * The caller's voices and the vendor's that are nearest to a recording, by how high they speak and how much they move.
 * Nothing else is compared: two people of one pitch are alike here.
 */
export async function findSimilarVoices(core: Core, request: FastifyRequest, viewer: VoiceViewer) {
  const { wanted, threshold, most } = await readWanted(core, request);
  const near: Near[] = [];
  for (const voice of await comparable(core, request, viewer)) {
    const known = await getVoice(core, voice.voice_id, request.antiphon);
    const measure = await core.voices.measure(known, request.antiphon);
    if (measure) near.push({ voice, measure, distance: distanceBetween(wanted, measure) });
  }
  const found = near
    .filter(({ distance }) => distance <= threshold)
    .toSorted((a, b) => a.distance - b.distance);
  return {
    voices: found.slice(0, most).map(toLibraryVoice),
    has_more: found.length > most,
    total_count: found.length,
    last_sort_id: null,
  };
}

interface Near {
  readonly voice: ListedVoice;
  readonly measure: VoiceMeasure;
  readonly distance: number;
}

/** Engines have up to hundreds of voices, each of which would have to speak first; the vendor's are the best of them. */
async function comparable(
  core: Core,
  request: FastifyRequest,
  viewer: VoiceViewer,
): Promise<readonly ListedVoice[]> {
  const shipped = new Set(core.voices.engineVoices.map(({ id }) => id));
  const voices = await listVoices(core, viewer, request.antiphon);
  return voices.filter(({ voice_id: id }) => !shipped.has(id));
}

async function readWanted(core: Core, request: FastifyRequest) {
  if (!request.isMultipart()) {
    const message = `A recording must be sent as multipart/form-data, with the part \`${AUDIO_FIELD}\`.`;
    throw new AppError('unsupported_media', message, { reason: 'content_type' });
  }
  const form = await readForm(request, { fileBytes: REFERENCE_BYTES, files: 2 });
  const sent = Object.entries(lastValues(form)).filter(([, text]) => text !== '' && text !== 'null');
  const fields = parseBody(similarityFields, Object.fromEntries(sent));
  const file = findOnlyFile(form.files, AUDIO_FIELD);
  if (!file) {
    throw invalidFields([{ path: [AUDIO_FIELD], kind: 'missing', message: 'this field is required' }]);
  }
  const wish = { param: AUDIO_FIELD, denoise: false, context: request.antiphon };
  const { measure } = await prepareReference(file.media, core.media, wish);
  if (!measure) {
    const message = `No voice was found in the recording in '${AUDIO_FIELD}'.`;
    throw new AppError('invalid_request', message, { param: AUDIO_FIELD, reason: 'invalid_parameters' });
  }
  const threshold = fields.similarity_threshold ?? Number.POSITIVE_INFINITY;
  return { wanted: measure, threshold, most: fields.top_k };
}

function distanceBetween(one: VoiceMeasure, other: VoiceMeasure): number {
  const apart = Math.abs(Math.log2(one.pitchHertz / other.pitchHertz));
  const range = Math.abs(one.pitchRangeSemitones - other.pitchRangeSemitones) / SEMITONES_PER_OCTAVE;
  return apart + RANGE_WEIGHT * range;
}

/** A voice as the vendor's public library lists it. Nobody counts here what is used how often. */
function toLibraryVoice({ voice, measure, distance }: Near) {
  const { labels } = voice;
  return {
    public_owner_id: voice.is_owner ? 'you' : 'antiphon',
    voice_id: voice.voice_id,
    date_unix: voice.created_at_unix ?? 0,
    name: voice.name,
    accent: labels.accent ?? '',
    gender: labels.gender ?? '',
    age: labels.age ?? '',
    descriptive: labels.description ?? '',
    use_case: labels.use_case ?? '',
    category: voice.category,
    language: labels.language ?? null,
    locale: null,
    description: voice.description,
    preview_url: voice.preview_url,
    usage_character_count_1y: 0,
    usage_character_count_7d: 0,
    play_api_usage_character_count_1y: 0,
    cloned_by_count: 0,
    rate: null,
    free_users_allowed: true,
    live_moderation_enabled: false,
    featured: false,
    is_added_by_user: voice.is_owner,
    antiphon: {
      ...voice.antiphon,
      pitch_hertz: Math.round(measure.pitchHertz * 10) / 10,
      distance: Math.round(distance * 1000) / 1000,
    },
  };
}
