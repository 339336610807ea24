import { AppError } from '../../base/errors.ts';
import type { PixelSize } from '../image/image.ts';
import type { Candidate } from '../models/model-catalog.ts';
import { settingWarnings } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { VideoEngine, VideoGeneration, VideoLimits } from './video-engine.ts';
import type { VideoRequest, VideoSetting } from './video.ts';

/** Which engine model makes a film, and exactly what film. */
export interface VideoPlan {
  readonly candidate: Candidate;
  readonly video: VideoEngine;
  readonly film: Pick<VideoGeneration, 'size' | 'durationSeconds' | 'framesPerSecond'>;
  readonly warnings: readonly Warning[];
}

/** Longest film that anybody may ask for, in seconds. */
const LONGEST_SECONDS = 600;
const FRAME_RATES = { least: 1, most: 60 };

/**
 * The first model that can make the film, with everything resolved: what lies outside its limits is moved to their
 * nearest end, and a warning says so. Throws what is missing or impossible, naming the field.
 */
export function planVideo(request: VideoRequest, candidates: readonly Candidate[]): VideoPlan {
  const makers = candidates.flatMap((candidate) => {
    const { video } = candidate.engine;
    return video ? [{ candidate, video, limits: video.limits(candidate.card.id) }] : [];
  });
  const maker = makers.find(({ limits }) => isWithin(request, limits));
  if (!maker) throw impossible(request, makers[0]?.limits);
  const { candidate, video, limits } = maker;
  const size = filmSize(request, limits);
  const { wish } = request;
  const rate = filmRate(request, limits);
  const seconds = filmSeconds(request, limits, rate);
  return {
    candidate,
    video,
    film: { size, framesPerSecond: rate, durationSeconds: seconds },
    warnings: [
      ...settingWarnings(obeyedByUs(request), video.settings, candidate.engine.id),
      ...moved(request, 'size', { from: wish.size && sizeText(wish.size), to: sizeText(size) }),
      ...moved(request, 'frame_rate', { from: wish.framesPerSecond, to: rate }),
      ...moved(request, 'duration', { from: wish.durationSeconds, to: seconds }),
      ...moved(request, 'frames', { from: wish.frames, to: Math.round(seconds * rate) }),
    ],
  };
}

/** Settings whose fate the plan itself tells. */
const PLANNED: readonly VideoSetting[] = [
  'size',
  'frame_rate',
  'duration',
  'frames',
  'first_frame',
  'source_video',
];

function obeyedByUs({ asked }: VideoRequest) {
  return asked.filter(({ setting }) => !PLANNED.includes(setting));
}

function isWithin({ firstFrame, source }: VideoRequest, limits: VideoLimits): boolean {
  if (source && !limits.sourceUses.includes(source.use)) return false;
  return !limits.needsFirstFrame || firstFrame !== undefined || source !== undefined;
}

function impossible({ source, spelling, model }: VideoRequest, limits: VideoLimits | undefined): AppError {
  if (source && limits && !limits.sourceUses.includes(source.use)) {
    const can = limits.sourceUses.length > 0 ? ` It can ${limits.sourceUses.join(' and ')}.` : '';
    const message = `No running engine can ${source.use} a film for the model '${model}'.${can}`;
    return new AppError('unsupported_feature', message, { param: spelling.source, reason: 'video_source' });
  }
  if (limits?.needsFirstFrame) {
    const message = `The model '${model}' makes films from a picture, so it needs one in '${spelling.firstFrame}'.`;
    return new AppError('invalid_request', message, { param: spelling.firstFrame });
  }
  return new AppError('unsupported_feature', `No running engine can make films for '${model}'.`, {
    param: spelling.model,
    reason: 'no_engine',
  });
}

/** Even sides, as the codec needs them, within what the model makes; the picture's own shape where none is asked for. */
function filmSize(
  { wish: { size }, firstFrame }: VideoRequest,
  { usualSize, maxSide }: VideoLimits,
): PixelSize {
  const wanted = size ?? (firstFrame ? shapedLike(firstFrame.size, usualSize) : usualSize);
  const scale = Math.min(1, maxSide / Math.max(wanted.width, wanted.height));
  return { width: even(wanted.width * scale), height: even(wanted.height * scale) };
}

/** A size of about as many pixels as is usual, in the shape of a picture. */
function shapedLike(picture: PixelSize, usual: PixelSize): PixelSize {
  const scale = Math.sqrt((usual.width * usual.height) / (picture.width * picture.height));
  return { width: picture.width * scale, height: picture.height * scale };
}

function even(length: number): number {
  return Math.max(16, 2 * Math.round(length / 2));
}

function filmRate({ wish: { framesPerSecond } }: VideoRequest, limits: VideoLimits): number {
  const wanted = framesPerSecond ?? limits.usualFramesPerSecond;
  return Math.min(FRAME_RATES.most, Math.max(FRAME_RATES.least, wanted));
}

function filmSeconds({ wish }: VideoRequest, limits: VideoLimits, rate: number): number {
  const wanted =
    wish.frames === undefined ? (wish.durationSeconds ?? limits.usualSeconds) : wish.frames / rate;
  const longest = Math.min(LONGEST_SECONDS, limits.maxSeconds);
  return Math.min(longest, Math.max(1 / rate, wanted));
}

function moved(
  { asked }: VideoRequest,
  setting: VideoSetting,
  { from, to }: { readonly from: string | number | undefined; readonly to: string | number },
): Warning[] {
  const parameter = asked.find((one) => one.setting === setting)?.parameter;
  if (parameter === undefined || from === undefined || from === to) return [];
  return [{ type: 'adjusted', setting: parameter, from: String(from), to: String(to) }];
}

function sizeText({ width, height }: PixelSize): string {
  return `${width}x${height}`;
}
