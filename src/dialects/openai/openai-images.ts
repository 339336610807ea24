import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { MadeImage } from '../../core/image/image.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { withHeartbeats, withinTime } from '../heartbeats.ts';
import { sendLateJson, type Pace } from '../late-json.ts';
import { parseBody } from '../parse-body.ts';
import { publicUrl } from '../public-url.ts';
import { GENERATES } from '../respond-async.ts';
import { antiphonHeaders, sendLines } from '../speech-reply.ts';
import { IMAGE_JSON_BYTES, readImageBody, readPlainBody } from './openai-image-body.ts';
import { editFields, generationFields, variationFields } from './openai-image-fields.ts';
import {
  base64Of,
  finishedImages,
  imageEvents,
  imagesAnswer,
  type ImageTelling,
} from './openai-image-replies.ts';
import { toImageTask, type ImageTask } from './openai-image-request.ts';

/** How long callers wait without a byte; absent members mean the usual. */
export interface ImagePace {
  readonly json?: Pace;
  /** Milliseconds between two signs of life in a stream. */
  readonly everyMs?: number;
}

/** A comment, which every reader of events passes over. */
const KEEPALIVE = ': keepalive\n\n';
/** Proxies commonly give up after a minute without a byte. */
const SIGN_OF_LIFE_MS = 15_000;

/** How long a picture is kept that is given by its address, as with the vendor. */
const KEEP_MS = 60 * 60 * 1000;

/** What the vendor's clients call the model of variations when they name none. */
const VARIATION_MODEL = 'dall-e-2';
/** A variation comes without words; this is what a model that works from words is told. */
const VARIATION_PROMPT = 'A variation of this picture';

/** What the caller wants to hear, and by which way. */
interface ImageAnswer extends ImageTask {
  readonly stream: boolean;
  readonly asUrl: boolean;
  readonly context: RequestContext;
}

/** Registers what makes and changes pictures. */
export function imageRoutes(scope: FastifyInstance, core: Core, pace: ImagePace = {}): void {
  const routes = { bodyLimit: IMAGE_JSON_BYTES };
  scope.post('/images/generations', GENERATES, async (request, reply) => {
    const fields = parseBody(generationFields, readPlainBody(request));
    const task = toImageTask(fields, { pictures: [], spelling: 'image' });
    return send(core, { request, reply, pace }, answerTo(request, task, fields));
  });
  scope.post('/images/edits', { ...routes, ...GENERATES }, async (request, reply) => {
    const body = await readImageBody(request);
    const fields = parseBody(editFields, body.fields);
    return send(core, { request, reply, pace }, answerTo(request, toImageTask(fields, body), fields));
  });
  scope.post('/images/variations', { ...routes, ...GENERATES }, async (request, reply) => {
    const body = await readImageBody(request);
    const fields = parseBody(variationFields, body.fields);
    const wish = { ...fields, prompt: VARIATION_PROMPT, model: fields.model ?? VARIATION_MODEL };
    return send(core, { request, reply, pace }, answerTo(request, toImageTask(fill(wish), body), fields));
  });
}

/** A variation has only some of the fields. */
function fill(wish: { readonly prompt: string }) {
  return parseBody(editFields, wish);
}

interface AskedWay {
  readonly stream?: boolean | null | undefined;
  readonly response_format?: 'url' | 'b64_json' | null | undefined;
  readonly strict?: boolean | undefined;
}

function answerTo({ antiphon }: FastifyRequest, task: ImageTask, fields: AskedWay): ImageAnswer {
  const context = fields.strict ? { ...antiphon, strict: true } : antiphon;
  if (context.strict) refuseUnderStrict(task.warnings);
  return { ...task, context, stream: fields.stream === true, asUrl: fields.response_format === 'url' };
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly pace: ImagePace;
}

async function send(core: Core, exchange: Exchange, answer: ImageAnswer): Promise<FastifyReply> {
  const { reply, pace } = exchange;
  const telling = tell(core, answer);
  if (answer.stream) return sendEvents(reply, telling, pace.everyMs ?? SIGN_OF_LIFE_MS);
  const whole = telling.then(async (told) => {
    const images = await finishedImages(told.result.events);
    // Engines may have had more to tell with the pictures.
    reply.headers(antiphonHeaders(told.result));
    const items = answer.asUrl
      ? await Promise.all(images.map(async (image) => ({ url: await keep(core, image, exchange.request) })))
      : images.map((image) => ({ b64_json: base64Of(image) }));
    return imagesAnswer(images, items, told);
  });
  return sendLateJson(reply, whole, pace.json);
}

async function tell(core: Core, { request, warnings, context }: ImageAnswer): Promise<ImageTelling> {
  const made = await core.image.make(request, context);
  const result = {
    ...made,
    get warnings() {
      return [...warnings, ...made.warnings];
    },
  };
  return { request, result, createdAt: Math.floor(core.clock.now() / 1000) };
}

/** The first event is waited for, so that a refusal has its status; when that takes long, signs of life come first. */
async function sendEvents(
  reply: FastifyReply,
  telling: Promise<ImageTelling>,
  everyMs: number,
): Promise<FastifyReply> {
  const opened = await withinTime(telling, everyMs);
  const events = imageEvents(telling);
  const lines = withHeartbeats(opened ? events : afterSign(events), { everyMs, beat: KEEPALIVE });
  return sendLines(reply, lines, {
    contentType: 'text/event-stream; charset=utf-8',
    headers: opened ? antiphonHeaders(opened.value.result) : {},
  });
}

async function* afterSign(lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield KEEPALIVE;
  yield* lines;
}

/** The address of a picture, on the server's side that the caller sees. */
async function keep(
  core: Core,
  { bytes, mediaType, index }: MadeImage,
  request: FastifyRequest,
): Promise<string> {
  const extension = mediaType.slice('image/'.length);
  const file = await core.files.keep({
    ownerId: request.antiphon.principal.id,
    mediaType,
    filename: `image-${index + 1}.${extension}`,
    bytes,
    keepMs: KEEP_MS,
  });
  return publicUrl(core, request, (await core.files.link(file)).path);
}
