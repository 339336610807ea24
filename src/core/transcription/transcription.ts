import type { MediaInput } from '../media-input.ts';
import type { HearingTask } from '../models/model.ts';
import type { Warning } from '../warning.ts';

/** Everything about hearing that some dialect lets a caller set, in our words. */
export const TRANSCRIPTION_SETTINGS = [
  'language',
  'prompt',
  'keywords',
  'temperature',
  'seed',
  'word_times',
  'logprobs',
  'diarization',
  'known_speakers',
  'speaker_count',
  'speaker_likeness',
  'voice_activity',
  'audio_events',
  'entities',
  'multi_channel',
] as const;

/** One of the settings of hearing. */
export type TranscriptionSetting = (typeof TRANSCRIPTION_SETTINGS)[number];

/** One optional parameter that the caller sent: what it means to us and how the caller spelled it. */
export interface AskedTranscriptionSetting {
  readonly setting: TranscriptionSetting;
  readonly parameter: string;
  readonly value: unknown;
}

/** Somebody whose voice is known from a clip of 2 to 10 seconds. */
export interface KnownSpeaker {
  readonly name: string;
  readonly audio: MediaInput;
}

/** How speech is told from silence. Absent members mean the server's own choice. */
export interface VoiceActivitySettings {
  /** 0..1; higher wants clearer speech. */
  readonly threshold?: number;
  readonly prefixPaddingMs?: number;
  readonly silenceDurationMs?: number;
}

/** What is asked. Built only by a dialect's mapper. */
export interface TranscriptionRequest {
  /** A public or engine model name. */
  readonly model: string;
  readonly audio: MediaInput;
  /** `translate` writes English whatever is spoken. */
  readonly task: HearingTask;
  /** ISO 639-1; absent means: find out. */
  readonly language?: string;
  /** Words and spellings to expect, as the text before would be. */
  readonly prompt?: string;
  /** 0..1. */
  readonly temperature?: number;
  readonly wordTimes: boolean;
  readonly logprobs: boolean;
  readonly diarize: boolean;
  /** Most speakers beside the known ones. */
  readonly speakerCount?: number;
  /** 0..1; how alike two voices must be to be taken for one. Absent means the server's own choice. */
  readonly speakerLikeness?: number;
  readonly knownSpeakers: readonly KnownSpeaker[];
  readonly voiceActivity?: VoiceActivitySettings;
  readonly asked: readonly AskedTranscriptionSetting[];
  readonly spelling: { readonly audio: string; readonly model: string; readonly language: string };
}

/** What is asked of whoever hears, whatever the sound comes in. */
export type HearingWish = Omit<TranscriptionRequest, 'audio'>;

/** A token with its log probability (natural logarithm, at most 0). */
export interface TokenLogprob {
  /** With its leading space, if it has one. */
  readonly text: string;
  readonly logprob: number;
}

/** A word as it was heard; times in seconds of the whole recording. */
export interface TranscribedWord {
  /** Without spaces around it; punctuation stays. */
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Natural logarithm; absent when the model does not tell. */
  readonly logprob?: number;
  readonly speaker?: string;
}

/** A stretch of speech; segments are in order, never overlap and never pass the end of the recording. */
export interface TranscribedSegment {
  /** Counts from 0. */
  readonly id: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** With the leading space that joins it to the one before, where the language has spaces. */
  readonly text: string;
  readonly tokens: readonly number[];
  readonly temperature: number;
  /** Mean natural log probability of the tokens; absent when the model does not tell. */
  readonly averageLogprob?: number;
  /** Length of the text over its length when compressed; above 2.4 it repeats itself. */
  readonly compressionRatio: number;
  /** 0..1; absent when the model does not tell. */
  readonly noSpeechProbability?: number;
  readonly words: readonly TranscribedWord[];
  readonly logprobs: readonly TokenLogprob[];
  /** `A`, `B`, … or the name of a known speaker. */
  readonly speaker?: string;
}

/** Who tells what language is spoken: whoever asks, the model that hears, or in the end the words it wrote. */
export type LanguageSource = 'caller' | 'model' | 'text';

/** The whole answer. `text` is what the segments' texts join to, trimmed. */
export interface Transcript {
  readonly text: string;
  /** ISO 639-1 of what is spoken, of a translation `en`; absent when neither caller, model nor text tells. */
  readonly language?: string;
  /** Who told the language; absent when nobody did, and for a translation. */
  readonly languageSource?: LanguageSource;
  /** 0..1; only where the model found the language and tells how sure it is. */
  readonly languageProbability?: number;
  readonly durationSeconds: number;
  readonly segments: readonly TranscribedSegment[];
}

/** A transcription as it is made. Exactly one `transcript-end` comes, last. */
export type TranscriptionEvent =
  | { readonly type: 'text-delta'; readonly text: string; readonly logprobs: readonly TokenLogprob[] }
  | { readonly type: 'segment-end'; readonly segment: TranscribedSegment }
  | { readonly type: 'transcript-end'; readonly transcript: Transcript };

/** The service's answer: the recording could be read, the model is loaded, and the first window was heard. */
export interface TranscriptionResult {
  readonly events: AsyncIterable<TranscriptionEvent>;
  readonly warnings: readonly Warning[];
  /** `<engine>/<model>` that listens. */
  readonly servedBy: string;
  readonly standIn: boolean;
}
