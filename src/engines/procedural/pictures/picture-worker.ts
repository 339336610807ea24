import { serveTasks } from '../../worker-task.ts';
import { changePixels } from './picture-pixels.ts';
import type { PictureAnswer, PictureTask } from './picture-changes.ts';

await serveTasks<PictureTask, PictureAnswer>({
  prepare: () => undefined,
  run: ({ image, changes }, { send, isCancelled }) => {
    for (const change of changes) {
      if (isCancelled()) return;
      changePixels(image, change);
    }
    send(image, [image.pixels.buffer]);
  },
});
