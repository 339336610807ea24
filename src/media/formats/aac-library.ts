import { readFile } from 'node:fs/promises';
import { compileFunction } from 'node:vm';

/** The exports of libavcodec's AAC encoder, as the package's C bridge offers them. Addresses are plain numbers. */
export interface AacLibrary {
  /** All memory; a new object after the memory grew. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  /** Returns an encoder, or 0. */
  _init_encoder(channels: number, sampleRate: number, bitRate: number): number;
  _close_encoder(encoder: number): void;
  /** Where the next packet's samples go: 32-bit floats, interleaved. */
  _get_encode_input_ptr(encoder: number, byteLength: number): number;
  /** Encodes the samples at that place; a negative number is an error. */
  _send_frame(encoder: number, timestamp: bigint): number;
  _flush_encoder_start(encoder: number): void;
  /** Returns the length of the next finished packet in bytes, 0 when there is none, or a negative error. */
  _receive_packet(encoder: number): number;
  _get_encoded_data(encoder: number): number;
}

let library: Promise<AacLibrary> | undefined;

/** Loads the encoder once; many encodings can share it. */
export function loadAacLibrary(): Promise<AacLibrary> {
  library ??= load();
  return library;
}

/**
 * The package's public interface starts a thread for each encoding, which costs 75 ms and 10 MB; its module of
 * the same encoder is neither a script nor an ES module, so that nothing can import it. The only obstacle is one
 * mention of `import.meta`. The version is pinned, and the tests of this format notice any change.
 */
async function load(): Promise<AacLibrary> {
  const place = new URL('../modules/build/aac.js', import.meta.resolve('@mediabunny/aac-encoder'));
  const source = (await readFile(place, 'utf8')).replace('import.meta.url', '""');
  const exported: { default?: () => Promise<AacLibrary> } = {};
  compileFunction(source, ['exports'], { filename: place.href })(exported);
  if (!exported.default) throw new Error('The AAC encoder has no entry.');
  return exported.default();
}
