import { AppError } from '../base/errors.ts';
import type { MemoryBudget, MemoryTenant } from '../core/engine.ts';
import { memoryShort } from '../core/memory-admission.ts';
import type { MemoryWatch } from '../core/ports/memory-watch.ts';

/** A budget that can be looked at. */
export interface WatchedBudget extends MemoryBudget {
  readonly limitBytes: number;
  /** The models that are in memory now, or are about to be. */
  loaded(): readonly { readonly id: string; readonly bytes: number }[];
}

/**
 * Makes a budget of so many bytes for the loaded models of all engines. Where the program itself is short of memory, what
 * nobody uses is unloaded, and nothing more is loaded until there is enough.
 */
export function createMemoryBudget(bytes: number, memory?: MemoryWatch): WatchedBudget {
  const tenants = new Set<MemoryTenant>();
  // One claim at a time: two that look at the same room would both take it.
  let turn: Promise<void> = Promise.resolve();
  const claim = async (tenant: MemoryTenant): Promise<() => void> => {
    if (tenant.bytes > bytes) throw neverFits(tenant, bytes);
    for (const other of [...tenants].sort((a, b) => a.lastUsedMs() - b.lastUsedMs())) {
      if (taken(tenants) + tenant.bytes <= bytes && !memory?.isShort()) break;
      if (await other.unload()) tenants.delete(other);
    }
    if (taken(tenants) + tenant.bytes > bytes) throw noRoom(tenant, bytes);
    if (memory?.isShort()) throw memoryShort();
    tenants.add(tenant);
    return () => void tenants.delete(tenant);
  };
  return {
    limitBytes: bytes,
    loaded: () => [...tenants].map((tenant) => ({ id: tenant.id, bytes: tenant.bytes })),
    claim: (tenant) => {
      const claimed = turn.then(() => claim(tenant));
      turn = claimed.then(
        () => undefined,
        () => undefined,
      );
      return claimed;
    },
  };
}

function taken(tenants: ReadonlySet<MemoryTenant>): number {
  return [...tenants].reduce((sum, tenant) => sum + tenant.bytes, 0);
}

function neverFits(tenant: MemoryTenant, bytes: number): AppError {
  return new AppError(
    'unsupported_feature',
    `${tenant.id} needs about ${megabytes(tenant.bytes)}, and all models together may take ${megabytes(bytes)}.`,
    { reason: 'memory_budget' },
  );
}

function noRoom(tenant: MemoryTenant, bytes: number): AppError {
  return new AppError(
    'overloaded',
    `${tenant.id} needs about ${megabytes(tenant.bytes)} of the ${megabytes(bytes)} for models, and those that are loaded are in use.`,
    { retryAfterMs: 5000 },
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
