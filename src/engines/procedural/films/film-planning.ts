import { AppError } from '../../../base/errors.ts';
import type { PixelSize } from '../../../core/image/image.ts';
import type { PixelImage } from '../../../core/image/image-tools.ts';
import type { VideoGeneration } from '../../../core/video/video-engine.ts';
import type { Warning } from '../../../core/warning.ts';
import { readNote, type FilmNote } from '../../../media/films/film-container.ts';
import type { FilmLayer, FilmPlan } from './film-frames.ts';
import { drawLayers, pictureLayer } from './film-layers.ts';
import { readMotion, type FilmMotion } from './film-motion.ts';
import { changeBrief, readBrief, type PictureBrief } from '../pictures/picture-brief.ts';
import type { PictureEdit } from '../pictures/picture-edit-rules.ts';
import { impossibleEdit, readEdits } from '../pictures/picture-edits.ts';
import { briefWarnings, type Workshop } from '../pictures/picture-painting.ts';

/** A film that is ready to be shot. */
export interface PlannedFilm {
  readonly plan: FilmPlan;
  /** What is kept as the film's prompt. */
  readonly prompt: string;
  /** The picture with which it begins, where one came along. */
  readonly picture?: PixelImage;
  /** The film that comes first. */
  readonly before?: Uint8Array<ArrayBuffer>;
  readonly warnings: readonly Warning[];
}

const MOST_LETTERS = 4000;
/** A film that was changed again and again keeps as much of what it was. */
const KEPT_LETTERS = 2000;

/** Decides what a film shows and how it moves. Throws `unsupported_feature` for a film that it cannot be made from. */
export async function planFilm(request: VideoGeneration, workshop: Workshop): Promise<PlannedFilm> {
  if (request.source) return planFromFilm(request, request.source, workshop);
  const prompt = request.prompt.slice(0, MOST_LETTERS);
  const motion = readMotion(prompt);
  if (request.firstFrame) {
    const layer = await pictureLayer(request.firstFrame, { size: request.size, edits: [] }, workshop);
    return {
      plan: toPlan(request, { layers: [layer], motion, beginsAtRest: true }),
      prompt,
      picture: layer.image,
      warnings: [],
    };
  }
  const brief = readBrief(prompt, request.negativePrompt);
  const layers = await draw(brief, { size: request.size, seed: request.seed, motion, edits: [] }, workshop);
  return {
    plan: toPlan(request, { layers, motion, beginsAtRest: false }),
    prompt,
    warnings: briefWarnings(brief),
  };
}

interface Shooting {
  readonly layers: readonly FilmLayer[];
  readonly motion: FilmMotion;
  readonly beginsAtRest: boolean;
}

function toPlan(
  {
    size,
    durationSeconds,
    framesPerSecond,
    seed,
  }: Pick<VideoGeneration, 'size' | 'durationSeconds' | 'framesPerSecond' | 'seed'>,
  shooting: Shooting,
): FilmPlan {
  const frames = Math.max(1, Math.round(durationSeconds * framesPerSecond));
  return { ...shooting, width: size.width, height: size.height, frames, framesPerSecond, seed };
}

function draw(
  brief: PictureBrief,
  {
    size,
    seed,
    motion,
    edits,
  }: {
    readonly size: PixelSize;
    readonly seed: number;
    readonly motion: FilmMotion;
    readonly edits: readonly PictureEdit[];
  },
  workshop: Workshop,
): Promise<FilmLayer[]> {
  return drawLayers(brief, { size, seed, falling: motion.falling !== undefined, edits }, workshop);
}

async function planFromFilm(
  request: VideoGeneration,
  { bytes, use }: NonNullable<VideoGeneration['source']>,
  workshop: Workshop,
): Promise<PlannedFilm> {
  const read = readNote(bytes);
  if (!read) {
    const message =
      'procedural/films can only go on from films that it made itself: nothing here unpacks the pictures of any other.';
    throw new AppError('unsupported_feature', message, { reason: 'video_source' });
  }
  const { note, film } = read;
  const size = { width: note.width, height: note.height };
  return use === 'extend'
    ? extendFilm({ ...request, size, framesPerSecond: note.framesPerSecond }, { note, film }, workshop)
    : changeFilm({ ...request, size }, note, workshop);
}

async function extendFilm(
  request: VideoGeneration,
  { note, film }: { readonly note: FilmNote; readonly film: Uint8Array<ArrayBuffer> },
  workshop: Workshop,
): Promise<PlannedFilm> {
  const layer = await pictureLayer(note.lastFrame, { size: request.size, edits: [] }, workshop);
  const asked = readMotion(request.prompt.slice(0, MOST_LETTERS));
  const phases = asked.phases.map((phase) => ({ ...phase, zoom: Math.max(1, phase.zoom) }));
  const warnings: Warning[] = asked.phases.some(({ zoom }) => zoom < 1)
    ? [
        {
          type: 'ignored',
          setting: 'prompt',
          reason: 'the camera cannot move away from the last frame: nothing around it is known',
        },
      ]
    : [];
  const plan = toPlan(request, { layers: [layer], motion: { ...asked, phases }, beginsAtRest: true });
  return { plan, prompt: note.prompt, picture: layer.image, before: film, warnings };
}

async function changeFilm(
  request: VideoGeneration,
  note: FilmNote,
  workshop: Workshop,
): Promise<PlannedFilm> {
  const later = request.prompt.slice(0, MOST_LETTERS);
  const { edits } = readEdits(later);
  const usable = edits.filter((edit) => edit.kind === 'pixels' || (edit.kind === 'steps' && !edit.reshapes));
  const asked = readMotion(later);
  const motion = asked.named ? asked : readMotion(note.prompt);
  const brief = readBrief(later, request.negativePrompt);
  const prompt = `${note.prompt}. ${later}`.slice(-KEPT_LETTERS);
  if (usable.length === 0 && !asked.named && (note.picture !== undefined || !changesScene(brief))) {
    throw impossibleEdit(`"${later.slice(0, 120)}" with this film`);
  }
  const { size } = request;
  const shot = {
    ...request,
    durationSeconds: note.frames / note.framesPerSecond,
    framesPerSecond: note.framesPerSecond,
    seed: note.seed,
  };
  if (note.picture) {
    const layer = await pictureLayer(note.picture, { size, edits: usable }, workshop);
    return {
      plan: toPlan(shot, { layers: [layer], motion, beginsAtRest: true }),
      prompt,
      picture: layer.image,
      warnings: [],
    };
  }
  const merged = changeBrief(readBrief(note.prompt, note.negativePrompt), brief);
  const falling = asked.falling ?? readMotion(note.prompt).falling;
  const both: FilmMotion = { ...motion, ...(falling ? { falling } : {}) };
  const layers = await draw(merged, { size, seed: note.seed, motion: both, edits: usable }, workshop);
  return { plan: toPlan(shot, { layers, motion: both, beginsAtRest: false }), prompt, warnings: [] };
}

function changesScene(brief: PictureBrief): boolean {
  return (
    brief.understood ||
    brief.season !== undefined ||
    brief.mood !== undefined ||
    brief.styles.length > 0 ||
    brief.colours.length > 0 ||
    Object.keys(brief.parts).length > 0
  );
}
