import { Buffer } from 'node:buffer';
import type { AppError } from '../../base/errors.ts';
import type { CharacterAlignment } from '../../core/speech/alignment.ts';
import type { SpeechAnswer, SpokenPiece } from '../../core/speech/speech-line.ts';
import { CLOSE } from '../web-sockets.ts';
import { errorWord } from './elevenlabs-errors.ts';

/** The times of the characters in one message, in whole milliseconds from the start of its sound. */
interface WireTimes {
  readonly chars: readonly string[];
  readonly charStartTimesMs: readonly number[];
  readonly charDurationsMs: readonly number[];
  /** The same again: the vendor's documents spell it both ways. */
  readonly charsDurationsMs: readonly number[];
}

/** Sound, as a message. */
export function audioMessage(piece: SpokenPiece, contextId?: string): object {
  return {
    audio: Buffer.from(piece.bytes).toString('base64'),
    isFinal: null,
    normalizedAlignment: toWire(piece.normalized),
    alignment: toWire(piece.original),
    ...(contextId === undefined ? {} : { contextId, is_final: null }),
    ...(piece.answer ? { antiphon: toNote(piece.answer) } : {}),
  };
}

/** Says that all is spoken. */
export function finalMessage(contextId?: string): object {
  const ending = { audio: null, isFinal: true, normalizedAlignment: null, alignment: null };
  return contextId === undefined ? ending : { ...ending, is_final: true, contextId };
}

/** Who really speaks and what is not done as asked: what the headers say over HTTP. */
function toNote({ servedBy, voiceId, standIn, warnings }: SpeechAnswer): object {
  return {
    model: servedBy,
    voice: voiceId,
    ...(standIn ? { stand_in: true } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

function toWire(times: CharacterAlignment | undefined): WireTimes | null {
  if (!times) return null;
  const starts = times.startSeconds.map(toMs);
  const durations = times.endSeconds.map((end, index) => Math.max(0, toMs(end) - (starts[index] ?? 0)));
  return {
    chars: times.characters,
    charStartTimesMs: starts,
    charDurationsMs: durations,
    charsDurationsMs: durations,
  };
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** The last message on a socket that fails, and the code that it is closed with. */
export function errorMessage(error: AppError): { message: string; error: string; code: number } {
  return { message: error.message, error: errorWord(error), code: closeCodeOf(error) };
}

function closeCodeOf(error: AppError): number {
  if (error.code === 'payload_too_large') return CLOSE.tooBig;
  return error.status >= 500 && error.code !== 'overloaded' ? CLOSE.internal : CLOSE.policy;
}
