import type { FastifyReply } from 'fastify';
import type { RequestContext } from '../../core/context.ts';
import type { Transcript, TranscriptionResult } from '../../core/transcription/transcription.ts';
import { withHeartbeats, withinTime } from '../heartbeats.ts';
import { sendLateJson } from '../late-json.ts';
import { antiphonHeaders, sendLines } from '../speech-reply.ts';
import { wholeTranscript } from '../whole-transcript.ts';
import type { TranscriptionBody } from './openai-transcription-body.ts';
import { transcriptionEvents } from './openai-transcription-events.ts';
import { toTextReply } from './openai-transcription-replies.ts';

/** A comment, which every reader of events passes over. */
const KEEPALIVE = ': keepalive\r\n\r\n';

/** The context of a request, strict also when its form says so. */
export function hearingContext(
  context: RequestContext,
  body: { readonly strict?: boolean | undefined },
): RequestContext {
  return body.strict ? { ...context, strict: true } : context;
}

/** An answer in one piece: text in a format of its own, or an object that is made from the transcript. */
export interface WholeAnswer {
  readonly format: TranscriptionBody['response_format'];
  readonly toJson: (transcript: Transcript) => object;
}

/** Sends a transcript when it is complete; JSON that takes minutes gives signs of life before. */
export async function sendTranscript(
  reply: FastifyReply,
  result: TranscriptionResult,
  { format, toJson }: WholeAnswer,
): Promise<FastifyReply> {
  reply.headers(antiphonHeaders(result));
  if (format === 'text' || format === 'srt' || format === 'vtt') {
    const text = toTextReply(await wholeTranscript(result), format);
    return reply.type('text/plain; charset=utf-8').send(text);
  }
  return sendLateJson(reply, wholeTranscript(result).then(toJson));
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
