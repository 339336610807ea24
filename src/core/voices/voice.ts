import type { MediaInput } from '../media-input.ts';

/** How a voice sounds to most ears. */
export type Gender = 'female' | 'male' | 'neutral';

/** A voice that an engine can speak with. */
export interface Voice {
  /** `<engine>/<name>`, unique in the installation. */
  readonly id: string;
  readonly name: string;
  readonly engine: string;
  /** BCP 47 tags, most fitting first (`en-US`, `de`). */
  readonly languages: readonly string[];
  readonly origin: 'built_in' | 'cloned' | 'designed';
  readonly gender: Gender;
  /** Order of preference among voices of one engine, language and gender; lower comes first. */
  readonly rank: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The licence under which the voice may be used, as an SPDX identifier or a short name. */
  readonly licence: string;
  /** Well-known names that this voice is, so that speaking with it is no stand-in. */
  readonly implements?: readonly string[];
}

/**
 * A well-known voice name of a vendor (`alloy`, `Linda`, a 20-character id) and the character that a stand-in
 * for it should have. It is spoken by an engine voice of the wanted language, chosen by gender and shifted in
 * pitch so that different names sound like different people.
 */
export interface PresetVoice {
  readonly id: string;
  readonly name: string;
  /** The dialect whose vendor made the name known. */
  readonly dialect: string;
  readonly gender: Gender;
  /** Shift against the chosen engine voice, in semitones. */
  readonly pitchSemitones: number;
  /** The nth engine voice of that gender, so that names spread over the voices that exist. */
  readonly variant: number;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How a caller names the voice. */
export type VoiceRef =
  | { readonly kind: 'default' }
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'sample';
      readonly audio: MediaInput;
      readonly transcript?: string;
      /** A longer recording is refused; absent: its best part is used. */
      readonly maxSeconds?: number;
    };
