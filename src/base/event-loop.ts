import { setImmediate } from 'node:timers/promises';

/** Lets everybody else have a turn, so that long work on one caller's bytes does not hold up the others. */
export async function othersFirst(): Promise<void> {
  await setImmediate();
}
