import type { Core } from '../../core/core.ts';
import type { RequestContext } from '../../core/context.ts';
import { primaryLanguage, type KnownVoice } from '../../core/voices/voice-parts.ts';
import type { VoiceRecord, VoiceSampleRecord } from '../../core/voices/voice-record.ts';
import type { PresetVoice, Voice } from '../../core/voices/voice.ts';
import { defaultVoiceSettings, settingsOf } from './elevenlabs-voice-settings.ts';

type VoiceCategory = 'premade' | 'cloned' | 'generated';

/** A voice as the vendor lists it. */
export interface ListedVoice {
  readonly voice_id: string;
  readonly name: string;
  readonly category: VoiceCategory;
  readonly description: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly is_owner: boolean;
  readonly created_at_unix: number | null;
  /** What the vendor's list cannot say: whether another voice only plays the part, and under which licence. */
  readonly antiphon: { readonly stand_in: boolean; readonly licence: string | null };
  readonly [field: string]: unknown;
}

/** For whom a voice is listed. */
export interface VoiceViewer {
  readonly principalId: string;
  /** Whether some engine here takes on the voice of a recording. */
  readonly canClone: boolean;
  /** The address at which a short sample of a voice can be heard. */
  readonly previewUrl: (voiceId: string) => string;
}

/** What a voice is searched by. */
export type VoiceFacts = Pick<
  ListedVoice,
  'voice_id' | 'name' | 'category' | 'description' | 'labels' | 'is_owner'
>;

/** A voice that came with the server, which is the same for everybody but for the address of its preview. */
export type ShippedVoice = VoiceFacts &
  Readonly<Record<string, unknown>> &
  Pick<ListedVoice, 'antiphon' | 'created_at_unix'>;

/** The caller's own voices, those that belong to everybody, the vendor's, and every engine's. */
export async function listVoices(
  core: Core,
  viewer: VoiceViewer,
  context: RequestContext,
): Promise<readonly ListedVoice[]> {
  const added = await core.studio.list(context);
  return [
    ...added.map((record) => fromRecord(record, viewer)),
    ...shippedVoices(core).map((voice) => withPreview(voice, viewer)),
  ];
}

const shippedOf = new WeakMap<
  Core,
  { readonly from: readonly Voice[]; readonly voices: readonly ShippedVoice[] }
>();

/** The vendor's voices and every engine's, made anew only when engines have other ones. */
export function shippedVoices(core: Core): readonly ShippedVoice[] {
  const { engineVoices: from, presets } = core.voices;
  const made = shippedOf.get(core);
  if (made?.from.length === from.length && from.every((voice, at) => voice === made.from[at]))
    return made.voices;
  // Names from other vendors are spoken too, and not listed here.
  const own = presets.filter((preset) => preset.dialect === 'elevenlabs');
  const voices = [...own.map(shippedPreset), ...from.map(fromEngineVoice)];
  shippedOf.set(core, { from, voices });
  return voices;
}

/** A voice that came with the server, for somebody. */
export function withPreview(voice: ShippedVoice, { previewUrl }: VoiceViewer): ListedVoice {
  return { ...voice, preview_url: previewUrl(voice.voice_id) };
}

/** What an added voice is searched by. */
export function factsOf(record: VoiceRecord, principalId: string): VoiceFacts {
  return {
    voice_id: record.id,
    name: record.name,
    category: record.origin === 'cloned' ? 'cloned' : 'generated',
    description: record.description || null,
    labels: record.labels,
    is_owner: record.ownerId === principalId,
  };
}

/** One voice, whoever made its name known. */
export function toListedVoice(
  known: KnownVoice | { readonly kind: 'added'; readonly record: VoiceRecord },
  viewer: VoiceViewer,
): ListedVoice {
  switch (known.kind) {
    case 'preset':
      return withPreview(shippedPreset(known.preset), viewer);
    case 'engine':
      return withPreview(fromEngineVoice(known.voice), viewer);
    case 'added':
      return fromRecord(known.record, viewer);
  }
}

function fromRecord(record: VoiceRecord, { principalId, canClone, previewUrl }: VoiceViewer): ListedVoice {
  const facts = factsOf(record, principalId);
  return listed({
    ...facts,
    samples: record.samples.map(toSample),
    settings: settingsOf(record.traits),
    preview_url: previewUrl(record.id),
    permission_on_resource: facts.is_owner ? 'admin' : 'viewer',
    created_at_unix: Math.floor(record.createdAt / 1000),
    antiphon: { stand_in: record.origin === 'cloned' && !canClone, licence: record.licence ?? null },
  });
}

function toSample(sample: VoiceSampleRecord) {
  return {
    sample_id: sample.id,
    file_name: sample.filename,
    mime_type: sample.mediaType,
    size_bytes: sample.byteLength,
    hash: sample.sha256,
    duration_secs: Math.round(sample.durationSeconds * 1000) / 1000,
  };
}

/** A well-known voice of the vendor. */
export function shippedPreset(preset: PresetVoice): ShippedVoice {
  return listed({
    voice_id: preset.id,
    name: preset.name,
    category: 'premade',
    description: preset.description,
    labels: { gender: preset.gender, ...preset.labels },
    antiphon: { stand_in: true, licence: null },
  });
}

const CATEGORIES = { built_in: 'premade', cloned: 'cloned', designed: 'generated' } as const;

function fromEngineVoice(voice: Voice): ShippedVoice {
  const language = primaryLanguage(voice.languages[0] ?? '');
  return listed({
    voice_id: voice.id,
    name: voice.name,
    category: CATEGORIES[voice.origin],
    description: null,
    labels: { gender: voice.gender, ...(language ? { language } : {}), ...voice.labels },
    verified_languages: voice.languages.map((locale) => ({
      language: primaryLanguage(locale),
      model_id: voice.engine,
      locale,
    })),
    antiphon: { stand_in: false, licence: voice.licence },
  });
}

type Told = Pick<ListedVoice, 'voice_id' | 'name' | 'category' | 'description' | 'labels' | 'antiphon'>;

/** Fills in the keys that the vendor's clients know and that have one value for most voices here. */
function listed<More extends Told>(voice: More) {
  return {
    samples: null,
    fine_tuning: null,
    available_for_tiers: [],
    settings: defaultVoiceSettings,
    sharing: null,
    high_quality_base_model_ids: [],
    verified_languages: [],
    collection_ids: [],
    safety_control: null,
    voice_verification: null,
    permission_on_resource: null,
    is_owner: false,
    is_legacy: false,
    is_mixed: false,
    created_at_unix: null,
    favorited_at_unix: null,
    is_bookmarked: false,
    ...voice,
  };
}
