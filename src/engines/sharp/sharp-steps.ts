import type { Sharp } from 'sharp';
import type { ImageFit, ImageStep } from '../../core/image/image-tools.ts';
import { refuseHuge, toRaster, type Raster, type SharpModule } from './sharp-reading.ts';

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

type Weights = [[number, number, number], [number, number, number], [number, number, number]];

/** How bright the eye finds red, green and blue (ITU-R BT.709). */
const LIGHT: [number, number, number] = [0.2126, 0.7152, 0.0722];

/** What old photographs look like, as rows for red, green and blue. */
const SEPIA: Weights = [
  [0.393, 0.769, 0.189],
  [0.349, 0.686, 0.168],
  [0.272, 0.534, 0.131],
];

/** The least blur that the library knows. */
const MIN_SIGMA = 0.3;

/** Changes a picture step by step. The library has an order of its own within a pipeline, so every step is one. */
export async function applySteps(
  sharp: SharpModule,
  raster: Raster,
  steps: readonly ImageStep[],
): Promise<Raster> {
  let current = raster;
  for (const step of steps) {
    refuseHuge({ ...sizeAfter(step, current), frames: 1 });
    current = await toRaster(applyStep(fromRaster(sharp, current), step));
  }
  return current;
}

/** A pipeline that begins with pixels. */
export function fromRaster(sharp: SharpModule, { data, width, height }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false });
}

function sizeAfter(step: ImageStep, { width, height }: Raster) {
  if (step.kind === 'resize') return { width: step.width, height: step.height };
  if (step.kind !== 'rotate' || step.degrees % 90 === 0) return { width, height };
  const around = Math.ceil(Math.hypot(width, height));
  return { width: around, height: around };
}

function applyStep(pipeline: Sharp, step: ImageStep): Sharp {
  if ('width' in step || step.kind === 'rotate' || step.kind === 'flip') return reshape(pipeline, step);
  if ('sigma' in step || step.kind === 'median') return filter(pipeline, step);
  return recolour(pipeline, step);
}

function reshape(pipeline: Sharp, step: Extract<ImageStep, { kind: 'resize' | 'crop' | 'rotate' | 'flip' }>) {
  switch (step.kind) {
    case 'resize':
      return pipeline.resize({ ...sizeOf(step), fit: step.fit, background: CLEAR });
    case 'crop':
      return pipeline.extract({ left: step.left, top: step.top, ...sizeOf(step) });
    case 'rotate':
      return pipeline.rotate(step.degrees, { background: CLEAR });
    case 'flip':
      return step.axis === 'horizontal' ? pipeline.flop() : pipeline.flip();
  }
}

function sizeOf({
  width,
  height,
}: {
  readonly width: number;
  readonly height: number;
  readonly fit?: ImageFit;
}) {
  return { width, height };
}

function filter(pipeline: Sharp, step: Extract<ImageStep, { kind: 'blur' | 'sharpen' | 'median' }>): Sharp {
  switch (step.kind) {
    case 'blur':
      return pipeline.blur(Math.max(MIN_SIGMA, step.sigma));
    case 'sharpen':
      return pipeline.sharpen({ sigma: step.sigma });
    case 'median':
      return pipeline.median(step.size);
  }
}

type Recolouring = Exclude<
  ImageStep,
  { kind: 'resize' | 'crop' | 'rotate' | 'flip' | 'blur' | 'sharpen' | 'median' }
>;

function recolour(pipeline: Sharp, step: Recolouring): Sharp {
  switch (step.kind) {
    case 'grey':
      return pipeline.recomb([LIGHT, LIGHT, LIGHT]);
    case 'negate':
      return pipeline.negate({ alpha: false });
    case 'sepia':
      return pipeline.recomb(SEPIA);
    case 'modulate': {
      const { kind: _, ...factors } = step;
      return pipeline.modulate(factors);
    }
    case 'contrast': {
      const { factor } = step;
      const lift = 128 * (1 - factor);
      return pipeline.linear([factor, factor, factor, 1], [lift, lift, lift, 0]);
    }
    case 'tint':
      return pipeline.tint({ r: step.red, g: step.green, b: step.blue });
    case 'flatten':
      return pipeline.flatten({ background: { r: step.red, g: step.green, b: step.blue } });
  }
}
