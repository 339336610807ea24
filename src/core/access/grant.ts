import { AppError } from '../../base/errors.ts';
import type { Capability } from '../models/model.ts';

/** The roles that there are. */
export const ROLES = ['admin', 'user'] as const;

/** An administrator may do everything and see everybody's keys and usage; a user makes media. */
export type Role = (typeof ROLES)[number];

/** What a key is good for; what is absent is not narrowed. */
export interface Scopes {
  /** Ids of dialects. */
  readonly dialects?: readonly string[];
  readonly capabilities?: readonly Capability[];
  /** Public model names, or `<engine>/<model>`. */
  readonly models?: readonly string[];
}

/** How much a key may use; what is absent is not limited. Days and months are those of UTC. */
export interface KeyLimits {
  /** Requests that are being answered at the same time. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Characters of text, in code points. */
  readonly charactersPerDay?: number;
  readonly charactersPerMonth?: number;
  /** Seconds of sound and film, heard or made. */
  readonly audioSecondsPerDay?: number;
  readonly audioSecondsPerMonth?: number;
}

/** The limits that a key may have. */
export const KEY_LIMITS = [
  'concurrency',
  'requestsPerMinute',
  'charactersPerDay',
  'charactersPerMonth',
  'audioSecondsPerDay',
  'audioSecondsPerMonth',
] as const satisfies readonly (keyof KeyLimits)[];

/** The capabilities that a key may be for. */
export const CAPABILITIES = [
  'speech',
  'conversion',
  'transcription',
  'sound',
  'music',
  'image',
  'video',
  'chat',
] as const satisfies readonly Capability[];

/** What somebody may do. */
export interface Grant {
  readonly role: Role;
  readonly scopes: Scopes;
  readonly limits: KeyLimits;
}

/** Everything, without limit: what everybody may where there are no keys. */
export const FULL_GRANT: Grant = { role: 'admin', scopes: {}, limits: {} };

/** What a request is about to do. */
export interface IntendedAct {
  readonly capability: Capability;
  /** The name that was asked for. */
  readonly model: string;
}

/** Tells the engine models that may serve an act, as `<engine>/<model>`; asked only where it matters. */
export type ServersOf = (act: IntendedAct) => readonly string[];

/** Throws `permission_denied` where the scopes leave an act out. */
export function refuseOutsideScopes(
  { scopes }: Pick<Grant, 'scopes'>,
  act: IntendedAct,
  serversOf?: ServersOf,
): void {
  if (scopes.capabilities && !scopes.capabilities.includes(act.capability)) {
    throw new AppError('permission_denied', `This API key is not for ${act.capability}.`, {
      reason: 'capability_not_in_scope',
    });
  }
  if (!isModelInScope(scopes, act, serversOf)) {
    throw new AppError('permission_denied', `This API key is not for the model '${act.model}'.`, {
      reason: 'model_not_in_scope',
    });
  }
}

/** Whether the scopes take an act in: what `refuseOutsideScopes` lets pass, for lists. */
export function isInScope(
  { scopes }: Pick<Grant, 'scopes'>,
  act: IntendedAct,
  serversOf?: ServersOf,
): boolean {
  const isForIt = scopes.capabilities?.includes(act.capability) ?? true;
  return isForIt && isModelInScope(scopes, act, serversOf);
}

/**
 * A name is in scope when it is listed as it was asked for; or when everything that may serve it is listed, so that a
 * key for an engine model may use it under any name that leads nowhere else. What serves a listed name is never open
 * under its own name by that.
 */
function isModelInScope({ models }: Scopes, act: IntendedAct, serversOf: ServersOf = () => []): boolean {
  if (!models || models.includes(act.model)) return true;
  const servers = serversOf(act);
  return servers.length > 0 && servers.every((server) => models.includes(server));
}

/** Throws `permission_denied` unless somebody may administer this installation. */
export function requireAdmin({ principal }: { readonly principal: { readonly grant: Grant } }): void {
  if (principal.grant.role === 'admin') return;
  throw new AppError('permission_denied', 'This needs an API key with the role admin.', {
    reason: 'admin_only',
  });
}
