import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { burstRecording, bursts, silence } from '../../../test/burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from '../../../test/hearing-engine.ts';
import { openAccess, testClock, testContext, testMeter, testPrincipal } from '../../../test/support.ts';
import type { Engine } from '../engine.ts';
import { createEngineRunner } from '../models/engine-runner.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import type { LiveEvent, LiveRequest } from './live-request.ts';
import { createLiveTranscriptionService } from './live-transcription.ts';

const TURNS = { threshold: 0.5, prefixPaddingMs: 90, silenceDurationMs: 500, minSpeechMs: 90 } as const;

const REQUEST: LiveRequest = {
  model: 'auto',
  task: 'transcribe',
  wordTimes: true,
  logprobs: true,
  diarize: false,
  knownSpeakers: [],
  asked: [],
  spelling: { audio: 'audio', model: 'model', language: 'language' },
  sound: { encoding: 's16le', sampleRate: 16_000 },
  guesses: false,
};

const made = new Map<string, Buffer>();

/** Samples without their header. */
function sound(count: number, silenceSeconds = 0.2): Buffer {
  const name = `${count}/${silenceSeconds}`;
  const known = made.get(name) ?? burstRecording({ bursts: bursts(count), silenceSeconds }).subarray(44);
  made.set(name, known);
  return known;
}

/** The service on its own, with everything around it real. */
function serviceOn(engines: readonly Engine[], maxSeconds = 6 * 60 * 60, access = openAccess) {
  const runner = createEngineRunner(testClock);
  const models = createModelCatalog({ engines, publicModels: [], bindings: {}, strictModels: false });
  const usage = testMeter();
  const parts = { engines, models, runner, usage, access, clock: testClock, maxSeconds };
  return { service: createLiveTranscriptionService(parts), runner, usage };
}

async function session(
  request: Partial<LiveRequest> = {},
  options: HearingEngineOptions & { readonly engines?: readonly Engine[]; readonly maxSeconds?: number } = {},
) {
  const ear = hearingEngine(options);
  const { service, runner } = serviceOn(options.engines ?? [ear], options.maxSeconds);
  const events: LiveEvent[] = [];
  const listeners = new Set<() => void>();
  const hangUp = new AbortController();
  const live = service.open(testContext({ signal: hangUp.signal }), (event) => {
    events.push(event);
    for (const listener of listeners) listener();
  });
  await live.configure({ ...REQUEST, ...request });
  const until = async (isMeant: (event: LiveEvent) => boolean, count = 1) => {
    while (events.filter(isMeant).length < count) {
      await new Promise<void>((resolve) => {
        const listener = () => {
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
    }
    return events.filter(isMeant);
  };
  return { live, ear, runner, events, until, hangUp };
}

function isEnd(event: LiveEvent): event is Extract<LiveEvent, { type: 'item-end' }> {
  return event.type === 'item-end';
}

test('what is committed becomes a transcript with words in the time of all the sound', async () => {
  const { live, until, events, ear } = await session();
  await live.append(sound(3));
  assert.equal(live.uncommittedSeconds, 2);
  assert.equal(await live.commit(), 0);
  assert.equal(live.uncommittedSeconds, 0);
  await live.append(sound(2));
  assert.equal(await live.commit(), 1);
  await until(isEnd, 2);
  const [first, second] = events.filter(isEnd);
  assert.deepEqual([first?.transcript.text, second?.transcript.text], ['one two three.', 'one two.']);
  assert.deepEqual([first?.startSeconds, second?.startSeconds], [0, 2]);
  assert.equal(first?.transcript.durationSeconds, 2);
  const starts = second?.transcript.segments.flatMap(({ words }) =>
    words.map(({ startSeconds }) => startSeconds),
  );
  assert.equal(starts?.length, 2);
  assert.ok(Math.abs((starts?.[0] ?? 0) - 2) < 0.02 && Math.abs((starts?.[1] ?? 0) - 2.6) < 0.02);
  assert.equal(ear.open(), 0);
});

test('the text pieces of an item join to its transcript, also over many windows and all at once', async () => {
  const { live, until, events, ear } = await session();
  await live.append(sound(110));
  await live.commit();
  await until(isEnd);
  const text = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('');
  assert.equal(text, events.find(isEnd)?.transcript.text);
  assert.equal(ear.heard.length, 3);
  assert.equal(text.split(' ').length, 110);
});

for (const [encoding, sampleRate] of [
  ['s16le', 24_000],
  ['s16le', 8_000],
  ['s16le', 44_100],
] as const) {
  test(`sound of ${sampleRate} Hz is heard whatever bytes it is cut at`, async () => {
    const { live, until } = await session({ sound: { encoding, sampleRate } });
    const narrow = sound(4);
    const source = new Int16Array(narrow.buffer.slice(narrow.byteOffset, narrow.byteOffset + narrow.length));
    const count = Math.floor((source.length * sampleRate) / 16_000);
    const wide = Int16Array.from(
      { length: count },
      (_, at) => source[Math.floor((at * 16_000) / sampleRate)] ?? 0,
    );
    const bytes = new Uint8Array(wide.buffer);
    for (let at = 0; at < bytes.length; at += 997) await live.append(bytes.subarray(at, at + 997));
    await live.commit();
    const [end] = await until(isEnd);
    assert.equal(end && isEnd(end) && end.transcript.text, 'one two three four.');
  });
}

test('turns are found by voice, with the time before them, and end after silence', async () => {
  const { live, until, events } = await session({ turns: TURNS });
  await live.append(sound(2, 1));
  await live.append(sound(3, 1));
  await until(isEnd, 2);
  assert.deepEqual(
    events.map(({ type, item }) => `${type} ${item}`).filter((line) => !/text|segment|end/.test(line)),
    ['speech-start 0', 'speech-stop 0', 'item-commit 0', 'speech-start 1', 'speech-stop 1', 'item-commit 1'],
  );
  const times = events.flatMap((event) => ('atMs' in event ? [event.atMs] : []));
  const [start = 0, stop = 0, next = 0, last = 0] = times;
  assert.ok(start < 100, String(start));
  assert.ok(stop >= 1_480 && stop < 1_800, String(stop));
  assert.ok(next > 2_000 && next < 2_300, String(next));
  assert.ok(last > 4_000 && last < 4_600, String(last));
  assert.deepEqual(
    events.filter(isEnd).map(({ transcript }) => transcript.text),
    ['one two.', 'one two three.'],
  );
});

test('silence alone is no turn, and is reported after the time that the caller named', async () => {
  const quiet = await session({ turns: TURNS });
  await quiet.live.append(silence(10).subarray(44));
  assert.deepEqual(quiet.events, []);
  const timed = await session({ turns: { ...TURNS, idleTimeoutMs: 5_000 } });
  await timed.live.append(silence(11).subarray(44));
  await timed.until(isEnd, 2);
  const timeouts = timed.events.filter((event) => event.type === 'speech-timeout');
  assert.equal(timeouts.length, 2);
  assert.deepEqual(timeouts[0], { type: 'speech-timeout', item: 0, fromMs: 0, toMs: 5_010 });
  assert.ok(timed.events.filter(isEnd).every(({ transcript }) => transcript.text === ''));
  assert.equal(timed.ear.heard.length, 0);
});

test('a commit by hand ends a turn, and one without any sound is an empty transcript', async () => {
  const { live, until, events } = await session({ turns: TURNS });
  await live.append(sound(2, 0));
  await live.commit();
  await live.commit();
  await until(isEnd, 2);
  assert.deepEqual(
    events.filter(isEnd).map(({ transcript }) => transcript.text),
    ['one two.', ''],
  );
  assert.ok(!events.some(({ type }) => type === 'speech-stop'));
});

test('what was cleared is never heard', async () => {
  const { live, until, events, ear } = await session();
  await live.append(sound(3));
  live.clear();
  assert.equal(live.uncommittedSeconds, 0);
  await live.append(sound(1));
  await live.commit();
  await until(isEnd);
  assert.deepEqual(
    events.filter(isEnd).map(({ item, transcript }) => [item, transcript.text]),
    [[1, 'one.']],
  );
  assert.equal(ear.heard.length, 1);
});

test('while somebody speaks the text is guessed, and only what two guesses agree on is told for good', async () => {
  const { live, until, events } = await session({ guesses: true });
  const all = sound(12, 0);
  for (let at = 0; at < all.length; at += 6_400) {
    await live.append(all.subarray(at, at + 6_400));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const before = events.filter(({ type }) => type === 'text-guess').length;
  const early = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('');
  assert.ok(before >= 2, String(before));
  assert.ok(early.startsWith('one'), early);
  await live.commit();
  await until(isEnd);
  const text = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('');
  assert.equal(text, events.find(isEnd)?.transcript.text);
});

test('guesses take no slot from anybody, and their number does not grow with the square of the time', async () => {
  const { live, ear, runner, until } = await session({ guesses: true });
  const context = testContext();
  const releases = await Promise.all([1, 2, 3, 4].map(() => runner.acquire(ear, context)));
  await live.append(sound(10));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(ear.heard.length, 0);
  for (const release of releases) release();
  const all = sound(45);
  for (let at = 0; at < all.length; at += 3_200) {
    await live.append(all.subarray(at, at + 3_200));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await live.commit();
  await until(isEnd);
  assert.ok(ear.heard.length < 16, String(ear.heard.length));
});

test('an item that breaks the engine fails alone', async () => {
  const { live, until, events, ear } = await session({}, { failInWindow: 0 });
  await live.append(sound(2));
  await live.commit();
  const [failure] = await until(({ type }) => type === 'item-failure');
  assert.ok(failure?.type === 'item-failure' && failure.error.code === 'internal');
  assert.equal(events.filter(isEnd).length, 0);
  assert.equal(ear.open(), 0);
});

test('made-up text over silence does not pass', async () => {
  const says = [{ startSeconds: 0, endSeconds: 0.1, text: ' Thanks for watching!' }];
  const { live, until, events } = await session({}, { says });
  await live.append(silence(3).subarray(44));
  await live.commit();
  await until(isEnd);
  assert.equal(events.find(isEnd)?.transcript.text, '');
});

test('who leaves stops the work, gives slot and model back and hears nothing more', async () => {
  const gate = Promise.withResolvers<void>();
  const { live, ear, runner, events, hangUp } = await session({}, { gate: gate.promise });
  await live.append(sound(2));
  await live.commit();
  while (ear.open() === 0) await new Promise((resolve) => setImmediate(resolve));
  hangUp.abort();
  gate.resolve();
  while (runner.load(ear).running > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(ear.open(), 0);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['item-commit'],
  );
});

test('sound that nobody could hear yet holds up who sends it, and not the memory', async () => {
  const gate = Promise.withResolvers<void>();
  const { live, until } = await session({}, { gate: gate.promise });
  const minute = sound(100);
  let appended = 0;
  const sending = (async () => {
    for (; appended < 7; appended += 1) await live.append(minute);
    await live.commit();
  })();
  for (let turn = 0; turn < 400; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(appended >= 4 && appended <= 6, String(appended));
  gate.resolve();
  await sending;
  const [end] = await until(isEnd);
  assert.ok(end && isEnd(end) && Math.abs(end.transcript.durationSeconds - 421.4) < 0.1);
});

test('an item may be as long as a recording', async () => {
  const { live } = await session({}, { maxSeconds: 5 });
  await assert.rejects(
    async () => {
      for (let count = 0; count < 4; count += 1) await live.append(sound(3));
    },
    (error) => error instanceof AppError && error.code === 'payload_too_large',
  );
  live.clear();
  await live.append(sound(3));
});

test('other settings hold for what begins after them, and another way to find turns completes what has begun', async () => {
  const { live, until, events, ear } = await session();
  await live.append(sound(1));
  await live.configure({ ...REQUEST, language: 'de' });
  await live.commit();
  await live.append(sound(1));
  await live.configure({ ...REQUEST, language: 'de', turns: TURNS });
  await until(isEnd, 2);
  assert.deepEqual(
    ear.opened.map(({ language }) => language),
    [undefined, 'de'],
  );
  assert.equal(events.filter(({ type }) => type === 'item-commit').length, 2);
  await assert.rejects(live.configure({ ...REQUEST, model: 'nobody-knows-it' }), AppError);
  await live.append(sound(2, 1));
  await until(isEnd, 3);
});

test('two callers take turns', async () => {
  const gate = Promise.withResolvers<void>();
  const ear = { ...hearingEngine({ gate: gate.promise }), concurrency: 1 };
  const { service } = serviceOn([ear]);
  const ends: string[] = [];
  const all = Promise.withResolvers<void>();
  const open = async (id: string) => {
    const context = testContext({ principal: testPrincipal(id) });
    const live = service.open(context, (event) => {
      if (event.type === 'item-end') ends.push(id);
      if (ends.length === 6) all.resolve();
    });
    await live.configure(REQUEST);
    for (let count = 0; count < 3; count += 1) {
      await live.append(sound(1));
      await live.commit();
    }
  };
  await open('a');
  await open('b');
  gate.resolve();
  await all.promise;
  assert.deepEqual(ends.join(''), 'ababab');
});

test('every item is counted, and asked for anew whether the caller may have it heard', async () => {
  const asked: unknown[] = [];
  let spent = false;
  const admit = async (act: unknown) => {
    asked.push(act);
    if (spent) throw new AppError('quota_exceeded', 'The allowance is spent.');
  };
  const { service, usage } = serviceOn([hearingEngine()], 60, { admit });
  const ended: LiveEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const live = service.open(testContext(), (event) => {
    if (event.type !== 'item-end') return;
    ended.push(event);
    resolve();
  });
  await live.configure(REQUEST);
  await live.append(sound(3));
  await live.commit();
  await promise;
  const act = { capability: 'transcription', model: REQUEST.model, characters: 0 };
  assert.deepEqual(asked, [act, act]);
  const [record, ...others] = usage.records;
  assert.equal(others.length, 0);
  assert.deepEqual(
    [record?.capability, record?.model, record?.servedBy, record?.dialect, record?.failed],
    ['transcription', REQUEST.model, 'ear/ear', 'test', false],
  );
  assert.ok(Math.abs((record?.audioSeconds ?? 0) - sound(3).length / 32_000) < 0.1);
  spent = true;
  await assert.rejects(live.append(sound(1)), { code: 'quota_exceeded' });
  await assert.rejects(live.configure(REQUEST), { code: 'quota_exceeded' });
});
