import { closeSync, openSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { cancelledError } from '../../base/errors.ts';

/**
 * One holder per file among all processes of the machine. SQLite takes the system's own lock on an empty file, so
 * the lock of a process that died is free at once: there is no stale lock to recognise.
 */
export interface DownloadLock {
  release(): void;
}

/** Takes the lock if nobody has it. */
export async function takeLock(file: string): Promise<DownloadLock | undefined> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return tryLock(file);
}

/** Waits for the lock, looking again every `pollMs`. Throws `cancelled` when the signal fires. */
export async function waitForLock(file: string, signal: AbortSignal, pollMs: number): Promise<DownloadLock> {
  for (;;) {
    if (signal.aborted) throw cancelledError();
    const lock = await takeLock(file);
    if (lock) return lock;
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether some process holds the lock now. */
export async function isLocked(file: string): Promise<boolean> {
  if (!(await stat(file).catch(() => undefined))) return false;
  try {
    const lock = tryLock(file);
    lock?.release();
    return lock === undefined;
  } catch {
    // A read-only folder cannot be locked, and nobody downloads into it.
    return false;
  }
}

function tryLock(file: string): DownloadLock | undefined {
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY and SQLITE_LOCKED, https://sqlite.org/rescode.html
  return error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6);
}
