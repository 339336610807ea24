import { encodeH264 } from '../h264-film.ts';
import { serveTasks } from '../worker-task.ts';
import type { EncodedStretch, Stretch } from './jpeg-film.ts';

/** Hardly to be told from what it is made of. */
const QUANTIZER = 20;
const SPEED = 4;

await serveTasks<Stretch, EncodedStretch>({
  prepare: () => undefined,
  run: async ({ width, height, framesPerSecond, frames }, { send, isCancelled }) => {
    const settings = {
      width,
      height,
      frameRate: framesPerSecond,
      quantizationParameter: QUANTIZER,
      groupOfPictures: frames.length,
      speed: SPEED,
    };
    const bytes = await encodeH264(settings, (add) => {
      for (const pixels of frames) {
        if (isCancelled()) return false;
        add(pixels);
      }
      return true;
    });
    if (bytes) send({ bytes }, [bytes.buffer]);
  },
});
