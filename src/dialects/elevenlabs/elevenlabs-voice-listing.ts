import type { Core } from '../../core/core.ts';
import { primaryLanguage, type KnownVoice } from '../../core/voices/voice-library.ts';
import type { PresetVoice, Voice } from '../../core/voices/voice.ts';

/** The settings that a voice is spoken with when a request says nothing. */
export const defaultVoiceSettings = {
  stability: 0.5,
  use_speaker_boost: true,
  similarity_boost: 0.75,
  style: 0,
  speed: 1,
} as const;

type VoiceCategory = 'premade' | 'cloned' | 'generated';

/** A voice as the vendor lists it. */
export interface ListedVoice {
  readonly voice_id: string;
  readonly name: string;
  readonly category: VoiceCategory;
  readonly description: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly created_at_unix: number | null;
  /** What the vendor's list cannot say: whether another voice only plays the part, and under which licence. */
  readonly antiphon: { readonly stand_in: boolean; readonly licence: string | null };
  readonly [field: string]: unknown;
}

/** The vendor's own voices and every engine voice. Names from other vendors are spoken too, and not listed here. */
export function listVoices(core: Core): readonly ListedVoice[] {
  const own = core.voices.presets.filter((preset) => preset.dialect === 'elevenlabs');
  return [...own.map(fromPreset), ...core.voices.engineVoices.map(fromEngineVoice)];
}

/** One voice, whoever made its name known. */
export function toListedVoice(known: KnownVoice): ListedVoice {
  return known.kind === 'preset' ? fromPreset(known.preset) : fromEngineVoice(known.voice);
}

function fromPreset(preset: PresetVoice): ListedVoice {
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

function fromEngineVoice(voice: Voice): ListedVoice {
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

/** Fills in the keys that the vendor's clients know and that have one value for every voice here. */
function listed(voice: Told & { readonly verified_languages?: readonly unknown[] }): ListedVoice {
  return {
    samples: null,
    fine_tuning: null,
    preview_url: null,
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
