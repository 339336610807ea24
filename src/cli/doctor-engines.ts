import { createMemoryBudget } from '../engines/memory-budget.ts';
import { startEngines } from '../engine-rack.ts';
import type { ModelStore } from '../core/models/weights.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Config } from '../platform/config.ts';
import { failure, ok, warning, type Finding } from '../platform/doctor/finding.ts';
import { systemPause } from '../platform/system-pause.ts';

/** Whether the engines start, and the servers elsewhere answer. */
export async function checkEngines(
  config: Config,
  { weights, environment }: { readonly weights: ModelStore; readonly environment: NodeJS.ProcessEnv },
): Promise<readonly Finding[]> {
  const memory = createMemoryBudget(config.memoryBudget * 1024 * 1024);
  const parts = { log: silentLogger, environment, weights, memory, pause: systemPause };
  const rack = await startEngines(config, parts);
  try {
    await Promise.allSettled(rack.engines.map(async (engine) => engine.refresh?.()));
    const up = rack.engines.map((engine) => {
      const health = engine.health?.();
      const title = `${engine.id} is up with ${engine.models.length} models.`;
      if (!health || health.state === 'healthy') return ok('engine', title);
      if (health.state === 'unknown') return ok('engine', `${engine.id} is asked when it is first needed.`);
      return failure(
        'engine',
        `${engine.id} does not answer: ${health.reason ?? 'no reason given'}`,
        'Start it, or correct its entry in remotes.',
      );
    });
    const down = rack.downEngines.map(({ id, reason }) => downFinding(config, id, reason));
    const none = failure('engine', 'No engine runs here.', 'Pull models, or name other engines.');
    return [...up, ...down, ...(up.length === 0 ? [none] : [])];
  } finally {
    await rack.stop();
  }
}

/** One that was asked for by name must run; of the others it is good to know. */
function downFinding({ engines, remotes }: Config, id: string, reason: string): Finding {
  const isAsked = engines?.includes(id) === true || remotes.some((remote) => remote.id === id);
  if (isAsked)
    return failure('engine', `${id} is down: ${reason}`, `Mend it, or leave ${id} out of the settings.`);
  if (engines && !engines.includes(id)) return ok('engine', `${id} is switched off.`);
  return warning('engine', `${id} is down: ${reason}`, 'Nothing, unless you need it.');
}

/** Whether what is installed is whole; `deep` hashes every file. */
export async function checkModels(weights: ModelStore, deep: boolean): Promise<readonly Finding[]> {
  const present = (await weights.list()).filter(({ state }) => state !== 'absent');
  if (present.length === 0) return [ok('models', 'No model is installed; engines that need none work.')];
  const findings: Finding[] = [];
  for (const { entry, state, problem } of present) {
    const pull = `"antiphon models pull ${entry.id}" fetches what is wrong.`;
    if (state === 'damaged')
      findings.push(failure('models', `${entry.id} is damaged: ${problem ?? ''}`, pull));
    else if (state === 'partial')
      findings.push(warning('models', `${entry.id} is only there in part.`, pull));
    else if (state === 'installed' && deep && !(await weights.verify(entry.id)).ok)
      findings.push(failure('models', `${entry.id} does not have its checksums.`, pull));
  }
  const right = ok(
    'models',
    `${present.length} models are installed${deep ? ' and have their checksums' : ''}.`,
  );
  return findings.length > 0 ? findings : [right];
}
