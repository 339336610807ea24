import type { UsageAmounts } from '../ports/usage-store.ts';

/** The names of what is counted. */
export const AMOUNTS = ['requests', 'failures', 'characters', 'audioMs', 'pictures', 'engineMs'] as const;

/** Nothing at all. */
export const NOTHING_USED: UsageAmounts = {
  requests: 0,
  failures: 0,
  characters: 0,
  audioMs: 0,
  pictures: 0,
  engineMs: 0,
};

/** Both together. */
export function addAmounts(a: UsageAmounts, b: UsageAmounts): UsageAmounts {
  return {
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    characters: a.characters + b.characters,
    audioMs: a.audioMs + b.audioMs,
    pictures: a.pictures + b.pictures,
    engineMs: a.engineMs + b.engineMs,
  };
}
