import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PassPurpose } from '../../core/access/access-pass.ts';
import type { Principal } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { parseBody } from '../parse-body.ts';
import { queryValue } from './elevenlabs-fields.ts';
import { credentialOfUpgrade } from './elevenlabs-socket-credential.ts';

/** How a token begins, so that it can be told from a key. */
const TOKEN_PREFIX = 'sutkn_';

/** The vendor's tokens last for 15 minutes. */
const LIFETIME_SECONDS = 15 * 60;

const PURPOSES = {
  realtime_scribe: 'live_transcription',
  batch_scribe: 'transcription',
  tts_websocket: 'live_speech',
} as const satisfies Readonly<Record<string, PassPurpose>>;

const tokenQuery = z.object({ token: queryValue(z.string().optional()) });

/** Who calls with a token in the address, which is used up by that, or else with a key. Throws `unauthenticated`. */
export async function callerWithToken(
  core: Core,
  request: FastifyRequest,
  purpose: PassPurpose,
): Promise<Principal> {
  const { token } = parseBody(tokenQuery, request.query);
  if (token !== undefined) return (await core.passes.redeem(token, purpose)).principal;
  return core.authenticator.authenticate(credentialOfUpgrade(request)?.key);
}

const params = z.object({ type: z.enum(['realtime_scribe', 'batch_scribe', 'tts_websocket']) });

/** Registers the way to get a token that a page may use once instead of the key. */
export function singleUseRoutes(scope: FastifyInstance, core: Core): void {
  scope.post('/v1/single-use-token/:type', (request) => {
    const { type } = parseBody(params, request.params);
    const { token } = core.passes.issue({
      principal: request.antiphon.principal,
      purpose: PURPOSES[type],
      prefix: TOKEN_PREFIX,
      seconds: LIFETIME_SECONDS,
      once: true,
    });
    return { token };
  });
}
