import { collectBytes } from '../../base/stream.ts';
import { createAlignmentCursor, type CharacterAlignment } from '../../core/speech/alignment.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';

/** The times of characters, one in each list. */
export interface WireAlignment {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
}

/** Audio and the times of the characters in it. The times count from the start of the whole speech, in seconds. */
export interface TimedAudio {
  readonly audio_base64: string;
  /** Over the text as it was sent. */
  readonly alignment: WireAlignment | null;
  /** Over the text as it was spoken, numbers in words. */
  readonly normalized_alignment: WireAlignment | null;
}

/** The whole speech as one object. */
export async function collectTimedAudio(result: SpeechResult): Promise<TimedAudio> {
  const audio = await collectBytes(result.chunks);
  const cursors = cursorsOf(result);
  return { audio_base64: base64(audio), ...cursors.takeRest() };
}

/** The speech as lines of JSON. Every line ends in a line feed, the last one too: clients drop one that does not. */
export async function* timedAudioLines(result: SpeechResult): AsyncGenerator<string> {
  for await (const part of timedAudioParts(result)) yield `${JSON.stringify(part)}\n`;
}

/**
 * The speech part by part, each with the next bytes and the characters that begin in what has been spoken so far. The
 * bytes joined are the stream itself, and no character comes twice.
 */
export async function* timedAudioParts(result: SpeechResult): AsyncGenerator<TimedAudio> {
  const cursors = cursorsOf(result);
  for await (const chunk of result.chunks) {
    if (chunk.length > 0) yield { audio_base64: base64(chunk), ...cursors.takeSoFar() };
  }
  const rest = cursors.takeRest();
  if (rest.alignment ?? rest.normalized_alignment) yield { audio_base64: '', ...rest };
}

type Times = Pick<TimedAudio, 'alignment' | 'normalized_alignment'>;

function cursorsOf(result: SpeechResult): { takeSoFar(): Times; takeRest(): Times } {
  const original = result.alignment && createAlignmentCursor(result.alignment.original);
  const normalized = result.alignment && createAlignmentCursor(result.alignment.normalized);
  return {
    takeSoFar: () => ({
      alignment: toWire(original?.take(result.secondsSoFar())),
      normalized_alignment: toWire(normalized?.take(result.secondsSoFar())),
    }),
    takeRest: () => ({
      alignment: toWire(original?.takeRest(result.secondsSoFar())),
      normalized_alignment: toWire(normalized?.takeRest(result.secondsSoFar())),
    }),
  };
}

function toWire(times: CharacterAlignment | undefined): WireAlignment | null {
  if (!times) return null;
  return {
    characters: times.characters,
    character_start_times_seconds: times.startSeconds,
    character_end_times_seconds: times.endSeconds,
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
