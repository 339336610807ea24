import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { bearerToken } from '../bearer-token.ts';

/** Where a key may stand in the address of a socket or in its first message. */
const KEY_FIELDS = ['xi_api_key', 'xi-api-key', 'authorization'] as const;

/** What says who is calling: a key, or a token that was made with one. */
export interface Credential {
  readonly key?: string;
  readonly token?: string;
}

/** The credential in the headers or the address of a socket: pages cannot send headers. */
export function credentialOfUpgrade(request: FastifyRequest): Credential | undefined {
  const key = [request.headers['xi-api-key']].flat()[0] ?? bearerToken(request);
  return key === undefined ? credentialIn(request.query) : { key };
}

/** The credential in a message, or in a query. */
export function credentialIn(fields: unknown): Credential | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  const sent = new Map<string, unknown>(Object.entries(fields));
  const valueOf = (field: string) => {
    const value = [sent.get(field)].flat().at(-1);
    return typeof value === 'string' && value !== '' ? value.replace(/^bearer +/i, '') : undefined;
  };
  for (const field of KEY_FIELDS) {
    const key = valueOf(field);
    if (key !== undefined) return { key };
  }
  const token = valueOf('single_use_token');
  return token === undefined ? undefined : { token };
}

/** Who stands behind a credential. Throws `unauthenticated`. */
export async function findPrincipal(core: Core, credential: Credential | undefined): Promise<Principal> {
  const isNeeded = await core.authenticator.required();
  if (isNeeded && credential?.token !== undefined) {
    return (await core.passes.redeem(credential.token, 'live_speech')).principal;
  }
  return core.authenticator.authenticate(credential?.key);
}
