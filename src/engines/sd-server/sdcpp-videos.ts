import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { MadeVideo, VideoEngine, VideoGeneration, VideoLimits } from '../../core/video/video-engine.ts';
import { VIDEO_SETTINGS, type VideoSetting } from '../../core/video/video.ts';
import type { RemoteModel } from '../../core/models/remote.ts';
import type { PixelSize } from '../../core/image/image.ts';
import type { Warning } from '../../core/warning.ts';
import { fromBase64, planFields, toBase64, type FieldPlan } from '../remote-fields.ts';
import { withinTime } from '../remote-jobs.ts';
import { readJpegFilm } from './avi-frames.ts';
import type { FilmWriter } from './jpeg-film.ts';
import { doSdcppJob } from './sdcpp-jobs.ts';
import { modelOf, refuseHiddenSettings, type SdcppPart } from './sdcpp-request.ts';

const USUAL = { frames: 81, framesPerSecond: 16, size: { width: 832, height: 480 }, maxSide: 1280 };
/** The frames of these models come in groups of four, and one more. */
const FRAME_GROUP = 4;

/**
 * Films of a server of stable-diffusion.cpp. It writes no MP4: they are asked for as AVI, whose frames are pictures in
 * JPEG, and written anew here.
 */
export function createSdcppVideos(part: SdcppPart, writer: FilmWriter): VideoEngine {
  const [first] = part.models;
  if (!first) throw new Error('A part has at least one model.');
  const plan = planFields(
    first,
    { fields: part.family.video, constant: { output_format: 'avi' } },
    isVideoSetting,
  );
  return {
    settings: {
      ...plan.settings,
      duration: 'any',
      size: 'any',
      frames: 'any',
      frame_rate: 'any',
      first_frame: 'any',
    },
    limits: (card) => limitsOf(modelOf(part, card), part),
    generate: (request, context) => generate(request, context, { part, plan, writer }),
  };
}

function limitsOf({ limits }: RemoteModel, { family }: SdcppPart): VideoLimits {
  const { frames, framesPerSecond, size, maxSide } = USUAL;
  return {
    maxSeconds: limits.maxSeconds ?? (limits.maxFrames ?? frames) / framesPerSecond,
    usualSeconds: Math.min(frames, limits.maxFrames ?? frames) / framesPerSecond,
    usualFramesPerSecond: framesPerSecond,
    usualSize: size,
    maxSide: limits.maxSide ?? maxSide,
    needsFirstFrame: family.needsFirstFrame,
    sourceUses: [],
  };
}

function isVideoSetting(name: string): name is VideoSetting {
  return VIDEO_SETTINGS.some((setting) => setting === name);
}

interface Making {
  readonly part: SdcppPart;
  readonly plan: FieldPlan<VideoSetting>;
  readonly writer: FilmWriter;
}

async function generate(
  request: VideoGeneration,
  context: RequestContext,
  { part, plan, writer }: Making,
): Promise<MadeVideo> {
  const shape = shapeOf(request, part);
  const fields = await fieldsOf(request, shape, { plan, context });
  const { timeoutSeconds } = modelOf(part, request.model);
  const result = await withinTime(timeoutSeconds, context.signal, (signal) =>
    doSdcppJob(
      {
        mode: 'vid_gen',
        fields,
        signal,
        span: context.span,
        tell: (fraction) => context.report?.(fraction * 0.9),
        reference: request.reference,
        remember: request.remember,
      },
      part.jobs,
    ),
  );
  const { frames } = readJpegFilm(filmIn(result));
  const framesPerSecond =
    typeof result['fps'] === 'number' && result['fps'] > 0 ? result['fps'] : request.framesPerSecond;
  context.report?.(0.92);
  const film = await writer.write({ frames, framesPerSecond, tools: request.tools }, context);
  context.report?.(1);
  const [poster] = film.samples;
  const warnings = warningsOf(request, film);
  return {
    ...film,
    framesPerSecond,
    ...(poster ? { poster } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

interface Shape extends PixelSize {
  readonly frames: number;
}

function shapeOf({ size, durationSeconds, framesPerSecond }: VideoGeneration, { family }: SdcppPart): Shape {
  const whole = (side: number) =>
    Math.max(family.sizeStep, Math.round(side / family.sizeStep) * family.sizeStep);
  const groups = Math.max(0, Math.round((durationSeconds * framesPerSecond - 1) / FRAME_GROUP));
  return { width: whole(size.width), height: whole(size.height), frames: groups * FRAME_GROUP + 1 };
}

async function fieldsOf(
  request: VideoGeneration,
  { width, height, frames }: Shape,
  { plan, context }: { readonly plan: FieldPlan<VideoSetting>; readonly context: RequestContext },
) {
  refuseHiddenSettings(request.prompt, 'prompt');
  refuseHiddenSettings(request.negativePrompt, 'negative_prompt');
  const { firstFrame, tools } = request;
  const fitted =
    firstFrame &&
    (await tools.write(
      firstFrame,
      { format: { id: 'png' }, steps: [{ kind: 'resize', width, height, fit: 'cover' }] },
      context,
    ));
  return plan.write({
    own: {
      prompt: request.prompt,
      width,
      height,
      video_frames: frames,
      fps: Math.max(1, Math.round(request.framesPerSecond)),
      ...(fitted ? { init_image: toBase64(fitted.bytes) } : {}),
    },
    values: {
      seed: request.seed,
      steps: request.steps,
      guidance: request.guidance,
      negative_prompt: request.negativePrompt,
    },
  });
}

/** Only AVI can be written anew here: nothing on this machine unpacks the other formats of the server. */
function filmIn({ b64_json: base64, output_format: format }: Readonly<Record<string, unknown>>): Uint8Array {
  if (typeof base64 !== 'string' || base64 === '') {
    throw new AppError('engine_failed', "The engine's server finished the job without a film.");
  }
  if (format === undefined || format === 'avi') return fromBase64(base64);
  throw new AppError(
    'unsupported_feature',
    `A film in ${JSON.stringify(format)} cannot be made an MP4 here.`,
    {
      reason: 'film_format',
    },
  );
}

function warningsOf({ size, frames }: VideoGeneration, film: Shape): Warning[] {
  const resized = size.width !== film.width || size.height !== film.height;
  const from = `${size.width}x${size.height}`;
  return [
    ...(resized
      ? [{ type: 'adjusted', setting: 'size', from, to: `${film.width}x${film.height}` } as const]
      : []),
    ...(frames !== undefined && frames !== film.frames
      ? [{ type: 'adjusted', setting: 'frames', from: String(frames), to: String(film.frames) } as const]
      : []),
  ];
}
