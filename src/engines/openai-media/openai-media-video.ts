import { toBase64 } from '../../base/base64.ts';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { PixelSize } from '../../core/image/image.ts';
import type { RemoteModel, RemoteValue } from '../../core/models/remote.ts';
import type { MadeVideo, VideoEngine, VideoGeneration } from '../../core/video/video-engine.ts';
import { VIDEO_SETTINGS, type VideoSetting } from '../../core/video/video.ts';
import type { Warning } from '../../core/warning.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import type { RemoteBody } from '../remote-link.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { readFilm, type FilmFacts } from '../../media/films/film-facts.ts';
import { planFields, type FieldPlan } from '../remote-fields.ts';
import type { RemotePart } from './media-models.ts';
import type { MediaProfile, VideoQuirks } from './media-profile.ts';
import { refuseOrders } from './prompt-check.ts';
import { formBody, fromBase64, jsonBody } from '../remote-bodies.ts';

const MAX_BYTES = 1024 * 1024 * 1024;
/** A film takes long; nothing comes before it is finished. */
const USUAL_TIMEOUT_SECONDS = 1800;
const USUAL = { seconds: 5, framesPerSecond: 16, size: { width: 832, height: 480 } };

/** Makes films through a server elsewhere, each in one call, so that any replica behind one address may do it. */
export function createRemoteVideo(
  { remote, models, quirks, link }: RemotePart<VideoQuirks>,
  profile: MediaProfile,
): VideoEngine {
  const plans = new Map(
    models.map((model) => [
      `${remote}/${model.id}`,
      { model, plan: planFields(model, quirks, isVideoSetting) },
    ]),
  );
  const [first] = plans.values();
  return {
    settings: first?.plan.settings ?? {},
    limits: (id) => {
      const limits = plans.get(id)?.model.limits;
      const maxSeconds = Math.min(quirks.maxSeconds, limits?.maxSeconds ?? quirks.maxSeconds);
      return {
        maxSeconds,
        usualSeconds: Math.min(USUAL.seconds, maxSeconds),
        usualFramesPerSecond: USUAL.framesPerSecond,
        usualSize: USUAL.size,
        maxSide: limits?.maxSide ?? quirks.maxSide,
        needsFirstFrame: false,
        sourceUses: [],
      };
    },
    generate: async (request, context) => {
      const found = plans.get(request.model);
      if (!found) throw new AppError('internal', `${request.model} is none of the models of ${remote}.`);
      refuseOrders({ prompt: request.prompt, negative_prompt: request.negativePrompt }, profile.refusedText);
      const { model } = found;
      const call: FilmCall = { ...found, request, quirks, film: fitted(request, { quirks, model }) };
      const reply = await link.call({
        method: 'POST',
        path: quirks.path,
        body: await bodyOf(call),
        signal: context.signal,
        span: context.span,
        maxBytes: MAX_BYTES,
        headMs: (model.timeoutSeconds ?? USUAL_TIMEOUT_SECONDS) * 1000,
      });
      const bytes = await filmOfReply(reply);
      return toMade({ bytes, facts: await readFilm(bytes), call }, context);
    },
  };
}

function isVideoSetting(name: string): name is VideoSetting {
  return VIDEO_SETTINGS.some((setting) => setting === name);
}

interface FilmCall {
  readonly model: RemoteModel;
  readonly plan: FieldPlan<VideoSetting>;
  readonly request: VideoGeneration;
  readonly quirks: VideoQuirks;
  readonly film: FittedFilm;
}

interface FittedFilm {
  readonly frames: number;
  readonly size: PixelSize;
}

/** Frames come in groups and one more, and sides in steps. */
function fitted(
  { durationSeconds, framesPerSecond, size }: VideoGeneration,
  { quirks, model }: Pick<FilmCall, 'quirks' | 'model'>,
): FittedFilm {
  const wanted = Math.min(
    model.limits.maxFrames ?? Number.POSITIVE_INFINITY,
    durationSeconds * framesPerSecond,
  );
  const groups = Math.max(1, Math.round((wanted - 1) / quirks.frameStep));
  const side = (length: number) =>
    Math.max(quirks.sizeStep, Math.round(length / quirks.sizeStep) * quirks.sizeStep);
  return {
    frames: groups * quirks.frameStep + 1,
    size: { width: side(size.width), height: side(size.height) },
  };
}

async function bodyOf({ request, quirks, model, plan, film }: FilmCall): Promise<RemoteBody> {
  const { firstFrame } = request;
  const isForm = quirks.encoding === 'form';
  const { size } = film;
  const sizes: Record<string, RemoteValue> =
    'one' in quirks.size
      ? { [quirks.size.one]: `${size.width}x${size.height}` }
      : { [quirks.size.width]: size.width, [quirks.size.height]: size.height };
  const field = quirks.firstFrame?.field;
  const fields = plan.write({
    own: {
      model: model.upstream,
      prompt: request.prompt,
      ...sizes,
      [quirks.framesField]: film.frames,
      [quirks.rateField]: request.framesPerSecond,
      ...(firstFrame && field && !isForm ? { [field]: toBase64(firstFrame) } : {}),
    },
    values: {
      seed: request.seed,
      steps: request.steps,
      guidance: request.guidance,
      negative_prompt: request.negativePrompt,
    },
  });
  if (!isForm) return jsonBody(fields);
  const files =
    firstFrame && field
      ? [{ field, filename: 'first-frame.png', mediaType: 'image/png', bytes: firstFrame }]
      : [];
  return formBody(fields, files);
}

async function filmOfReply(reply: RemoteReply): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await reply.collect();
  if (reply.contentType !== 'application/json') return bytes;
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return bytes;
  }
  const [first] = isRecord(body) && Array.isArray(body['data']) ? body['data'] : [];
  const base64: unknown = isRecord(first) ? first['b64_json'] : undefined;
  if (typeof base64 === 'string' && base64 !== '') return fromBase64(base64);
  const words = readErrorObject(body).message ?? 'there is no film in it';
  throw new AppError('engine_failed', `The engine's answer cannot be used: ${words.slice(0, 300)}.`, {
    reason: 'no_film',
  });
}

async function toMade(
  { bytes, facts, call }: { bytes: Uint8Array<ArrayBuffer>; facts: FilmFacts; call: FilmCall },
  context: RequestContext,
): Promise<MadeVideo> {
  const { request, film } = call;
  const asked = Math.round(request.durationSeconds * request.framesPerSecond);
  const poster = request.firstFrame && (await posterOf(request.firstFrame, facts, { request, context }));
  const warnings: Warning[] = [
    ...(asked === film.frames ? [] : [adjusted('frames', String(asked), String(facts.frames))]),
    ...(sizeText(request.size) === sizeText(facts)
      ? []
      : [adjusted('size', sizeText(request.size), sizeText(facts))]),
  ];
  return { bytes, ...facts, ...(poster ? { poster } : {}), warnings };
}

/** Nothing here unpacks a film, but one that begins with a picture begins with that picture. */
async function posterOf(
  picture: Uint8Array,
  { width, height }: FilmFacts,
  { request, context }: { readonly request: VideoGeneration; readonly context: RequestContext },
): Promise<Uint8Array<ArrayBuffer>> {
  const steps = [{ kind: 'resize', width, height, fit: 'cover' } as const];
  const { bytes } = await request.tools.write(picture, { format: { id: 'png' }, steps }, context);
  return bytes;
}

function adjusted(setting: string, from: string, to: string): Warning {
  return { type: 'adjusted', setting, from, to };
}

function sizeText({ width, height }: PixelSize): string {
  return `${width}x${height}`;
}
