import type { Gender } from './voice.ts';

/** How expressive a voice speaks unless a request says otherwise; every member is 0 to 1 but `speed` (1 = natural). */
export interface VoiceTraits {
  readonly stability?: number;
  readonly similarity?: number;
  readonly style?: number;
  readonly speakerBoost?: boolean;
  readonly speed?: number;
}

/** What was measured on a reference recording. */
export interface VoiceMeasure {
  /** Median of the fundamental frequency in hertz. */
  readonly pitchHertz: number;
  /** Distance between the 10th and the 90th percentile of the fundamental frequency, in semitones. */
  readonly pitchRangeSemitones: number;
}

/** A reference recording of a voice as it is kept: FLAC, mono, trimmed and levelled. */
export interface VoiceSampleRecord {
  readonly id: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly byteLength: number;
  /** SHA-256 of the kept bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly durationSeconds: number;
  /** How much of the recording was looked at, of which this is a part: at most two minutes. */
  readonly heardSeconds?: number;
  /** Where its bytes are in the blob store. */
  readonly blobId: string;
  /** What is said in it, when a model that hears was installed. */
  readonly transcript?: string;
  /** Absent where no voiced sound was found. */
  readonly measure?: VoiceMeasure;
}

/** A voice that somebody added to this installation, by a recording or by a description. */
export interface VoiceRecord {
  /** In the shape of the dialect that made it; every dialect takes it. */
  readonly id: string;
  /** The principal that made it. Voices of the anonymous owner belong to everybody. */
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly origin: 'cloned' | 'designed';
  /** BCP 47, when it is known. */
  readonly language?: string;
  readonly gender?: Gender;
  readonly licence?: string;
  /** The recorded consent that the voice was made under. */
  readonly consentId?: string;
  readonly traits: VoiceTraits;
  /** For a designed voice: what it was described as, and who plays it. */
  readonly design?: VoiceDesign;
  readonly samples: readonly VoiceSampleRecord[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Where a voice stands in the order of making, for good: also when it or its neighbours are removed. */
export interface VoicePlace {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Tells voices of one millisecond apart. */
  readonly row: number;
}

/** A voice that was added, and its place. */
export interface PlacedVoice {
  readonly record: VoiceRecord;
  readonly place: VoicePlace;
}

/** Which of the voices that were added are wanted. */
export interface VoiceQuery {
  readonly ownerIds: readonly string[];
  readonly limit: number;
  readonly direction: 'oldest_first' | 'newest_first';
  /** Only voices beyond this place in the wanted direction. */
  readonly after?: VoicePlace | undefined;
  /**
   * Words of small letters and digits of ASCII. All voices that have them in what is kept of them are found, and perhaps
   * some others: who searches looks again.
   */
  readonly mentioning?: readonly string[];
}

/** A voice made from a description: an engine voice and how it is changed. */
export interface VoiceDesign {
  readonly prompt: string;
  /** Id of the engine voice that plays it; absent means the nearest that is running. */
  readonly baseVoice?: string;
  readonly pitchSemitones: number;
  readonly speed: number;
}

/** A person's recorded consent to the use of their voice. */
export interface ConsentRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  /** BCP 47. */
  readonly language: string;
  /** Where the recording is in the blob store. */
  readonly blobId: string;
  readonly mediaType: string;
  readonly createdAt: number;
}
