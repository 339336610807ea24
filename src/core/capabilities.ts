import type { Engine } from './engine.ts';
import {
  imageCapabilities,
  type ImageCapability,
  type ImageParameterTable,
} from './image/image-capabilities.ts';
import type { ModelCatalog } from './models/model-catalog.ts';
import {
  soundCapabilities,
  type SoundCapability,
  type SoundParameterTables,
} from './sound/sound-capabilities.ts';
import {
  speechCapabilities,
  type ParameterTable,
  type SpeechCapability,
} from './speech/speech-capabilities.ts';
import {
  transcriptionCapabilities,
  type HearingParameterTable,
  type TranscriptionCapability,
} from './transcription/transcription-capabilities.ts';
import {
  videoCapabilities,
  type VideoCapability,
  type VideoParameterTable,
} from './video/video-capabilities.ts';

/** How one vendor spells our settings; a part that is absent is one that the vendor does not have. */
export interface VendorParameters {
  readonly speech?: ParameterTable;
  /** Also what else the vendor lets a caller set there. */
  readonly transcription?: HearingParameterTable;
  /** For each of the vendor's models of sound and music. */
  readonly sound?: SoundParameterTables;
  readonly image?: ImageParameterTable;
  readonly video?: VideoParameterTable;
}

/** The published tables: what becomes of every parameter of every model name, by the code that applies it. */
export interface Capabilities {
  readonly speech: readonly SpeechCapability[];
  readonly transcription: readonly TranscriptionCapability[];
  readonly sound: readonly SoundCapability[];
  readonly image: readonly ImageCapability[];
  readonly video: readonly VideoCapability[];
}

/** What the tables are made from. */
export interface CapabilityParts {
  readonly models: ModelCatalog;
  readonly engines: readonly Engine[];
  /** Per dialect. */
  readonly parameters: Readonly<Record<string, VendorParameters>>;
}

/** The tables as they are now: installing weights and starting engines changes them. */
export function capabilitiesNow({ models, engines, parameters }: CapabilityParts): Capabilities {
  return {
    speech: speechCapabilities(
      models,
      mapValues(parameters, ({ speech = {} }) => speech),
    ),
    transcription: transcriptionCapabilities({
      models,
      engines,
      parameters: mapValues(parameters, ({ transcription = {} }) => transcription),
    }),
    sound: soundCapabilities(
      models,
      mapValues(parameters, ({ sound = {} }) => sound),
    ),
    image: imageCapabilities(
      models,
      mapValues(parameters, ({ image = {} }) => image),
    ),
    video: videoCapabilities(
      models,
      mapValues(parameters, ({ video = {} }) => video),
    ),
  };
}

function mapValues<From, To>(
  entries: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value)]));
}
