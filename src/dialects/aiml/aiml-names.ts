import type { PublicModel } from '../../core/models/model.ts';
import type { SoundSetting } from '../../core/sound/sound.ts';
import {
  readElevenMusic,
  readLyria,
  readMinimaxCover,
  readMinimaxFirst,
  readMinimaxLatest,
  readMinimaxLegacy,
  readMinimaxSecond,
  readStableAudio,
  type Reading,
} from './aiml-readings.ts';

/** A model as the vendor describes it. */
export interface AimlModel {
  readonly name: string;
  readonly title: string;
  readonly developer: string;
  readonly description: string;
  /** Whether it makes sound effects besides music. */
  readonly makesEffects: boolean;
  /** Reads a body. Throws `invalid_request` naming the field. */
  readonly read: (body: unknown) => Reading;
  /** How it spells our settings. */
  readonly parameters: Readonly<Record<string, SoundSetting>>;
  /** The vendor's price of a piece, or of each step of it; it names no others. */
  readonly credits?: { readonly piece: number } | { readonly step: number };
  /** What its ids end in, where that is not its name. */
  readonly suffix?: string;
}

/** The model whose fields one that is not the vendor's has, too. */
export const STABLE_AUDIO: AimlModel = {
  name: 'stable-audio',
  title: 'Stable Audio',
  developer: 'Stability AI',
  description: 'Music and sound effects of up to 47 seconds',
  makesEffects: true,
  read: readStableAudio,
  credits: { step: 252 },
  parameters: {
    seconds_start: 'start',
    seconds_total: 'duration',
    steps: 'steps',
    seed: 'seed',
    negative_prompt: 'negative_prompt',
  },
};

function minimax(
  name: string,
  model: Pick<AimlModel, 'title' | 'description' | 'read' | 'parameters' | 'credits'>,
): AimlModel {
  return { name, developer: 'MiniMax', makesEffects: false, ...model };
}

/** Every model of the route. */
export const aimlModelList: readonly AimlModel[] = [
  STABLE_AUDIO,
  minimax('minimax-music', {
    title: 'MiniMax Music',
    description: 'A song with the given lyrics in the style of a recording',
    read: readMinimaxLegacy,
    parameters: { prompt: 'lyrics', reference_audio_url: 'reference_audio' },
  }),
  minimax('minimax/music-1.5', {
    title: 'MiniMax Music 1.5',
    description: 'A song with lyrics, after a description',
    read: readMinimaxFirst,
    parameters: { lyrics: 'lyrics' },
  }),
  minimax('minimax/music-2.0', {
    title: 'MiniMax Music 2.0',
    description: 'A song with lyrics, after a description',
    read: readMinimaxSecond,
    parameters: { lyrics: 'lyrics' },
  }),
  minimax('minimax/music-2.6', {
    title: 'MiniMax Music 2.6',
    description: 'A song or an instrumental piece, after a description, lyrics or both',
    read: readMinimaxLatest,
    credits: { piece: 390_000 },
    parameters: { lyrics: 'lyrics', lyrics_optimizer: 'lyrics', is_instrumental: 'instrumental' },
  }),
  minimax('minimax/music-cover', {
    title: 'MiniMax Music Cover',
    description: 'A recording in another style',
    read: readMinimaxCover,
    parameters: { reference_audio_url: 'reference_audio', lyrics: 'lyrics' },
  }),
  {
    name: 'google/lyria2',
    suffix: 'lyria2',
    title: 'Lyria 2',
    developer: 'Google',
    description: 'Instrumental music of 30 seconds',
    makesEffects: false,
    read: readLyria,
    parameters: { negative_prompt: 'negative_prompt', seed: 'seed' },
  },
  {
    name: 'elevenlabs/eleven_music',
    title: 'Eleven Music',
    developer: 'ElevenLabs',
    description: 'Music of up to five minutes',
    makesEffects: false,
    read: readElevenMusic,
    parameters: { music_length_ms: 'duration' },
  },
];

/** The same names as the catalog knows them. */
export const aimlPublicModels: readonly PublicModel[] = aimlModelList.map((model) => ({
  name: model.name,
  dialect: 'aiml',
  capability: 'music',
  ...(model.makesEffects ? { alsoDoes: 'sound' as const } : {}),
  title: model.title,
  description: model.description,
}));

/** How each of the models spells our settings. */
export const aimlSoundParameters = Object.fromEntries(
  aimlModelList.map(({ name, parameters }) => [name, parameters]),
);
