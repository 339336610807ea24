import type { LiveSoundFormat } from '../../media/live-sound.ts';
import type { TurnSettings } from '../../media/turn-cutter.ts';
import type { LiveText } from './live-hearing.ts';
import type { HearingWish, TranscriptionResult } from './transcription.ts';

/** What is asked of a live transcription. */
export interface LiveRequest extends HearingWish {
  readonly sound: LiveSoundFormat;
  /** How turns are found; absent means that the caller says when something is complete. */
  readonly turns?: TurnSettings;
  /** Whether the caller wants to see text while somebody still speaks. */
  readonly guesses: boolean;
}

/** What happens in a live transcription. Items are counted from 0; times are milliseconds of all the session's sound. */
export type LiveEvent =
  | LiveText
  | { readonly type: 'speech-start'; readonly item: number; readonly atMs: number }
  | { readonly type: 'speech-stop'; readonly item: number; readonly atMs: number }
  /** Nobody has spoken for as long as the caller said. */
  | {
      readonly type: 'speech-timeout';
      readonly item: number;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** The sound of an item is complete; its text is still to come. */
  | { readonly type: 'item-commit'; readonly item: number };

/** Who hears, and what the caller has to be told about it. */
export type LiveAnswer = Pick<TranscriptionResult, 'warnings' | 'servedBy' | 'standIn'>;

/**
 * Somebody's speech on its way. Calls must not overlap. It ends with its context's signal, and with it all work, without
 * another event.
 */
export interface LiveTranscription {
  /**
   * Says how everything is heard that begins from now on. What has begun is completed if turns are found in another way
   * than before. Throws what `TranscriptionService.transcribe` throws for a request that cannot be served.
   */
  configure(request: LiveRequest): Promise<LiveAnswer>;
  /**
   * Takes in sound in the format that was asked for, and waits while too much is unheard. Throws `payload_too_large` when
   * an item becomes longer than a recording may be.
   */
  append(bytes: Uint8Array): Promise<void>;
  /** Seconds of sound since the last commit. */
  readonly uncommittedSeconds: number;
  /** Says that something is complete, even if it is nothing, and returns the item's number. */
  commit(): Promise<number>;
  /** Forgets the sound since the last commit. */
  clear(): void;
}
