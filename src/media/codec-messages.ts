import type { ErrorCode } from '../base/errors.ts';
import type { AudioFormatRequest } from './formats/format.ts';
import type { TempoChange } from './tempo.ts';

/** What is to be made of samples. */
export interface CodecRequest extends AudioFormatRequest {
  /** Whether everything but the voice is taken out of them first; they must be as `suppressNoise` wants them. */
  readonly voiceOnly?: true;
  /** How they are made faster or slower, higher or lower then. */
  readonly change?: TempoChange;
}

/** What the pool tells a codec worker. After `open`, each message answers one `turn` of the worker. */
export type CodecCommand =
  | {
      readonly type: 'open';
      readonly encoding: number;
      readonly request: CodecRequest;
      readonly sampleRate: number;
      readonly channels: 1 | 2;
    }
  | { readonly type: 'samples'; readonly encoding: number; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly type: 'end'; readonly encoding: number }
  | { readonly type: 'abandon'; readonly encoding: number };

/**
 * What a codec worker answers: it has used up its samples (`turn`) or come to an end (`finished`, `failed`), and
 * these bytes came out meanwhile.
 */
export type CodecReply =
  | { readonly type: 'turn' | 'finished'; readonly encoding: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly type: 'failed';
      readonly encoding: number;
      readonly code: ErrorCode;
      readonly message: string;
    };
