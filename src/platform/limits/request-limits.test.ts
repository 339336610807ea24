import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { KeyLimits } from '../../core/access/grant.ts';
import type { Entry, RequestLimiter } from '../../core/ports/request-limiter.ts';
import { manualTime } from '../../../test/manual-time.ts';
import { testPrincipal } from '../../../test/support.ts';
import { createMemoryGate } from './memory-gate.ts';
import { createRequestLimiter } from './request-limits.ts';

const key = (id: string, limits: KeyLimits) => testPrincipal(id, { limits });

function leaveOf(entry: Entry): () => void {
  return entry.kind === 'admitted' ? entry.leave : assert.fail(entry.error.message);
}

function refusalOf(entry: Entry) {
  assert.equal(entry.kind, 'refused');
  const { code, reason, retryAfterMs } = entry.error;
  return { code, reason, retryAfterMs };
}

describe('in memory', () => {
  let limiter: RequestLimiter;
  let time: ReturnType<typeof manualTime>;
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'] });
    time = manualTime();
    limiter = createRequestLimiter({ gate: createMemoryGate(), pause: time.pause });
  });
  afterEach(() => mock.timers.reset());

  test('so many requests a minute are let in, which begins with the first, and the next is told when it ends', async () => {
    const principal = key('a', { requestsPerMinute: 2 });
    const first = await limiter.enter(principal);
    assert.deepEqual(first.standing, { requests: { limit: 2, remaining: 1, resetMs: 60_000 } });
    mock.timers.tick(20_000);
    assert.equal((await limiter.enter(principal)).standing.requests?.remaining, 0);
    const refused = await limiter.enter(principal);
    assert.deepEqual(refusalOf(refused), {
      code: 'rate_limited',
      reason: 'requests_per_minute',
      retryAfterMs: 40_000,
    });
    assert.deepEqual(refused.standing, { requests: { limit: 2, remaining: 0, resetMs: 40_000 } });
    assert.equal((await limiter.enter(key('b', { requestsPerMinute: 2 }))).kind, 'admitted');
    mock.timers.tick(40_000);
    assert.equal((await limiter.enter(principal)).kind, 'admitted');
  });

  test('a limit that is changed counts from the next request on', async () => {
    for (let count = 0; count < 3; count += 1) await limiter.enter(key('a', { requestsPerMinute: 3 }));
    assert.equal((await limiter.enter(key('a', { requestsPerMinute: 3 }))).kind, 'refused');
    const raised = await limiter.enter(key('a', { requestsPerMinute: 10 }));
    assert.deepEqual([raised.kind, raised.standing.requests?.remaining], ['admitted', 5]);
  });

  test('so many places there are at the same time, and a place that is given back twice is one place', async () => {
    const principal = key('a', { concurrency: 2 });
    const leave = leaveOf(await limiter.enter(principal));
    const second = await limiter.enter(principal);
    assert.deepEqual(second.standing, { concurrency: { limit: 2, current: 2 } });
    leave();
    leave();
    leaveOf(await limiter.enter(principal));
    const third = limiter.enter(principal);
    await time.settle();
    for (let count = 0; count < 3; count += 1) await time.advance(200);
    const refused = await third;
    assert.deepEqual(refusalOf(refused), {
      code: 'rate_limited',
      reason: 'concurrent_requests',
      retryAfterMs: 1000,
    });
    assert.deepEqual(refused.standing, { concurrency: { limit: 2, current: 2 } });
    assert.deepEqual(limiter.standing(principal), { concurrency: { limit: 2, current: 2 } });
  });

  test('who comes while the request before is on its way out gets its place', async () => {
    const principal = key('a', { concurrency: 1, requestsPerMinute: 2 });
    const leave = leaveOf(await limiter.enter(principal));
    const next = limiter.enter(principal);
    await time.settle();
    leave();
    await time.advance(10);
    const entry = await next;
    assert.equal(entry.kind, 'admitted');
    // The second try is not a second request.
    assert.equal(entry.standing.requests?.remaining, 0);
  });

  test('a request that is one too many in its minute takes no place', async () => {
    const principal = key('a', { concurrency: 5, requestsPerMinute: 1 });
    await limiter.enter(principal);
    assert.equal((await limiter.enter(principal)).kind, 'refused');
    assert.deepEqual(limiter.standing(principal), { concurrency: { limit: 5, current: 1 } });
  });

  test('a clock that is put back an hour locks nobody out for longer than a minute', async () => {
    const principal = key('a', { requestsPerMinute: 1 });
    let now = 10_000_000;
    mock.timers.reset();
    // Timers do not go by the clock of the day.
    mock.timers.enable({ apis: ['setTimeout'] });
    const clock = mock.method(Date, 'now', () => now);
    await limiter.enter(principal);
    now -= 3_600_000;
    assert.equal(refusalOf(await limiter.enter(principal)).retryAfterMs, 60_000);
    mock.timers.tick(60_000);
    assert.equal((await limiter.enter(principal)).kind, 'admitted');
    clock.mock.restore();
  });
});
