import { FULL_GRANT, type Grant } from './access/grant.ts';
import type { Logger } from './ports/logger.ts';
import type { WorkSpan } from './ports/work-span.ts';

/** Who is calling. Without any key every caller is the same anonymous owner of this installation. */
export interface Principal {
  /** Stable and unguessable: rows belong to it. */
  readonly id: string;
  readonly name: string;
  readonly anonymous: boolean;
  /** What they may do. */
  readonly grant: Grant;
}

/** Travels with every call from the dialect to the engine. */
export interface RequestContext {
  /** 32 lower-case hexadecimal digits. */
  readonly requestId: string;
  readonly principal: Principal;
  /** Id of the dialect in whose words the request came; `cli` for the command line. */
  readonly dialect: string;
  /** Fires when the caller hangs up or the deadline passes; every engine obeys it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Whether the caller wants a refusal instead of an ignored or adjusted parameter. */
  readonly strict: boolean;
  /** Follows the work, where somebody watches over the server. */
  readonly span?: WorkSpan;
  /** Tells how far the work is, 0 to 1; present where somebody is interested. */
  readonly report?: (fraction: number) => void;
}

/** Id of the one owner of an installation that has no keys. */
export const ANONYMOUS_OWNER = 'anonymous';

/** Everybody, where there are no keys. */
export const ANYBODY: Principal = {
  id: ANONYMOUS_OWNER,
  name: 'anonymous',
  anonymous: true,
  grant: FULL_GRANT,
};

/** The owners whose voices somebody may use: their own, and those made while nobody needed a key. */
export function visibleOwners({ id }: Pick<Principal, 'id'>): readonly string[] {
  return id === ANONYMOUS_OWNER ? [id] : [id, ANONYMOUS_OWNER];
}
