import type { SpeechRequest } from '../../core/speech/speech.ts';

/** One `output_format`: what it means to us and the content type that it is sent with. */
export interface OutputFormat {
  readonly format: SpeechRequest['format'] & { readonly sampleRate: number };
  readonly contentType: string;
}

const CONTENT_TYPES = {
  mp3: 'audio/mpeg',
  pcm: 'audio/pcm',
  mulaw: 'audio/basic',
  alaw: 'audio/x-alaw-basic',
  opus: 'audio/ogg',
  wav: 'audio/wav',
} as const;

type Codec = keyof typeof CONTENT_TYPES;

/** Makes one of the formats. */
export function outputFormat(id: Codec, sampleRate: number, kilobits?: number): OutputFormat {
  const bitRate = kilobits === undefined ? {} : { bitRate: kilobits * 1000 };
  return { format: { id, sampleRate, ...bitRate }, contentType: CONTENT_TYPES[id] };
}

/** Every `output_format` of the vendor. The spelling is codec, hertz and, where there is one, kilobits per second. */
export const outputFormats = {
  mp3_22050_32: outputFormat('mp3', 22_050, 32),
  mp3_24000_48: outputFormat('mp3', 24_000, 48),
  mp3_44100_32: outputFormat('mp3', 44_100, 32),
  mp3_44100_64: outputFormat('mp3', 44_100, 64),
  mp3_44100_96: outputFormat('mp3', 44_100, 96),
  mp3_44100_128: outputFormat('mp3', 44_100, 128),
  mp3_44100_192: outputFormat('mp3', 44_100, 192),
  pcm_8000: outputFormat('pcm', 8_000),
  pcm_16000: outputFormat('pcm', 16_000),
  pcm_22050: outputFormat('pcm', 22_050),
  pcm_24000: outputFormat('pcm', 24_000),
  pcm_32000: outputFormat('pcm', 32_000),
  pcm_44100: outputFormat('pcm', 44_100),
  pcm_48000: outputFormat('pcm', 48_000),
  ulaw_8000: outputFormat('mulaw', 8_000),
  alaw_8000: outputFormat('alaw', 8_000),
  opus_48000_32: outputFormat('opus', 48_000, 32),
  opus_48000_64: outputFormat('opus', 48_000, 64),
  opus_48000_96: outputFormat('opus', 48_000, 96),
  opus_48000_128: outputFormat('opus', 48_000, 128),
  opus_48000_192: outputFormat('opus', 48_000, 192),
  wav_8000: outputFormat('wav', 8_000),
  wav_16000: outputFormat('wav', 16_000),
  wav_22050: outputFormat('wav', 22_050),
  wav_24000: outputFormat('wav', 24_000),
  wav_32000: outputFormat('wav', 32_000),
  wav_44100: outputFormat('wav', 44_100),
  wav_48000: outputFormat('wav', 48_000),
} as const satisfies Readonly<Record<string, OutputFormat>>;

export type OutputFormatName = keyof typeof outputFormats;

/** The names as a list that a schema can be built from. */
// The keys of an object literal are exactly the keys of its type.
export const outputFormatNames = Object.keys(outputFormats) as OutputFormatName[];

/** The formats of what is not speech: those without a header that would have to know the length. */
export type SoundFormatName = Exclude<OutputFormatName, `wav_${string}`>;

/** Their names as a list. */
export const soundFormatNames = outputFormatNames.filter(isSoundFormat);

function isSoundFormat(name: OutputFormatName): name is SoundFormatName {
  return !name.startsWith('wav_');
}

/** The format of an answer when none is asked for. */
export const DEFAULT_OUTPUT_FORMAT: SoundFormatName = 'mp3_44100_128';

/** Formats that the vendor sends without a second channel. */
export function isMonoOnly(name: OutputFormatName): boolean {
  return ['pcm', 'mulaw', 'alaw'].includes(outputFormats[name].format.id);
}
