import { AppError, blamedOn, toAppError } from '../base/errors.ts';
import { mediaLength, type MediaBytes, type MediaInput } from './media-input.ts';
import type { MediaFetcher } from './ports/media-fetcher.ts';

/** How much is taken, until when, and who is to blame when it cannot be. */
export interface MediaOpening {
  /** The field that the media came in, as the caller spells it. */
  readonly param: string;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

/** Gets at the bytes of whatever a caller handed in. */
export interface MediaOpener {
  /**
   * The bytes themselves; those at an address are fetched. Throws `invalid_request`, `payload_too_large` or
   * `cancelled`, naming the field.
   */
  open(media: MediaInput, opening: MediaOpening): Promise<MediaBytes & { readonly filename?: string }>;
}

/** Builds the opener on what may fetch. */
export function createMediaOpener(fetcher: MediaFetcher): MediaOpener {
  return {
    open: async (media, { param, signal, maxBytes }) => {
      if (media.kind !== 'url') {
        if (mediaLength(media) > maxBytes) throw tooLarge(param, maxBytes);
        return media;
      }
      try {
        const { bytes, filename } = await fetcher.fetch(media.url, { maxBytes, signal });
        return { kind: 'bytes', bytes, ...(filename === undefined ? {} : { filename }) };
      } catch (error) {
        throw blamed(tooSlow(error), param);
      }
    },
  };
}

/** It is the caller's address that is slow; trying again would only make us wait again. */
function tooSlow(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'timed_out') return error;
  return new AppError('invalid_request', error.message, { reason: 'too_slow', cause: error });
}

/** The same failure under the name of the field that caused it, unless a field is named already. */
export function blamed(error: unknown, param: string): AppError {
  const failure = toAppError(error);
  if (failure.param !== undefined || failure.code === 'cancelled') return failure;
  return blamedOn(param, failure);
}

/** The same samples; what fails while they are read goes by the name of the field. */
export async function* blamedChunks(
  chunks: AsyncIterable<Float32Array>,
  param: string,
): AsyncGenerator<Float32Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw blamed(error, param);
  }
}

function tooLarge(param: string, maxBytes: number): AppError {
  return new AppError('payload_too_large', `The file in '${param}' is larger than ${maxBytes} bytes.`, {
    param,
  });
}
