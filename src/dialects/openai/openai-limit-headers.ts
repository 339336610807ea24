import type { LimitStanding } from '../../core/ports/request-limiter.ts';

/** How a key stands to its requests per minute, in the vendor's headers. There are none for concurrency. */
export function openaiLimitHeaders({ requests }: LimitStanding): Record<string, string> {
  if (!requests) return {};
  return {
    'x-ratelimit-limit-requests': String(requests.limit),
    'x-ratelimit-remaining-requests': String(requests.remaining),
    'x-ratelimit-reset-requests': toDuration(requests.resetMs),
  };
}

/** A time as the vendor spells it: `17ms`, `1.2s`, `6m0s`. */
export function toDuration(milliseconds: number): string {
  const whole = Math.ceil(milliseconds);
  if (whole < 1000) return `${whole}ms`;
  if (whole < 60_000) return `${whole / 1000}s`;
  const minutes = Math.floor(whole / 60_000);
  return `${minutes}m${(whole - minutes * 60_000) / 1000}s`;
}
