import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';
import type { Engine } from '../../core/engine.ts';

/** Registers the list of engines. Reasons may name addresses and folders: they are for administrators. */
export function enginesRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/engines', async ({ antiphon }) => {
    const isAdmin = antiphon.principal.grant.role === 'admin';
    await core.models.refresh();
    return {
      engines: [
        ...core.engines.map((engine) => ({
          id: engine.id,
          state: 'up',
          models: engine.models,
          voices: engine.speech?.voices.length ?? 0,
          ...core.runner.load(engine),
          ...healthOf(engine, isAdmin),
        })),
        ...core.downEngines.map(({ id, reason }) => ({
          id,
          state: 'down',
          ...(isAdmin ? { reason } : {}),
        })),
      ],
    };
  });
}

function healthOf(engine: Engine, isAdmin: boolean) {
  const health = engine.health?.();
  if (!health) return {};
  return { health: isAdmin ? health : { state: health.state } };
}
