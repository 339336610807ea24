import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { ImageTools, PixelImage } from '../../core/image/image-tools.ts';
import { findImageKind } from '../../media/images/image-kinds.ts';
import { createNativeProcess, type NativeProcess, type NativeProcessParts } from '../native-process.ts';
import type { SharpAnswer, SharpCall, SharpStart, SniffedImage } from './sharp-calls.ts';

/** Children at work at the same time; each does one call, so that a crash costs one. */
export const SHARP_PROCESSES = 2;

/** Longest call, all of its steps included. */
const CALL_TIMEOUT_MS = 60_000;

/** A child is ready again within half a second, and holds some 100 MB. */
const IDLE_MS = 60_000;

type SharpProcess = NativeProcess<SharpCall, SharpAnswer>;

/** How the children are made; the script and the times are other ones in tests only. */
export interface SharpToolsParts extends Pick<NativeProcessParts, 'callTimeoutMs' | 'idleMs'> {
  readonly start: SharpStart;
  readonly script?: URL;
}

/** Tools for pictures in child processes of their own, and how to end those. */
export function createSharpTools(parts: SharpToolsParts): {
  readonly tools: ImageTools;
  /** Process ids of the children that run. */
  readonly pids: () => readonly number[];
  readonly stop: () => Promise<void>;
} {
  const places = Array.from({ length: SHARP_PROCESSES }, () => ({ process: startable(parts), calls: 0 }));

  const call = async (what: SharpCall, { signal }: RequestContext): Promise<SharpAnswer> => {
    const place = places.reduce((best, next) => (next.calls < best.calls ? next : best));
    place.calls += 1;
    try {
      return await place.process.call(what, { signal });
    } finally {
      place.calls -= 1;
    }
  };

  return {
    tools: toolsOn(call),
    pids: () => places.flatMap(({ process: { pid } }) => pid ?? []),
    stop: async () => {
      await Promise.all(places.map(({ process }) => process.stop()));
    },
  };
}

function startable({ script, ...parts }: SharpToolsParts): SharpProcess {
  return createNativeProcess({
    engine: 'sharp',
    script: script ?? new URL('sharp-child.ts', import.meta.url),
    callTimeoutMs: CALL_TIMEOUT_MS,
    idleMs: IDLE_MS,
    ...parts,
  });
}

type Ask = (call: SharpCall, context: RequestContext) => Promise<SharpAnswer>;

function toolsOn(ask: Ask): ImageTools {
  return {
    inspect: async (bytes, context) => {
      const answer = await ask({ kind: 'inspect', image: sniffed(bytes) }, context);
      if (answer.kind !== 'facts') throw strange(answer);
      return answer.facts;
    },
    toPixels: async (bytes, context) =>
      pixelsIn(await ask({ kind: 'pixels', image: sniffed(bytes) }, context)),
    write: async (image, { format, steps = [] }, context) => {
      const opened = image instanceof Uint8Array ? sniffed(image) : whole(image);
      return fileIn(await ask({ kind: 'write', image: opened, format, steps }, context));
    },
    animate: async (frames, { format, frameMs }, context) => {
      const call: SharpCall = { kind: 'animate', frames: frames.map(whole), format, frameMs };
      return fileIn(await ask(call, context)).bytes;
    },
    draw: async (svg, context) => pixelsIn(await ask({ kind: 'draw', svg }, context)),
  };
}

function sniffed(bytes: Uint8Array): SniffedImage {
  const kind = findImageKind(bytes);
  if (kind === 'svg') {
    throw new AppError(
      'unsupported_media',
      'SVG drawings are not read: they may refer to other files. Send it as PNG.',
      { reason: 'unsupported_image' },
    );
  }
  if (kind === undefined) {
    throw new AppError(
      'unsupported_media',
      'This is no picture that can be read: PNG, JPEG, WebP, GIF, AVIF and TIFF can.',
      { reason: 'unsupported_image' },
    );
  }
  return { kind, bytes };
}

function whole({ pixels, width, height }: PixelImage): PixelImage {
  if (pixels.length === width * height * 4) return { pixels, width, height };
  throw new Error(`${width} x ${height} pixels are not ${pixels.length} bytes.`);
}

function pixelsIn(answer: SharpAnswer): PixelImage {
  if (answer.kind !== 'pixels') throw strange(answer);
  return answer.image;
}

function fileIn(answer: SharpAnswer) {
  if (answer.kind !== 'file') throw strange(answer);
  const { bytes, width, height } = answer;
  return { bytes, width, height };
}

function strange({ kind }: SharpAnswer): AppError {
  return new AppError('engine_failed', `The picture tools answered with ${kind}.`);
}
