import type { Gender } from '../voices/voice.ts';
import type { Capability, HearingTask } from './model.ts';

/** The kinds of servers that make media for us. */
export const REMOTE_ADAPTERS = ['openai-media', 'sd-server', 'comfyui'] as const;

/** One kind of server that makes media for us. */
export type RemoteAdapter = (typeof REMOTE_ADAPTERS)[number];

/** A value that may stand in the body of a request to another server. */
export type RemoteValue =
  | string
  | number
  | boolean
  | null
  | readonly RemoteValue[]
  | { readonly [name: string]: RemoteValue };

/** A server elsewhere that makes media for us, as the operator describes it. */
export interface RemoteSettings {
  /** Becomes the engine's id. */
  readonly id: string;
  readonly adapter: RemoteAdapter;
  /** Which of the servers that the adapter knows it is, such as `vllm-omni`. */
  readonly profile?: string;
  /** Where it is, without a slash at the end. Several only for adapters that keep to one of them for a whole job. */
  readonly urls: readonly string[];
  readonly apiKey?: string;
  /** At least one. */
  readonly models: readonly RemoteModel[];
  /** Requests at the same time, whatever the model. */
  readonly concurrency?: number;
  /** Folder with graph templates, for adapters that have them. */
  readonly templates?: string;
}

/** What becomes of a setting, where it is not what the adapter would do. */
export type RemotePolicy =
  /** Sent in this field of the request; a point leads into an object. */
  | { readonly map: string; readonly minimum?: number; readonly maximum?: number }
  /** Always this, whatever the caller asks; who asks is told that it was not done. */
  | { readonly fixed: RemoteValue; readonly as: string }
  | 'reject'
  | 'warn';

/** A model that a remote server has. */
export interface RemoteModel {
  /** What comes after `<remote>/` in its id here. */
  readonly id: string;
  readonly capability: Capability;
  /** What the server calls it; absent where it needs no name. */
  readonly upstream?: string;
  /** Which of the families of models that the profile knows it is of, such as `qwen3-tts-base`. */
  readonly family?: string;
  readonly title?: string;
  /** ISO 639-1 codes, or `any`. */
  readonly languages: readonly string[] | 'any';
  readonly licence: string;
  /** Public model names that it is. */
  readonly implements: readonly string[];
  /** What a model that hears was taught; only to transcribe where absent. */
  readonly tasks?: readonly HearingTask[];
  readonly voices: readonly RemoteVoice[];
  readonly limits: RemoteLimits;
  /** Fields that are sent where the caller gives nothing else. */
  readonly defaults: Readonly<Record<string, RemoteValue>>;
  /** Fields that are sent whatever the caller gives. */
  readonly fixed: Readonly<Record<string, RemoteValue>>;
  /** By our word for a setting. */
  readonly parameters: Readonly<Record<string, RemotePolicy>>;
  /** How long a request may take altogether. */
  readonly timeoutSeconds?: number;
  /** Graph template, for adapters that have them. */
  readonly template?: string;
}

/** A voice that a remote model speaks with. */
export interface RemoteVoice {
  readonly name: string;
  /** What the server calls it; its name where absent. */
  readonly upstream?: string;
  readonly gender: Gender;
  /** BCP 47; those of the model where absent. */
  readonly languages?: readonly string[];
  /** Well-known voices that it is; its own name where absent. */
  readonly implements?: readonly string[];
  /** A recording of the voice, for models that take on voices. */
  readonly clip?: { readonly path: string; readonly transcript?: string };
}

/** What a remote model can do at most. */
export interface RemoteLimits {
  readonly maxCharacters?: number;
  readonly maxSeconds?: number;
  readonly maxPixels?: number;
  readonly maxSide?: number;
  readonly maxFrames?: number;
}
