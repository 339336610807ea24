import type { RequestContext } from '../../core/context.ts';
import type { MadeVideo, VideoEngine, VideoGeneration, VideoLimits } from '../../core/video/video-engine.ts';
import type { VideoSetting } from '../../core/video/video.ts';
import type { Warning } from '../../core/warning.ts';
import { readFilm, type FilmFacts } from '../../media/films/film-facts.ts';
import { withinTime } from '../remote-jobs.ts';
import { runGraph } from './comfyui-runs.ts';
import type { GraphTemplate, SlotName } from './graph-template.ts';
import {
  slotSettings,
  slotValues,
  templateOf,
  type SlotWords,
  type TemplateModel,
  type TemplatePart,
} from './template-settings.ts';

const WORDS: SlotWords<VideoSetting> = {
  seed: 'seed',
  steps: 'steps',
  cfg: 'guidance',
  negative: 'negative_prompt',
  frames: 'frames',
  seconds: 'duration',
  fps: 'frame_rate',
  width: 'size',
  height: 'size',
  image: 'first_frame',
};

const USUAL = { frames: 81, framesPerSecond: 16, size: { width: 832, height: 480 }, maxSide: 1280 };
const FILMS = /\.mp4$/i;

/** Films of a server of ComfyUI. */
export function createComfyuiVideos(part: TemplatePart): VideoEngine {
  const { frames, duration, ...settings } = slotSettings(part, WORDS);
  const length = frames ?? duration;
  return {
    // How long a film is can be said in frames or in seconds, whichever slot there is.
    settings: length === undefined ? settings : { ...settings, frames: 'any', duration: 'any' },
    limits: (card) => limitsOf(templateOf(part, card)),
    generate: (request, context) => generate(request, context, part),
  };
}

function limitsOf({ model: { limits }, template }: TemplateModel): VideoLimits {
  const { slots } = template;
  const framesPerSecond = rateOf(template);
  const most = limits.maxFrames ?? slots.get('frames')?.maximum ?? USUAL.frames;
  const maxSeconds = limits.maxSeconds ?? slots.get('seconds')?.maximum ?? most / framesPerSecond;
  return {
    maxSeconds,
    usualSeconds: Math.min(USUAL.frames / framesPerSecond, maxSeconds),
    usualFramesPerSecond: framesPerSecond,
    usualSize: USUAL.size,
    maxSide: limits.maxSide ?? USUAL.maxSide,
    needsFirstFrame: slots.has('image'),
    sourceUses: [],
  };
}

/** Frames per second, as they stand in the graph. */
function rateOf({ slots, graph }: GraphTemplate): number {
  const [place] = slots.get('fps')?.places ?? [];
  const written = place && graph[place.node]?.inputs[place.input];
  return typeof written === 'number' && written > 0 ? written : USUAL.framesPerSecond;
}

async function generate(
  request: VideoGeneration,
  context: RequestContext,
  part: TemplatePart,
): Promise<MadeVideo> {
  const chosen = templateOf(part, request.model);
  const { template, model } = chosen;
  const values = slotValues(chosen, {
    prompt: request.prompt,
    negative: request.negativePrompt,
    seed: request.seed,
    steps: request.steps,
    cfg: request.guidance,
    frames: Math.max(1, Math.round(request.durationSeconds * request.framesPerSecond)),
    seconds: request.durationSeconds,
    fps: request.framesPerSecond,
    width: request.size.width,
    height: request.size.height,
  });
  const { firstFrame } = request;
  const files = new Map<SlotName, Uint8Array>(
    firstFrame && template.slots.has('image') ? [['image', firstFrame]] : [],
  );
  const bytes = await withinTime(model.timeoutSeconds, context.signal, (signal) =>
    runGraph(
      {
        template,
        values,
        files,
        wordOf: (slot) => WORDS[slot] ?? slot,
        accepts: FILMS,
        signal,
        span: context.span,
        tell: (fraction) => context.report?.(fraction),
        reference: request.reference,
        remember: request.remember,
      },
      part.runs,
    ),
  );
  const film = await readFilm(bytes);
  const warnings = warningsOf(request, film);
  return { bytes, ...film, ...(warnings.length > 0 ? { warnings } : {}) };
}

function warningsOf({ size, frames }: VideoGeneration, film: FilmFacts): Warning[] {
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
