import type { RequestContext } from '../../../core/context.ts';
import type { ImageEvent, ImageGeneration } from '../../../core/image/image-engine.ts';
import { editPicture } from './picture-editing.ts';
import { briefWarnings, paint, paintPreview, sketch, type Workshop } from './picture-painting.ts';

/** Draws what a prompt says, or changes the pictures that came with it. */
export async function* makePicture(request: ImageGeneration, workshop: Workshop): AsyncGenerator<ImageEvent> {
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
