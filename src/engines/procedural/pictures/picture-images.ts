import type { RequestContext } from '../../../core/context.ts';
import type { ImageEngine, ImageEvent, ImageGeneration } from '../../../core/image/image-engine.ts';
import type { ModelCard } from '../../../core/models/model.ts';
import { createPixelWork } from './picture-changes.ts';
import { editPicture } from './picture-editing.ts';
import { briefWarnings, paint, paintPreview, sketch, type Workshop } from './picture-painting.ts';

/** Pictures that are drawn, and edits that need no model. */
export const PICTURES_CARD: ModelCard = {
  id: 'procedural/pictures',
  name: 'Procedural pictures',
  capability: 'image',
  description:
    'Draws scenes and things that the prompt names as vector art, and makes the edits that need no model. A stand-in: it paints no photographs.',
  languages: ['en'],
  implements: [],
  licence: 'Apache-2.0',
};

/** The part of the engine that makes pictures, and what ends its threads. */
export interface ProceduralImages {
  readonly image: ImageEngine;
  stop(): Promise<void>;
}

/** Draws pictures. `workers` threads at most change pixels; none runs before the first picture. */
export function createProceduralImages({ workers }: { readonly workers: number }): ProceduralImages {
  const pixels = createPixelWork(workers);
  return {
    image: {
      settings: {
        size: 'any',
        quality: 'any',
        background: 'any',
        seed: 'any',
        steps: { minimum: 1, maximum: 100 },
        negative_prompt: 'any',
        strength: { minimum: 0, maximum: 1 },
        previews: 'any',
        caption: 'any',
      },
      takes: () => ({
        inputs: 16,
        mask: true,
        sizes: { step: 1, minimum: 16, maximum: 4096, usual: { width: 1024, height: 1024 } },
      }),
      generate: (request, context) => generate(request, { tools: request.tools, pixels, context }),
    },
    stop: () => pixels.stop(),
  };
}

async function* generate(request: ImageGeneration, workshop: Workshop): AsyncGenerator<ImageEvent> {
  const { tools, context } = workshop;
  if (request.inputs.length > 0) {
    const { image, warnings } = await editPicture(request, workshop);
    yield { type: 'image-end', bytes: await toPng(image, { tools, context }), warnings };
    return;
  }
  const drawing = sketch(request);
  for (let index = 0; index < request.previews; index += 1) {
    const share = (index + 1) / (request.previews + 1);
    yield { type: 'preview', bytes: await paintPreview(drawing, share, workshop) };
    yield { type: 'progress', fraction: share * 0.8 };
  }
  const image = await paint(drawing, workshop);
  yield { type: 'progress', fraction: 0.9 };
  const warnings = briefWarnings(drawing.brief);
  yield { type: 'image-end', bytes: await toPng(image, { tools, context }), warnings };
}

async function toPng(
  image: Parameters<ImageGeneration['tools']['write']>[0],
  { tools, context }: { readonly tools: ImageGeneration['tools']; readonly context: RequestContext },
): Promise<Uint8Array> {
  const { bytes } = await tools.write(image, { format: { id: 'png' } }, context);
  return bytes;
}
