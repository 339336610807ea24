import type { RequestContext } from '../context.ts';
import type { MediaInput } from '../media-input.ts';
import type {
  ConsentRecord,
  PlacedVoice,
  VoiceDesign,
  VoicePlace,
  VoiceQuery,
  VoiceRecord,
  VoiceTraits,
} from './voice-record.ts';
import type { Gender } from './voice.ts';

/** A reference recording as it was sent. */
export interface VoiceUpload {
  readonly audio: MediaInput;
  readonly filename: string;
}

/** What a new voice is made of. */
export interface NewVoice {
  /** Unique in the installation; the dialect mints it in its vendor's shape. */
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly language?: string;
  readonly gender?: Gender;
  readonly licence?: string;
  readonly consentId?: string;
  readonly traits?: VoiceTraits;
  /** One or more recordings, or a description. */
  readonly source:
    | { readonly kind: 'samples'; readonly uploads: readonly VoiceUpload[]; readonly denoise: boolean }
    | { readonly kind: 'design'; readonly design: VoiceDesign };
  /** The caller's spelling of the field that holds the recordings, for error messages. */
  readonly param: string;
}

/** What is changed in a voice; what is absent stays. */
export interface VoiceChange {
  readonly name?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly language?: string;
  readonly gender?: Gender;
  readonly traits?: VoiceTraits;
  /** Recordings to add to those that are there. */
  readonly uploads?: readonly VoiceUpload[];
  readonly denoise?: boolean;
  readonly param?: string;
}

/** The kept bytes of a recording. */
export interface KeptRecording {
  readonly mediaType: string;
  readonly filename: string;
  readonly byteLength: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Whose voices among those that a caller sees: all, the caller's, or only everybody's that are not the caller's. */
export type VoiceOwners = 'all' | 'own' | 'others';

/**
 * Makes, changes and removes the voices that callers own. Voices made while nobody needed a key belong to
 * everybody. Every method throws `not_found` (subject `voice`) for a voice that the caller may not see and
 * `permission_denied` for one that the caller sees and does not own.
 */
export interface VoiceStudio {
  /**
   * Decodes, trims, levels and measures the recordings, keeps them as FLAC, with a transcript where a model that
   * hears is installed. Throws `invalid_request`, `unsupported_media` or `payload_too_large` naming `param`.
   */
  create(voice: NewVoice, context: RequestContext): Promise<VoiceRecord>;
  list(context: RequestContext): Promise<readonly VoiceRecord[]>;
  /** A page of the list, which costs as much as it holds, not as much as there are. */
  page(
    query: Omit<VoiceQuery, 'ownerIds'> & { readonly whose?: VoiceOwners },
    context: RequestContext,
  ): Promise<readonly PlacedVoice[]>;
  /** Where a voice stands in the list; undefined for one that the caller may not see. */
  placeOf(id: string, context: RequestContext): Promise<VoicePlace | undefined>;
  /** How many voices are in the list. */
  count(whose: VoiceOwners, context: RequestContext): Promise<number>;
  /** The same as `get`, and undefined where that throws. */
  find(id: string, context: RequestContext): Promise<VoiceRecord | undefined>;
  get(id: string, context: RequestContext): Promise<VoiceRecord>;
  edit(id: string, change: VoiceChange, context: RequestContext): Promise<VoiceRecord>;
  remove(id: string, context: RequestContext): Promise<void>;
  sampleAudio(id: string, sampleId: string, context: RequestContext): Promise<KeptRecording>;
  removeSample(id: string, sampleId: string, context: RequestContext): Promise<void>;
  addConsent(consent: NewConsent, context: RequestContext): Promise<ConsentRecord>;
  consents(context: RequestContext): Promise<readonly ConsentRecord[]>;
  /** Throws `not_found` (subject `consent`). */
  consent(id: string, context: RequestContext): Promise<ConsentRecord>;
  renameConsent(id: string, name: string, context: RequestContext): Promise<ConsentRecord>;
  removeConsent(id: string, context: RequestContext): Promise<void>;
}

/** A consent as it was sent. */
export interface NewConsent {
  readonly id: string;
  readonly name: string;
  /** BCP 47. */
  readonly language: string;
  readonly recording: VoiceUpload;
  readonly param: string;
}
