import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inFolder } from '../program/program.ts';
import { receiveEnds, type Ends } from './fault-ends.ts';
import { PICTURE } from './fault-load.ts';
import { createNode, type FaultNode } from './fault-nodes.ts';
import type { Effort } from './scaled-faults.ts';
import { tryFault, type Fault, type FaultOutcome } from './fault-trial.ts';

/** The name of the only node. */
const ONE = 'the node';

/** Room of the disk that becomes full, in megabytes. */
const DISK_MB = 96;

/** How often children are killed while one trial lasts, and how long they live in between, in milliseconds. */
const CHILD_KILLS = 4;
const CHILD_LIFE_MS = 300;

/** One process on SQLite and files, on a small disk of its own, and what may happen to it. */
export async function embeddedFaults(
  effort: Effort,
): Promise<readonly FaultOutcome[] | { readonly reason: string }> {
  if (process.platform !== 'linux') return { reason: 'disks and processes are looked at as Linux has them' };
  const ends = await receiveEnds();
  const outcomes: FaultOutcome[] = [];
  try {
    await inFolder(async (folder) => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      const isMounted = mount('-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk);
      try {
        outcomes.push(...(await onDisk(disk, isMounted, { ends, effort })));
      } finally {
        if (isMounted) spawnSync('umount', ['--lazy', disk]);
      }
    });
  } finally {
    ends.close();
  }
  return outcomes;
}

async function onDisk(
  disk: string,
  isMounted: boolean,
  { ends, effort }: { readonly ends: Ends; readonly effort: Effort },
): Promise<readonly FaultOutcome[]> {
  const data = join(disk, 'data');
  mkdirSync(data);
  const node = createNode({
    name: ONE,
    settings: {
      'data-dir': data,
      engines: 'flite,procedural,sharp',
      workers: 1,
      'log-level': 'silent',
      'history-days': 0,
      'job-workers': 2,
      'jobs-per-owner': 4,
      'job-lease-seconds': 3,
      'drain-seconds': 0,
    },
  });
  const bed = { targets: [node], ends, crashes: () => node.crashes, ...effort };
  const faults = [killNode(node), killChildren(node), ...(isMounted ? [fullDisk(disk), readOnly(data)] : [])];
  const outcomes: FaultOutcome[] = [];
  try {
    await node.start();
    for (const fault of faults) outcomes.push(await tryFault(fault, bed));
  } finally {
    await node.stop();
  }
  return outcomes;
}

function mount(...args: readonly string[]): boolean {
  return spawnSync('mount', args).status === 0;
}

function killNode(node: FaultNode): Fault {
  return {
    name: 'kill -9 of the only node',
    refuses: true,
    begin: () => node.kill(),
    end: () => node.start(),
    expects: { [ONE]: /^gone$/ },
  };
}

function killChildren(node: FaultNode): Fault {
  let killed = 0;
  return {
    name: 'child processes of an engine killed',
    wish: PICTURE,
    begin: async () => {},
    during: async () => {
      for (let count = 0; count < CHILD_KILLS; count += 1) {
        // One that is not needed at the moment may not be there.
        for (let ended = 0; ended === 0; killed += ended) {
          await pause(CHILD_LIFE_MS);
          ended = node.killChildren();
        }
      }
    },
    end: async () => {},
    remark: () => `${killed} were killed`,
  };
}

/** Whatever becomes free is taken at once. */
function fullDisk(disk: string): Fault {
  const filler = join(disk, 'filler');
  let filling: NodeJS.Timeout | undefined;
  return {
    name: 'the disk is full',
    refuses: true,
    begin: async () => {
      fill(filler);
      filling = setInterval(() => fill(filler), 20);
    },
    end: async () => {
      clearInterval(filling);
      rmSync(filler);
    },
    expects: { [ONE]: /^503 .*blobs/ },
  };
}

function fill(path: string): void {
  for (const size of [1_048_576, 65_536, 4096]) {
    try {
      for (;;) writeFileSync(path, new Uint8Array(size), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

/** The folder is mounted over itself for reading only: what is open stays as it was, and nothing new can be written. */
function readOnly(data: string): Fault {
  return {
    name: 'the data folder is read-only',
    refuses: true,
    begin: async () => {
      if (!mount('--bind', data, data) || !mount('-o', 'remount,ro,bind', data))
        throw new Error('The folder cannot be made read-only.');
    },
    end: async () => {
      if (spawnSync('umount', ['--lazy', data]).status !== 0) throw new Error('The folder stays read-only.');
    },
    expects: { [ONE]: /^503 .*blobs/ },
  };
}
