import { readFileSync } from 'node:fs';
import type { MemoryReading } from '../memory-reading.ts';
import { failure, ok, warning, type Finding } from './finding.ts';

/** The oldest Node.js that has everything that is used: zstd, and SQLite without a flag. */
const OLDEST_NODE = [22, 15] as const;

/** Sockets, files and pipes that a busy server has open at the same time. */
const ENOUGH_FILES = 4096;
const FEWEST_FILES = 1024;

/** What the program takes beside the models. */
const BESIDE_MODELS = 1024 * 1024 * 1024;

const MEGABYTE = 1024 * 1024;

/** Whether this Node.js is new enough; `version` is like `24.21.0`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest, least] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= least)) return ok('node', `Node.js ${version}.`);
  return failure(
    'node',
    `Node.js ${version} is too old.`,
    `Start the program by its own command, which brings its Node.js along, or use ${oldest}.${least} or newer.`,
  );
}

/** Whether the models that may be loaded, and the program, find room in what memory there is. */
export function checkMemory(budgetBytes: number, readings: readonly MemoryReading[]): Finding {
  const [least] = readings.toSorted((one, other) => one.limitBytes - other.limitBytes);
  if (!least) return warning('memory', 'How much memory there is cannot be told.', 'Set maxMemory.');
  const facts = `memoryBudget is ${megabytes(budgetBytes)}, the ${least.of} has ${megabytes(least.limitBytes)}`;
  if (budgetBytes >= least.limitBytes) {
    return failure(
      'memory',
      `${facts}: loaded models alone could take all of it.`,
      'Lower memoryBudget, or give it more memory.',
    );
  }
  if (budgetBytes + BESIDE_MODELS > least.limitBytes) {
    return warning(
      'memory',
      `${facts}: less than ${megabytes(BESIDE_MODELS)} is left for everything else.`,
      'Lower memoryBudget, or give it more memory.',
    );
  }
  return ok('memory', `${facts}.`);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MEGABYTE)} MB`;
}

/** How many files a process may have open, as Linux tells it in `/proc/self/limits`; undefined elsewhere. */
export function openFilesLimit(path = '/proc/self/limits'): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync(path, 'utf8'))?.[1];
    if (soft === undefined) return undefined;
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return undefined;
  }
}

/** Whether a process may have enough files open. */
export function checkOpenFiles(limit: number | undefined): Finding {
  const advice = `Raise it: "ulimit -n ${ENOUGH_FILES * 16}", LimitNOFILE= of systemd, or ulimits of the container.`;
  if (limit === undefined) return ok('open-files', 'This system does not tell how many files may be open.');
  if (limit < FEWEST_FILES)
    return failure('open-files', `Only ${limit} files may be open at a time.`, advice);
  if (limit < ENOUGH_FILES)
    return warning('open-files', `Only ${limit} files may be open at a time.`, advice);
  return ok('open-files', `${limit} files may be open at a time.`);
}
