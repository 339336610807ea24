import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { requireAdmin } from '../../core/access/grant.ts';
import { ANONYMOUS_OWNER } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { parseBody } from '../parse-body.ts';

export const purgeQuery = z.object({ usage: z.enum(['keep', 'drop']).default('keep') });

interface PurgeRequest {
  readonly Params: { readonly id: string };
}

/** Registers what removes everything that a key has made and left here. The key itself stays. */
export function purgeRoute(scope: FastifyInstance, core: Core): void {
  scope.delete<PurgeRequest>('/keys/:id/data', async (request) => {
    requireAdmin(request.antiphon);
    const { usage } = parseBody(purgeQuery, request.query);
    const { id } = request.params;
    // What was made while nobody needed a key has an owner, too.
    if (id !== ANONYMOUS_OWNER) await core.keys.get(id);
    if (usage === 'drop') await core.usage.meter.flush();
    const removed = await core.purge.purge({ ownerId: id, usage: usage === 'drop' });
    core.log.info({ keyId: id, ...removed }, 'owner-purged');
    return { key: id, removed };
  });
}
