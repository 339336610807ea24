import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Counts and hashes the bytes of a file as they come by. */
export interface FileDigest {
  readonly length: number;
  update(chunk: Uint8Array): void;
  /** Ends the digest. `gitId` is present when the file's length was known from the start. */
  end(): { readonly sha256: string; readonly gitId: string | undefined };
}

/** `gitBytes`: the length of the file whose git object id is wanted as well. */
export function createDigest(gitBytes?: number): FileDigest {
  const sha256 = createHash('sha256');
  // A git object is hashed behind a header with its length.
  const git: Hash | undefined =
    gitBytes === undefined ? undefined : createHash('sha1').update(`blob ${gitBytes}\0`);
  let length = 0;
  return {
    get length() {
      return length;
    },
    update: (chunk) => {
      length += chunk.length;
      sha256.update(chunk);
      git?.update(chunk);
    },
    end: () => ({ sha256: sha256.digest('hex'), gitId: git?.digest('hex') }),
  };
}

/** Feeds what is on disk to a digest. */
export async function digestFile(path: string, digest: FileDigest, signal?: AbortSignal): Promise<void> {
  const stream = createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) });
  for await (const chunk of stream) digest.update(Buffer.from(chunk));
}
