import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { begun, byteFlow, flowFrom, watched, type ByteFlow, type ByteSink } from './byte-flow.ts';
import { collectBytes } from './stream.ts';

/** A source whose chunks the test gives by hand. */
function byHand() {
  const told: string[] = [];
  let sink: ByteSink | undefined;
  const flow = byteFlow((given) => {
    sink = given;
    return { resume: () => void told.push('resume'), stop: () => void told.push('stop') };
  });
  return {
    flow,
    told,
    give: (...bytes: number[]) => sink?.take(Uint8Array.from(bytes)),
    end: (failure?: unknown) => sink?.end(failure),
  };
}

async function* chunks(...all: readonly number[][]) {
  for (const bytes of all) yield Uint8Array.from(bytes);
}

/** Everything that a flow gives, in chunks. */
function pouredFrom(flow: ByteFlow): Promise<number[][]> {
  const got: number[][] = [];
  return new Promise((resolve, reject) => {
    flow.pour({
      take: (chunk) => {
        got.push([...chunk]);
        return true;
      },
      end: (failure) => (failure === undefined ? resolve(got) : reject(failure)),
    });
  });
}

describe('a flow', () => {
  test('can be pulled chunk by chunk', async () => {
    const { flow, give, end } = byHand();
    const collected = collectBytes(flow);
    give(1, 2);
    give(3);
    end();
    assert.deepEqual([...(await collected)], [1, 2, 3]);
  });

  test('is asked to pause when whoever pulls falls behind, and to go on when they come for more', async () => {
    const { flow, told, give } = byHand();
    const iterator = flow[Symbol.asyncIterator]();
    const first = iterator.next();
    assert.equal(give(1), true);
    await first;
    assert.equal(give(...new Uint8Array(70_000)), false);
    await iterator.next();
    told.length = 0;
    const next = iterator.next();
    assert.deepEqual(told, ['resume']);
    give(2);
    assert.deepEqual([...((await next).value ?? [])], [2]);
  });

  test('tells its failure after what came before it', async () => {
    const { flow, give, end } = byHand();
    const iterator = flow[Symbol.asyncIterator]();
    const first = iterator.next();
    give(7);
    end(new Error('broken'));
    assert.deepEqual([...((await first).value ?? [])], [7]);
    await assert.rejects(iterator.next(), /broken/);
  });

  test('is stopped by whoever leaves it, also before the first chunk', async () => {
    for (const reads of [true, false]) {
      const { flow, told, give } = byHand();
      const iterator = flow[Symbol.asyncIterator]();
      if (reads) {
        const first = iterator.next();
        give(1);
        await first;
      }
      await iterator.return?.();
      assert.equal(told.at(-1), 'stop');
      assert.equal((await iterator.next()).done, true);
    }
  });
});

describe('the beginning of a flow', () => {
  test('is so many bytes as were asked for, and stands in the flow again', async () => {
    const { head, all } = await begun(flowFrom(chunks([1], [2, 3], [4])), 2);
    assert.deepEqual([...head], [1, 2, 3]);
    assert.deepEqual((await pouredFrom(all)).flat(), [1, 2, 3, 4]);
  });

  test('is shorter, or empty, where there is no more', async () => {
    const short = await begun(flowFrom(chunks([1])), 44);
    assert.deepEqual([...short.head], [1]);
    assert.deepEqual(await pouredFrom(short.all), [[1]]);
    const none = await begun(flowFrom(chunks()), 1);
    assert.equal(none.head.length, 0);
    assert.deepEqual(await pouredFrom(none.all), []);
  });

  test('fails where the flow fails before it, and lets the flow fail where it fails after it', async () => {
    async function* failing(count: number) {
      for (let at = 0; at < count; at += 1) yield Uint8Array.of(at);
      throw new Error('broken');
    }
    await assert.rejects(begun(flowFrom(failing(1)), 2), /broken/);
    const { all } = await begun(flowFrom(failing(3)), 2);
    await assert.rejects(pouredFrom(all), /broken/);
  });

  test('holds the source up until somebody takes it, and lets it be closed when nobody does', async () => {
    const { flow, told, give } = byHand();
    const beginning = begun(flow, 2);
    assert.equal(give(1), true);
    assert.equal(give(2), false);
    const { all, close } = await beginning;
    assert.deepEqual(told, []);
    const taken: number[] = [];
    const pouring = all.pour({ take: (chunk) => taken.push(...chunk) > 99, end: () => undefined });
    assert.deepEqual([taken, told], [[1, 2], []], 'whoever takes it wants a pause, too');
    pouring.resume();
    close();
    assert.deepEqual(told, ['resume', 'stop']);
  });
});

describe('a watched flow', () => {
  test('tells of each chunk and once of the end', async () => {
    const seen: number[] = [];
    let ends = 0;
    const flow = watched(flowFrom(chunks([1, 2], [3])), {
      onChunk: (chunk) => void seen.push(chunk.length),
      onEnd: () => {
        ends += 1;
      },
    });
    assert.deepEqual([...(await collectBytes(flow))], [1, 2, 3]);
    assert.deepEqual([seen, ends], [[2, 1], 1]);
  });

  test('tells why it failed, and that it was left', async () => {
    const reasons: unknown[] = [];
    const watch = { onChunk: () => undefined, onEnd: (failure?: unknown) => void reasons.push(failure) };
    const { flow, end } = byHand();
    const failing = pouredFrom(watched(flow, watch));
    const broken = new Error('broken');
    end(broken);
    await assert.rejects(failing, broken);
    const left = watched(byHand().flow, watch).pour({ take: () => true, end: () => undefined });
    left.stop();
    left.stop();
    assert.deepEqual(reasons, [broken, undefined]);
  });
});

test('what has to be pulled is pulled only as far as it is wanted', async () => {
  let made = 0;
  let closed = false;
  async function* counting() {
    try {
      for (;;) {
        made += 1;
        yield Uint8Array.of(made);
      }
    } finally {
      closed = true;
    }
  }
  const wanted = Promise.withResolvers<void>();
  const pouring = flowFrom(counting()).pour({
    take: (chunk) => {
      if (chunk[0] !== 3) return true;
      wanted.resolve();
      return false;
    },
    end: () => assert.fail('it has no end'),
  });
  await wanted.promise;
  pouring.stop();
  await new Promise(setImmediate);
  assert.deepEqual([made, closed], [3, true]);
});
