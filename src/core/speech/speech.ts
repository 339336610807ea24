import type { AudioFormatRequest } from '../../media/formats/format.ts';
import type { MarkedText } from '../../media/text/marked-text.ts';
import type { PronunciationRule } from '../../media/text/pronunciation-rules.ts';
import type { Asked } from '../setting-support.ts';
import type { VoiceRef } from '../voices/voice.ts';
import type { Warning } from '../warning.ts';
import type { AlignmentTrack } from './alignment.ts';
import type { SpeechSurroundings, SpeechTrace } from './speech-surroundings.ts';

/**
 * Everything about speech that some dialect lets a caller set, in our words. The capability table is written
 * over these; an engine lists the ones it obeys.
 */
export const SPEECH_SETTINGS = [
  'speed',
  'language',
  'seed',
  'instructions',
  'alignment',
  'normalization',
  'language_normalization',
  'previous_text',
  'next_text',
  'previous_speech',
  'next_speech',
  'pronunciations',
  'phonemes',
  'stability',
  'similarity',
  'style',
  'speaker_boost',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repetition_penalty',
  'max_tokens',
  'exaggeration',
  'diffusion_steps',
  'voice_sample',
  'voice_copy',
  'latency',
  'audio_effects',
] as const;

/** One of the settings of speech. */
export type SpeechSetting = (typeof SPEECH_SETTINGS)[number];

/** Settings that only some models have and that mean nothing to anybody but these. */
export const SPEECH_CONTROLS = [
  'stability',
  'similarity',
  'style',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repetition_penalty',
  'max_tokens',
  'exaggeration',
  'diffusion_steps',
] as const;

/** Values of such settings, within the ranges in which the engine obeys them. */
export type SpeechControls = Readonly<Partial<Record<(typeof SPEECH_CONTROLS)[number], number>>>;

/** One optional parameter of speech that the caller sent. */
export type AskedSetting = Asked<SpeechSetting>;

/** How the caller spells the parts that every request has, for error messages. */
export interface SpeechSpelling {
  readonly text: string;
  readonly voice: string;
  readonly model: string;
  readonly format: string;
}

/**
 * What is looked for in a text: all of SSML; breaks and phonemes in otherwise plain text; these and directions in square
 * brackets; pauses and voices in square brackets, and names of speakers; nothing.
 */
export type Markup = 'ssml' | 'inline' | 'audio_tags' | 'tags' | 'none';

/** What is asked. Built only by a dialect's mapper, which has already checked types and vendor limits. */
export interface SpeechRequest {
  /** A public or engine model name. */
  readonly model: string;
  readonly text: string;
  readonly voice: VoiceRef;
  readonly format: AudioFormatRequest;
  /** `stream`: bytes as they come; `whole`: all bytes first, with true lengths in the header. */
  readonly delivery: 'stream' | 'whole';
  /** ISO 639-1; absent means: find out from voice and text. */
  readonly language?: string;
  readonly instructions?: string;
  /** Tempo against the natural one, 1 = natural; pitch stays. */
  readonly speed?: number;
  readonly seed?: number;
  readonly normalization: 'auto' | 'on' | 'off';
  /** What stands around the text. It shapes the joins and is not spoken. */
  readonly surroundings?: SpeechSurroundings;
  /** Pronunciation dictionaries, in the order in which they are applied, before the text is normalised. */
  readonly pronunciations?: readonly (readonly PronunciationRule[])[];
  /** What in the text is not to be read out, or what was read of it already; absent: what the installation reads in every text. */
  readonly markup?: Markup | MarkedText;
  /** False where no other speech is going to be joined to this one, so that nothing of it need be measured. */
  readonly joinable?: false;
  /** Whether the caller wants character times. */
  readonly alignment: boolean;
  /** Every optional parameter that the caller sent, for warnings, strict mode and the capability table. */
  readonly asked: readonly AskedSetting[];
  readonly spelling: SpeechSpelling;
}

/** The service's answer. Nothing of it has been promised to the caller before it exists: the first samples are there. */
export interface SpeechResult {
  readonly mediaType: string;
  readonly formatId: string;
  /** Hertz of the samples inside the bytes. */
  readonly sampleRate: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Known only for `whole` delivery. */
  readonly byteLength?: number;
  /** Present when alignment was asked for and the engine has times. */
  readonly alignment?: { readonly original: AlignmentTrack; readonly normalized: AlignmentTrack };
  /** Seconds of speech handed to the encoder so far. */
  readonly secondsSoFar: () => number;
  readonly warnings: readonly Warning[];
  /** `<engine>/<model>` that spoke. */
  readonly servedBy: string;
  /** Engine voice that spoke. */
  readonly voiceId: string;
  /** Whether something lesser than the named model or voice spoke. */
  readonly standIn: boolean;
  /** Code points of the text. */
  readonly characters: number;
  /** What remains of the speech for others that are to join it; asked once `chunks` was read to its end. */
  readonly trace?: () => SpeechTrace;
}
