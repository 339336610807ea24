import { AppError } from '../../base/errors.ts';
import type { Engine } from '../engine.ts';
import type { PresetVoice, Voice } from './voice.ts';

/** A voice name resolved to what an engine can really do. */
export interface CastVoice {
  readonly voice: Voice;
  readonly pitchSemitones: number;
  /** Whether the engine voice only plays the part of the one that was named. */
  readonly standIn: boolean;
}

/** What a name turned out to be. */
export type KnownVoice =
  | { readonly kind: 'preset'; readonly preset: PresetVoice }
  | { readonly kind: 'engine'; readonly voice: Voice };

/** Who is to play a voice, and in which language. */
export interface CastingPart {
  readonly engine: Engine;
  /** Id of the engine's model that will speak. */
  readonly model: string;
  /** BCP 47. */
  readonly language: string;
}

/** Every voice that can be named, whatever dialect made its name known. */
export interface VoiceLibrary {
  readonly presets: readonly PresetVoice[];
  readonly engineVoices: readonly Voice[];
  /** Finds a voice by id, or by its name without regard to case. */
  find(name: string): KnownVoice | undefined;
  /** Finds a voice or throws `not_found`; `param` is the caller's spelling of the field. */
  get(name: string, param: string): KnownVoice;
  /** The engine voice that plays a known voice in a language; undefined when the engine cannot. */
  cast(known: KnownVoice, part: CastingPart): CastVoice | undefined;
}

/** Builds the library from the vendors' well-known names and the engines' own voices. */
export function createVoiceLibrary(parts: {
  readonly presets: readonly PresetVoice[];
  readonly engines: readonly Engine[];
}): VoiceLibrary {
  // Asked anew each time: installing weights adds voices while the server runs.
  const engineVoices = () => parts.engines.flatMap((engine) => engine.speech?.voices ?? []);
  let indexed: { readonly voices: readonly Voice[]; readonly byKey: ReadonlyMap<string, KnownVoice> } = {
    voices: [],
    byKey: indexVoices(parts.presets, []),
  };
  const byKey = () => {
    const voices = engineVoices();
    const same =
      voices.length === indexed.voices.length && voices.every((voice, at) => voice === indexed.voices[at]);
    if (!same) indexed = { voices, byKey: indexVoices(parts.presets, voices) };
    return indexed.byKey;
  };

  const find = (name: string): KnownVoice | undefined => {
    const known = byKey().get(name.toLowerCase());
    if (known) return known;
    const hidden = parts.engines
      .map((engine) => engine.speech?.findVoice?.(name))
      .find((voice) => voice !== undefined);
    return hidden && { kind: 'engine', voice: hidden };
  };

  return {
    presets: parts.presets,
    get engineVoices() {
      return engineVoices();
    },
    find,
    get: (name, param) => {
      const known = find(name);
      if (known) return known;
      throw new AppError(
        'not_found',
        `The voice '${name}' does not exist here. GET /v1/audio/voices lists those that do.`,
        {
          param,
          subject: 'voice',
        },
      );
    },
    cast: (known, { engine, model, language }) => {
      if (!engine.speech) return undefined;
      if (known.kind === 'preset') {
        // A voice that belongs to one of several models of its engine says which.
        const own = engine.speech.voices.filter(({ labels }) => (labels['model'] ?? model) === model);
        return castPreset(known.preset, own, language);
      }
      if (known.voice.engine !== engine.id) return undefined;
      return { voice: known.voice, pitchSemitones: 0, standIn: false };
    },
  };
}

/** Ids win over names, and vendors' well-known names over the engines' short ones. */
function indexVoices(
  presets: readonly PresetVoice[],
  voices: readonly Voice[],
): ReadonlyMap<string, KnownVoice> {
  const byKey = new Map<string, KnownVoice>();
  const learn = (key: string, known: KnownVoice) => {
    const folded = key.toLowerCase();
    if (!byKey.has(folded)) byKey.set(folded, known);
  };
  for (const preset of presets) learn(preset.id, { kind: 'preset', preset });
  for (const voice of voices) learn(voice.id, { kind: 'engine', voice });
  for (const preset of presets) learn(preset.name, { kind: 'preset', preset });
  for (const voice of voices) learn(voice.id.slice(voice.engine.length + 1), { kind: 'engine', voice });
  return byKey;
}

/** The part of a BCP 47 tag that names the language: `en` of `en-GB`. */
export function primaryLanguage(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? tag;
}

function castPreset(preset: PresetVoice, voices: readonly Voice[], language: string): CastVoice | undefined {
  const speaking = voices.filter((voice) => fitness(voice, language) < Number.POSITIVE_INFINITY);
  const bestFit = Math.min(...speaking.map((voice) => fitness(voice, language)));
  const fitting = speaking
    .filter((voice) => fitness(voice, language) === bestFit)
    .sort((a, b) => a.rank - b.rank);
  const sameGender = fitting.filter((voice) => preset.gender === 'neutral' || voice.gender === preset.gender);
  const cast = sameGender.length > 0 ? sameGender : fitting;
  const voice = cast[preset.variant % cast.length];
  return voice && { voice, pitchSemitones: preset.pitchSemitones, standIn: true };
}

/** How well a voice speaks a language: 0 exactly, 1 with another accent; infinite when not at all. */
function fitness(voice: Voice, language: string): number {
  const tags = voice.languages.map((tag) => tag.toLowerCase());
  if (tags.includes(language.toLowerCase())) return 0;
  return tags.some((tag) => primaryLanguage(tag) === primaryLanguage(language))
    ? 1
    : Number.POSITIVE_INFINITY;
}
