import type { FastifyInstance } from 'fastify';
import { AppError } from '../../base/errors.ts';
import { requireAdmin } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';

/** Has the configuration read anew, for those who cannot send the process a signal. */
export function reloadRoute(scope: FastifyInstance, core: Core): void {
  scope.post('/reload', async (request) => {
    requireAdmin(request.antiphon);
    if (!core.reload) {
      throw new AppError('unsupported_feature', 'This program has no configuration to read anew.');
    }
    const { changed, needsRestart, remotes } = await core.reload();
    return { changed, needs_restart: needsRestart, remotes };
  });
}
