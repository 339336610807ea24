import { encodeH264 } from '../../h264-film.ts';
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
/** Quick, and still good. */
const SPEED = 4;

/** Makes a film frame by frame: never more than one is in memory. */
export async function performFilmTask(
  { plan, wanted }: FilmTask,
  { send, isCancelled }: TaskControl<FilmAnswer>,
): Promise<void> {
  const settings = {
    width: plan.width,
    height: plan.height,
    frameRate: plan.framesPerSecond,
    quantizationParameter: QUANTIZER,
    groupOfPictures: Math.max(1, Math.round(plan.framesPerSecond * KEY_SECONDS)),
    speed: SPEED,
  };
  const bytes = await encodeH264(settings, (add) => {
    const maker = createFrameMaker(plan);
    for (let index = 0; index < plan.frames; index += 1) {
      if (isCancelled()) return false;
      const pixels = maker.frame(index);
      add(pixels);
      if (wanted.includes(index)) {
        const copy = pixels.slice();
        send({ kind: 'frame', index, pixels: copy }, [copy.buffer]);
      }
      send({ kind: 'progress', frames: index + 1 });
    }
    return true;
  });
  if (bytes) send({ kind: 'film', bytes }, [bytes.buffer]);
}
