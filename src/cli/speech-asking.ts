import { ANY_MODEL } from '../core/models/model-catalog.ts';
import { CommandFailure } from './command-failure.ts';
import { ask, type CommandServer } from './command-server.ts';

/** A text to be spoken by a server. */
export interface SpokenText {
  readonly text: string;
  /** One of our names. */
  readonly format: string;
  readonly voice: string | undefined;
  readonly model: string | undefined;
  readonly speed?: number | undefined;
  readonly language?: string | undefined;
  readonly sampleRate?: number | undefined;
}

/** Who speaks when nobody is named, on OpenAI's route, which insists on a voice. */
const USUAL_VOICE = 'alloy';
/** The same on that of ElevenLabs. */
const USUAL_VOICE_ID = 'JBFqnCBsd6RMkjVDRZzb';

const OPENAI_FORMATS: readonly string[] = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'];

/** How ElevenLabs writes a format, in front of the rate, with the usual rate and what stands behind it. */
const ELEVENLABS_FORMATS: Readonly<Record<string, readonly [name: string, rate: number, rest: string]>> = {
  mp3: ['mp3', 44_100, '_128'],
  pcm: ['pcm', 24_000, ''],
  wav: ['wav', 24_000, ''],
  opus: ['opus', 48_000, '_64'],
  mulaw: ['ulaw', 8_000, ''],
  alaw: ['alaw', 8_000, ''],
};

/** The `output_format` in which ElevenLabs' routes say a format and a rate; undefined where they have no such format. */
export function outputFormatName(format: string, sampleRate?: number): string | undefined {
  const [name, usual, rest] = ELEVENLABS_FORMATS[format] ?? [];
  return name === undefined ? undefined : `${name}_${sampleRate ?? usual}${rest}`;
}

/** Has a server speak. OpenAI's route knows the most formats; what it has no word for goes over that of ElevenLabs. */
export function askForSpeech(
  server: CommandServer,
  spoken: SpokenText,
  signal: AbortSignal,
): Promise<Response> {
  const { text, format, voice = USUAL_VOICE, model = ANY_MODEL, speed, language, sampleRate } = spoken;
  const isPlain = language === undefined && sampleRate === undefined && OPENAI_FORMATS.includes(format);
  if (!isPlain) return askElevenlabs(server, spoken, signal);
  return ask(server, {
    path: '/openai/v1/audio/speech',
    json: { model, voice, input: text, response_format: format, ...(speed === undefined ? {} : { speed }) },
    signal,
  });
}

function askElevenlabs(server: CommandServer, spoken: SpokenText, signal: AbortSignal): Promise<Response> {
  const { text, format, voice = USUAL_VOICE_ID, model = ANY_MODEL, speed, language, sampleRate } = spoken;
  const name = outputFormatName(format, sampleRate);
  if (name === undefined) {
    throw new CommandFailure(
      `With --url, ${format} goes neither with --language nor with --sample-rate: choose one of ${Object.keys(ELEVENLABS_FORMATS).join(', ')}.`,
      2,
    );
  }
  return ask(server, {
    path: `/elevenlabs/v1/text-to-speech/${encodeURIComponent(voice)}?output_format=${name}`,
    json: {
      text,
      model_id: model,
      ...(language === undefined ? {} : { language_code: language }),
      ...(speed === undefined ? {} : { voice_settings: { speed } }),
    },
    signal,
  });
}
