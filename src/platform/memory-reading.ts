import { readdirSync, readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Memory that is taken of what there is. */
export interface MemoryReading {
  /** What it is the memory of, for the log. */
  readonly of: 'container' | 'machine' | 'program';
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** What a reading goes by. */
export interface MemoryPlaces {
  /** Where `/proc` and `/sys` are; another folder in tests. */
  readonly root?: string;
  /** What the program and its child processes may take together, where somebody has decided. */
  readonly mostBytes?: number | undefined;
}

/** How the two versions of control groups name things. */
const VERSIONS = [
  {
    line: /^0::(.*)$/m,
    mount: 'sys/fs/cgroup',
    limit: 'memory.max',
    used: 'memory.current',
    idle: /^inactive_file (\d+)$/m,
  },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m,
    mount: 'sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    idle: /^total_inactive_file (\d+)$/m,
  },
] as const;

/**
 * All that limits this program's memory: the control groups that it is in, with everything that runs in them, else the
 * machine; and what an operator has set, for the program and its children.
 */
export function readMemory({ root = '/', mostBytes }: MemoryPlaces = {}): readonly MemoryReading[] {
  const groups = VERSIONS.flatMap((version) => readGroups(root, version));
  const machine: MemoryReading = { of: 'machine', usedBytes: totalmem() - freemem(), limitBytes: totalmem() };
  const own: readonly MemoryReading[] =
    mostBytes === undefined
      ? []
      : [{ of: 'program', usedBytes: residentBytes(root, process.pid), limitBytes: mostBytes }];
  return [...(groups.length > 0 ? groups : [machine]), ...own];
}

/** A group and those around it: each may have a limit. Inside a container its own stands where the outermost would. */
function readGroups(root: string, version: (typeof VERSIONS)[number]): MemoryReading[] {
  const path = version.line.exec(textOf(join(root, 'proc/self/cgroup')) ?? '')?.[1];
  if (path === undefined) return [];
  const mount = join(root, version.mount);
  const folders: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    folders.push(join(mount, folder));
    if (dirname(folder) === folder) break;
  }
  return folders.flatMap((folder) => readGroup(folder, version));
}

function readGroup(folder: string, { limit, used, idle }: (typeof VERSIONS)[number]): MemoryReading[] {
  const limitBytes = Number(textOf(join(folder, limit)) ?? Number.NaN);
  const currentBytes = Number(textOf(join(folder, used)) ?? Number.NaN);
  // Without a limit the file says "max", or a number that no machine has.
  if (!Number.isFinite(limitBytes + currentBytes) || limitBytes > totalmem()) return [];
  // Files that were read and are not in use are given up before anything is killed.
  const idleBytes = Number(idle.exec(textOf(join(folder, 'memory.stat')) ?? '')?.[1] ?? 0);
  return [{ of: 'container', usedBytes: Math.max(0, currentBytes - idleBytes), limitBytes }];
}

/** Bytes in memory of a process and all that it has started; pages that they share count for each. */
function residentBytes(root: string, pid: number): number {
  const folder = join(root, 'proc', String(pid));
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(join(folder, 'status')) ?? '')?.[1];
  const own =
    kilobytes === undefined && pid === process.pid
      ? process.memoryUsage.rss()
      : Number(kilobytes ?? 0) * 1024;
  return childrenOf(folder).reduce((sum, child) => sum + residentBytes(root, child), own);
}

function childrenOf(folder: string): readonly number[] {
  try {
    return readdirSync(join(folder, 'task')).flatMap((task) =>
      (textOf(join(folder, 'task', task, 'children')) ?? '').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    // It has just ended, or this system does not tell.
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
