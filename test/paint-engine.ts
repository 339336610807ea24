import { AppError, cancelledError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import type { Engine } from '../src/core/engine.ts';
import type { ImageEngine, ImageEvent, ImageGeneration, ImageSizes } from '../src/core/image/image-engine.ts';
import type { ImageTools, PixelImage } from '../src/core/image/image-tools.ts';
import type { PixelSize } from '../src/core/image/image.ts';
import type { Warning } from '../src/core/warning.ts';
import { sharpEngine } from '../src/engines/sharp/sharp-engine.ts';

/** What a paint engine is, and what it is told to do wrong. */
export interface PaintEngineOptions {
  readonly id?: string;
  readonly implements?: readonly string[];
  readonly concurrency?: number;
  readonly sizes?: Partial<ImageSizes>;
  /** Pictures to change that it takes; 4 unless told. */
  readonly inputs?: number;
  readonly mask?: boolean;
  readonly settings?: ImageEngine['settings'];
  /** Break instead of the first picture, or refuse it. */
  readonly fails?: 'engine_failed' | 'unsupported_feature';
  /** Break after the previews of a picture. */
  readonly breaksLate?: boolean;
  /** What it has to tell of every finished picture. */
  readonly tells?: readonly Warning[];
  /** Answer with these bytes. */
  readonly answers?: Uint8Array;
  /** Hold every picture back until this resolves. */
  readonly gate?: Promise<void>;
}

export interface PaintEngine extends Engine {
  /** Every picture that the engine was asked for. */
  readonly asked: ImageGeneration[];
  /** Pictures that were begun and not yet ended, and the most that ever were. */
  readonly open: () => number;
  readonly mostOpen: () => number;
}

const SETTINGS: ImageEngine['settings'] = {
  seed: 'any',
  steps: { minimum: 1, maximum: 50 },
  background: 'any',
  animation: 'any',
  previews: 'any',
};

/** Draws, for one thing: the left half in a colour of the prompt, the right one in one of the seed. */
export function paintedColour(text: string): readonly [number, number, number] {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0xff_ff_ff;
  return [sum & 255, (sum >> 8) & 255, (sum >> 16) & 255];
}

/**
 * A faithful stand-in for an image engine in tests. From words it paints two halves whose colours are those of the
 * prompt and of the seed; given pictures it turns the first one into its negative, within the mask where there is one.
 * It obeys the signal and tells its progress like a real engine.
 */
export function paintEngine(options: PaintEngineOptions = {}): PaintEngine {
  const id = options.id ?? 'paint';
  const asked: ImageGeneration[] = [];
  let open = 0;
  let mostOpen = 0;

  async function* paint(request: ImageGeneration, context: RequestContext): AsyncGenerator<ImageEvent> {
    asked.push(request);
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    try {
      if (options.fails)
        throw new AppError(
          options.fails,
          `The paint engine says ${options.fails}.`,
          options.fails === 'unsupported_feature' ? { param: 'prompt' } : {},
        );
      await untilOpen(options.gate, context);
      yield { type: 'progress', fraction: 0.5 };
      for (let preview = 0; preview < request.previews; preview += 1) {
        yield { type: 'preview', bytes: await painted(request, context) };
      }
      if (options.breaksLate)
        throw new AppError('engine_failed', 'The paint engine broke, as it was told to.');
      const bytes = options.answers ?? (await painted(request, context));
      yield { type: 'image-end', bytes, ...(options.tells ? { warnings: options.tells } : {}) };
    } finally {
      open -= 1;
    }
  }

  return {
    id,
    concurrency: options.concurrency ?? 4,
    models: [
      {
        id: `${id}/${id}`,
        name: 'Paint',
        capability: 'image',
        description: 'Two colours',
        languages: 'any',
        implements: options.implements ?? [],
        licence: 'CC0-1.0',
      },
    ],
    image: {
      settings: options.settings ?? SETTINGS,
      takes: () => ({
        inputs: options.inputs ?? 4,
        mask: options.mask ?? true,
        sizes: {
          step: 16,
          minimum: 64,
          maximum: 2048,
          usual: { width: 256, height: 192 },
          ...options.sizes,
        },
      }),
      generate: paint,
    },
    asked,
    open: () => open,
    mostOpen: () => mostOpen,
  };
}

async function untilOpen(gate: Promise<void> | undefined, { signal }: RequestContext): Promise<void> {
  if (signal.aborted) throw cancelledError();
  if (!gate) return;
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(cancelledError());
  signal.addEventListener('abort', leave, { once: true });
  try {
    await Promise.race([gate, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function painted(request: ImageGeneration, context: RequestContext): Promise<Uint8Array> {
  const { tools, animation, inputs, background } = request;
  const [first] = inputs;
  if (animation) {
    const frames = Array.from({ length: animation.frames }, (_, frame) =>
      halves(request.size, request.prompt, `${request.seed} ${frame}`),
    );
    return tools.animate(frames, { format: { id: 'gif' }, frameMs: animation.frameMs }, context);
  }
  const image = first
    ? await negative(first, request, context)
    : halves(request.size, request.prompt, String(request.seed), background === 'transparent' ? 0 : 255);
  return (await tools.write(image, { format: { id: 'png' } }, context)).bytes;
}

async function negative(
  input: Uint8Array,
  { mask, tools }: ImageGeneration,
  context: RequestContext,
): Promise<PixelImage> {
  const { pixels, ...size } = await tools.toPixels(input, context);
  const allowed = mask && (await tools.toPixels(mask, context)).pixels;
  const changed = pixels.map((value, place) => {
    const fixed = place % 4 === 3 || (allowed?.[place | 3] ?? 0) > 127;
    return fixed ? value : 255 - value;
  });
  return { ...size, pixels: changed };
}

function halves({ width, height }: PixelSize, left: string, right: string, alpha = 255): PixelImage {
  const colours = [paintedColour(left), paintedColour(right)] as const;
  const pixels = new Uint8Array(width * height * 4);
  for (let place = 0; place < width * height; place += 1) {
    const colour = place % width < width / 2 ? colours[0] : colours[1];
    pixels.set([...colour, alpha], place * 4);
  }
  return { width, height, pixels };
}

/** The real tools in their child processes; whoever starts them stops them. */
export async function startTools(): Promise<Engine & { readonly imageTools: ImageTools }> {
  const started = await sharpEngine.create({ workers: 1 });
  if (!('imageTools' in started) || !started.imageTools) throw new Error('sharp does not run.');
  return { ...started, imageTools: started.imageTools };
}
