import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import type { MemoryTenant } from '../core/engine.ts';
import { createMemoryBudget } from './memory-budget.ts';

interface Tenant extends MemoryTenant {
  readonly unloads: number;
}

function tenant(id: string, bytes: number, facts: { lastUsedMs?: number; busy?: boolean } = {}): Tenant {
  let unloads = 0;
  return {
    id,
    bytes,
    lastUsedMs: () => facts.lastUsedMs ?? 0,
    unload: async () => {
      unloads += 1;
      return !facts.busy;
    },
    get unloads() {
      return unloads;
    },
  };
}

function refused(code: string) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}

test('unloads the longest unused models, and no more of them than it must', async () => {
  const budget = createMemoryBudget(100);
  const [newer, older, middle] = [
    tenant('newer', 30, { lastUsedMs: 3 }),
    tenant('older', 30, { lastUsedMs: 1 }),
    tenant('middle', 30, { lastUsedMs: 2 }),
  ];
  await Promise.all([newer, older, middle].map((one) => budget.claim(one)));
  await budget.claim(tenant('big', 60, { lastUsedMs: 4 }));
  assert.deepEqual(
    [newer, older, middle].map((one) => one.unloads),
    [0, 1, 1],
  );
});

test('passes over models in use and refuses when nothing else is left', async () => {
  const budget = createMemoryBudget(100);
  const busy = tenant('busy', 60, { busy: true });
  const giveBack = await budget.claim(busy);
  await assert.rejects(budget.claim(tenant('next', 60)), refused('overloaded'));
  assert.equal(busy.unloads, 1);
  giveBack();
  await budget.claim(tenant('next', 60));
});

test('refuses at once what can never fit', async () => {
  const budget = createMemoryBudget(100);
  await assert.rejects(budget.claim(tenant('huge', 101)), refused('unsupported_feature'));
  await budget.claim(tenant('all', 100));
});

test('gives the same room to one of two that claim it at once', async () => {
  const budget = createMemoryBudget(100);
  const claims = await Promise.allSettled(
    ['a', 'b'].map((id) => budget.claim(tenant(id, 80, { busy: true }))),
  );
  assert.deepEqual(
    claims.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});

test('where the program is short of memory, what nobody uses goes, and what is still too much is refused', async () => {
  let short = false;
  const budget = createMemoryBudget(1000, { isShort: () => short });
  const [idle, busy] = [tenant('idle', 10), tenant('busy', 10, { busy: true })];
  await budget.claim(idle);
  await budget.claim(busy);
  short = true;
  await assert.rejects(budget.claim(tenant('third', 10)), refused('overloaded'));
  assert.deepEqual([idle.unloads, busy.unloads], [1, 1]);
  short = false;
  await budget.claim(tenant('third', 10));
});
