import { cancelledError } from '../../base/errors.ts';
import { createHandoff } from '../../base/handoff.ts';
import type { RequestContext } from '../context.ts';
import type { BlobStore } from '../ports/blob-store.ts';

/** Where bytes are kept, and what follows once all of them are. */
export interface Keeping {
  readonly blobs: BlobStore;
  readonly blobId: string;
  readonly context: RequestContext;
  readonly finish: (byteLength: number) => Promise<void>;
}

/**
 * The same bytes, which are kept while they are read: no faster than the reader reads and the disk writes. A stream
 * that fails, or is left, or whose caller hangs up, leaves nothing behind. Where nothing can be kept the reader still
 * gets everything, and the log says why.
 */
export function keepWhileSent(
  chunks: AsyncIterable<Uint8Array>,
  keeping: Keeping,
): AsyncIterable<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let blob: GrowingBlob | undefined;
  let open = true;
  const abandon = async () => {
    open = false;
    await blob?.abandon();
  };
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const result = await iterator.next();
      if (!open) return result;
      blob ??= growBlob(keeping);
      if (result.done !== true) {
        await blob.push(result.value);
        return result;
      }
      if (keeping.context.signal.aborted) throw cancelledError();
      open = false;
      await blob.finish();
      return result;
    } catch (error) {
      await abandon();
      throw error;
    }
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => {
        await iterator.return?.();
        if (open) await abandon();
        return { done: true, value: undefined };
      },
    }),
  };
}

interface GrowingBlob {
  push(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

function growBlob({ blobs, blobId, context, finish }: Keeping): GrowingBlob {
  const handoff = createHandoff<Uint8Array>();
  const stored = blobs.put(blobId, handoff.items).then(
    (byteLength) => ({ byteLength }),
    (error: unknown) => ({ error }),
  );
  // A store that fails before it reads must not keep the reader waiting.
  void stored.then(() => handoff.leave());
  const complain = (error: unknown) =>
    context.log.error({ requestId: context.requestId, error }, 'history-write-failed');
  return {
    push: (bytes) => handoff.push(bytes),
    finish: async () => {
      handoff.end();
      const outcome = await stored;
      if ('error' in outcome) return complain(outcome.error);
      try {
        await finish(outcome.byteLength);
      } catch (error) {
        await blobs.remove(blobId);
        complain(error);
      }
    },
    abandon: async () => {
      handoff.end(cancelledError());
      await stored;
    },
  };
}
