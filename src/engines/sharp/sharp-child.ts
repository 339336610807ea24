import { fileURLToPath } from 'node:url';
import type { PixelImage } from '../../core/image/image-tools.ts';
import { serveNativeCalls } from '../native-child.ts';
import type { SharpAnswer, SharpCall, SharpStart, SniffedImage } from './sharp-calls.ts';
import {
  drawRaster,
  isTimeout,
  readFacts,
  readRaster,
  tooSlow,
  type Raster,
  type SharpModule,
} from './sharp-reading.ts';
import { applySteps } from './sharp-steps.ts';
import { writeFrames, writeRaster } from './sharp-writing.ts';

/** Everything else that the library can read stays locked. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff', 'Svg'];

let library: SharpModule | undefined;

serveNativeCalls<SharpStart, SharpCall, SharpAnswer>({
  prepare: async ({ fonts, threads }) => {
    // Read by the library once, when it is loaded. `fonts.conf` looks for the fonts in the folder of data.
    process.env['FONTCONFIG_FILE'] = fileURLToPath(new URL('fonts.conf', import.meta.url));
    process.env['XDG_DATA_HOME'] = fonts;
    const { default: sharp } = await import('sharp');
    sharp.cache(false);
    sharp.concurrency(threads);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}Buffer`) });
    library = sharp;
  },
  call: async (call) => {
    if (!library) throw new Error('The library is not loaded.');
    try {
      return await answer(library, call);
    } catch (error) {
      throw isTimeout(error) ? tooSlow(error) : error;
    }
  },
});

async function answer(sharp: SharpModule, call: SharpCall): Promise<SharpAnswer> {
  switch (call.kind) {
    case 'inspect':
      return { kind: 'facts', facts: await readFacts(sharp, call.image) };
    case 'pixels':
      return toPixels(await readRaster(sharp, call.image));
    case 'draw':
      return toPixels(await drawRaster(sharp, call.svg));
    case 'animate':
      return { kind: 'file', ...(await writeFrames(sharp, call.frames, call)) };
    case 'write': {
      const raster = await applySteps(sharp, await open(sharp, call.image), call.steps);
      const { width, height } = raster;
      return { kind: 'file', bytes: await writeRaster(sharp, raster, call.format), width, height };
    }
  }
}

function open(sharp: SharpModule, image: SniffedImage | PixelImage): Promise<Raster> | Raster {
  if (!('pixels' in image)) return readRaster(sharp, image);
  const { pixels, width, height } = image;
  return { data: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength), width, height };
}

function toPixels({ data, width, height }: Raster): SharpAnswer {
  return { kind: 'pixels', image: { pixels: Uint8Array.from(data), width, height } };
}
