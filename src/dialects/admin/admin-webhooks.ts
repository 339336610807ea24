import type { FastifyInstance } from 'fastify';
import type { Core } from '../../core/core.ts';

/** Registers the way to the secret that signs webhooks which bring none of their own. */
export function webhookSecretRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/webhook-secret', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { secret: await core.webhooks.ownSecret() };
  });
}
