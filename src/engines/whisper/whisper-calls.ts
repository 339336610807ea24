import type { WhisperPackage, WhisperPiece } from './whisper-binding.ts';

/** What the child is started with. */
export interface WhisperStart {
  readonly modelFile: string;
  /** Best first; the first that loads is used. */
  readonly packages: readonly WhisperPackage[];
  readonly threads: number;
}

/** A window to hear. */
export interface WhisperCall {
  /** Mono, 16 000 hertz. */
  readonly samples: Int16Array;
  /** One of the model's codes or `auto`. */
  readonly language: string;
  readonly translate: boolean;
  readonly prompt?: string;
  /** Absent: 0, with retries at higher temperatures where the result looks poor. */
  readonly temperature?: number;
  /** Cut what is heard into tokens with times. */
  readonly pieces: boolean;
}

/** What was heard. */
export interface WhisperAnswer {
  readonly pieces: readonly WhisperPiece[];
  readonly language?: string;
  /** Only after `auto`. */
  readonly languageProbability?: number;
}
