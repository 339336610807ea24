import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import type {
  NativeTestAnswer,
  NativeTestCall,
  NativeTestStart,
} from '../../test/fixtures/native-test-child.ts';
import { AppError } from '../base/errors.ts';
import { createNativeProcess, type NativeProcess, type NativeProcessParts } from './native-process.ts';

const SCRIPT = new URL('../../test/fixtures/native-test-child.ts', import.meta.url);

type TestProcess = NativeProcess<NativeTestCall, NativeTestAnswer, number>;

async function withProcess(
  parts: Partial<NativeProcessParts> & { readonly start?: NativeTestStart },
  check: (native: TestProcess) => Promise<void>,
): Promise<void> {
  const native: TestProcess = createNativeProcess({ engine: 'test', script: SCRIPT, start: 'fit', ...parts });
  try {
    await check(native);
  } finally {
    await native.stop();
  }
}

const signal = new AbortController().signal;
const sum = (...samples: number[]): NativeTestCall => ({ kind: 'sum', samples: Float32Array.from(samples) });

function fails(code: string, message: RegExp, cause?: RegExp) {
  return (error: unknown) => {
    assert(error instanceof AppError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    if (cause) assert.match(String(error.cause), cause);
    return true;
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Settles once a call is under way in the child, with its process id. */
async function begun(
  native: TestProcess,
  call: NativeTestCall,
  from: AbortSignal = signal,
): Promise<{ pid: number; end: Promise<NativeTestAnswer> }> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const end = native.call(call, { signal: from, onUpdate: resolve });
  end.catch(() => undefined);
  return { pid: await promise, end };
}

describe('a native process', () => {
  test('starts its child for the first call and keeps it for the next', async () => {
    await withProcess({}, async (native) => {
      assert.equal(native.pid, undefined);
      const first = await native.call(sum(1, 2, 3.5), { signal });
      assert.equal(first.value, 6.5);
      assert.notEqual(first.pid, process.pid);
      assert.equal((await native.call(sum(4), { signal })).pid, first.pid);
      assert.equal(native.pid, first.pid);
    });
  });

  test('carries half a minute of samples there within 60 ms, and only the part that is meant', async () => {
    await withProcess({}, async (native) => {
      await native.ready(signal);
      const samples = new Float32Array(960_000).fill(1);
      const times = [];
      for (let round = 0; round < 5; round += 1) {
        const before = performance.now();
        const answer = await native.call({ kind: 'sum', samples: samples.subarray(7, 480_007) }, { signal });
        times.push(performance.now() - before);
        assert.equal(answer.value, 480_000);
      }
      assert(Math.min(...times) < 60, `${times.map(Math.round).join(', ')} ms`);
    });
  });

  test('gives the updates of a call in order, before its answer', async () => {
    await withProcess({}, async (native) => {
      const seen: number[] = [];
      const answer = await native.call(
        { kind: 'count', to: 20 },
        { signal, onUpdate: (count) => seen.push(count) },
      );
      assert.equal(answer.value, 20);
      const streamed = await Array.fromAsync(native.stream({ kind: 'count', to: 20 }, { signal }));
      assert.deepEqual(streamed, seen);
      assert.deepEqual(
        seen,
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    });
  });

  test('gives each of many calls at once its own answer', async () => {
    for (const concurrency of [1, 4]) {
      await withProcess({ concurrency }, async (native) => {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, index) => native.call(sum(index, 0.5), { signal })),
        );
        assert.deepEqual(
          answers.map(({ value }) => value),
          Array.from({ length: 12 }, (_, index) => index + 0.5),
        );
      });
    }
  });

  test('is ready for a newcomer while it works for others', async () => {
    await withProcess({}, async (native) => {
      const controller = new AbortController();
      const { end } = await begun(native, { kind: 'wait', obey: true, announce: true }, controller.signal);
      await native.ready(signal);
      controller.abort();
      await assert.rejects(end, fails('cancelled', /hung up/));
    });
  });

  test('passes on what the child refuses, and what breaks in it, without ending it', async () => {
    await withProcess({}, async (native) => {
      const { pid } = await native.call(sum(), { signal });
      await assert.rejects(native.call({ kind: 'refuse' }, { signal }), (error) => {
        assert(fails('invalid_request', /^No such language\.$/)(error) && error instanceof AppError);
        assert.deepEqual([error.param, error.reason], ['language', 'unknown']);
        return true;
      });
      await assert.rejects(
        native.call({ kind: 'throw' }, { signal }),
        fails('engine_failed', /engine test failed: the gearbox is stuck/),
      );
      assert.equal((await native.call(sum(), { signal })).pid, pid);
    });
  });

  const deaths: readonly [string, NativeTestCall, RegExp, RegExp?][] = [
    [
      'exit(255)',
      { kind: 'exit', code: 255 },
      /engine test ended by itself \(exit code 255\)/,
      /model type not supported/,
    ],
    ['SIGABRT', { kind: 'abort' }, /engine test crashed \(SIGABRT\)/],
    ['SIGSEGV', { kind: 'kill', signal: 'SIGSEGV' }, /engine test crashed \(SIGSEGV\)/],
    ['SIGKILL', { kind: 'kill', signal: 'SIGKILL' }, /engine test was killed \(SIGKILL\)/],
  ];
  for (const [name, call, message, cause] of deaths) {
    test(`turns ${name} into one clear error and starts a fresh child`, async () => {
      await withProcess({}, async (native) => {
        const before = await native.call(sum(1), { signal });
        await assert.rejects(native.call(call, { signal }), fails('engine_failed', message, cause));
        const after = await native.call(sum(2), { signal });
        assert.notEqual(after.pid, before.pid);
        assert.equal(after.value, 2);
      });
    });
  }

  test('tells when the memory ran out', async () => {
    const before = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = '--max-old-space-size=32';
    try {
      await withProcess({}, async (native) => {
        const died = fails('engine_failed', /engine test ran out of memory/, /heap out of memory/);
        await assert.rejects(native.call({ kind: 'devour' }, { signal }), died);
      });
    } finally {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    }
  });

  test('fails all calls under way when the child dies, and runs those that only waited', async () => {
    await withProcess({ concurrency: 2 }, async (native) => {
      const { pid, end } = await begun(native, { kind: 'wait', obey: true, announce: true });
      const other = begun(native, { kind: 'wait', obey: true, announce: true });
      const { end: second } = await other;
      const waiting = native.call(sum(5), { signal });
      process.kill(pid, 'SIGKILL');
      await assert.rejects(end, fails('engine_failed', /SIGKILL/));
      await assert.rejects(second, fails('engine_failed', /SIGKILL/));
      assert.equal((await waiting).value, 5);
    });
  });

  test('ends a child that stands still', async () => {
    await withProcess({ silenceMs: 400 }, async (native) => {
      const stopped = await begun(native, { kind: 'wait', obey: true, announce: true });
      process.kill(stopped.pid, 'SIGSTOP');
      await assert.rejects(stopped.end, fails('engine_failed', /did not move for 0\.4 s and was ended/));
      const spinning = await begun(native, { kind: 'spin' });
      await assert.rejects(spinning.end, fails('engine_failed', /did not move/));
      assert.equal((await native.call(sum(1), { signal })).value, 1);
      assert(!isAlive(stopped.pid));
    });
  });

  test('ends a call that takes too long', async () => {
    await withProcess({ callTimeoutMs: 300 }, async (native) => {
      const call: NativeTestCall = { kind: 'wait', obey: true, announce: false };
      await assert.rejects(
        native.call(call, { signal }),
        fails('engine_failed', /for more than 0 s and was/),
      );
      const before = performance.now();
      await assert.rejects(native.call(call, { signal, timeoutMs: 20 }), fails('engine_failed', /and was/));
      assert(performance.now() - before < 5000);
    });
  });

  test('cancels at once and keeps a child that listens', async () => {
    await withProcess({}, async (native) => {
      const controller = new AbortController();
      const call: NativeTestCall = { kind: 'wait', obey: true, announce: true };
      const { pid, end } = await begun(native, call, controller.signal);
      const before = performance.now();
      controller.abort();
      await assert.rejects(end, fails('cancelled', /hung up/));
      assert(performance.now() - before < 1000);
      assert.equal((await native.call(sum(1), { signal })).pid, pid);
    });
  });

  test('replaces a child that does not listen, and repeats the calls that are not to blame', async () => {
    await withProcess({ concurrency: 2 }, async (native) => {
      const controller = new AbortController();
      const deaf: NativeTestCall = { kind: 'wait', obey: false, announce: true };
      const { pid, end } = await begun(native, deaf, controller.signal);
      const stubborn = native.stream({ kind: 'count', to: 1 }, { signal });
      await Array.fromAsync(stubborn);
      const innocent = new AbortController();
      const waits = native.call({ kind: 'wait', obey: true, announce: false }, { signal: innocent.signal });
      const queued = native.call(sum(3), { signal });
      const before = performance.now();
      controller.abort();
      await assert.rejects(end, fails('cancelled', /hung up/));
      assert(performance.now() - before < 1000);
      const answer = await queued;
      assert.notEqual(answer.pid, pid);
      assert(!isAlive(pid));
      innocent.abort();
      await assert.rejects(waits, fails('cancelled', /hung up/));
    });
  });

  test('lets a caller leave the queue and a stream', async () => {
    await withProcess({}, async (native) => {
      const { pid, end } = await begun(native, { kind: 'wait', obey: true, announce: true });
      const controller = new AbortController();
      const queued = native.call(sum(1), { signal: controller.signal });
      controller.abort();
      await assert.rejects(queued, fails('cancelled', /hung up/));
      await assert.rejects(
        native.call(sum(1), { signal: AbortSignal.abort() }),
        fails('cancelled', /hung up/),
      );
      process.kill(pid, 'SIGKILL');
      await assert.rejects(end);
      const stream = native.stream({ kind: 'wait', obey: true, announce: true }, { signal });
      const first = await stream.next();
      await stream.return?.();
      assert.equal((await native.call(sum(1), { signal })).pid, first.value);
    });
  });

  test('tells why a child cannot be made ready, to everybody who waits', async () => {
    await withProcess({ start: 'unfit' }, async (native) => {
      const said = fails('engine_failed', /test could not be made ready: the weights are upside down/);
      await Promise.all([
        assert.rejects(native.call(sum(1), { signal }), said),
        assert.rejects(native.ready(signal), said),
      ]);
      for (let again = 0; again < 6; again += 1) await assert.rejects(native.ready(signal), said);
    });
    await withProcess({ start: 'never', startTimeoutMs: 300 }, async (native) => {
      await assert.rejects(native.ready(signal), fails('engine_failed', /was not ready after 0\.3 s/));
    });
    await withProcess({ script: new URL('no-such-child.ts', SCRIPT) }, async (native) => {
      await assert.rejects(native.ready(signal), fails('engine_failed', /exit code 1/, /no-such-child/));
    });
  });

  test('rests after five crashes within a minute, and says for how long', async () => {
    await withProcess({ start: 'abort' }, async (native) => {
      for (let crash = 0; crash < 5; crash += 1) {
        await assert.rejects(native.ready(signal), fails('engine_failed', /crashed \(SIGABRT\)/));
      }
      await assert.rejects(native.ready(signal), (error) => {
        assert(fails('overloaded', /broke 5 times .* rests for \d+ s\. .*SIGABRT/)(error));
        assert(error instanceof AppError && error.retryAfterMs !== undefined);
        assert(error.retryAfterMs > 30_000 && error.retryAfterMs <= 60_000);
        return true;
      });
    });
  });

  test('ends an idle child, but not one that is held', async () => {
    await withProcess({ idleMs: 50 }, async (native) => {
      const release = native.hold();
      const { pid } = await native.call(sum(1), { signal });
      assert.equal(await native.unload(), false);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal((await native.call(sum(1), { signal })).pid, pid);
      release();
      release();
      while (native.pid !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
      assert(!isAlive(pid));
      assert.notEqual((await native.call(sum(1), { signal })).pid, pid);
    });
  });

  test('unloads at once what nobody uses', async () => {
    await withProcess({}, async (native) => {
      assert.equal(await native.unload(), true);
      const { pid } = await native.call(sum(1), { signal });
      assert.equal(await native.unload(), true);
      assert(!isAlive(pid));
      const working = await begun(native, { kind: 'wait', obey: true, announce: true });
      assert.equal(await native.unload(), false);
      assert(isAlive(working.pid));
    });
  });

  test('fails what waits and runs when it is stopped, and leaves no child and no file', async () => {
    const files = readdirSync(tmpdir()).filter((name) => name.includes('native'));
    let pid = 0;
    await withProcess({}, async (native) => {
      const working = await begun(native, { kind: 'wait', obey: false, announce: true });
      pid = working.pid;
      const queued = native.call(sum(1), { signal });
      await Promise.all([
        assert.rejects(queued, fails('overloaded', /shut down/)),
        assert.rejects(working.end, fails('overloaded', /shut down/)),
        native.stop(),
      ]);
      await assert.rejects(native.call(sum(1), { signal }), fails('overloaded', /shut down/));
    });
    assert(!isAlive(pid));
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.includes('native')),
      files,
    );
  });

  const parent = (ending: string) => `
    import { createNativeProcess } from ${JSON.stringify(new URL('native-process.ts', import.meta.url).href)};
    const native = createNativeProcess({ engine: 'test', script: new URL(${JSON.stringify(SCRIPT.href)}), start: 'fit' });
    const signal = new AbortController().signal;
    ${ending}`;

  test('does not keep a program alive that has nothing else to do', async () => {
    const program = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      parent(
        "console.log((await native.call({ kind: 'sum', samples: Float32Array.of(1) }, { signal })).pid); await native.unload();",
      ) + "console.log((await native.call({ kind: 'sum', samples: Float32Array.of(1) }, { signal })).value);",
    ]);
    const output: string[] = [];
    program.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    const [code] = await once(program, 'close');
    assert.equal(code, 0);
    assert.match(output.join(''), /^\d+\n1\n$/);
  });

  test('leaves no child behind when the program is killed, whatever the child does', async () => {
    {
      const call = "{ kind: 'wait', obey: false, announce: true }";
      const program = spawn(
        process.execPath,
        [
          '--input-type=module',
          '--eval',
          parent(`void native.call(${call}, { signal, onUpdate: (pid) => console.log(pid) });`),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [text] = await once(program.stdout, 'data');
      const pid = Number(String(text));
      assert(isAlive(pid));
      program.kill('SIGKILL');
      await once(program, 'exit');
      const deadline = performance.now() + 5000;
      while (isAlive(pid) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert(!isAlive(pid));
    }
  });
});
