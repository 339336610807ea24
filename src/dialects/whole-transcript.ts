import { cancelledError } from '../base/errors.ts';
import type { Transcript, TranscriptionResult } from '../core/transcription/transcription.ts';

/** Waits for the end of a transcription. Throws what the transcription throws, and `cancelled` when it was broken off. */
export async function wholeTranscript(result: TranscriptionResult): Promise<Transcript> {
  for await (const event of result.events) {
    if (event.type === 'transcript-end') return event.transcript;
  }
  throw cancelledError();
}
