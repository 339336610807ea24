import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { AppError } from '../base/errors.ts';
import { RemoteCircuit } from './remote-circuit.ts';

const broken = new AppError('engine_failed', 'It broke.', { reason: 'refused' });

/** Time that passes only when it is told to. */
function withTime(
  use: (pass: (milliseconds: number) => Promise<void>) => Promise<void>,
): () => Promise<void> {
  return async () => {
    let now = 1_000_000;
    mock.timers.enable({ apis: ['setTimeout'] });
    const clock = mock.method(performance, 'now', () => now);
    try {
      await use(async (milliseconds) => {
        now += milliseconds;
        mock.timers.tick(milliseconds);
        await setImmediate();
      });
    } finally {
      clock.mock.restore();
      mock.timers.reset();
    }
  };
}

test(
  'three failures in a row close the way for a while, each further one for longer, and one success opens it',
  withTime(async (pass) => {
    const circuit = new RemoteCircuit('far', async () => false);
    const opens = () => {
      try {
        circuit.check();
        return 0;
      } catch (error) {
        assert.ok(error instanceof AppError && error.code === 'engine_failed');
        assert.match(error.message, /'far' is down\. It broke\./);
        return error.retryAfterMs;
      }
    };
    for (const _ of [1, 2]) circuit.note(broken);
    assert.equal(opens(), 0);
    circuit.note(broken);
    assert.equal(opens(), 2000);
    await pass(500);
    assert.equal(opens(), 1500);
    circuit.note(broken);
    assert.equal(opens(), 4000);
    circuit.succeed();
    assert.equal(opens(), 0);
    assert.deepEqual(circuit.health(), { state: 'healthy' });
    circuit.stop();
  }),
);

test(
  'a server that is back is found by asking it, and a server that nobody uses is left alone',
  withTime(async (pass) => {
    let asked = 0;
    let well = false;
    const circuit = new RemoteCircuit('far', async () => {
      asked += 1;
      return well;
    });
    circuit.note(broken);
    circuit.check();
    await pass(2000);
    assert.equal(asked, 1);
    assert.equal(circuit.health().state, 'unhealthy');
    well = true;
    await pass(2000);
    assert.equal(circuit.health().state, 'healthy');
    const usedFor = asked;
    for (let look = 0; look < 10; look += 1) await pass(15_000);
    assert.ok(asked <= usedFor + 4, `${asked} times`);
    circuit.stop();
  }),
);

test("a busy server, and one that refuses a caller's mistake, is there", () => {
  const circuit = new RemoteCircuit('far', async () => true);
  for (const _ of [1, 2]) circuit.note(broken);
  circuit.note(new AppError('overloaded', 'busy'));
  for (const _ of [1, 2]) circuit.note(broken);
  circuit.note(new AppError('invalid_request', 'no'));
  for (const _ of [1, 2]) circuit.note(broken);
  circuit.check();
  circuit.stop();
});
