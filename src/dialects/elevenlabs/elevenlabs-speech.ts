import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import { antiphonHeaders, sendLines, sendSpeech } from '../speech-reply.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormats } from './elevenlabs-formats.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { findVendorModel } from './elevenlabs-models.ts';
import { modelOf, toSpeechRequest, type SpeechCall } from './elevenlabs-speech-request.ts';
import { speechBody, speechQuery } from './elevenlabs-speech-schema.ts';
import { collectTimedAudio, timedAudioLines } from './elevenlabs-timestamps.ts';
import { getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';

const PREFIX = '/v1/text-to-speech';

/** Registers the four ways to ask for speech: bytes or bytes with times, at once or line by line. */
export function speechRoutes(scope: FastifyInstance, core: Core): void {
  const speak = async (call: SpeechCall, request: FastifyRequest): Promise<SpeechResult> => {
    checkTextLength(core, call);
    getVoice(core, call.voiceId);
    return core.speech.speak(toSpeechRequest(call), request.antiphon);
  };

  const answerWithBytes = (streamed: boolean) => async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(request, { streamed, alignment: false });
    const result = await speak(call, request);
    const { contentType } = outputFormats[call.query.output_format ?? DEFAULT_OUTPUT_FORMAT];
    return sendSpeech(reply, result, { contentType, headers: costHeaders(call, result) });
  };

  const answerWithTimes = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(request, { streamed: false, alignment: true });
    const result = await speak(call, request);
    const timed = await collectTimedAudio(result);
    return reply.headers({ ...antiphonHeaders(result), ...costHeaders(call, result) }).send(timed);
  };

  const answerWithTimedLines = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(request, { streamed: true, alignment: true });
    const result = await speak(call, request);
    const headers = { ...antiphonHeaders(result), ...costHeaders(call, result) };
    return sendLines(reply, timedAudioLines(result), { contentType: 'application/json', headers });
  };

  for (const path of voicePaths(PREFIX)) scope.post(path, answerWithBytes(false));
  for (const path of voicePaths(PREFIX, '/stream')) scope.post(path, answerWithBytes(true));
  for (const path of voicePaths(PREFIX, '/with-timestamps')) scope.post(path, answerWithTimes);
  for (const path of voicePaths(PREFIX, '/stream/with-timestamps')) scope.post(path, answerWithTimedLines);
}

function readCall(
  request: FastifyRequest,
  route: { readonly streamed: boolean; readonly alignment: boolean },
): SpeechCall {
  const query = parseFields('query', speechQuery, request.query);
  const body = parseFields('body', speechBody, request.body);
  const { format } = outputFormats[query.output_format ?? DEFAULT_OUTPUT_FORMAT];
  // Times stand in one object with the audio, and a WAV header states its length: both need all of it first.
  const whole = !route.streamed && (route.alignment || format.id === 'wav');
  return {
    voiceId: voiceIdOf(request),
    query,
    body,
    delivery: whole ? 'whole' : 'stream',
    alignment: route.alignment,
  };
}

function checkTextLength(core: Core, call: SpeechCall): void {
  const model = modelOf(call);
  const limit = core.models.findPublic(model)?.maxCharacters;
  const length = Array.from(call.body.text).length;
  if (limit === undefined || length <= limit) return;
  throw new AppError(
    'invalid_request',
    `The text has ${length} characters; the model ${model} takes at most ${limit}.`,
    {
      param: 'text',
      reason: 'text_too_long',
    },
  );
}

/** What the speech costs in the vendor's credits, and its length in characters. Both are counts; nothing is billed. */
function costHeaders(call: SpeechCall, result: SpeechResult): Record<string, string> {
  const factor = findVendorModel(modelOf(call))?.costFactor ?? 1;
  return {
    'character-cost': String(Math.round(result.characters * factor)),
    'x-character-count': String(result.characters),
  };
}
