import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { GENERATES } from '../respond-async.ts';
import type { TranscriptPace } from '../transcript-reply.ts';
import { readTranscriptionBody, TRANSCRIPTION_LISTS } from './openai-transcription-body.ts';
import { readHearingForm } from './openai-transcription-form.ts';
import { toTranscriptionJson } from './openai-transcription-replies.ts';
import { toTranscriptionRequest, transcriptionFormWarnings } from './openai-transcription-request.ts';
import { hearingContext, sendTranscript, sendTranscriptionEvents } from './openai-transcription-sending.ts';

/** How long callers wait without a byte; absent members mean the usual. */
export interface HearingPace extends TranscriptPace {
  /** Milliseconds between two events. */
  readonly everyMs?: number;
}

/** Proxies commonly give up after a minute without a byte. */
const SIGN_OF_LIFE_MS = 15_000;

/** Registers the way to have speech written down. */
export function transcriptionRoutes(scope: FastifyInstance, core: Core, pace: HearingPace = {}): void {
  const { everyMs = SIGN_OF_LIFE_MS } = pace;
  scope.post('/audio/transcriptions', GENERATES, async (request, reply) => {
    const { fields, file } = await readHearingForm(request, TRANSCRIPTION_LISTS);
    const body = readTranscriptionBody(fields);
    const context = hearingContext(request.antiphon, body);
    const useless = transcriptionFormWarnings(body);
    if (context.strict) refuseUnderStrict(useless);
    const opening = core.transcription
      .transcribe(toTranscriptionRequest(body, file), context)
      .then((result) => ({ ...result, warnings: [...useless, ...result.warnings] }));
    if (body.stream) return sendTranscriptionEvents(reply, opening, { body, everyMs });
    return sendTranscript(reply, opening, {
      pace,
      format: body.response_format,
      toJson: (transcript) => toTranscriptionJson(transcript, body),
    });
  });
}
