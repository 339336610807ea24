import type { FastifyReply } from 'fastify';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { Transcript } from '../../core/transcription/transcription.ts';
import {
  plainTextWriter,
  sendTranscriptJson,
  sendTranscriptText,
  type TranscriptPace,
} from '../transcript-reply.ts';
import { toTranscriptionTask, type TranscriptionOrder } from './eigen-transcription-request.ts';

/** What an answer needs besides the request itself. */
export interface TranscriptionCall extends TranscriptionOrder {
  readonly reply: FastifyReply;
  readonly context: RequestContext;
  readonly pace?: TranscriptPace | undefined;
}

/** Answers with the transcript, as JSON or as plain text. */
export async function answerTranscription(core: Core, call: TranscriptionCall): Promise<FastifyReply> {
  const { reply, context, pace } = call;
  const { request, format } = toTranscriptionTask(call);
  const opening = core.transcription.transcribe(request, context);
  if (format === 'json') return sendTranscriptJson(reply, opening, { toJson: toAnswer, pace });
  return sendTranscriptText(reply, opening, { writer: plainTextWriter(''), pace });
}

/** Some clients of this vendor read one key for the text and some the other. */
function toAnswer({ text, language, durationSeconds }: Transcript): Record<string, unknown> {
  return { text, transcription: text, language: language ?? null, duration: durationSeconds };
}
