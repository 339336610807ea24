import { toAppError } from '../../base/errors.ts';
import { concatBytes } from '../../base/stream.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import { NO_CREDITS, type SpeechCredits } from './eigen-credits.ts';

/** 100 ms and 200 ms of 16-bit mono at 24 kHz. */
const SMALLEST_PIECE = 4_800;
const LARGEST_PIECE = 9_600;
/** Some clients take strings of 50 characters and less for no audio; 40 bytes are 56 characters of base64. */
const SMALLEST_REST = 40;

/**
 * Speech as this vendor's server-sent events. Every event is one `data: ` line, its kind stands inside, and
 * nothing follows `done`: clients parse every line as JSON.
 */
export async function* speechEvents(
  result: Pick<SpeechResult, 'chunks' | 'sampleRate'>,
  { charged, remaining }: SpeechCredits = NO_CREDITS,
): AsyncGenerator<string> {
  yield event({ type: 'start', creditsCharged: charged, creditsRemaining: remaining, estimatedMinutes: 0 });
  yield event({ type: 'metadata', data: { sample_rate: result.sampleRate, channels: 1, format: 'pcm16' } });
  try {
    for await (const piece of playablePieces(result.chunks)) {
      yield event({ type: 'audio_chunk', data: base64(piece), size: piece.length });
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'cancelled') yield event({ type: 'error', error: error.message });
    return;
  }
  yield event({ type: 'complete' });
  yield event({ type: 'done' });
}

function event(content: Readonly<Record<string, unknown>>): string {
  return `data: ${JSON.stringify(content)}\n\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/**
 * Cuts PCM into pieces of 100 to 200 ms and whole samples as soon as they are full. Only the last one may be
 * shorter, and never so short that a client would drop it: a little is always held back for it.
 */
export async function* playablePieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : concatBytes([held, chunk]);
    while (held.length >= SMALLEST_PIECE + SMALLEST_REST) {
      const spare = held.length - SMALLEST_REST;
      const length = Math.min(LARGEST_PIECE, spare - (spare % 2));
      yield held.subarray(0, length);
      held = held.subarray(length);
    }
  }
  if (held.length > 0) yield held;
}
