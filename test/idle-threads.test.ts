import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { collectBytes } from '../src/base/stream.ts';
import { ANYBODY, type RequestContext } from '../src/core/context.ts';
import type { SpeechEngine } from '../src/core/engine.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import { engineEntries } from '../src/engines/index.ts';
import { encodeInWorker } from '../src/media/codec-pool.ts';
import { keepThreads } from '../src/media/thread-rest.ts';

const context: RequestContext = {
  requestId: 'test',
  principal: ANYBODY,
  signal: new AbortController().signal,
  log: silentLogger,
  dialect: 'test',
  strict: false,
};

/** The threads that are started from now on. */
function threadsOf(t: TestContext): Worker[] {
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  return threads;
}

async function endOf(threads: readonly Worker[]): Promise<void> {
  assert.ok(threads.length > 0);
  // A thread that has ended already has no number any more.
  await Promise.all(threads.filter(({ threadId }) => threadId >= 0).map((thread) => once(thread, 'exit')));
}

async function speak(speech: SpeechEngine): Promise<number> {
  const [voice] = speech.voices;
  assert.ok(voice);
  const output = await speech.synthesize(
    {
      model: 'any',
      text: 'Good evening.',
      voice: voice.id,
      language: 'en',
      speed: 1,
      pitchSemitones: 0,
      alignment: false,
    },
    context,
  );
  assert.equal(output.kind, 'pcm');
  let frames = 0;
  for await (const samples of output.pcm.chunks) frames += samples.length;
  return frames;
}

for (const id of ['flite', 'espeak']) {
  test(`${id} warms one thread, ends it when it is not needed, and speaks with another afterwards`, async (t) => {
    const engineModule = await engineEntries.find((entry) => entry.id === id)?.load();
    assert.ok(engineModule);
    const threads = threadsOf(t);
    const engine = await engineModule.create({ workers: 2, keepWarmMs: 1 });
    if ('unavailable' in engine) return t.skip(engine.unavailable);
    t.after(() => engine.stop?.());
    assert.ok(engine.speech);
    await engine.speech.warm?.();
    assert.equal(threads.length, 1);
    await endOf(threads);
    assert.ok((await speak(engine.speech)) > 4000);
    assert.equal(threads.length, 2);
  });
}

test('a thread that encodes ends when it is not needed, and the next encoding starts another', async (t) => {
  keepThreads(1);
  t.after(() => keepThreads(60_000));
  const threads = threadsOf(t);
  const encode = () =>
    collectBytes(
      encodeInWorker('mp3', { sampleRate: 24_000, channels: 1, chunks: silence() }, { id: 'mp3' }),
    );
  const first = await encode();
  await endOf(threads);
  assert.deepEqual(await encode(), first);
  assert.equal(threads.length, 2);
  await endOf(threads);
});

async function* silence(): AsyncGenerator<Float32Array> {
  yield new Float32Array(24_000);
}
