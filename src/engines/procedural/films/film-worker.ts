import encoders from 'h264-mp4-encoder';
import { serveTasks } from '../../worker-task.ts';
import { performFilmTask, type FilmAnswer, type FilmTask } from './film-task.ts';

await serveTasks<FilmTask, FilmAnswer>({
  prepare: () => undefined,
  run: async (task, control) => {
    const encoder = await encoders.createH264MP4Encoder();
    try {
      performFilmTask(encoder, task, control);
    } finally {
      // The file lies in the module's memory and would stay there.
      if (encoder.FS.readdir('/').includes(encoder.outputFilename)) encoder.FS.unlink(encoder.outputFilename);
      encoder.delete();
    }
  },
});
