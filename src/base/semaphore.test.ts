import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  asyncProperty,
  assert as assertProperty,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check';
import { Semaphore } from './semaphore.ts';

const never = new AbortController().signal;

/** Lets everybody who was given a slot notice it. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A semaphore whose slots are all taken by somebody who asks for nothing else. */
async function busy(maxWaiting = Number.POSITIVE_INFINITY) {
  const semaphore = new Semaphore({ slots: 1, maxWaiting, retryAfterMs: (ahead) => 100 * ahead });
  const release = await semaphore.acquire('somebody', never);
  const served: string[] = [];
  /** Waits, and gives the slot on at once. */
  const ask = async (owner: string, name = owner) => {
    const giveBack = await semaphore.acquire(owner, never);
    served.push(name);
    giveBack();
  };
  return { semaphore, release, served, ask };
}

test('the requests of one owner are served in the order of asking', async () => {
  const { semaphore, release, served, ask } = await busy();
  const waiting = ['1', '2', '3'].map((name) => ask('a', name));
  assert.equal(semaphore.waiting, 3);
  release();
  await Promise.all(waiting);
  assert.deepEqual(served, ['1', '2', '3']);
  assert.deepEqual([semaphore.taken, semaphore.waiting], [0, 0]);
});

test('a newcomer with one request does not stand behind 200 of somebody else', async () => {
  const { release, served, ask } = await busy();
  const waiting = Array.from({ length: 200 }, () => ask('crowd'));
  waiting.push(ask('newcomer'));
  release();
  await Promise.all(waiting);
  assert.equal(served.indexOf('newcomer'), 1);
});

test('owners that wait take turns', async () => {
  const { release, served, ask } = await busy();
  const waiting = ['a', 'a', 'a', 'b', 'b', 'c'].map((owner) => ask(owner));
  release();
  await Promise.all(waiting);
  assert.deepEqual(served, ['a', 'b', 'c', 'a', 'b', 'a']);
});

test('giving a slot back twice frees only one', async () => {
  const semaphore = new Semaphore({ slots: 2 });
  const release = await semaphore.acquire('a', never);
  await semaphore.acquire('a', never);
  release();
  release();
  assert.equal(semaphore.taken, 1);
});

test('a waiter whose signal fires leaves the queue with "cancelled", and the turns go on', async () => {
  const { semaphore, release, served, ask } = await busy();
  const hangUp = new AbortController();
  const leaving = semaphore.acquire('a', hangUp.signal);
  const staying = [ask('b'), ask('a')];
  hangUp.abort();
  await assert.rejects(leaving, { code: 'cancelled' });
  assert.equal(semaphore.waiting, 2);
  release();
  await Promise.all(staying);
  assert.deepEqual(served.toSorted(), ['a', 'b']);
  assert.deepEqual([semaphore.taken, semaphore.waiting], [0, 0]);
  await assert.rejects(semaphore.acquire('a', hangUp.signal), { code: 'cancelled' });
});

test('one owner fills half of the waiting room and no more, and others still find a place', async () => {
  const { semaphore, ask } = await busy(8);
  for (let count = 0; count < 4; count += 1) void ask('greedy');
  await assert.rejects(ask('greedy'), { code: 'overloaded', message: /4 of your requests already wait/ });
  for (const [owner, places] of [
    ['second', 2],
    ['third', 1],
    ['fourth', 1],
  ] as const) {
    for (let count = 0; count < places; count += 1) void ask(owner);
  }
  assert.equal(semaphore.waiting, 8);
  await assert.rejects(ask('fifth'), { code: 'overloaded', message: /8 requests already wait/ });
});

test('who is turned away hears how long those in front of the next request would take', async () => {
  const { ask } = await busy(8);
  for (const owner of ['a', 'a', 'a', 'a', 'b', 'b', 'c', 'd']) void ask(owner);
  // Four of its own, both of b, and one each of c and d.
  await assert.rejects(ask('a'), { retryAfterMs: 800 });
  // One of each: the first request of a newcomer waits for nothing else.
  await assert.rejects(ask('e'), { retryAfterMs: 400 });
});

type Step =
  | { readonly kind: 'ask'; readonly owner: string }
  | { readonly kind: 'release' | 'leave'; readonly which: number };

const steps = array(
  oneof(
    {
      weight: 3,
      arbitrary: record({ kind: constantFrom('ask' as const), owner: constantFrom('a', 'b', 'c', 'd') }),
    },
    {
      weight: 2,
      arbitrary: record({
        kind: constantFrom('release' as const, 'leave' as const),
        which: integer({ min: 0, max: 99 }),
      }),
    },
  ),
  { maxLength: 60 },
);

interface Asked {
  readonly owner: string;
  readonly hangUp: AbortController;
  /** How many times each owner had been called up when this one began to wait. */
  readonly calledBefore: ReadonlyMap<string, number>;
  release?: () => void;
}

/** Plays steps and checks after every one of them what must always hold. */
async function play(script: readonly Step[], slots: number, maxWaiting: number): Promise<void> {
  const semaphore = new Semaphore({ slots, maxWaiting });
  const waiting: Asked[] = [];
  const holding: Asked[] = [];
  const problems: unknown[] = [];
  const called = new Map<string, number>();
  /** For each owner that waits, what had been called up when it was last its turn or when it came. */
  const lastTurn = new Map<string, ReadonlyMap<string, number>>();

  const callUp = (asked: Asked, release: () => void) => {
    asked.release = release;
    if (waiting.includes(asked)) {
      assert.equal(
        waiting.find(({ owner }) => owner === asked.owner),
        asked,
        'an earlier request of the owner waits',
      );
      const since = lastTurn.get(asked.owner);
      for (const [owner, times] of called) {
        const turns = times - (since?.get(owner) ?? 0);
        assert.ok(
          owner === asked.owner || turns <= 1,
          `${owner} had ${turns} turns while ${asked.owner} waited`,
        );
      }
      waiting.splice(waiting.indexOf(asked), 1);
      called.set(asked.owner, (called.get(asked.owner) ?? 0) + 1);
      lastTurn.set(asked.owner, new Map(called));
    }
    holding.push(asked);
  };

  const letIn = (asked: Asked, { release, mayEnter }: { release: () => void; mayEnter: boolean }) => {
    assert.ok(mayEnter, 'a request was let in that has no place');
    callUp(asked, release);
  };

  const ask = (owner: string) => {
    const own = waiting.filter((asked) => asked.owner === owner).length;
    const asked: Asked = { owner, hangUp: new AbortController(), calledBefore: new Map(called) };
    const mustWait = holding.length >= slots;
    const fits = own < maxWaiting - waiting.length;
    if (mustWait && fits) {
      if (own === 0) lastTurn.set(owner, asked.calledBefore);
      waiting.push(asked);
    }
    const answered = semaphore.acquire(owner, asked.hangUp.signal).then(
      (release) => letIn(asked, { release, mayEnter: !mustWait || fits }),
      (error: { code: string }) => assert.equal(error.code, mustWait && !fits ? 'overloaded' : 'cancelled'),
    );
    answered.catch((problem: unknown) => problems.push(problem));
  };

  for (const step of script) {
    if (step.kind === 'ask') ask(step.owner);
    if (step.kind === 'release') holding.splice(step.which % Math.max(1, holding.length), 1)[0]?.release?.();
    if (step.kind === 'leave') waiting.splice(step.which % Math.max(1, waiting.length), 1)[0]?.hangUp.abort();
    await settled();
    assert.deepEqual(problems, []);
    assert.deepEqual([semaphore.taken, semaphore.waiting], [holding.length, waiting.length]);
    assert.ok(holding.length <= slots, 'more slots were given than there are');
    assert.ok(waiting.length === 0 || holding.length === slots, 'somebody waits for a slot that is free');
  }
  while (holding.length > 0) {
    holding.shift()?.release?.();
    await settled();
  }
  assert.deepEqual([semaphore.taken, semaphore.waiting, waiting.length], [0, 0, 0]);
}

test('whatever is asked, given back and given up: no slot idles, nobody is passed over twice or served twice', () =>
  assertProperty(asyncProperty(steps, integer({ min: 1, max: 3 }), integer({ min: 0, max: 12 }), play), {
    numRuns: 200,
  }));
