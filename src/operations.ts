import { AppError } from './base/errors.ts';
import type { Core } from './core/core.ts';
import type { BlobStore } from './core/ports/blob-store.ts';
import type { Store } from './core/ports/store.ts';
import {
  createReadiness,
  type ReadinessCheck,
  type ReadinessReport,
} from './platform/telemetry/readiness.ts';
import type { ServerTelemetry } from './platform/telemetry/server-telemetry.ts';
import type { ServerState } from './platform/telemetry/state-metrics.ts';

/** What those who watch over a server are told, and who may be told. */
export interface Operations {
  readonly telemetry: ServerTelemetry;
  readonly readiness: () => Promise<ReadinessReport>;
  readonly metrics: 'admin' | 'open' | 'off';
  readonly metricsToken?: string | undefined;
  readonly logContent: () => boolean;
}

/** What they are told of. */
export interface OperationsParts extends Omit<Operations, 'readiness'> {
  readonly core: Core;
  readonly store: Pick<Store, 'check' | 'jobs'>;
  readonly blobs: Pick<BlobStore, 'check'>;
  readonly role: string;
  readonly memory: ServerState['memory'];
}

/** Begins to look after a server that has been put together. */
export function createOperations({ core, store, blobs, role, memory, ...told }: OperationsParts): Operations {
  const { clock, log, version, runner, models } = core;
  const readiness = createReadiness({
    checks: [
      { name: 'store', run: () => store.check() },
      { name: 'blobs', run: () => blobs.check() },
      engineCheck(core),
    ],
    isDraining: () => core.lifecycle.draining,
    clock,
    log,
  });
  told.telemetry.watch({
    version,
    role,
    engines: () => core.engines,
    downEngines: () => core.downEngines,
    load: (engine) => runner.load(engine),
    jobs: () => store.jobs.tally(),
    memory,
    readiness,
    now: () => clock.now(),
    isKnownModel: (name) => models.isKnown(name),
  });
  return { ...told, readiness };
}

/** Requests and jobs alike need something that makes media. */
function engineCheck(core: Pick<Core, 'engines'>): ReadinessCheck {
  return {
    name: 'engines',
    run: async () => {
      if (core.engines.some((engine) => engine.health?.().state !== 'unhealthy')) return;
      throw new AppError('overloaded', 'No engine can be used.');
    },
  };
}
