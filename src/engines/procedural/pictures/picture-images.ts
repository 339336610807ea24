import type { ImageEngine, ImageEvent, ImageGeneration } from '../../../core/image/image-engine.ts';
import type { ModelCard } from '../../../core/models/model.ts';
import { createPixelWork, type PixelThreads } from './picture-changes.ts';
import type { Workshop } from './picture-painting.ts';

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

/** Draws pictures. No thread runs before the first picture. */
export function createProceduralImages(threads: PixelThreads): ProceduralImages {
  const pixels = createPixelWork(threads);
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

/** Everything that draws is read when the first picture is asked for. */
async function* generate(request: ImageGeneration, workshop: Workshop): AsyncGenerator<ImageEvent> {
  const { makePicture } = await import('./picture-making.ts');
  yield* makePicture(request, workshop);
}
