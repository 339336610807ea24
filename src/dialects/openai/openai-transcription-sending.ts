import type { FastifyReply } from 'fastify';
import type { RequestContext } from '../../core/context.ts';
import type { Transcript, TranscriptionResult } from '../../core/transcription/transcription.ts';
import { withHeartbeats, withinTime } from '../heartbeats.ts';
import { antiphonHeaders, sendLines } from '../speech-reply.ts';
import { sendTranscriptJson, sendTranscriptText, type TranscriptPace } from '../transcript-reply.ts';
import type { TranscriptionBody } from './openai-transcription-body.ts';
import { transcriptionEvents } from './openai-transcription-events.ts';
import { transcriptWriter } from './openai-transcription-text.ts';

/** A comment, which every reader of events passes over. */
const KEEPALIVE = ': keepalive\r\n\r\n';

/** The context of a request, strict also when its form says so. */
export function hearingContext(
  context: RequestContext,
  body: { readonly strict?: boolean | undefined },
): RequestContext {
  return body.strict ? { ...context, strict: true } : context;
}

/** An answer that is no events: text in a format of its own, or an object that is made from the transcript. */
export interface WholeAnswer {
  readonly format: TranscriptionBody['response_format'];
  readonly toJson: (transcript: Transcript) => object;
  readonly pace?: TranscriptPace | undefined;
}

/** Sends a transcript; one that takes minutes gives signs of life, as JSON before and as text while it is heard. */
export function sendTranscript(
  reply: FastifyReply,
  opening: Promise<TranscriptionResult>,
  { format, toJson, pace }: WholeAnswer,
): Promise<FastifyReply> {
  if (format === 'text' || format === 'srt' || format === 'vtt') {
    return sendTranscriptText(reply, opening, { writer: transcriptWriter(format), pace });
  }
  return sendTranscriptJson(reply, opening, { toJson, pace });
}

/** How events are sent: what was asked, and the milliseconds between two signs of life. */
export interface EventsAnswer {
  readonly body: TranscriptionBody;
  readonly everyMs: number;
}

/**
 * Sends a transcription as events. The first is waited for, so that a refusal has its status; only when that takes
 * long does the stream begin with nothing but a sign of life, and without saying what hears.
 */
export async function sendTranscriptionEvents(
  reply: FastifyReply,
  opening: Promise<TranscriptionResult>,
  { body, everyMs }: EventsAnswer,
): Promise<FastifyReply> {
  const opened = await withinTime(opening, everyMs);
  const events = transcriptionEvents(opening, body);
  const lines = opened ? events : after(KEEPALIVE, events);
  return sendLines(reply, withHeartbeats(lines, { everyMs, beat: KEEPALIVE }), {
    contentType: 'text/event-stream; charset=utf-8',
    headers: opened ? antiphonHeaders(opened.value) : {},
  });
}

async function* after(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
