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
  for (const one of [pid, ...childrenOf(pid)]) writeFileSync(`/proc/${one}/clear_refs`, '5');
}

/** Milliseconds of all processors that a process, with its threads and without its children, has used so far. */
export function processorMs(pid: number): number {
  // Fields 14 and 15 of proc(5), in hundredths of a second; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function footprint(pid: number, field: 'VmRSS' | 'VmHWM'): Footprint {
  const children = childrenOf(pid).reduce((sum, child) => sum + megabytes(child, field), 0);
  return { server: megabytes(pid, field), children };
}

function megabytes(pid: number, field: string): number {
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kibibytes ?? Number.NaN) * 1024) / 1_000_000;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter((child) => child !== '')
    .map(Number);
}
