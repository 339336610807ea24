import type { SpeechTrace } from '../speech/speech-surroundings.ts';

/** Something that was spoken and kept, with its sound in the blob store. */
export interface HistoryRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly source: 'speech' | 'speech_conversion';
  /** As the caller named it. */
  readonly model: string;
  readonly voiceId: string;
  readonly voiceName: string;
  /** As the caller's vendor sorts voices. */
  readonly voiceCategory?: string;
  readonly text: string;
  /** What the caller was charged, in characters. */
  readonly characters: number;
  readonly mediaType: string;
  /** As the caller named it. */
  readonly format: string;
  /** The settings that were asked for, in the caller's words. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly durationSeconds: number;
  readonly blobId: string;
  readonly byteLength: number;
  /** What other speeches need to join this one. */
  readonly trace?: SpeechTrace;
}

/** Which rows of a history are wanted; newest first unless told. */
export interface HistoryQuery {
  readonly ownerId: string;
  readonly limit: number;
  readonly direction: 'newest_first' | 'oldest_first';
  /** Only rows after this one in the wanted direction. */
  readonly afterId?: string;
  readonly voiceId?: string;
  readonly model?: string;
  readonly source?: HistoryRecord['source'];
  /** Milliseconds since 1970, exclusive. */
  readonly before?: number;
  /** Milliseconds since 1970, inclusive. */
  readonly notBefore?: number;
  /** Part of the text or of the voice's name, whatever its case. */
  readonly search?: string;
}
