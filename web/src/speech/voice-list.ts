import { load } from '../connection.ts';
import { useFetched, type Fetched } from '../fetched.ts';

/** What the server tells of its voices. */
export interface ServerVoices {
  /** Names that vendors made known. */
  readonly presets: readonly PresetEntry[];
  readonly voices: readonly EngineVoice[];
  readonly added: readonly AddedVoice[];
}

interface PresetEntry {
  readonly id: string;
  readonly name: string;
  readonly dialect: string;
  readonly gender: string;
  readonly description: string;
}

interface EngineVoice {
  readonly id: string;
  readonly name: string;
  readonly engine: string;
  readonly languages: readonly string[];
  readonly gender: string;
  readonly licence: string;
}

/** A voice that somebody added. */
export interface AddedVoice {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly language?: string;
  readonly gender?: string;
  readonly isOwner: boolean;
  readonly origin: 'cloned' | 'designed';
  readonly samples: readonly { readonly durationSeconds: number }[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A voice as it is offered for choice. */
export interface OfferedVoice {
  readonly id: string;
  readonly name: string;
  /** Where it comes from: `added`, the engine's id, or the vendor's. */
  readonly source: string;
  /** Empty where it takes any. */
  readonly languages: readonly string[];
  readonly gender: string;
  readonly about: string;
}

/** Asks for all voices that the visitor can speak with. */
export function useVoices(): Fetched<ServerVoices> {
  return useFetched<ServerVoices>('/antiphon/v1/voices');
}

/** Added ones first, then the well-known names of vendors, then what really runs here under its own name. */
export function offeredVoices(all: ServerVoices): readonly OfferedVoice[] {
  return [
    ...all.added.map((voice) => ({
      id: voice.id,
      name: voice.name,
      source: 'added',
      languages: voice.language === undefined ? [] : [voice.language],
      gender: voice.gender ?? '',
      about: voice.description || (voice.isOwner ? 'Added by you' : 'Added by somebody here'),
    })),
    ...all.presets.map((voice) => ({
      id: voice.id,
      name: voice.name,
      source: voice.dialect,
      languages: [],
      gender: voice.gender,
      about: voice.description,
    })),
    ...all.voices.map((voice) => ({
      id: voice.id,
      name: voice.name,
      source: voice.engine,
      languages: voice.languages,
      gender: voice.gender,
      about: '',
    })),
  ];
}

const SOURCES: Readonly<Record<string, string>> = {
  added: 'Added here',
  openai: 'OpenAI’s names',
  elevenlabs: 'ElevenLabs’ names',
  eigen: 'Eigen AI’s names',
  aiml: 'AI/ML API’s names',
};

/** A source in words. */
export function sourceWords(source: string): string {
  return SOURCES[source] ?? `Engine ${source}`;
}

/** The address of a few spoken words of a voice, which needs no key. */
export async function previewAddress(id: string): Promise<string> {
  const { preview_url: url } = await load<{ preview_url: string }>(
    `/elevenlabs/v1/voices/${encodeURIComponent(id)}`,
  );
  // Behind a proxy the server may have another idea of its own name.
  return new URL(url).pathname;
}
