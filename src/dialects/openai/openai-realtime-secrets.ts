import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { Principal } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { parseBody } from '../parse-body.ts';
import { toRealtimeTask } from './openai-realtime-request.ts';
import {
  changedOldSession,
  changedSession,
  DEFAULT_SESSION,
  oldSessionJson,
  sessionJson,
  type RealtimeSession,
} from './openai-realtime-session.ts';

/** How a secret begins. */
export const SECRET_PREFIX = 'ek_';

const lifetime = z
  .object({ anchor: z.enum(['created_at']).optional(), seconds: z.int().min(10).max(7_200).default(600) })
  .prefault({});

export const secretBody = z.object({ expires_after: lifetime, session: z.unknown().optional() });
export const oldSessionBody = z.object({ client_secret: z.object({ expires_after: lifetime }).prefault({}) });

/** The id of a session. */
export function newSessionId(): string {
  return `sess_${randomAlphanumeric(21)}`;
}

/** Registers the ways to get a secret for a page or an app that must not know the key. */
export function realtimeSecretRoutes(scope: FastifyInstance, core: Core): void {
  const issue = (principal: Principal, session: RealtimeSession, seconds: number) => {
    // What cannot be heard is refused here, where it can be mended, and not when the page connects.
    toRealtimeTask(session);
    const { token, expiresAt } = core.passes.issue({
      principal,
      purpose: 'live_transcription',
      prefix: SECRET_PREFIX,
      seconds,
      once: false,
      content: session,
    });
    return { value: token, expires_at: Math.floor(expiresAt / 1000) };
  };

  scope.post('/realtime/client_secrets', (request) => {
    const { expires_after: lasting, session: asked } = parseBody(secretBody, request.body ?? {});
    const session = changedSession(DEFAULT_SESSION, asked);
    const secret = issue(request.antiphon.principal, session, lasting.seconds);
    return { ...secret, session: sessionJson(newSessionId(), session) };
  });

  scope.post('/realtime/transcription_sessions', (request) => {
    const { client_secret: wish } = parseBody(oldSessionBody, request.body ?? {});
    const session = changedOldSession(DEFAULT_SESSION, request.body);
    const client_secret = issue(request.antiphon.principal, session, wish.expires_after.seconds);
    return { ...oldSessionJson(newSessionId(), session), client_secret };
  });
}
