import type { FastifyInstance } from 'fastify';
import type { Dialect } from '../dialects/dialect.ts';

/** A route as it is registered, below the mount that only its dialect has. */
export interface CollectedRoute {
  readonly dialect: string;
  readonly method: string;
  /** As the router spells it. */
  readonly path: string;
  /** Whether it makes something, so that its answer may be asked for later. */
  readonly generates: boolean;
  /** Whether it admits its callers by itself. */
  readonly asksWhoCalls: boolean;
}

/** How docs name an operation. */
export function operationKey({ method, path }: Pick<CollectedRoute, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The prefix under which a dialect shares no path with others. */
export function ownMount({ id, mounts }: Dialect): string {
  return mounts.find((mount) => mount.startsWith(`/${id}`)) ?? '';
}

/** Methods that are answered for the sake of other ones, and what a route for all methods brings along. */
const BESIDE = new Set(['HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** Remembers every route of every dialect. Must be called before they are registered. */
export function collectRoutes(app: FastifyInstance, dialects: readonly Dialect[]): readonly CollectedRoute[] {
  const routes: CollectedRoute[] = [];
  const mounts = dialects.map((dialect) => ({ id: dialect.id, mount: `${ownMount(dialect)}/` }));
  app.addHook('onRoute', ({ method, url, config }) => {
    const owner = mounts.find(({ mount }) => url.startsWith(mount));
    if (!owner) return;
    const path = url.slice(owner.mount.length - 1);
    for (const one of [method].flat().filter((name) => !BESIDE.has(name))) {
      routes.push({
        dialect: owner.id,
        method: one,
        path,
        generates: config?.generates ?? false,
        asksWhoCalls: config?.asksWhoCalls ?? false,
      });
    }
  });
  return routes;
}
