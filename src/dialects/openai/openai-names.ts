import type { Capability, PublicModel } from '../../core/models/model.ts';
import type { Gender, PresetVoice } from '../../core/voices/voice.ts';

const DIALECT = 'openai';

/** Longest `input` of a speech request, in code points. */
export const MAX_INPUT_CHARACTERS = 4_096;

type Row = readonly [name: string, title: string, created?: number | undefined, shutdownDate?: string];

/** Days on which the vendor switches models off, as its official client announces them. */
const NO_MORE_SPEECH = '2027-01-06';
const NO_MORE_TRANSCRIPTION = '2027-02-26';
const NO_MORE_FILMS = '2026-09-24';
const NO_MORE_DALL_E = '2026-05-12';
const NO_MORE_GPT_IMAGE_1 = '2026-10-23';

const SPEECH: readonly Row[] = [
  ['tts-1', 'TTS 1', 1681940951, NO_MORE_SPEECH],
  ['tts-1-1106', 'TTS 1 of November 2023', 1699053241],
  ['tts-1-hd', 'TTS 1 HD', 1699046015, NO_MORE_SPEECH],
  ['tts-1-hd-1106', 'TTS 1 HD of November 2023', 1699053533],
  ['gpt-4o-mini-tts', 'GPT-4o mini TTS', 1742403959, NO_MORE_SPEECH],
  ['gpt-4o-mini-tts-2025-03-20', 'GPT-4o mini TTS of March 2025'],
  ['gpt-4o-mini-tts-2025-12-15', 'GPT-4o mini TTS of December 2025', undefined, NO_MORE_SPEECH],
];

const TRANSCRIPTION: readonly Row[] = [
  ['whisper-1', 'Whisper', 1677532384, NO_MORE_TRANSCRIPTION],
  ['gpt-4o-transcribe', 'GPT-4o transcribe', 1742068463, NO_MORE_TRANSCRIPTION],
  ['gpt-4o-mini-transcribe', 'GPT-4o mini transcribe', 1742068596, NO_MORE_TRANSCRIPTION],
  [
    'gpt-4o-mini-transcribe-2025-12-15',
    'GPT-4o mini transcribe of December 2025',
    1765610407,
    NO_MORE_TRANSCRIPTION,
  ],
  ['gpt-4o-transcribe-diarize', 'GPT-4o transcribe with speakers', 1750798887, NO_MORE_TRANSCRIPTION],
  ['gpt-transcribe', 'GPT transcribe', 1785168027],
  ['gpt-live-transcribe', 'GPT live transcribe', 1785168034],
  ['gpt-realtime-whisper', 'GPT realtime Whisper', 1778012060],
];

const IMAGE: readonly Row[] = [
  ['gpt-image-1', 'GPT Image 1', 1745517030, NO_MORE_GPT_IMAGE_1],
  ['gpt-image-1-mini', 'GPT Image 1 mini', 1758845821],
  ['gpt-image-1.5', 'GPT Image 1.5', 1764030620],
  ['gpt-image-2', 'GPT Image 2', 1776399795],
  ['gpt-image-2-2026-04-21', 'GPT Image 2 of April 2026', 1776399994],
  ['gpt-image-2.5-sunburst', 'GPT Image 2.5 Sunburst', 1788563162],
  ['gpt-image-2.5-sunburst-2026-09-08', 'GPT Image 2.5 Sunburst of September 2026', 1788851010],
  ['gpt-image-2.5-flare', 'GPT Image 2.5 Flare', 1788563147],
  ['gpt-image-2.5-flare-2026-09-08', 'GPT Image 2.5 Flare of September 2026', 1788851006],
  ['gpt-image-2.6-sunburst', 'GPT Image 2.6 Sunburst'],
  ['gpt-image-2.6-flare', 'GPT Image 2.6 Flare'],
  ['chatgpt-image-latest', 'The image model of ChatGPT', 1765925279],
  ['dall-e-2', 'DALL·E 2', 1698798177, NO_MORE_DALL_E],
  ['dall-e-3', 'DALL·E 3', 1698785189, NO_MORE_DALL_E],
];

const VIDEO: readonly Row[] = [
  ['sora-2', 'Sora 2', 1759708615, NO_MORE_FILMS],
  ['sora-2-2025-10-06', 'Sora 2 of October 2025', undefined, NO_MORE_FILMS],
  ['sora-2-2025-12-08', 'Sora 2 of December 2025', undefined, NO_MORE_FILMS],
  ['sora-2-pro', 'Sora 2 Pro', undefined, NO_MORE_FILMS],
  ['sora-2-pro-2025-10-06', 'Sora 2 Pro of October 2025', undefined, NO_MORE_FILMS],
];

function models(capability: Capability, description: string, rows: readonly Row[]): PublicModel[] {
  return rows.map(([name, title, created, shutdownDate]) => ({
    name,
    dialect: DIALECT,
    capability,
    title,
    description,
    ...(capability === 'speech' ? { maxCharacters: MAX_INPUT_CHARACTERS } : {}),
    ...(created === undefined ? {} : { created }),
    ...(shutdownDate === undefined ? {} : { shutdownDate }),
  }));
}

/** Every media model that the vendor made known, also those that it has switched off since. */
export const openaiModels: readonly PublicModel[] = [
  ...models('speech', 'Text to speech', SPEECH),
  ...models('transcription', 'Speech to text', TRANSCRIPTION),
  ...models('image', 'Pictures from words and pictures', IMAGE),
  ...models('video', 'Short films from words and pictures', VIDEO),
];

interface Character {
  readonly gender: Gender;
  /** The nth engine voice of that gender. */
  readonly variant: number;
  /** Semitones against that voice. No two of a gender are alike, for an engine may have only one voice of it. */
  readonly pitch: number;
  readonly description: string;
}

const CHARACTERS: Readonly<Record<string, Character>> = {
  alloy: { gender: 'female', variant: 0, pitch: 0, description: 'Balanced and even' },
  ash: { gender: 'male', variant: 1, pitch: -0.5, description: 'Clear and measured' },
  ballad: { gender: 'male', variant: 0, pitch: 1, description: 'Soft and melodious' },
  coral: { gender: 'female', variant: 1, pitch: 1.6, description: 'Friendly and bright' },
  echo: { gender: 'male', variant: 1, pitch: 0.2, description: 'Calm and resonant' },
  fable: { gender: 'male', variant: 0, pitch: 0.6, description: 'British, a teller of tales' },
  onyx: { gender: 'male', variant: 1, pitch: -2.5, description: 'Deep and weighty' },
  nova: { gender: 'female', variant: 0, pitch: 0.8, description: 'Lively and warm' },
  sage: { gender: 'female', variant: 1, pitch: -2.6, description: 'Quiet and thoughtful' },
  shimmer: { gender: 'female', variant: 0, pitch: -1.7, description: 'Gentle and composed' },
  verse: { gender: 'male', variant: 1, pitch: 1.8, description: 'Expressive and quick' },
  marin: { gender: 'female', variant: 1, pitch: -0.8, description: 'Natural and professional' },
  cedar: { gender: 'male', variant: 0, pitch: -1.4, description: 'Natural and grounded' },
};

/** The vendor's thirteen voices. */
export const openaiVoices: readonly PresetVoice[] = Object.entries(CHARACTERS).map(([id, character]) => ({
  id,
  name: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
  dialect: DIALECT,
  gender: character.gender,
  variant: character.variant,
  pitchSemitones: character.pitch,
  description: character.description,
  labels: { gender: character.gender },
}));
