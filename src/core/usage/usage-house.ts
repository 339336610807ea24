import { createAccessGuard, type AccessGuard } from '../access/access-guard.ts';
import type { ServersOf } from '../access/grant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pause } from '../ports/pause.ts';
import type { KeyStore } from '../ports/store.ts';
import type { UsageStore } from '../ports/usage-store.ts';
import { createUsageAllowances, type UsageAllowances } from './usage-allowances.ts';
import { createUsageMeter, type UsageMeter } from './usage-meter.ts';
import type { PriceList } from './usage-prices.ts';
import { createUsageReports, type UsageReports } from './usage-report.ts';

/** What is used, and what may be. */
export interface UsageHouse {
  readonly meter: UsageMeter;
  readonly allowances: UsageAllowances;
  /** Asked by every service before it begins. */
  readonly access: AccessGuard;
  readonly reports: UsageReports;
}

/** What it is made of. */
export interface UsageHouseParts {
  readonly store: { readonly usage: UsageStore; readonly keys: Pick<KeyStore, 'list'> };
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Logger;
  /** Tells what may serve a name, for keys that are for certain models. */
  readonly serversOf?: ServersOf;
  /** The operator's prices as they are now, if there are any. */
  readonly prices?: () => PriceList | undefined;
}

/** Builds it. */
export function createUsageHouse({ store, serversOf, prices, ...parts }: UsageHouseParts): UsageHouse {
  const meter = createUsageMeter({ ...parts, store: store.usage });
  const allowances = createUsageAllowances({ ...parts, meter, store: store.usage });
  return {
    meter,
    allowances,
    access: createAccessGuard(allowances, serversOf),
    reports: createUsageReports({ ...parts, store: store.usage, keys: store.keys, meter, prices }),
  };
}
