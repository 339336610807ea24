import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { AppError } from '../../base/errors.ts';

/** Ends the name of a file that has not arrived whole. */
export const PARTIAL = '.partial';

/** Beside a partial file: the validator of the copy it belongs to. */
export const PARTIAL_ETAG = '.partial-etag';

/** Whether a path given by a hub stays inside the model's folder on every system and clashes with none of our own files. */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.length > 400 || /[\\:*?"<>|\p{Cc}]/u.test(path)) return false;
  return path
    .split('/')
    .every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        !part.startsWith('.antiphon') &&
        !part.endsWith(PARTIAL) &&
        !part.endsWith(PARTIAL_ETAG),
    );
}

/** Makes the folders for a file below `root` and returns its path. Throws `conflict` when a link leads out of `root`. */
export async function prepareFile(root: string, path: string): Promise<string> {
  const target = join(root, ...path.split('/'));
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const [outer, inner] = await Promise.all([realpath(root), realpath(dirname(target))]);
  if (inner !== outer && !inner.startsWith(outer + sep))
    throw new AppError(
      'conflict',
      `A link inside the models folder leads '${path}' out of it. Nothing was written there.`,
      {
        reason: 'unsafe_path',
      },
    );
  return target;
}
