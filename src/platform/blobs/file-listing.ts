import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A blob that is there. */
export interface ListedBlob {
  readonly id: string;
  readonly byteLength: number;
}

/** What a blob may be called; what is still being written, and what others put there, is called otherwise. */
const SAFE_NAME = /^[\w-]+$/;

/** Every blob in a folder, in no order; one that comes or goes meanwhile may be missing. */
export async function* listFileBlobs(folder: string, prefix = ''): AsyncGenerator<ListedBlob> {
  const entries = await opendir(join(folder, prefix)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for await (const entry of entries) {
    if (!SAFE_NAME.test(entry.name)) continue;
    const id = `${prefix}${entry.name}`;
    if (entry.isDirectory()) yield* listFileBlobs(folder, `${id}/`);
    else if (entry.isFile()) yield* listed(folder, id);
  }
}

async function* listed(folder: string, id: string): AsyncGenerator<ListedBlob> {
  const facts = await stat(join(folder, id)).catch(() => undefined);
  if (facts) yield { id, byteLength: facts.size };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
