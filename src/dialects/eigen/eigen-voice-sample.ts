import { mediaLength } from '../../core/media-input.ts';
import { invalidFields } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';

/** A voice sample that a caller may hand in, and how long it may be. */
export interface SampleLimits {
  /** Known only for WAV before anything is decoded. */
  readonly maxSeconds?: number;
}

/** Throws `invalid_request` naming the field when an uploaded voice sample is empty, no audio or too long. */
export function checkSampleFile(file: FormFile, limits: SampleLimits): void {
  const byteLength = mediaLength(file.media);
  if (byteLength === 0) throw wrongSample(file.field, 'the file is empty');
  if (!soundsLikeAudio(file.head)) {
    throw wrongSample(
      file.field,
      'the file is not audio that can be read here: send WAV, MP3, M4A, OGG or FLAC',
    );
  }
  const seconds = wavSeconds(file.head, byteLength);
  if (limits.maxSeconds !== undefined && seconds !== undefined && seconds > limits.maxSeconds) {
    throw wrongSample(
      file.field,
      `the sample lasts ${seconds.toFixed(1)} s and may last ${limits.maxSeconds} s at most`,
    );
  }
}

function wrongSample(field: string, message: string) {
  return invalidFields([{ path: [field], kind: 'malformed', message }]);
}

function soundsLikeAudio(bytes: Uint8Array): boolean {
  const word = (offset: number) => String.fromCharCode(...bytes.subarray(offset, offset + 4));
  if (word(0) === 'RIFF') return word(8) === 'WAVE';
  if (word(0).startsWith('ID3') || word(0) === 'OggS' || word(0) === 'fLaC') return true;
  return word(4) === 'ftyp' || beginsMpegFrame(bytes);
}

/** Eleven set bits begin a frame of MPEG audio or ADTS; a version of 01 is reserved (ISO 11172-3, 2.4.1.3). */
function beginsMpegFrame([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && second !== 0xff;
}

const CHUNK_HEADER_BYTES = 8;
const FIRST_CHUNK_OFFSET = 12;

/** Duration of a RIFF WAVE file by its headers; undefined for other files and for headers that make no sense. */
function wavSeconds(head: Uint8Array, byteLength: number): number | undefined {
  if (head[0] !== 0x52) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let bytesPerSecond = 0;
  for (let offset = FIRST_CHUNK_OFFSET; offset + CHUNK_HEADER_BYTES <= head.length;) {
    const id = String.fromCharCode(...head.subarray(offset, offset + 4));
    const start = offset + CHUNK_HEADER_BYTES;
    // A streamed file states more than it holds.
    const length = Math.min(view.getUint32(offset + 4, true), byteLength - start);
    if (id === 'fmt ' && length >= 16 && start + 12 <= head.length)
      bytesPerSecond = view.getUint32(start + 8, true);
    if (id === 'data') return bytesPerSecond > 0 ? length / bytesPerSecond : undefined;
    offset = start + length + (length % 2);
  }
  return undefined;
}
