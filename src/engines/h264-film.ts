import encoders from 'h264-mp4-encoder';

/** How a film is encoded. */
export interface H264Settings {
  /** Pixels; even numbers. */
  readonly width: number;
  readonly height: number;
  /** Frames in a second. */
  readonly frameRate: number;
  /** 10 to 51: the lower the better. */
  readonly quantizationParameter: number;
  /** Frames from one that can be shown by itself to the next. */
  readonly groupOfPictures: number;
  /** The encoder's own scale: 0 is slowest and best, 10 fastest. */
  readonly speed: number;
}

/**
 * Encodes H.264 in MP4, frame by frame. `addFrames` hands over each frame as RGBA rows from the top; where it says false, the film
 * is given up and nothing comes back.
 */
export async function encodeH264(
  settings: H264Settings,
  addFrames: (add: (pixels: Uint8Array) => void) => boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const encoder = await encoders.createH264MP4Encoder();
  try {
    Object.assign(encoder, settings);
    encoder.initialize();
    let isWhole = false;
    try {
      isWhole = addFrames((pixels) => encoder.addFrameRgba(pixels));
    } finally {
      // Also where nobody wants it any more: the library prints a complaint of one that was not finished.
      encoder.finalize();
    }
    return isWhole ? Uint8Array.from(encoder.FS.readFile(encoder.outputFilename)) : undefined;
  } finally {
    // The file lies in the module's memory and would stay there.
    if (encoder.FS.readdir('/').includes(encoder.outputFilename)) encoder.FS.unlink(encoder.outputFilename);
    encoder.delete();
  }
}
