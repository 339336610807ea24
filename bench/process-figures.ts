import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** Whether this system tells what another process takes of memory and of the processors (Linux). */
export const figuresAreTold = existsSync('/proc/self/clear_refs');

/** Megabytes that a server takes, itself and its child processes. */
export interface Footprint {
  readonly server: number;
  readonly children: number;
}

/** What a process and its children take now. */
export function footprintNow(pid: number): Footprint {
  return footprint(pid, 'VmRSS');
}

/** The most that each of them has taken since `forgetPeaks`; the peaks need not have come at the same moment. */
export function footprintPeak(pid: number): Footprint {
  return footprint(pid, 'VmHWM');
}

/** Makes the most that was ever taken what is taken now (proc(5), `clear_refs`). */
export function forgetPeaks(pid: number): void {
  for (const one of [pid, ...childrenOf(pid)]) {
    if (existsSync(`/proc/${one}/clear_refs`)) writeFileSync(`/proc/${one}/clear_refs`, '5');
  }
}

/** Milliseconds of all processors that a process, with its threads and without its children, has used so far. */
export function processorMs(pid: number): number {
  // Fields 14 and 15 of proc(5), in hundredths of a second; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Milliseconds of all processors that a process and its children, those that have ended too, have used so far. */
export function processorMsOfAll(pid: number): number {
  const ticks = [pid, ...childrenOf(pid)].map((one) => {
    const fields = told(`/proc/${one}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    // Fields 14 to 17: its own, and those of children that it has seen to their end.
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0) * 10;
}

/** Megabytes of a process and its children in which each shared page counts in part for each who shares it (Linux). */
export function proportionalMegabytes(pid: number): number {
  const kibibytes = [pid, ...childrenOf(pid)].map((one) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(told(`/proc/${one}/smaps_rollup`))?.[1] ?? 0),
  );
  return (kibibytes.reduce((sum, one) => sum + one, 0) * 1024) / 1_000_000;
}

/** What a process holds open, and how many it is made of: its own file handles and threads, and its child processes. */
export function countsOf(pid: number): {
  readonly handles: number;
  readonly threads: number;
  readonly children: number;
} {
  return {
    handles: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    children: childrenOf(pid).length,
  };
}

function footprint(pid: number, field: 'VmRSS' | 'VmHWM'): Footprint {
  const children = childrenOf(pid).reduce((sum, child) => sum + megabytes(child, field), 0);
  return { server: megabytes(pid, field), children };
}

/** A process that has ended takes nothing, whether somebody has noticed its end yet or not. */
function megabytes(pid: number, field: string): number {
  const [, kibibytes = 0] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(told(`/proc/${pid}/status`)) ?? [];
  return (Number(kibibytes) * 1024) / 1_000_000;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => told(`/proc/${pid}/task/${task}/children`).trim().split(' '))
    .filter((child) => child !== '')
    .map(Number);
}

/** What the system tells in a file of a process or thread that may end between two looks. */
function told(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
