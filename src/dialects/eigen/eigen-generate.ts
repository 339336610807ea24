import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { countCodePoints } from '../../base/code-points.ts';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { Capability } from '../../core/models/model.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import { parseBody } from '../parse-body.ts';
import { antiphonHeaders, sendLines, sendSpeech } from '../speech-reply.ts';
import { readEigenBody, type EigenBody } from './eigen-body.ts';
import { flagField } from './eigen-fields.ts';
import { answerEigenChat, isChatModel } from './eigen-chat.ts';
import { creditHeaders, creditsOf } from './eigen-credits.ts';
import { answerImage } from './eigen-image.ts';
import { speechEvents } from './eigen-speech-events.ts';
import { toSpeechTask } from './eigen-speech-request.ts';
import { answerTranscription } from './eigen-transcription.ts';
import { answerVideo } from './eigen-video.ts';
import { findNamedVoices } from './eigen-voice.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  pcm: 'audio/pcm',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  opus: 'audio/ogg',
};

export const modelField = z.object({ model: z.string().min(1) });
export const streamQuery = z.object({ stream: flagField });
const strictField = z.object({ strict: flagField.catch(false) });

/** `POST /api/v1/generate`: the field `model` decides what is made. */
export async function generate(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = await readEigenBody(request);
  const { model } = parseBody(modelField, body.fields);
  return answer(core, { request, reply, model, body });
}

/** The older `POST /api/{model}`: the path names the model, and `?stream=true` asks for events. */
export async function generateByPath(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const model = modelOfPath(request);
  const { stream } = parseBody(streamQuery, request.query);
  if (isChatModel(core, model)) return chatByPath(core, request, reply);
  const body = await readEigenBody(request);
  const fields = { ...(stream === undefined ? {} : { stream }), ...body.fields };
  return answer(core, { request, reply, model, body: { ...body, fields } });
}

/** The oldest way to chat: the usual body, without the model or with another name for it. */
function chatByPath(core: Core, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { body, antiphon: context } = request;
  const given = typeof body === 'object' && body !== null ? body : {};
  return answerEigenChat(core, reply, { body: { ...given, model: modelOfPath(request) }, context });
}

function modelOfPath(request: FastifyRequest): string {
  const { model } = parseBody(modelField, request.params);
  if (!/^v\d+$/.test(model)) return model;
  // A version is the root of an interface and never a model.
  throw new AppError('not_found', `There is nothing at ${request.method} /api/${model}.`, {
    subject: 'route',
  });
}

interface Generation {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly model: string;
  readonly body: EigenBody;
}

async function answer(core: Core, generation: Generation): Promise<FastifyReply> {
  const { model } = generation;
  const capability = await servedCapability(core, model);
  if (capability === 'speech') return answerSpeech(core, generation);
  if (capability === 'transcription') {
    return answerTranscription(core, { ...generation, context: contextOf(generation) });
  }
  if (capability === 'image') {
    return answerImage(core, generation.reply, { ...generation, context: contextOf(generation) });
  }
  if (capability === 'video') {
    return answerVideo(core, generation.reply, { ...generation, context: contextOf(generation) });
  }
  const message = `The model '${model}' is for ${capability}, which this vendor's API has no words for.`;
  throw new AppError('unsupported_feature', message, { param: 'model', subject: 'model' });
}

/** What a name is for. Unknown names, and kinds of media that nothing running can make, are refused. */
export async function servedCapability(core: Core, model: string): Promise<Capability> {
  const served = () => {
    const own = core.models.engineModels.find((card) => card.id === model);
    const { capability } = core.models.findPublic(model) ?? own ?? { capability: 'speech' };
    core.models.candidates(model, capability);
    return capability;
  };
  try {
    return served();
  } catch {
    // Another program may have installed it meanwhile.
    await core.models.refresh();
    return served();
  }
}

async function answerSpeech(core: Core, generation: Generation): Promise<FastifyReply> {
  const { reply, model, body } = generation;
  const context = contextOf(generation);
  const voices = await findNamedVoices(core.voices, body.fields, context.principal);
  const task = toSpeechTask({ model, body, voices });
  checkTextLength(task.request.text, core);
  if (context.strict) refuseUnderStrict(task.warnings);
  const credits = await creditsOf(task.request.text, core, context);
  const spoken = await core.speech.speak(task.request, context);
  const result: SpeechResult = { ...spoken, warnings: [...task.warnings, ...spoken.warnings] };
  if (task.events) {
    const headers = { ...antiphonHeaders(result), ...creditHeaders(credits) };
    return sendLines(reply, speechEvents(result, credits), { contentType: 'text/event-stream', headers });
  }
  const contentType = CONTENT_TYPES[result.formatId] ?? result.mediaType;
  return sendSpeech(reply, result, { contentType, headers: creditHeaders(credits) });
}

/** Refuses a text that is longer than the operator allows. The vendor states no limit. */
export function checkTextLength(text: string, { maxTextCharacters: most }: Core): void {
  if (most === undefined) return;
  const length = countCodePoints(text);
  if (length <= most) return;
  const message = `The text has ${length} characters; this server takes at most ${most}.`;
  throw new AppError('invalid_request', message, { param: 'text', reason: 'text_too_long' });
}

/** The caller's context. A form is read too late for the check for `strict` that every JSON body passes. */
export function contextOf({ request, body }: Pick<Generation, 'request' | 'body'>): RequestContext {
  const strict = strictField.parse(body.fields).strict === true;
  return strict ? { ...request.antiphon, strict } : request.antiphon;
}
