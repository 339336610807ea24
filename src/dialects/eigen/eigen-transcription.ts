import type { FastifyReply } from 'fastify';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { Transcript } from '../../core/transcription/transcription.ts';
import { sendLateJson } from '../late-json.ts';
import { antiphonHeaders } from '../speech-reply.ts';
import { wholeTranscript } from '../whole-transcript.ts';
import { toTranscriptionTask, type TranscriptionOrder } from './eigen-transcription-request.ts';

/** What an answer needs besides the request itself. */
export interface TranscriptionCall extends TranscriptionOrder {
  readonly reply: FastifyReply;
  readonly context: RequestContext;
}

/** Answers with the transcript, as JSON or as plain text. */
export async function answerTranscription(core: Core, call: TranscriptionCall): Promise<FastifyReply> {
  const { reply, context } = call;
  const { request, format } = toTranscriptionTask(call);
  const result = await core.transcription.transcribe(request, context);
  reply.headers(antiphonHeaders(result));
  if (format === 'json') return sendLateJson(reply, wholeTranscript(result).then(toAnswer));
  const { text } = await wholeTranscript(result);
  return reply.type('text/plain; charset=utf-8').send(text);
}

/** Some clients of this vendor read one key for the text and some the other. */
function toAnswer({ text, language, durationSeconds }: Transcript): Record<string, unknown> {
  return { text, transcription: text, language, duration: durationSeconds };
}
