import { join } from 'node:path';
import type { ModelStore } from '../../core/models/weights.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Config } from '../config.ts';
import { systemClock } from '../system-clock.ts';
import { hubSettings } from './hub-client.ts';
import { createModelStore } from './model-store.ts';

interface Surroundings {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Opens the folder of weights that the configuration names. */
export function openModelStore(config: Config, { log, environment }: Surroundings): ModelStore {
  return createModelStore({
    modelsDir: config.modelsDir ?? join(config.dataDir, 'models'),
    ...hubSettings(environment),
    offline: config.offline,
    fetch,
    log,
    clock: systemClock,
  });
}
