import type { Capability, PublicModel } from '../../core/models/model.ts';
import type { Gender, PresetVoice } from '../../core/voices/voice.ts';

const DIALECT = 'eigen';

type Named = Pick<PublicModel, 'name' | 'title' | 'description'>;

function models(capability: Capability, named: readonly Named[]): PublicModel[] {
  return named.map((one) => ({ ...one, dialect: DIALECT, capability }));
}

/** Every media model that the vendor made known; its chat models are none of our business. */
export const EIGEN_MODELS: readonly PublicModel[] = [
  ...models('speech', [
    {
      name: 'higgs2p5',
      title: 'Higgs Audio V2.5',
      description: 'Speech in preset voices or in the voice of a sample',
    },
    {
      name: 'chatterbox',
      title: 'ChatterBox Voice Twin',
      description: 'Speech in 23 languages with a dial for expression',
    },
    {
      name: 'qwen3-tts',
      title: 'Qwen3 TTS',
      description: 'Speech in nine named voices and ten languages, styled by instructions',
    },
  ]),
  ...models('transcription', [
    { name: 'whisper_v3_turbo', title: 'Whisper V3 Turbo', description: 'Speech to text' },
    { name: 'asr', title: 'Whisper V3 Turbo', description: 'Older name of whisper_v3_turbo' },
    {
      name: 'higgs_asr_3',
      title: 'Higgs ASR 3',
      description: 'Speech to text, in another language if wanted',
    },
  ]),
  ...models('image', [
    {
      name: 'eigen-image',
      title: 'Eigen Image',
      description: 'Pictures from words, and pictures edited by words',
    },
    { name: 'qwen-image-edit-2511', title: 'Qwen Image Edit', description: 'Pictures edited by words' },
    { name: 'flux-1-kontext', title: 'FLUX.1 Kontext', description: 'Pictures from words and pictures' },
  ]),
  ...models('video', [
    {
      name: 'wan2p2-i2v-14b-turbo',
      title: 'Wan 2.2 image to video',
      description: 'Short films that begin with a given picture',
    },
  ]),
];

/** How a preset is played by an engine voice: the nth of its gender, shifted by so many semitones. */
interface Casting {
  readonly gender: Gender;
  readonly variant: number;
  readonly pitch: number;
}

function voice(id: string, casting: Casting, description: string): PresetVoice {
  return {
    id,
    name: id.replaceAll('_', ' '),
    dialect: DIALECT,
    gender: casting.gender,
    variant: casting.variant,
    pitchSemitones: casting.pitch,
    description,
    labels: { gender: casting.gender },
  };
}

/** The preset voices of higgs2p5 (the first two) and qwen3-tts. */
export const EIGEN_VOICES: readonly PresetVoice[] = [
  voice('Linda', { gender: 'female', variant: 0, pitch: 0 }, 'Clear adult woman; the default of higgs2p5'),
  voice('Jack', { gender: 'male', variant: 0, pitch: 0 }, 'Calm adult man'),
  voice(
    'Vivian',
    { gender: 'female', variant: 1, pitch: 1.5 },
    'Bright young woman; the default of qwen3-tts',
  ),
  voice('Serena', { gender: 'female', variant: 2, pitch: -1 }, 'Soft, warm young woman'),
  voice('Uncle_Fu', { gender: 'male', variant: 3, pitch: -2.5 }, 'Low, mellow elderly man'),
  voice('Dylan', { gender: 'male', variant: 1, pitch: 1 }, 'Clear young man'),
  voice('Eric', { gender: 'male', variant: 2, pitch: -1 }, 'Lively, slightly husky man'),
  voice('Ryan', { gender: 'male', variant: 0, pitch: -1.5 }, 'Energetic man with a strong rhythm'),
  voice('Aiden', { gender: 'male', variant: 1, pitch: 2.5 }, 'Sunny young man'),
  voice('Ono_Anna', { gender: 'female', variant: 0, pitch: 3 }, 'Playful, light young woman'),
  voice('Sohee', { gender: 'female', variant: 3, pitch: 0.5 }, 'Warm, expressive woman'),
];
