import type { FastifyReply } from 'fastify';
import { cancelledError } from '../base/errors.ts';
import type {
  TranscribedSegment,
  Transcript,
  TranscriptionResult,
} from '../core/transcription/transcription.ts';
import { sendLateJson, type Pace } from './late-json.ts';
import { sendLateText, type TextPace } from './late-text.ts';
import { antiphonHeaders } from './speech-reply.ts';
import { wholeTranscript } from './whole-transcript.ts';

/** How long callers wait without a byte; absent members mean the usual. */
export interface TranscriptPace {
  readonly json?: Pace;
  readonly text?: TextPace;
}

/**
 * Sends a transcript as JSON. The wait for a slot and for the model counts as well: when that is long, the answer
 * begins without saying who hears.
 */
export function sendTranscriptJson(
  reply: FastifyReply,
  opening: Promise<TranscriptionResult>,
  answer: { readonly toJson: (transcript: Transcript) => object; readonly pace?: TranscriptPace | undefined },
): Promise<FastifyReply> {
  const whole = introduced(reply, opening).then(wholeTranscript);
  return sendLateJson(reply, whole.then(answer.toJson), answer.pace?.json);
}

/** A transcript as text that is written segment by segment. */
export interface TranscriptWriter {
  /** What stands before everything, also before nothing. */
  readonly opening: string;
  write(segment: TranscribedSegment): string;
  /** What stands after the last segment. */
  readonly ending: string;
}

/** Sends a transcript as text, a long one while it is heard. */
export function sendTranscriptText(
  reply: FastifyReply,
  opening: Promise<TranscriptionResult>,
  { writer, pace }: { readonly writer: TranscriptWriter; readonly pace?: TranscriptPace | undefined },
): Promise<FastifyReply> {
  const text = {
    contentType: 'text/plain; charset=utf-8',
    opening: writer.opening,
    pieces: writtenPieces(introduced(reply, opening), writer),
  };
  return sendLateText(reply, text, pace?.text);
}

/** Writes what is said and nothing else; the pieces join to the text of the transcript. */
export function plainTextWriter(ending: string): TranscriptWriter {
  let begun = false;
  let heldBack = '';
  return {
    opening: '',
    // The text has no space at its end, so that of a piece waits for the next one.
    write: (segment) => {
      const text = begun ? heldBack + segment.text : segment.text.trimStart();
      const piece = text.trimEnd();
      if (piece !== '') begun = true;
      heldBack = text.slice(piece.length);
      return piece;
    },
    ending,
  };
}

/** Says in the headers who hears, unless the answer has begun already. */
async function introduced(
  reply: FastifyReply,
  opening: Promise<TranscriptionResult>,
): Promise<TranscriptionResult> {
  const result = await opening;
  if (!reply.raw.headersSent) reply.headers(antiphonHeaders(result));
  return result;
}

async function* writtenPieces(
  opening: Promise<TranscriptionResult>,
  writer: TranscriptWriter,
): AsyncGenerator<string> {
  const { events } = await opening;
  for await (const event of events) {
    const piece = event.type === 'segment-end' ? writer.write(event.segment) : '';
    if (piece !== '') yield piece;
    if (event.type === 'transcript-end') {
      if (writer.ending !== '') yield writer.ending;
      return;
    }
  }
  throw cancelledError();
}
