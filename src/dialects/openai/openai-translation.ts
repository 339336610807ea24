import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import { GENERATES } from '../respond-async.ts';
import { readTranslationBody } from './openai-transcription-body.ts';
import { readHearingForm } from './openai-transcription-form.ts';
import { toTranslationJson } from './openai-transcription-replies.ts';
import { toTranslationRequest } from './openai-transcription-request.ts';
import { hearingContext, sendTranscript } from './openai-transcription-sending.ts';

/** Registers the way to have speech of any language written down in English. */
export function translationRoutes(scope: FastifyInstance, core: Core): void {
  scope.post('/audio/translations', GENERATES, async (request, reply) => {
    const { fields, file } = await readHearingForm(request, []);
    const body = readTranslationBody(fields);
    const context = hearingContext(request.antiphon, body);
    const opening = core.transcription.transcribe(toTranslationRequest(body, file), context);
    return sendTranscript(reply, opening, {
      format: body.response_format,
      toJson: (transcript) => toTranslationJson(transcript, body),
    });
  });
}
