import { toAppError } from '../../base/errors.ts';
import { concatBytes } from '../../base/stream.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import { errorBody } from './openai-errors.ts';

/** Bytes of the encoded file in one event. Slices are cut anywhere, also inside a frame. */
const SLICE_BYTES = 4_096;

/** Rules of thumb, for nothing here counts in tokens: four characters of English are about one of the vendor's. */
const CHARACTERS_PER_INPUT_TOKEN = 4;
/** The vendor's prices of a minute of speech and of a token of speech say that a minute has about 1,250. */
const OUTPUT_TOKENS_PER_SECOND = 1_250 / 60;

export interface SpeechUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

/** What the vendor would about have counted for a text of so many code points and so many seconds of sound. */
export function estimateUsage(characters: number, seconds: number): SpeechUsage {
  const input = Math.ceil(characters / CHARACTERS_PER_INPUT_TOKEN);
  const output = Math.ceil(seconds * OUTPUT_TOKENS_PER_SECOND);
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

/**
 * Speech as this vendor's server-sent events: slices of the encoded file, the usage, and a mark at the end. When
 * the speech breaks off, an error event takes the place of the last two, and clients throw it.
 */
export async function* speechEvents(
  result: Pick<SpeechResult, 'chunks' | 'secondsSoFar' | 'characters'>,
): AsyncGenerator<string> {
  try {
    for await (const slice of slices(result.chunks)) {
      yield event({ type: 'speech.audio.delta', audio: base64(slice) });
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'cancelled') yield event(errorBody(error));
    return;
  }
  const usage = estimateUsage(result.characters, result.secondsSoFar());
  yield event({ type: 'speech.audio.done', usage });
  yield 'data: [DONE]\r\n\r\n';
}

function event(content: object): string {
  return `data: ${JSON.stringify(content)}\r\n\r\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Cuts a stream of bytes into equal slices; only the last one may be shorter. */
async function* slices(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : concatBytes([held, chunk]);
    while (held.length >= SLICE_BYTES) {
      yield held.subarray(0, SLICE_BYTES);
      held = held.subarray(SLICE_BYTES);
    }
  }
  if (held.length > 0) yield held;
}
