import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { AppError } from '../base/errors.ts';
import { randomHex } from '../base/ids.ts';
import type { OutputFolders } from '../core/ports/output-folders.ts';

/** Longest address, in characters, and what a part of it may be: nothing that a file system takes for something else. */
const LONGEST_ADDRESS = 1024;
const PART = /^(?!\.{1,2}$)[\p{L}\p{N} ._+=@-]{1,200}$/u;

/** Folders by the prefix of the addresses that they stand for, such as `s3://bucket/pictures/`. */
export function createOutputFolders(prefixes: Readonly<Record<string, string>>): OutputFolders {
  // The longest prefix knows best.
  const roots = Object.entries(prefixes)
    .map(([prefix, folder]) => ({ prefix: prefix.endsWith('/') ? prefix : `${prefix}/`, folder }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);

  const place = (address: string) => {
    const root = roots.find(({ prefix }) => address.startsWith(prefix));
    if (!root || address.length > LONGEST_ADDRESS) return undefined;
    const parts = address.slice(root.prefix.length).split('/');
    return parts.every((part) => PART.test(part)) ? { folder: root.folder, parts } : undefined;
  };

  return {
    allows: (address) => place(address) !== undefined,
    write: async (address, bytes) => {
      const found = place(address);
      if (!found) throw new AppError('permission_denied', `Nothing may be written to '${address}'.`);
      await writeBelow(found, bytes);
    },
  };
}

/** Whoever reads the folder sees a whole file or none. */
async function writeBelow(
  { folder, parts }: { readonly folder: string; readonly parts: readonly string[] },
  bytes: Uint8Array,
): Promise<void> {
  const path = join(folder, ...parts);
  await mkdir(dirname(path), { recursive: true });
  const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(path))]);
  // A link inside the folder may lead out of it.
  if (parent !== root && !parent.startsWith(root + sep)) {
    throw new AppError('permission_denied', `'${parts.join('/')}' leads out of the folder that is allowed.`);
  }
  const unfinished = join(parent, `.${randomHex(8)}.unfinished`);
  try {
    await writeFile(unfinished, bytes);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
