/** The vendors in whose words speech can be asked for here. */
export type SpeechDialect = 'openai' | 'elevenlabs' | 'eigen';

export type SettingValue = string | number | boolean;

/** A speech that somebody wants. */
export interface SpeechWish {
  readonly dialect: SpeechDialect;
  readonly model: string;
  readonly voice: string;
  readonly text: string;
  /** As the vendor spells it. */
  readonly format: string;
  /** What was set, by the vendor's spelling; a dot stands before the members of an object. */
  readonly settings: Readonly<Record<string, SettingValue>>;
}

/** What a vendor's words are for. */
export interface DialectFacts {
  readonly id: SpeechDialect;
  readonly title: 'OpenAI' | 'ElevenLabs' | 'Eigen AI';
  readonly model: string;
  readonly format: string;
  /** What is good to know when choosing it. */
  readonly hint: string;
}

export const dialectFacts: readonly [DialectFacts, ...DialectFacts[]] = [
  {
    id: 'openai',
    title: 'OpenAI',
    model: 'tts-1',
    format: 'mp3',
    hint: 'Requests go to /v1/audio/speech.',
  },
  {
    id: 'elevenlabs',
    title: 'ElevenLabs',
    model: 'eleven_multilingual_v2',
    format: 'mp3_44100_128',
    hint: 'Requests go to /v1/text-to-speech. Words light up as they are spoken.',
  },
  {
    id: 'eigen',
    title: 'Eigen AI',
    model: 'higgs2p5',
    format: 'wav',
    hint: 'Requests go to /api/v1/generate.',
  },
];

/** What is known of a vendor. */
export function factsOf(dialect: SpeechDialect): DialectFacts {
  return dialectFacts.find(({ id }) => id === dialect) ?? dialectFacts[0];
}

const CODECS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;

const ELEVENLABS_FORMATS = [
  ...['22050_32', '24000_48', '44100_32', '44100_64', '44100_96', '44100_128', '44100_192'].map(
    (one) => `mp3_${one}`,
  ),
  ...['32', '64', '96', '128', '192'].map((one) => `opus_48000_${one}`),
  ...['8000', '16000', '22050', '24000', '32000', '44100', '48000'].flatMap((one) => [
    `pcm_${one}`,
    `wav_${one}`,
  ]),
  'ulaw_8000',
  'alaw_8000',
] as const;

/** The formats that a model can be asked for. */
export function formatsOf(dialect: SpeechDialect, model: string): readonly string[] {
  if (dialect === 'openai') return CODECS;
  if (dialect === 'elevenlabs') return ELEVENLABS_FORMATS;
  return model === 'qwen3-tts' ? ['wav', ...CODECS.filter((one) => one !== 'wav')] : ['wav'];
}

/** How the name of a file in a format ends. */
export function extensionOf(format: string): string {
  return format.split('_')[0] ?? format;
}

/** The same wish in another vendor's words, as far as that vendor has them. */
export function inDialect(wish: SpeechWish, dialect: SpeechDialect): SpeechWish {
  if (wish.dialect === dialect) return wish;
  const facts = factsOf(dialect);
  // A name with a slash is one of this server's own, which every vendor's route knows.
  const model = wish.model.includes('/') ? wish.model : facts.model;
  const codec = extensionOf(wish.format);
  const formats = formatsOf(dialect, model);
  const same = extensionOf(facts.format) === codec ? facts.format : undefined;
  const format = same ?? formats.find((one) => extensionOf(one) === codec) ?? facts.format;
  const speed = wish.settings['speed'] ?? wish.settings['voice_settings.speed'];
  const speedName = dialect === 'openai' ? 'speed' : 'voice_settings.speed';
  const settings = speed === undefined || model === 'chatterbox' ? {} : { [speedName]: speed };
  return { ...wish, dialect, model, format, settings };
}
