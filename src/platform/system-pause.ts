import { setTimeout } from 'node:timers/promises';
import type { Pause } from '../core/ports/pause.ts';

/** Waits in real time. */
export const systemPause: Pause = async (milliseconds, signal) => {
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
};
