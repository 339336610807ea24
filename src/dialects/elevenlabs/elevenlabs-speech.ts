import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { countCodePoints } from '../../base/code-points.ts';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import type { KnownVoice } from '../../core/voices/voice-library.ts';
import { GENERATES } from '../respond-async.ts';
import { antiphonHeaders, sendLines, sendSpeech } from '../speech-reply.ts';
import { findPronunciations } from './elevenlabs-dictionaries.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormats } from './elevenlabs-formats.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { historyHeader, keepSpeech, type SpeechToKeep } from './elevenlabs-kept-speech.ts';
import { findVendorModel } from './elevenlabs-models.ts';
import { modelOf, toSpeechRequest, type SpeechCall } from './elevenlabs-speech-request.ts';
import { speechBody, speechQuery } from './elevenlabs-speech-schema.ts';
import { collectTimedAudio, timedAudioLines } from './elevenlabs-timestamps.ts';
import { stitched } from './elevenlabs-stitching.ts';
import { getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';

const PREFIX = '/v1/text-to-speech';

/** Registers the four ways to ask for speech: bytes or bytes with times, at once or line by line. */
export function speechRoutes(scope: FastifyInstance, core: Core): void {
  const speak = async (call: SpeechCall, { antiphon: context }: FastifyRequest): Promise<Spoken> => {
    checkTextLength(core, call);
    const voice = await getVoice(core, call.voiceId, context);
    const locators = call.body.pronunciation_dictionary_locators;
    const pronunciations = await findPronunciations(core, locators, context);
    const plain = toSpeechRequest({ ...call, pronunciations });
    const { request, warnings } = await stitched(core, { call, request: plain }, context);
    const spoken = await core.speech.speak(request, context);
    const result = { ...spoken, warnings: [...warnings, ...spoken.warnings] };
    const kept = keepSpeech(core, { asked: factsOf(call, { voice, result }), result }, context);
    return { result: kept.result, headers: { ...costHeaders(call, result), ...historyHeader(kept) } };
  };

  const answerWithBytes = (streamed: boolean) => async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(request, { streamed, alignment: false });
    const { result, headers } = await speak(call, request);
    const { contentType } = outputFormats[call.query.output_format ?? DEFAULT_OUTPUT_FORMAT];
    return sendSpeech(reply, result, { contentType, headers });
  };

  const answerWithTimes = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(request, { streamed: false, alignment: true });
    const { result, headers } = await speak(call, request);
    const timed = await collectTimedAudio(result);
    return reply.headers({ ...antiphonHeaders(result), ...headers }).send(timed);
  };

  const answerWithTimedLines = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(request, { streamed: true, alignment: true });
    const { result, headers: own } = await speak(call, request);
    const headers = { ...antiphonHeaders(result), ...own };
    return sendLines(reply, timedAudioLines(result), { contentType: 'application/json', headers });
  };

  for (const path of voicePaths(PREFIX)) scope.post(path, GENERATES, answerWithBytes(false));
  for (const path of voicePaths(PREFIX, '/stream')) scope.post(path, GENERATES, answerWithBytes(true));
  for (const path of voicePaths(PREFIX, '/with-timestamps')) scope.post(path, GENERATES, answerWithTimes);
  for (const path of voicePaths(PREFIX, '/stream/with-timestamps'))
    scope.post(path, GENERATES, answerWithTimedLines);
}

/** Speech on its way to the caller, and what its headers say. */
interface Spoken {
  readonly result: SpeechResult;
  readonly headers: Readonly<Record<string, string>>;
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

/** Refuses a text that is longer than its model takes. */
export function checkTextLength(core: Core, call: SpeechCall): void {
  const model = modelOf(call);
  const limit = core.maxTextCharacters ?? core.models.findPublic(model)?.maxCharacters;
  const length = countCodePoints(call.body.text);
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

/** What the history is told of a call. */
export function factsOf(
  call: SpeechCall,
  { voice, result }: { readonly voice: KnownVoice; readonly result: SpeechResult },
): SpeechToKeep {
  return {
    source: 'speech',
    enableLogging: call.query.enable_logging,
    model: modelOf(call),
    voice,
    text: call.body.text,
    cost: costOf(call, result),
    outputFormat: call.query.output_format,
    settings: call.body.voice_settings,
  };
}

/** What the speech costs in the vendor's credits. It is a count; nothing is billed. */
function costOf(call: SpeechCall, result: SpeechResult): number {
  return Math.round(result.characters * (findVendorModel(modelOf(call))?.costFactor ?? 1));
}

/** The headers that say what a speech costs. */
export function costHeaders(call: SpeechCall, result: SpeechResult): Record<string, string> {
  return {
    'character-cost': String(costOf(call, result)),
    'x-character-count': String(result.characters),
  };
}
