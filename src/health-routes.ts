import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from './base/errors.ts';
import { requireAdmin } from './core/access/grant.ts';
import type { Core } from './core/core.ts';
import { adminDialect } from './dialects/admin/admin-dialect.ts';
import { bearerToken } from './dialects/bearer-token.ts';
import { sendError } from './dialects/dialect-plugin.ts';
import type { ReadinessReport } from './platform/telemetry/readiness.ts';
import type { ServerTelemetry } from './platform/telemetry/server-telemetry.ts';

/** What those who watch over the server are shown. */
export interface HealthParts {
  readonly core: Core;
  readonly telemetry: Pick<ServerTelemetry, 'metrics' | 'metricsType'>;
  readonly readiness: () => Promise<ReadinessReport>;
  /** Who may read the metrics: who has the key of an administrator or the token below, everybody, or nobody. */
  readonly metrics: 'admin' | 'open' | 'off';
  readonly metricsToken?: string | undefined;
}

/** What probes ask is logged as a detail, and no cache may answer for the server. */
const PROBE = { config: { isProbe: true } } as const;

/** Registers `/health`, `/ready` and `/metrics`, which belong to no vendor and are the same in every role. */
export async function healthRoutes(app: FastifyInstance, parts: HealthParts): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler((thrown, request, reply) =>
      sendError(adminDialect, { thrown, request, reply, core: parts.core }),
    );
    addRoutes(scope, parts);
  });
}

function addRoutes(app: FastifyInstance, parts: HealthParts): void {
  const { core, telemetry, readiness } = parts;
  app.get('/health', PROBE, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'ok', version: core.version };
  });
  app.get('/ready', PROBE, async (_request, reply) => {
    const report = await readiness();
    reply.code(report.ready ? 200 : 503).header('cache-control', 'no-store');
    return report;
  });
  if (parts.metrics === 'off') return;
  app.get('/metrics', PROBE, async (request, reply) => {
    const isOpen = parts.metrics === 'open' || holdsToken(request, parts.metricsToken);
    if (!isOpen) await refuseStrangers(request, reply, core);
    reply.header('cache-control', 'no-store').type(telemetry.metricsType);
    return telemetry.metrics();
  });
}

/** Being on this machine is no proof: behind a balancer on it everybody is. */
async function refuseStrangers(
  request: FastifyRequest,
  reply: FastifyReply,
  { authenticator, guesses }: Pick<Core, 'authenticator' | 'guesses'>,
): Promise<void> {
  try {
    requireAdmin({ principal: await authenticator.authenticate(bearerToken(request)) });
  } catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated') {
      reply.header('www-authenticate', 'Bearer');
      if (error.reason === 'unknown_key') guesses.note(request.ip);
    }
    throw error;
  }
}

/** Digests are compared, which are of one length and tell nothing of the token by how long that takes. */
function holdsToken(request: FastifyRequest, token: string | undefined): boolean {
  const given = bearerToken(request);
  if (token === undefined || given === undefined) return false;
  return timingSafeEqual(digestOf(given), digestOf(token));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
