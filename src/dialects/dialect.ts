import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { AppError } from '../base/errors.ts';
import type { VendorParameters } from '../core/capabilities.ts';
import type { RequestContext } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import type { PublicModel } from '../core/models/model.ts';
import type { LimitStanding } from '../core/ports/request-limiter.ts';
import type { PresetVoice } from '../core/voices/voice.ts';
import type { DialectDocs } from './operation-docs.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any dialect's handler runs. */
    antiphon: RequestContext;
  }
  interface FastifyContextConfig {
    /** A route with this admits its callers by itself: the credential is in a place of its own, or comes later. */
    asksWhoCalls?: boolean;
  }
}

/** Id of our own dialect, which makes nothing. */
export const OWN_DIALECT = 'antiphon';

/** An error in a vendor's own words. */
export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Where an error happened, for envelopes that say so. */
export interface ErrorPlace {
  readonly requestId: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How a dialect's routes are mounted. */
export interface MountOptions {
  /** Whether this mount shares paths with other dialects, so that a shared path needs the `dialect` constraint. */
  readonly shared: boolean;
}

/**
 * One wire contract. Its folder knows the vendor's words and nobody else does. Its routes are mounted under
 * every prefix of `mounts`, each in its own scope with the dialect's authentication and error envelope.
 */
export interface Dialect {
  readonly id: string;
  readonly title: string;
  /** Prefixes under which the routes live; the ones that do not begin with `/<id>` are shared ground. */
  readonly mounts: readonly string[];
  /** Whether a request on a path that several dialects have, or none, belongs to this one. */
  claims(headers: IncomingHttpHeaders, path: string): boolean;
  /** The model and voice names that the vendor made known. */
  readonly models: readonly PublicModel[];
  readonly voices: readonly PresetVoice[];
  /** How the vendor spells our settings. */
  readonly parameters: VendorParameters;
  /** The caller's credential, where this vendor's clients put it. */
  credential(request: FastifyRequest): string | undefined;
  /** Headers that the vendor sends with every answer. */
  commonHeaders(place: ErrorPlace): Readonly<Record<string, string>>;
  /** How the vendor tells callers how they stand to their limits; absent where it does not. */
  limitHeaders?(standing: LimitStanding): Readonly<Record<string, string>>;
  renderError(error: AppError, place: ErrorPlace): RenderedError;
  routes(core: Core): FastifyPluginAsync<MountOptions>;
  /** What its routes are for; read when somebody asks. */
  docs(): Promise<DialectDocs>;
}
