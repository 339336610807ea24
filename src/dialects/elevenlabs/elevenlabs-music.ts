import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { GENERATES } from '../respond-async.ts';
import { antiphonHeaders, sendLines, sendSpeech } from '../speech-reply.ts';
import { makeDetailed, multipartOf, musicEvents } from './elevenlabs-music-details.ts';
import { revisedPlan, shapeFor, writePlan } from './elevenlabs-music-plan.ts';
import { readMusicCall, readPlanCall, type MusicCall } from './elevenlabs-music-request.ts';
import { checkPromptLength } from './elevenlabs-sound-generation.ts';

const PREFIX = '/v1/music';

/** Registers what makes music, with and without facts about it, and what lays it out. */
export function musicRoutes(scope: FastifyInstance, core: Core): void {
  const compose = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = checked(core, readMusicCall(request, 'stream'), request);
    const made = await core.sound.make(call.request, request.antiphon);
    const result = { ...made, warnings: [...call.warnings, ...made.warnings] };
    return sendSpeech(reply, result, { contentType: call.contentType, headers: songHeader() });
  };
  for (const path of [PREFIX, `${PREFIX}/stream`]) scope.post(path, GENERATES, compose);

  scope.post(`${PREFIX}/detailed`, GENERATES, async (request, reply) => {
    const call = checked(core, readMusicCall(request, 'whole'), request);
    const music = await makeDetailed(core, call, request);
    const { contentType, ...body } = multipartOf(music);
    return sendSpeech(reply, { ...music.result, ...body }, { contentType, headers: songHeader() });
  });

  scope.post(`${PREFIX}/detailed/stream`, GENERATES, async (request, reply) => {
    const call = checked(core, readMusicCall(request, 'stream'), request);
    const music = await makeDetailed(core, call, request);
    const headers = { ...antiphonHeaders(music.result), ...songHeader() };
    if (readsLines(request)) {
      return sendLines(reply, quoted(musicEvents(music)), { contentType: 'application/x-ndjson', headers });
    }
    return sendLines(reply, separated(musicEvents(music)), { contentType: 'text/event-stream', headers });
  });

  scope.post(`${PREFIX}/plan`, GENERATES, async (request, reply) => {
    const { request: asked, source } = readPlanCall(request.body);
    checkPromptLength(core, { model: asked.model, prompt: asked.prompt, param: 'prompt' });
    const plan = await core.sound.plan(asked, request.antiphon);
    reply.headers(antiphonHeaders(await core.sound.foresee(asked, request.antiphon)));
    return writePlan(source ? revisedPlan(source, plan) : plan, shapeFor(asked.model) ?? 'sections');
  });

  refusedRoutes(scope);
}

function checked(core: Core, call: MusicCall, { antiphon: context }: FastifyRequest): MusicCall {
  const { model, prompt } = call.request;
  checkPromptLength(core, { model, prompt, param: 'prompt' });
  if (context.strict) refuseUnderStrict(call.warnings);
  return call;
}

/** Songs are not kept, but every one has its id. */
function songHeader(): Record<string, string> {
  return { 'song-id': randomAlphanumeric(20) };
}

/** The vendor's JavaScript client takes each line of this one stream for a JSON string, and breaks on events. */
function readsLines({ headers }: FastifyRequest): boolean {
  return String(headers['x-fern-language']).toLowerCase() === 'javascript';
}

async function* quoted(events: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

async function* separated(events: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const event of events) yield `${event}\n`;
}

/** What would need songs that are kept, models that are trained or films that are watched. */
function refusedRoutes(scope: FastifyInstance): void {
  const refuse = (what: string) => async (): Promise<never> => {
    throw new AppError('unsupported_feature', `${what} is not possible here.`);
  };
  scope.post(`${PREFIX}/upload`, refuse('To change songs that were uploaded'));
  scope.post(`${PREFIX}/stem-separation`, refuse('To take music apart into its instruments'));
  scope.post(`${PREFIX}/video-to-music`, refuse('To make music for a film'));
  scope.post(`${PREFIX}/finetunes`, refuse('To train models'));
  scope.get(`${PREFIX}/finetunes`, async () => ({ finetunes: [], next_cursor: null, has_more: false }));
  for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
    scope.route({ method, url: `${PREFIX}/finetunes/:finetune_id`, handler: noFinetune });
  }
}

async function noFinetune(): Promise<never> {
  throw new AppError('not_found', 'There are no finetunes here.', { param: 'finetune_id' });
}
