import type { H264MP4Encoder } from 'h264-mp4-encoder';
import type { TaskControl } from '../../worker-task.ts';
import { createFrameMaker, type FilmPlan } from './film-frames.ts';

/** What the thread is asked: a film, and which of its frames are wanted as pictures. */
export interface FilmTask {
  readonly plan: FilmPlan;
  readonly wanted: readonly number[];
}

/** What the thread tells while it works; the film comes last. */
export type FilmAnswer =
  | { readonly kind: 'progress'; readonly frames: number }
  | { readonly kind: 'frame'; readonly index: number; readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'film'; readonly bytes: Uint8Array<ArrayBuffer> };

/** Good to look at; about a megabit per second for a drawing of 640x360. */
const QUANTIZER = 24;
/** Seconds from one frame that can be shown by itself to the next. */
const KEY_SECONDS = 2;
/** The encoder's own scale: 0 is slowest and best, 10 fastest. */
const SPEED = 4;

/** Makes a film frame by frame: never more than one is in memory. */
export function performFilmTask(
  encoder: H264MP4Encoder,
  { plan, wanted }: FilmTask,
  { send, isCancelled }: TaskControl<FilmAnswer>,
): void {
  encoder.width = plan.width;
  encoder.height = plan.height;
  encoder.frameRate = plan.framesPerSecond;
  encoder.quantizationParameter = QUANTIZER;
  encoder.groupOfPictures = Math.max(1, Math.round(plan.framesPerSecond * KEY_SECONDS));
  encoder.speed = SPEED;
  encoder.initialize();
  const maker = createFrameMaker(plan);
  for (let index = 0; index < plan.frames; index += 1) {
    if (isCancelled()) return;
    const pixels = maker.frame(index);
    encoder.addFrameRgba(pixels);
    if (wanted.includes(index)) {
      const copy = pixels.slice();
      send({ kind: 'frame', index, pixels: copy }, [copy.buffer]);
    }
    send({ kind: 'progress', frames: index + 1 });
  }
  encoder.finalize();
  const bytes = Uint8Array.from(encoder.FS.readFile(encoder.outputFilename));
  send({ kind: 'film', bytes }, [bytes.buffer]);
}
