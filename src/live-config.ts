import type { HistoryLimits } from './core/history/speech-history.ts';
import type { JobLimits } from './core/jobs/job-limits.ts';
import type { Config } from './platform/config.ts';

/** Settings that count as soon as they are read anew; all others count from the next start. */
export const LIVE_SETTINGS = [
  'models',
  'remotes',
  'strictModels',
  'markup',
  'maxTextCharacters',
  'prices',
  'publicUrl',
  'historyDays',
  'historyMegabytes',
  'usageDays',
  'jobWorkers',
  'jobsPerOwner',
  'maxWaitingJobs',
  'resultHours',
  'jobLeaseSeconds',
  'stopDelaySeconds',
  'drainSeconds',
  'maxMemory',
  'memoryPercent',
  'logLevel',
  'logContent',
] as const satisfies readonly (keyof Config)[];

/** The configuration that is in force. */
export interface LiveConfig {
  readonly now: Config;
  /** What is another in a configuration than in the one in force: what can be changed now, and what cannot. */
  compare(next: Config): { readonly changed: readonly string[]; readonly needsRestart: readonly string[] };
  /** Goes by the settings of another configuration that can be changed now. */
  take(next: Config): void;
}

/** Begins with the configuration of the start. */
export function createLiveConfig(start: Config): LiveConfig {
  let now = start;
  return {
    get now() {
      return now;
    },
    compare: (next) => {
      const isLive = (name: string) => LIVE_SETTINGS.some((one) => one === name);
      // Both were read by one schema, so that both name every setting that has a value.
      const names = [...new Set([...Object.keys(now), ...Object.keys(next)])];
      const other = names.filter((name) => written(now, name) !== written(next, name));
      return {
        changed: other.filter(isLive),
        needsRestart: other.filter((name) => !isLive(name)),
      };
    },
    take: (next) => {
      now = { ...now, ...Object.fromEntries(LIVE_SETTINGS.map((name) => [name, next[name]])) };
    },
  };
}

function written(config: Config, name: string): string | undefined {
  return JSON.stringify(Object.entries(config).find(([own]) => own === name)?.[1]);
}

/** The limits of jobs, as they are whenever one of them is read. */
export function liveJobLimits(live: LiveConfig): JobLimits {
  return {
    get running() {
      return live.now.jobWorkers;
    },
    get perOwner() {
      return live.now.jobsPerOwner;
    },
    get waiting() {
      return live.now.maxWaitingJobs;
    },
    get resultMs() {
      return Math.round(live.now.resultHours * 60 * 60 * 1000);
    },
    get leaseMs() {
      return Math.round(live.now.jobLeaseSeconds * 1000);
    },
  };
}

/** The limits of the history, as they are whenever one of them is read. */
export function liveHistoryLimits(live: LiveConfig): HistoryLimits {
  return {
    get days() {
      return live.now.historyDays;
    },
    get bytes() {
      return live.now.historyMegabytes * 1024 * 1024;
    },
  };
}
