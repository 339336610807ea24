import type { PcmStream } from '../pcm.ts';

/** What a dialect asks for: a format's id, and where the vendor names them the sample rate and bit rate. */
export interface AudioFormatRequest {
  readonly id: string;
  /** Hertz; absent means the engine's own rate, or the nearest one that the format has. */
  readonly sampleRate?: number;
  /** Bits per second; absent means the format's own default. */
  readonly bitRate?: number;
}

/**
 * One way of writing samples as bytes. `encode` is a pull: it reads the next samples only when somebody reads
 * its bytes. The bytes do not depend on how the samples were cut into chunks.
 */
export interface AudioFormat {
  readonly id: string;
  /** The media type that the bytes have by themselves; a dialect may name another. */
  readonly mediaType: string;
  /** File name ending without the dot. */
  readonly extension: string;
  /** Whether decoding gives back the samples as 16-bit integers exactly. */
  readonly lossless: boolean;
  /** Whether encoding costs so much that it belongs off the main thread. */
  readonly costly: boolean;
  /** The sample rates that the format can carry, in hertz; `any` from 8 000 to 192 000. */
  readonly sampleRates: readonly number[] | 'any';
  /** The bit rates that make sense, in bits per second; absent for formats that have none. */
  readonly bitRates?: readonly number[];
  /** Whether there can only be one channel. */
  readonly monoOnly?: true;
  /** Those of `bitRates` that exist at one sample rate, where not all do. */
  bitRatesAt?(sampleRate: number): readonly number[];
  /** Writes the samples, which are already at a rate of `sampleRates`, as bytes of a complete file or stream. */
  encode(pcm: PcmStream, request: AudioFormatRequest): AsyncIterable<Uint8Array>;
  /**
   * Changes the header of a complete file, in place, so that it states the true lengths, where the format has such
   * fields. `byteLength` is given where only the beginning of the file is at hand: a format that would have to read all
   * of it then leaves the lengths unknown.
   */
  writeTrueLengths?(file: Uint8Array, byteLength?: number): void;
}
