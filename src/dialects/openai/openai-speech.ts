import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import { GENERATES } from '../respond-async.ts';
import { antiphonHeaders, sendLines, sendSpeech } from '../speech-reply.ts';
import { speechEvents } from './openai-speech-events.ts';
import { outputFormats, readSpeechBody, toSpeechRequest } from './openai-speech-request.ts';

/** Registers the one way to ask for speech. The body decides between bytes and events; clients lie in `Accept`. */
export function speechRoutes(scope: FastifyInstance, core: Core): void {
  scope.post('/audio/speech', GENERATES, async (request, reply) => {
    const body = readSpeechBody(request.body, core.maxTextCharacters);
    const result = await core.speech.speak(toSpeechRequest(body), request.antiphon);
    if (body.stream_format === 'sse') {
      const contentType = 'text/event-stream; charset=utf-8';
      return sendLines(reply, speechEvents(result), { contentType, headers: antiphonHeaders(result) });
    }
    const { contentType } = outputFormats[body.response_format ?? 'mp3'];
    return sendSpeech(reply, result, { contentType });
  });
}
