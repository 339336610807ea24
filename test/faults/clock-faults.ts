import { setTimeout as pause } from 'node:timers/promises';
import { withWatchedServer } from '../telemetry/watched-server.ts';
import { toneEngine } from '../tone-engine.ts';
import { createSteadyClock } from '../../src/platform/system-clock.ts';
import { receiveEnds } from './fault-ends.ts';
import type { Effort } from './scaled-faults.ts';
import { tryFault, type Fault, type FaultOutcome } from './fault-trial.ts';

const HOUR_MS = 60 * 60 * 1000;

/** How long each tenth of a second of sound takes to make, in milliseconds: jobs are under way when the clock is set. */
const PIECE_MS = 20;

/** The whole server in this process, on a machine whose time of day is set while it works. */
export async function clockFaults(effort: Effort): Promise<readonly FaultOutcome[]> {
  let offsetMs = 0;
  const clock = createSteadyClock({
    now: () => Date.now() + offsetMs,
    monotonicMs: () => performance.now(),
  });
  const set = (name: string, byMs: number): Fault => ({
    name,
    begin: async () => {
      offsetMs += byMs;
    },
    end: async () => {},
  });
  const ends = await receiveEnds();
  const outcomes: FaultOutcome[] = [];
  const options = {
    clock,
    engines: [
      toneEngine({
        concurrency: 4,
        get gate() {
          return pause(PIECE_MS);
        },
      }),
    ],
    jobLimits: { leaseMs: 1000, running: 2, perOwner: 4 },
    webhookNetworks: ['127.0.0.0/8'],
  };
  try {
    await withWatchedServer(options, async ({ origin }) => {
      const targets = [{ name: 'the server', origin, answers: true }];
      const bed = { targets, ends, ...effort };
      for (const fault of [
        set('the clock is set forward an hour', HOUR_MS),
        set('the clock is set back an hour', -HOUR_MS),
      ])
        outcomes.push(await tryFault(fault, bed));
    });
  } finally {
    ends.close();
  }
  return outcomes;
}
