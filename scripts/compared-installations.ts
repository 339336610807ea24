import type { InstalledWeights } from '../src/core/engine.ts';

/** A kind of installation: which engines run, and which of the layouts of weights are there for them. */
export interface Installation {
  readonly title: string;
  readonly engines: readonly string[];
  readonly weights?: readonly (Pick<InstalledWeights, 'id' | 'kind' | 'languages'> & {
    readonly layout?: string;
  })[];
}

const ENGLISH = { languages: ['en'] };
const PARAKEET = { id: 'sherpa/parakeet', kind: 'transcription', layout: 'parakeet', ...ENGLISH };
const MOONSHINE = { id: 'sherpa/moonshine', kind: 'transcription', layout: 'moonshine', ...ENGLISH };
const SPEAKERS = { id: 'sherpa/speakers', kind: 'speaker_embedding', layout: 'speakers', ...ENGLISH };
const WHISPER = { id: 'whisper/base', kind: 'transcription', languages: 'any' } as const;

/** Engines that speak. */
export const SPEAKING: readonly Installation[] = [
  { title: 'flite', engines: ['flite'] },
  { title: 'espeak', engines: ['espeak'] },
  {
    title: 'sherpa: a voice',
    engines: ['sherpa'],
    weights: [{ id: 'sherpa/piper', kind: 'speech', layout: 'piper', ...ENGLISH }],
  },
  {
    title: 'sherpa: a voice that takes on others',
    engines: ['sherpa'],
    weights: [{ id: 'sherpa/pocket', kind: 'speech', layout: 'pocket', ...ENGLISH }],
  },
];

/** Engines that hear, with what helps them. */
export const HEARING: readonly Installation[] = [
  { title: 'whisper', engines: ['whisper'], weights: [WHISPER] },
  { title: 'sherpa: Parakeet', engines: ['sherpa'], weights: [PARAKEET] },
  { title: 'sherpa: Moonshine', engines: ['sherpa'], weights: [MOONSHINE] },
  {
    title: 'sherpa: Moonshine, with soundswallower',
    engines: ['sherpa', 'soundswallower'],
    weights: [MOONSHINE],
  },
  {
    title: 'whisper, with a speaker model',
    engines: ['whisper', 'sherpa'],
    weights: [WHISPER, SPEAKERS],
  },
];

/** Engines that make sounds and music. */
export const SOUNDING: readonly Installation[] = [{ title: 'procedural', engines: ['procedural'] }];

/** Engines that make pictures, and one that reads and writes them. */
export const PAINTING: readonly Installation[] = [{ title: 'procedural', engines: ['procedural', 'sharp'] }];

/** The paths that a table of parameters is about. That they exist is checked when the page is made. */
export const ABOUT: Readonly<
  Record<
    string,
    Readonly<
      Partial<Record<'speech' | 'transcription' | 'sound' | 'music' | 'image' | 'video', readonly string[]>>
    >
  >
> = {
  openai: {
    speech: ['POST /audio/speech'],
    transcription: ['POST /audio/transcriptions', 'POST /audio/translations'],
    image: ['POST /images/generations', 'POST /images/edits', 'POST /images/variations'],
    video: ['POST /videos', 'POST /videos/edits', 'POST /videos/extensions'],
  },
  elevenlabs: {
    speech: [
      'POST /v1/text-to-speech/:voice_id',
      'POST /v1/text-to-speech/:voice_id/stream',
      'POST /v1/text-to-speech/:voice_id/with-timestamps',
      'POST /v1/text-to-speech/:voice_id/stream/with-timestamps',
    ],
    transcription: ['POST /v1/speech-to-text'],
    sound: ['POST /v1/sound-generation'],
    music: [
      'POST /v1/music',
      'POST /v1/music/stream',
      'POST /v1/music/detailed',
      'POST /v1/music/detailed/stream',
    ],
  },
  eigen: {
    speech: ['POST /api/v1/generate', 'POST /api/:model'],
    transcription: ['POST /api/v1/generate', 'POST /api/:model'],
    image: ['POST /api/v1/generate', 'POST /api/:model'],
    video: ['POST /api/v1/generate', 'POST /api/:model'],
  },
  aiml: { music: ['POST /v2/generate/audio'] },
};
