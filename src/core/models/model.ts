/** What a model can do: one word everywhere. */
export type Capability =
  | 'speech'
  | 'conversion'
  | 'transcription'
  | 'sound'
  | 'music'
  | 'image'
  | 'video'
  | 'chat';

/** What can be done with what a model hears: write it down, or write it down in English. */
export type HearingTask = 'transcribe' | 'translate';

/** A model that an engine really has. */
export interface ModelCard {
  /** `<engine>/<model>`, unique in the installation. */
  readonly id: string;
  readonly name: string;
  readonly capability: Capability;
  readonly description: string;
  /** ISO 639-1 codes, or `any`. */
  readonly languages: readonly string[] | 'any';
  /** What a model that hears was taught; absent where it only transcribes, and for models that do not hear. */
  readonly tasks?: readonly HearingTask[];
  /** Public model names that this card is, so that serving them with it is no stand-in. */
  readonly implements: readonly string[];
  readonly licence: string;
}

/** A model name that a vendor made known and that clients have in their code. */
export interface PublicModel {
  readonly name: string;
  /** The dialect whose vendor made the name known; it lists the model. */
  readonly dialect: string;
  readonly capability: Capability;
  /** What else the vendor's model does under the same name. */
  readonly alsoDoes?: Capability;
  readonly title: string;
  readonly description: string;
  /** Longest text in characters (code points); absent when there is no limit. */
  readonly maxCharacters?: number;
  /** Day on which the vendor switches the model off, `YYYY-MM-DD`. */
  readonly shutdownDate?: string;
  /** Seconds since 1970 at which the vendor made it. */
  readonly created?: number;
}
