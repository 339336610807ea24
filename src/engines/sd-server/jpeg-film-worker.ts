import encoders from 'h264-mp4-encoder';
import { serveTasks } from '../worker-task.ts';
import type { EncodedStretch, Stretch } from './jpeg-film.ts';

/** Hardly to be told from what it is made of. */
const QUANTIZER = 20;
const SPEED = 4;

await serveTasks<Stretch, EncodedStretch>({
  prepare: () => undefined,
  run: async ({ width, height, framesPerSecond, frames }, { send, isCancelled }) => {
    const encoder = await encoders.createH264MP4Encoder();
    try {
      encoder.width = width;
      encoder.height = height;
      encoder.frameRate = framesPerSecond;
      encoder.quantizationParameter = QUANTIZER;
      encoder.groupOfPictures = frames.length;
      encoder.speed = SPEED;
      encoder.initialize();
      for (const pixels of frames) {
        if (isCancelled()) return;
        encoder.addFrameRgba(pixels);
      }
      encoder.finalize();
      const bytes = Uint8Array.from(encoder.FS.readFile(encoder.outputFilename));
      send({ bytes }, [bytes.buffer]);
    } finally {
      // The file lies in the module's memory and would stay there.
      if (encoder.FS.readdir('/').includes(encoder.outputFilename)) encoder.FS.unlink(encoder.outputFilename);
      encoder.delete();
    }
  },
});
