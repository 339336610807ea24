import type { FastifyInstance } from 'fastify';
import { requireAdmin } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';

/** Registers the way to the secret that signs webhooks which bring none of their own. */
export function webhookSecretRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/webhook-secret', async (request, reply) => {
    requireAdmin(request.antiphon);
    reply.header('cache-control', 'no-store');
    return { secret: await core.webhooks.ownSecret() };
  });
}
