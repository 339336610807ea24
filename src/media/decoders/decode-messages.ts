import type { ErrorCode } from '../../base/errors.ts';
import type { SoundShape } from './sound-shaping.ts';

/** What the pool tells a decode worker. Each message but the first answers one of the worker's. */
export type DecodeCommand =
  | {
      readonly type: 'open';
      readonly decoding: number;
      /** How many bytes there are in all, when the whole file is at hand. */
      readonly totalBytes: number | undefined;
      readonly shape: SoundShape;
    }
  | { readonly type: 'bytes'; readonly decoding: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'end' | 'next' | 'abandon'; readonly decoding: number };

/** What a file turned out to be. */
export interface DecodedDescription {
  readonly container: string;
  readonly codec: string;
  /** The file's own channels and rate, before mixing and resampling. */
  readonly channels: number;
  readonly sampleRate: number;
  /** Present only where the file's own tables or its size prove it. */
  readonly durationSeconds?: number;
  readonly pcm: { readonly sampleRate: number; readonly channels: 1 | 2 };
}

/** What a decode worker says: it needs bytes, has something, or has come to an end. */
export type DecodeReply =
  | { readonly type: 'hungry'; readonly decoding: number }
  | { readonly type: 'opened'; readonly decoding: number; readonly description: DecodedDescription }
  | { readonly type: 'samples'; readonly decoding: number; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly type: 'finished'; readonly decoding: number; readonly truncated: boolean }
  | {
      readonly type: 'failed';
      readonly decoding: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly reason: string | undefined;
    };
