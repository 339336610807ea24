import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { PoolTestMessage, PoolTestTask } from '../../test/fixtures/pool-test-worker.ts';
import { AppError } from '../base/errors.ts';
import { createWorkerPool, type WorkerPool, type WorkerPoolParts } from './worker-pool.ts';

const SCRIPT = new URL('../../test/fixtures/pool-test-worker.ts', import.meta.url);

type TestPool = WorkerPool<PoolTestTask, PoolTestMessage>;

async function withPool(
  parts: Partial<WorkerPoolParts>,
  check: (pool: TestPool) => Promise<void>,
): Promise<void> {
  const pool: TestPool = createWorkerPool({
    engine: 'test',
    script: SCRIPT,
    size: 1,
    prepare: () => Promise.resolve('prepared'),
    ...parts,
  });
  try {
    await check(pool);
  } finally {
    await pool.stop();
  }
}

function options(dueMs = 0, signal: AbortSignal = new AbortController().signal) {
  return { dueMs, signal };
}

async function labels(messages: AsyncIterable<PoolTestMessage>): Promise<string[]> {
  const found: string[] = [];
  for await (const message of messages) found.push(message.label);
  return found;
}

function hasCode(code: string) {
  return (error: unknown) => {
    assert(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

function count(label: string, to = 1): PoolTestTask {
  return { kind: 'count', to, label };
}

describe('a worker pool', () => {
  test('gives the messages of a task in order and moves their samples', async () => {
    await withPool({}, async (pool) => {
      const found: number[] = [];
      for await (const message of pool.run(count('a', 50), options())) found.push(message.samples[0] ?? 0);
      assert.deepEqual(
        found,
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
    });
  });

  test('starts no worker before it is needed and never more than its size', async () => {
    await withPool({ size: 2 }, async (pool) => {
      assert.equal(pool.alive, 0);
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => labels(pool.run(count(`${index}`), options()))),
      );
      assert.equal(pool.alive, 2);
    });
  });

  test('has every worker ready once it is warm', async () => {
    await withPool({ size: 2 }, async (pool) => {
      await pool.warm();
      assert.equal(pool.alive, 2);
      await pool.warm();
      assert.equal(pool.alive, 2);
    });
  });

  test('has as many workers ready as were asked for', async () => {
    await withPool({ size: 2 }, async (pool) => {
      await pool.warm(1);
      assert.equal(pool.alive, 1);
      await pool.warm(5);
      assert.equal(pool.alive, 2);
    });
  });

  test('keeps twenty tasks apart', async () => {
    await withPool({ size: 2 }, async (pool) => {
      const runs = Array.from({ length: 20 }, (_, index) =>
        labels(pool.run(count(`${index}`, 5), options())),
      );
      for (const [index, found] of (await Promise.all(runs)).entries()) {
        assert.deepEqual(
          found,
          [1, 2, 3, 4, 5].map((number) => `prepared ${index} ${number}`),
        );
      }
    });
  });

  test('runs first what is due first', async () => {
    await withPool({}, async (pool) => {
      await pool.warm();
      const order: string[] = [];
      const run = async (label: string, dueMs: number) => {
        for await (const message of pool.run(count(label), options(dueMs))) order.push(message.label);
      };
      await Promise.all([run('running', 9), run('late', 3), run('soon', 1), run('between', 2)]);
      assert.deepEqual(
        order,
        ['running', 'soon', 'between', 'late'].map((label) => `prepared ${label} 1`),
      );
    });
  });

  test('hands messages over while the worker still computes', async () => {
    await withPool({}, async (pool) => {
      const caller = new AbortController();
      const messages = pool.run({ kind: 'until-cancelled', obey: true }, options(0, caller.signal));
      assert.equal((await messages.next()).value?.label, 'begun');
      caller.abort();
      await assert.rejects(messages.next(), hasCode('cancelled'));
    });
  });

  test('keeps a worker that stops when it is asked to', async () => {
    await withPool({ cancelGraceMs: 60_000 }, async (pool) => {
      const messages = pool.run({ kind: 'until-cancelled', obey: true }, options());
      await messages.next();
      await messages.return?.();
      // The only worker must have come free by itself for this one to be answered.
      assert.deepEqual(await labels(pool.run(count('next'), options())), ['prepared next 1']);
    });
  });

  test('replaces a worker that does not stop', async () => {
    await withPool({ cancelGraceMs: 20 }, async (pool) => {
      const caller = new AbortController();
      const messages = pool.run({ kind: 'until-cancelled', obey: false }, options(0, caller.signal));
      await messages.next();
      caller.abort();
      await assert.rejects(messages.next(), hasCode('cancelled'));
      assert.deepEqual(await labels(pool.run(count('next'), options())), ['prepared next 1']);
    });
  });

  for (const kind of ['throw', 'exit'] as const) {
    test(`fails the task of a worker that ends by ${kind}, and serves the next one`, async () => {
      await withPool({}, async (pool) => {
        const next = labels(pool.run(count('next'), options(2)));
        await assert.rejects(labels(pool.run({ kind }, options(1))), hasCode('engine_failed'));
        assert.deepEqual(await next, ['prepared next 1']);
      });
    });
  }

  test('fails every waiting task, and none for ever, when no worker can start', async () => {
    await withPool({ prepare: () => Promise.resolve('unfit') }, async (pool) => {
      const runs = [1, 2, 3].map(() =>
        assert.rejects(labels(pool.run(count('a'), options())), hasCode('engine_failed')),
      );
      await Promise.all(runs);
    });
    await withPool({ prepare: () => Promise.reject(new Error('no module')) }, async (pool) => {
      const runs = [1, 2, 3].map(() =>
        assert.rejects(labels(pool.run(count('a'), options())), hasCode('engine_failed')),
      );
      await Promise.all(runs);
      await assert.rejects(pool.warm(), hasCode('engine_failed'));
    });
  });

  test('forgets a waiting task whose caller hangs up', async () => {
    await withPool({}, async (pool) => {
      const caller = new AbortController();
      const first = pool.run({ kind: 'until-cancelled', obey: true }, options());
      await first.next();
      const waiting = pool.run({ kind: 'throw' }, options(0, caller.signal));
      caller.abort();
      await assert.rejects(waiting.next(), hasCode('cancelled'));
      await first.return?.();
      assert.deepEqual(await labels(pool.run(count('next'), options())), ['prepared next 1']);
      await assert.rejects(pool.run(count('late'), options(0, caller.signal)).next(), hasCode('cancelled'));
    });
  });

  test('fails what runs and what waits when it is stopped', async () => {
    await withPool({}, async (pool) => {
      const running = pool.run({ kind: 'until-cancelled', obey: false }, options());
      await running.next();
      const waiting = pool.run(count('a'), options());
      const stopped = pool.stop();
      await assert.rejects(running.next(), hasCode('overloaded'));
      await assert.rejects(waiting.next(), hasCode('overloaded'));
      await stopped;
      await assert.rejects(pool.run(count('a'), options()).next(), hasCode('overloaded'));
      assert.equal(pool.alive, 0);
    });
  });

  test('ends a worker that has had nothing to do for a while', async () => {
    await withPool({ idleMs: 1 }, async (pool) => {
      await labels(pool.run(count('a'), options()));
      const { promise, resolve } = Promise.withResolvers<void>();
      const watch = setInterval(() => pool.alive === 0 && resolve(), 1);
      await promise;
      clearInterval(watch);
      assert.deepEqual(await labels(pool.run(count('b'), options())), ['prepared b 1']);
    });
  });

  test('lets go of what workers are started with when the last has ended', async () => {
    let made = 0;
    const prepare = () => Promise.resolve(`made ${(made += 1)}`);
    await withPool({ idleMs: 1, prepare, size: 2 }, async (pool) => {
      const first = await Promise.all([labels(pool.run(count('a'), options())), pool.warm()]);
      assert.deepEqual(first[0], ['made 1 a 1']);
      while (pool.alive > 0) await setImmediate();
      assert.deepEqual(await labels(pool.run(count('b'), options())), ['made 2 b 1']);
    });
  });

  test('lets the process end although workers are warm, but not before a task is done', async () => {
    const poolUrl = new URL('worker-pool.ts', import.meta.url).href;
    const program = `
      const { createWorkerPool } = await import(${JSON.stringify(poolUrl)});
      const pool = createWorkerPool({ engine: 'test', size: 2, script: new URL(${JSON.stringify(SCRIPT.href)}), prepare: async () => 'prepared' });
      for await (const { label } of pool.run({ kind: 'count', to: 1, label: 'a' }, { signal: new AbortController().signal, dueMs: 0 })) console.log(label);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 10_000,
    });
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    assert.equal(printed, 'prepared a 1\n');
  });
});
