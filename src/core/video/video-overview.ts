import type { RequestContext } from '../context.ts';
import type { ImageTools, PixelImage } from '../image/image-tools.ts';
import type { MadeVideo } from './video-engine.ts';

/** Columns of a sheet of frames, and the width of each in pixels. */
const SHEET = { columns: 5, frameWidth: 160 };
const WEBP = { id: 'webp', quality: 80 } as const;

/** Pictures that tell what a film shows; those for which the engine gave nothing are absent. */
export interface VideoOverview {
  readonly thumbnail?: Uint8Array;
  /** Frames of the film in rows, from left to right, all of one size. */
  readonly spritesheet?: Uint8Array;
}

/** Makes the overview of a film from the frames that its engine gave along, in WebP. */
export async function makeOverview(
  { poster, samples = [] }: MadeVideo,
  tools: ImageTools,
  context: RequestContext,
): Promise<VideoOverview> {
  const thumbnail = poster && (await tools.write(poster, { format: WEBP }, context));
  const frames: PixelImage[] = [];
  for (const sample of samples) frames.push(await smallFrame(sample, tools, context));
  const sheet = layOut(frames);
  const spritesheet = sheet && (await tools.write(sheet, { format: WEBP }, context));
  return {
    ...(thumbnail ? { thumbnail: thumbnail.bytes } : {}),
    ...(spritesheet ? { spritesheet: spritesheet.bytes } : {}),
  };
}

async function smallFrame(
  sample: Uint8Array,
  tools: ImageTools,
  context: RequestContext,
): Promise<PixelImage> {
  const { width, height } = await tools.inspect(sample, context);
  const scaled = {
    width: SHEET.frameWidth,
    height: Math.max(1, Math.round((height * SHEET.frameWidth) / width)),
  };
  const steps = [{ kind: 'resize', ...scaled, fit: 'fill' }] as const;
  const { bytes } = await tools.write(sample, { format: { id: 'png' }, steps }, context);
  return tools.toPixels(bytes, context);
}

function layOut(frames: readonly PixelImage[]): PixelImage | undefined {
  const [first] = frames;
  if (!first) return undefined;
  const columns = Math.min(SHEET.columns, frames.length);
  const width = columns * first.width;
  const height = Math.ceil(frames.length / columns) * first.height;
  const pixels = new Uint8Array(width * height * 4);
  frames.forEach((frame, index) => {
    const left = (index % columns) * first.width;
    const top = Math.floor(index / columns) * first.height;
    for (let row = 0; row < first.height; row += 1) {
      const line = frame.pixels.subarray(row * frame.width * 4, (row + 1) * frame.width * 4);
      pixels.set(line, ((top + row) * width + left) * 4);
    }
  });
  return { width, height, pixels };
}
