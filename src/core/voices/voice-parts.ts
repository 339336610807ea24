import type { Engine } from '../engine.ts';
import type { VoiceCasting, CastingPart } from './voice-casting.ts';
import type { Likeness } from './voice-likeness.ts';
import type { VoiceMeasure, VoiceRecord } from './voice-record.ts';
import type { Gender, PresetVoice, Voice } from './voice.ts';

/** A voice name resolved to what an engine can really do. */
export interface CastVoice {
  readonly voice: Voice;
  readonly pitchSemitones: number;
  /** Tempo of the part, which speaking faster or slower multiplies; 1 = the engine voice's own. */
  readonly tempo: number;
  /** Whether the engine voice only plays the part of the one that was named. */
  readonly standIn: boolean;
}

/** What a name turned out to be. */
export type KnownVoice =
  | { readonly kind: 'preset'; readonly preset: PresetVoice }
  | { readonly kind: 'engine'; readonly voice: Voice }
  | { readonly kind: 'added'; readonly record: VoiceRecord; readonly likeness: Likeness };

/** A voice that was named, or a recording of one. */
export type WantedVoice = KnownVoice | { readonly kind: 'sample'; readonly likeness: Likeness };

/** What parts are given out with. */
export interface CastingHouse {
  readonly engines: readonly Engine[];
  readonly casting: VoiceCasting;
}

/** The engine voice that plays a voice in a language; undefined when the engine cannot. */
export async function castVoice(
  wanted: WantedVoice,
  part: CastingPart,
  house: CastingHouse,
): Promise<CastVoice | undefined> {
  if (!part.engine.speech) return undefined;
  switch (wanted.kind) {
    case 'preset':
      return castPreset(wanted.preset, part);
    case 'engine':
      return wanted.voice.engine === part.engine.id
        ? { voice: wanted.voice, pitchSemitones: 0, tempo: 1, standIn: false }
        : undefined;
    case 'sample':
      return castLikeness(wanted.likeness, part, house);
    case 'added':
      return castAdded(wanted, part, house);
  }
}

/** The part of a BCP 47 tag that names the language: `en` of `en-GB`. */
export function primaryLanguage(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? tag;
}

function castPreset(preset: PresetVoice, part: CastingPart): CastVoice | undefined {
  const itself = ownVoices(part).find((voice) => isVoice(voice, preset));
  if (itself) return { voice: itself, pitchSemitones: 0, tempo: 1, standIn: false };
  const fitting = fittingVoices(part);
  const sameGender = fitting.filter((voice) => preset.gender === 'neutral' || voice.gender === preset.gender);
  const cast = sameGender.length > 0 ? sameGender : fitting;
  const voice = cast[preset.variant % cast.length];
  return voice && { voice, pitchSemitones: preset.pitchSemitones, tempo: 1, standIn: true };
}

/** Vendors' ids and names are found without regard to case. */
function isVoice(voice: Voice, { id, name }: PresetVoice): boolean {
  const wanted = [id.toLowerCase(), name.toLowerCase()];
  return voice.implements?.some((one) => wanted.includes(one.toLowerCase())) ?? false;
}

function ownVoices({ engine, model }: Pick<CastingPart, 'engine' | 'model'>): readonly Voice[] {
  // A voice that belongs to one of several models of its engine says which.
  return (engine.speech?.voices ?? []).filter(({ labels }) => (labels['model'] ?? model) === model);
}

/** The voices of a model that speak a language best, in order of preference. */
function fittingVoices({ engine, model, language }: CastingPart): readonly Voice[] {
  const own = ownVoices({ engine, model });
  const best = Math.min(...own.map((voice) => foreignness(voice, language)));
  if (best === Number.POSITIVE_INFINITY) return [];
  return own.filter((voice) => foreignness(voice, language) === best).toSorted((a, b) => a.rank - b.rank);
}

/** How well a voice speaks a language: 0 exactly, 1 with another accent; infinite when not at all. */
function foreignness(voice: Voice, language: string): number {
  const tags = voice.languages.map((tag) => tag.toLowerCase());
  if (tags.includes(language.toLowerCase())) return 0;
  return tags.some((tag) => primaryLanguage(tag) === primaryLanguage(language))
    ? 1
    : Number.POSITIVE_INFINITY;
}

/** The nearest engine voice in pitch, shifted to it; among those of the same gender, where there are any. */
async function castLikeness(
  likeness: Likeness,
  part: CastingPart,
  house: CastingHouse,
): Promise<CastVoice | undefined> {
  const wanted = await likeness.measure();
  return castMeasure(wanted, { part, house, gender: likeness.gender });
}

interface MeasureCasting {
  readonly part: CastingPart;
  readonly house: CastingHouse;
  readonly gender: Gender | undefined;
  /** Where nobody knows how high anybody speaks. */
  readonly pitchSemitones?: number;
}

async function castMeasure(
  wanted: VoiceMeasure | undefined,
  { part, house, gender, pitchSemitones = 0 }: MeasureCasting,
): Promise<CastVoice | undefined> {
  const fitting = fittingVoices(part);
  const sameGender = fitting.filter((voice) => voice.gender === gender);
  const voices = sameGender.length > 0 ? sameGender : fitting;
  const nearest = wanted && (await house.casting.nearest(wanted, voices, part));
  if (nearest) return { ...nearest, tempo: 1, standIn: true };
  const [voice] = voices;
  return voice && { voice, pitchSemitones, tempo: 1, standIn: true };
}

/** A described voice is an engine voice of its own, where that runs and speaks the language. */
async function castAdded(
  { record, likeness }: Extract<KnownVoice, { kind: 'added' }>,
  part: CastingPart,
  house: CastingHouse,
): Promise<CastVoice | undefined> {
  const { design, gender } = record;
  if (!design) return castLikeness(likeness, part, house);
  const { pitchSemitones, speed } = design;
  const base = findBase(design.baseVoice, house.engines);
  if (base && base.engine === part.engine && foreignness(base.voice, part.language) <= 1) {
    return { voice: base.voice, pitchSemitones, tempo: speed, standIn: false };
  }
  const measured = base && (await house.casting.measure(base.voice, measuringPart(base, part)));
  const wanted = measured && {
    ...measured,
    pitchHertz: measured.pitchHertz * 2 ** (pitchSemitones / 12),
  };
  const cast = await castMeasure(wanted, {
    part,
    house,
    gender: gender ?? base?.voice.gender,
    pitchSemitones,
  });
  return cast && { ...cast, tempo: speed };
}

interface BaseVoice {
  readonly engine: Engine;
  readonly voice: Voice;
}

function findBase(id: string | undefined, engines: readonly Engine[]): BaseVoice | undefined {
  if (id === undefined) return undefined;
  for (const engine of engines) {
    const voice = engine.speech?.voices.find((one) => one.id === id) ?? engine.speech?.findVoice?.(id);
    if (voice) return { engine, voice };
  }
  return undefined;
}

function measuringPart({ engine, voice }: BaseVoice, { context }: CastingPart) {
  const model = voice.labels['model'] ?? engine.models.find(({ capability }) => capability === 'speech')?.id;
  return { engine, model: model ?? '', context };
}
