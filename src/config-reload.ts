import { AppError } from './base/errors.ts';
import type { Core } from './core/core.ts';
import type { Logger } from './core/ports/logger.ts';
import type { Reload, ReloadReport } from './core/ports/reload.ts';
import type { EngineRack } from './engine-rack.ts';
import type { LiveConfig } from './live-config.ts';
import type { Config } from './platform/config.ts';

/** What reading the configuration anew takes. */
export interface ReloadParts {
  /** Throws what is wrong with it. */
  readonly readConfig: () => Config;
  readonly live: LiveConfig;
  readonly rack: EngineRack;
  readonly core: () => Pick<Core, 'models' | 'runner'>;
  readonly log: Logger;
  readonly setLogLevel: (level: Config['logLevel']) => void;
}

/** Makes what reads the configuration anew. Who asks while it is being done waits for his turn. */
export function createReload(parts: ReloadParts): Reload {
  let turn: Promise<unknown> = Promise.resolve();
  return () => {
    const reloaded = turn.then(() => reload(parts));
    turn = reloaded.catch(() => undefined);
    return reloaded;
  };
}

async function reload(parts: ReloadParts): Promise<ReloadReport> {
  const { live, rack, log } = parts;
  const next = readOrRefuse(parts);
  const { changed, needsRestart } = live.compare(next);
  // Whatever takes time comes first, so that all of the rest happens in one go.
  const remotes = await rack.prepareRemotes(next.remotes);
  const { models, runner } = parts.core();
  live.take(next);
  remotes.use(runner);
  parts.setLogLevel(live.now.logLevel);
  await models.refresh();
  const { started, stopped, down } = remotes;
  const report = { changed, needsRestart, remotes: { started, stopped, down } };
  log.info({ ...report }, 'configuration-reload');
  return report;
}

function readOrRefuse({ readConfig, log }: ReloadParts): Config {
  try {
    return readConfig();
  } catch (error) {
    log.error({ error }, 'configuration-reload-failed');
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError('conflict', `Nothing has changed. ${message}`, {
      reason: 'configuration_unusable',
      cause: error,
    });
  }
}
