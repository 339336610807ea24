import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { createReadiness, type ReadinessCheck } from '../../src/platform/telemetry/readiness.ts';
import { memoryBlobs, memoryStore, recordingLogger, storageIn } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { figure } from './metrics-text.ts';
import { withWatchedServer } from './watched-server.ts';

/** A probe whose time is told to it, and a part that is as well as it is said to be. */
function probe(run: ReadinessCheck['run'], limitMs = 60_000) {
  const state = { now: 0, draining: false };
  const log = recordingLogger();
  const look = createReadiness({
    checks: [{ name: 'part', run }],
    isDraining: () => state.draining,
    clock: { monotonicMs: () => state.now },
    log,
    limitMs,
  });
  return { state, log, look };
}

test('a flood of probes is one look a second', async () => {
  let looks = 0;
  const { state, look } = probe(async () => {
    looks += 1;
  });
  await Promise.all(Array.from({ length: 1000 }, () => look()));
  assert.equal(looks, 1);
  state.now = 999;
  await look();
  assert.equal(looks, 1);
  state.now = 1000;
  await look();
  assert.equal(looks, 2);
});

test('who is about to stop says so at once, whatever is remembered', async () => {
  const { state, look } = probe(async () => undefined);
  assert.equal((await look()).ready, true);
  state.draining = true;
  const { ready, checks } = await look();
  assert.equal(ready, false);
  assert.deepEqual(
    checks.map(({ name, ok }) => [name, ok]),
    [
      ['running', false],
      ['part', true],
    ],
  );
});

test('what goes away and comes back is seen within a second, and told to the log once each way', async () => {
  let failure: Error | undefined;
  const { state, log, look } = probe(async () => {
    if (failure) throw failure;
  });
  const readyAt = async (now: number) => {
    state.now = now;
    return (await look()).ready;
  };
  assert.equal(await readyAt(0), true);
  failure = new Error('connect ECONNREFUSED 10.1.2.3:5432');
  assert.equal(await readyAt(500), true, 'for a moment it is not known yet');
  assert.equal(await readyAt(1500), false);
  assert.equal(await readyAt(3000), false);
  failure = undefined;
  assert.equal(await readyAt(4500), true);
  assert.deepEqual(
    log.entries.map(({ level, event }) => `${level} ${event}`),
    ['warn readiness-changed', 'info readiness-changed'],
  );
});

test('a stranger hears no addresses, and our own words', async () => {
  const thrown = [
    new Error('connect ECONNREFUSED 10.1.2.3:5432'),
    new AppError('overloaded', 'There is no room left on the disk of this server.'),
  ];
  const reasons = [];
  for (const error of thrown) {
    const { look } = probe(async () => {
      throw error;
    });
    reasons.push((await look()).checks[1]?.reason);
  }
  assert.deepEqual(reasons, [
    'It failed. The log says why.',
    'There is no room left on the disk of this server.',
  ]);
});

test('a part that hangs is given up, and is not asked again before it has come to an end', async () => {
  let looks = 0;
  const hang = Promise.withResolvers<void>();
  const { state, look } = probe(async () => {
    looks += 1;
    await hang.promise;
  }, 5);
  for (const now of [0, 1000, 2000]) {
    state.now = now;
    const { ready, checks } = await look();
    assert.equal(ready, false);
    assert.equal(checks[1]?.reason, 'There was no answer within 0.005 s.');
  }
  assert.equal(looks, 1);
  hang.resolve();
  await hang.promise;
  await new Promise((resolve) => setImmediate(resolve));
  state.now = 3000;
  assert.equal((await look()).ready, true);
  assert.equal(looks, 2);
});

test('a server is ready while store, blobs and an engine are well, needs no key to say so, and is alive all the same', async () => {
  const away = { store: false, blobs: false, engine: false };
  const base = { store: memoryStore(), blobs: memoryBlobs() };
  const checked = (part: keyof typeof away) => async () => {
    if (away[part]) throw new Error(`${part} is away`);
  };
  const health = () => ({ state: away.engine ? ('unhealthy' as const) : ('healthy' as const) });
  // Time is real here, and what is known counts for a second: each state has a server of its own.
  for (const part of [undefined, 'store', 'blobs', 'engine'] as const) {
    Object.assign(away, { store: part === 'store', blobs: part === 'blobs', engine: part === 'engine' });
    await withWatchedServer(
      {
        keys: ['k'],
        store: { ...base.store, check: checked('store'), close: async () => {} },
        blobs: { ...base.blobs, check: checked('blobs') },
        engines: [{ ...toneEngine(), health }],
        watching: { metrics: 'open' },
      },
      async ({ origin, metrics, core }) => {
        const response = await fetch(`${origin}/ready`);
        assert.equal(response.status, part ? 503 : 200);
        assert.equal(response.headers.get('cache-control'), 'no-store');
        const { ready, checks } = (await response.json()) as {
          ready: boolean;
          checks: { name: string; ok: boolean; ms: number; reason?: string }[];
        }; // Asserted below.
        assert.equal(ready, part === undefined);
        const wrong = checks.filter(({ ok }) => !ok).map(({ name }) => name);
        assert.deepEqual(wrong, part ? [part === 'engine' ? 'engines' : part] : []);
        const found = await metrics();
        assert.equal(figure(found, 'antiphon_ready'), part ? 0 : 1);
        assert.equal(figure(found, 'antiphon_engine_up', { engine: 'tone' }), part === 'engine' ? 0 : 1);
        core.lifecycle.drain();
        assert.equal((await fetch(`${origin}/ready`)).status, 503);
        assert.equal((await fetch(`${origin}/health`)).status, 200);
      },
    );
  }
  await base.store.close();
});

test('a disk that is full, or may not be written any more, is seen by store and blobs', async (t) => {
  await onSmallDisk(t, async (folder) => {
    const { store, blobs } = storageIn(folder);
    await store.check();
    await blobs.check();
    const before = readdirSync(folder).toSorted();
    fill(join(folder, 'filler'));
    await assert.rejects(store.check());
    await assert.rejects(blobs.check(), { code: 'overloaded' });
    rmSync(join(folder, 'filler'));
    await store.check();
    await blobs.check();
    assert.deepEqual(readdirSync(folder).toSorted(), before);
    await store.close();
    assert.equal(spawnSync('mount', ['-o', 'remount,ro', folder]).status, 0);
    await assert.rejects(blobs.check(), { code: 'overloaded', message: /can be written/ });
  });
});

/** Lends a disk of its own with next to no room. */
async function onSmallDisk(t: TestContext, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  try {
    if (mounted.status !== 0) {
      t.skip('no disk can be mounted here');
      return;
    }
    await use(folder);
  } finally {
    if (mounted.status === 0) spawnSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(path: string): void {
  for (const size of [65_536, 4096]) {
    try {
      for (;;) writeFileSync(path, new Uint8Array(size), { flag: 'a' });
    } catch (error) {
      assert.equal(error instanceof Error && 'code' in error && error.code, 'ENOSPC');
    }
  }
}
