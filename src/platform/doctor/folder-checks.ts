import { readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomHex } from '../../base/ids.ts';
import { failure, ok, reasonOf, warning, type Finding } from './finding.ts';

/** With less nothing can be kept, and databases break off. */
const LEAST_BYTES = 100 * 1024 * 1024;
const FEW_BYTES = 2 * 1024 * 1024 * 1024;

/** What the folder is held against; those of the process and its disk when absent. */
export interface FolderFacts {
  readonly uid?: number | undefined;
  readonly freeBytes?: number;
}

/** Whether the data folder can be used, and by nobody else. */
export async function checkDataFolder(
  folder: string,
  { uid = process.getuid?.(), freeBytes }: FolderFacts = {},
): Promise<readonly Finding[]> {
  const facts = await stat(folder).catch(() => undefined);
  if (!facts) {
    return [
      warning(
        'data-folder',
        `${folder} does not exist yet.`,
        'It is made at the first start; check that this is the right place.',
      ),
    ];
  }
  if (!facts.isDirectory())
    return [failure('data-folder', `${folder} is not a folder.`, 'Set dataDir to another place.')];
  return [
    await checkWriting(folder, facts.uid, uid),
    ...(await checkPermissions(folder, facts.mode)),
    checkSpace(folder, freeBytes ?? (await freeBytesOf(folder))),
  ];
}

async function checkWriting(folder: string, owner: number, uid: number | undefined): Promise<Finding> {
  const probe = join(folder, `.doctor-${randomHex(6)}`);
  try {
    await writeFile(probe, 'x', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    return failure(
      'data-folder',
      `Nothing can be written to ${folder}: ${reasonOf(error)}`,
      `Let the server's user own it (chown), and mount it for writing.`,
    );
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
  if (uid === undefined || owner === uid) return ok('data-folder', `${folder} can be written to.`);
  return warning(
    'data-folder',
    `${folder} belongs to user ${owner}, and this is user ${uid}.`,
    `Run this, and the server, as the same user, or change the owner (chown).`,
  );
}

/** Files that hold keys, secrets and what people said. */
const PRIVATE = /^antiphon\.sqlite/;

async function checkPermissions(folder: string, mode: number): Promise<readonly Finding[]> {
  // Windows tells no such thing.
  if (process.platform === 'win32') return [];
  const open: string[] = (mode & 0o077) === 0 ? [] : [`${folder} (${octal(mode)}, not 700)`];
  for (const name of await readdir(folder)) {
    const facts = PRIVATE.test(name) ? await stat(join(folder, name)).catch(() => undefined) : undefined;
    if (facts && (facts.mode & 0o077) !== 0)
      open.push(`${join(folder, name)} (${octal(facts.mode)}, not 600)`);
  }
  if (open.length === 0) return [ok('permissions', 'Only the own user may read what is kept.')];
  return [warning('permissions', `Others may look into ${open.join(', ')}.`, `chmod -R go= ${folder}`)];
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, '0');
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function checkSpace(folder: string, freeBytes: number): Finding {
  const message = `${Math.floor(freeBytes / 1024 / 1024)} MB are free for ${folder}.`;
  const advice = 'Make room, or lower historyMegabytes and resultHours.';
  if (freeBytes < LEAST_BYTES) return failure('disk-space', message, advice);
  return freeBytes < FEW_BYTES ? warning('disk-space', message, advice) : ok('disk-space', message);
}
