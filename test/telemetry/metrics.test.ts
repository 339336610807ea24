import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { createLabelGuard, OTHER } from '../../src/platform/telemetry/label-guard.ts';
import {
  createServerTelemetry,
  type ServerTelemetry,
} from '../../src/platform/telemetry/server-telemetry.ts';
import { watchedBlobs, watchedStore } from '../../src/platform/telemetry/watched-storage.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { connectSocket } from '../socket-client.ts';
import { stuckEngine } from '../stuck-engine.ts';
import { fixedKeys, memoryBlobs, memoryStore, testPrincipal } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { figure, readMetrics } from './metrics-text.ts';
import { json, withWatchedServer } from './watched-server.ts';

const SPEECH = { model: 'tts-1', voice: 'alloy', input: 'Every word counts.', response_format: 'pcm' };
const SOCKET = '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream-input';

async function bareTelemetry() {
  return createServerTelemetry({ environment: {}, log: silentLogger, version: '1', ofProcess: false });
}

test('requests are counted by the pattern of their path and the class of their status, never by the path itself', () =>
  withWatchedServer({}, async ({ origin, metrics, lines }) => {
    for (const id of ['one', 'two', 'three']) await (await fetch(`${origin}/antiphon/v1/jobs/${id}`)).text();
    await (await fetch(`${origin}/v1/nowhere/else`)).text();
    await (await fetch(`${origin}/v1/audio/speech`, json(SPEECH))).arrayBuffer();
    await lines(5);
    const found = await metrics();
    const requests = (labels: Readonly<Record<string, string>>) =>
      figure(found, 'antiphon_http_requests_total', labels);
    assert.equal(
      requests({ dialect: 'antiphon', route: '/antiphon/v1/jobs/:id', method: 'GET', status: '4xx' }),
      3,
    );
    assert.equal(requests({ route: 'unmatched', status: '4xx' }), 1);
    assert.equal(
      requests({ dialect: 'openai', route: '/v1/audio/speech', method: 'POST', status: '2xx' }),
      1,
    );
    assert.equal(requests({}), 5, 'and reading the metrics is no request');
    assert.equal(figure(found, 'antiphon_errors_total', { code: 'not_found' }), 4);
    assert.equal(figure(found, 'antiphon_http_request_duration_seconds_count'), 5);
    assert.ok(figure(found, 'antiphon_http_response_bytes_total', { dialect: 'openai' }) > 20_000);
    assert.equal(figure(found, 'antiphon_http_requests_running'), 0);
  }));

test('speech is measured until its first sound, against the time it plays, and by what it used', () =>
  withWatchedServer({}, async ({ origin, metrics, lines }) => {
    await (await fetch(`${origin}/v1/audio/speech`, json(SPEECH))).arrayBuffer();
    await lines(1);
    const found = await metrics();
    const labels = { dialect: 'openai', capability: 'speech', model: 'tts-1' };
    assert.equal(figure(found, 'antiphon_first_playable_seconds_count', labels), 1);
    assert.equal(figure(found, 'antiphon_audio_speed_ratio_count', labels), 1);
    assert.ok(
      figure(found, 'antiphon_audio_speed_ratio_sum', labels) > 1,
      'tones come faster than they play',
    );
    assert.equal(figure(found, 'antiphon_audio_late_total', labels), 0);
    assert.equal(figure(found, 'antiphon_usage_characters_total', labels), SPEECH.input.length);
    assert.ok(Math.abs(figure(found, 'antiphon_usage_audio_seconds_total', labels) - 0.9) < 0.001);
    assert.equal(figure(found, 'antiphon_engine_work_seconds_count', { engine: 'tone' }), 1);
    assert.equal(figure(found, 'antiphon_engine_wait_seconds_count', { engine: 'tone' }), 1);
  }));

test('sound that comes more slowly than it plays is counted as late, and a failure has no speed', async () => {
  const telemetry = await bareTelemetry();
  watch(telemetry, () => true);
  const record = { principalId: 'ann', dialect: 'openai', capability: 'speech', model: 'm' } as const;
  telemetry.used({ ...record, audioSeconds: 2, pace: { firstMs: 300, flowMs: 4000 } });
  telemetry.used({ ...record, audioSeconds: 2, pace: { firstMs: 100, flowMs: 0 } });
  telemetry.used({ ...record, failed: true, pace: { firstMs: 100, flowMs: 10 } });
  const found = readMetrics(await telemetry.metrics());
  assert.equal(figure(found, 'antiphon_audio_late_total'), 1);
  assert.equal(figure(found, 'antiphon_audio_speed_ratio_count'), 2);
  assert.equal(figure(found, 'antiphon_generations_total'), 3);
  assert.equal(figure(found, 'antiphon_generations_failed_total'), 1);
  assert.ok(Math.abs(figure(found, 'antiphon_first_playable_seconds_sum') - 0.4) < 1e-9);
});

test('a caller who hangs up in the middle leaves a request that was cancelled, and nothing that still runs', async () => {
  const { engine, stuck } = stuckEngine({ after: 2 });
  await withWatchedServer({ engines: [engine] }, async ({ origin, metrics, lines }) => {
    const leave = new AbortController();
    const response = await fetch(`${origin}/v1/audio/speech`, { ...json(SPEECH), signal: leave.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    while (stuck() === 0) await new Promise((resolve) => setImmediate(resolve));
    const during = await metrics();
    assert.equal(figure(during, 'antiphon_http_requests_running'), 1);
    assert.equal(figure(during, 'antiphon_engine_running', { engine: 'stuck' }), 1);
    leave.abort();
    const [line] = await lines(1);
    assert.equal(line?.['cancelled'], true);
    assert.equal(line?.['status'], 200);
    assert.equal(line?.['servedBy'], 'stuck-voice/stuck-voice');
    const found = await metrics();
    assert.equal(figure(found, 'antiphon_http_requests_cancelled_total', { dialect: 'openai' }), 1);
    assert.equal(figure(found, 'antiphon_http_requests_total', { status: '2xx' }), 1);
    assert.equal(figure(found, 'antiphon_http_requests_running'), 0);
    assert.equal(figure(found, 'antiphon_engine_running', { engine: 'stuck' }), 0);
    assert.equal(figure(found, 'antiphon_engine_failures_total'), 0, 'it is not the engine that failed');
  });
});

test('a caller who hangs up before there is any answer is counted as such', async () => {
  const { engine, stuck } = stuckEngine();
  await withWatchedServer({ engines: [engine] }, async ({ origin, metrics, lines }) => {
    const leave = new AbortController();
    const asked = fetch(`${origin}/v1/audio/speech`, { ...json(SPEECH), signal: leave.signal });
    asked.catch(() => undefined);
    while (stuck() === 0) await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    const [line] = await lines(1);
    assert.equal(line?.['status'], undefined);
    assert.equal(line?.['cancelled'], true);
    assert.equal(figure(await metrics(), 'antiphon_http_requests_total', { status: 'cancelled' }), 1);
  });
});

test('an open socket is one session, and when it is closed a request that has ended', () =>
  withWatchedServer({}, async ({ origin, metrics, lines }) => {
    const client = await connectSocket({ url: `${origin}${SOCKET}?output_format=pcm_16000` });
    assert.equal(figure(await metrics(), 'antiphon_websocket_sessions', { dialect: 'elevenlabs' }), 1);
    client.send({ text: ' ' });
    client.send({ text: 'Every word counts. ', flush: true });
    await client.until(
      (message) => !Buffer.isBuffer(message) && 'audio' in message && message['audio'] !== null,
    );
    client.send({ text: '' });
    await client.closed;
    const [line] = await lines(1);
    assert.equal(line?.['status'], 101);
    assert.equal(line?.['cancelled'], false);
    assert.equal(line?.['dialect'], 'elevenlabs');
    assert.equal(line?.['capability'], 'speech');
    const found = await metrics();
    assert.equal(figure(found, 'antiphon_websocket_sessions', { dialect: 'elevenlabs' }), 0);
    assert.equal(figure(found, 'antiphon_http_requests_total', { status: '1xx' }), 1);
    assert.equal(figure(found, 'antiphon_http_requests_running'), 0);
  }));

test('a socket that is refused is a request that was refused, and no session', () =>
  withWatchedServer({ keys: ['right'] }, async ({ origin, metrics, lines }) => {
    await assert.rejects(connectSocket({ url: `${origin}/openai/v1/realtime?intent=transcription` }));
    const [line] = await lines(1);
    assert.notEqual(line?.['status'], 101);
    const found = await metrics({ authorization: 'Bearer right' });
    assert.equal(figure(found, 'antiphon_websocket_sessions'), 0);
    assert.equal(figure(found, 'antiphon_http_requests_running'), 0);
  }));

test('an engine that breaks is counted with its code, also where another one serves the request', () =>
  withWatchedServer(
    { engines: [toneEngine({ id: 'broken', failAfterChunks: 0 }), toneEngine()] },
    async ({ origin, metrics, lines }) => {
      const response = await fetch(`${origin}/v1/audio/speech`, json({ ...SPEECH, model: 'auto' }));
      assert.equal(response.status, 200);
      await response.arrayBuffer();
      const [line] = await lines(1);
      assert.equal(line?.['servedBy'], 'tone/tone');
      const found = await metrics();
      assert.equal(
        figure(found, 'antiphon_engine_failures_total', { engine: 'broken', code: 'engine_failed' }),
        1,
      );
      assert.equal(figure(found, 'antiphon_engine_failures_total'), 1);
      assert.equal(figure(found, 'antiphon_generations_failed_total'), 0);
    },
  ));

test('ten thousand invented names make one label', async () => {
  const telemetry = await bareTelemetry();
  watch(telemetry, (name) => name === 'tts-1');
  const record = { principalId: 'ann', dialect: 'openai', capability: 'speech', audioSeconds: 1 } as const;
  for (let index = 0; index < 10_000; index += 1) telemetry.used({ ...record, model: `invented-${index}` });
  telemetry.used({ ...record, model: 'tts-1' });
  const found = readMetrics(await telemetry.metrics());
  assert.equal(found.get('antiphon_generations_total')?.samples.length, 2);
  assert.equal(figure(found, 'antiphon_generations_total', { model: OTHER }), 10_000);
});

test('through the front door, names, paths and keys that nobody knows become no labels', () =>
  withWatchedServer({}, async ({ origin, metrics, lines }) => {
    for (let index = 0; index < 100; index += 1) {
      const speech = json(
        { ...SPEECH, model: `invented-${index}` },
        { authorization: `Bearer key-${index}` },
      );
      await (await fetch(`${origin}/v1/audio/speech?q=${index}`, speech)).text();
      await (await fetch(`${origin}/v1/path-${index}`, { method: 'DELETE' })).text();
    }
    await lines(200);
    const found = await metrics();
    assert.equal(found.get('antiphon_http_requests_total')?.samples.length, 2);
    const samples = [...found.values()].flatMap((family) => family.samples);
    const labels = new Set(samples.flatMap((sample) => Object.values(sample.labels)));
    assert.deepEqual(
      [...labels].filter((label) => /invented|path-|key-/.test(label)),
      [],
    );
  }));

test('even names that are known become no more than five hundred labels', () => {
  const guard = createLabelGuard(() => true);
  const labels = new Set(Array.from({ length: 2000 }, (_, index) => guard(`model-${index}`)));
  assert.equal(labels.size, 501);
  assert.equal(guard('model-3'), 'model-3', 'those that came first stay');
});

test('jobs are counted by kind, zeros too, and with how long the oldest one waits', async () => {
  const store = memoryStore();
  await withWatchedServer({ store }, async ({ origin, metrics, core, lines }) => {
    const before = await metrics();
    assert.equal(before.get('antiphon_jobs')?.samples.length, 6);
    assert.equal(figure(before, 'antiphon_jobs'), 0);
    await core.jobRunner.stop();
    const headers = { prefer: 'respond-async' };
    assert.equal((await fetch(`${origin}/v1/audio/speech`, json(SPEECH, headers))).status, 202);
    await lines(1);
    const found = await metrics();
    assert.equal(figure(found, 'antiphon_jobs', { kind: 'request', state: 'queued' }), 1);
    assert.ok(figure(found, 'antiphon_jobs_oldest_waiting_seconds', { kind: 'request' }) >= 0);
  });
});

test('a job that is done is counted, and the request that it answers is not counted as one from outside', () =>
  withWatchedServer({}, async ({ origin, metrics, core, lines }) => {
    const submitted = await fetch(`${origin}/v1/audio/speech`, json(SPEECH, { prefer: 'respond-async' }));
    const { id } = (await submitted.json()) as { id: string }; // A view of a job has its id.
    for await (const job of core.jobs.watch(id, 'anonymous', AbortSignal.timeout(20_000))) {
      if (job.state === 'succeeded') break;
    }
    const all = await lines(2);
    assert.equal(all.filter((line) => line['forJob'] === true).length, 1);
    const found = await metrics();
    assert.equal(figure(found, 'antiphon_jobs_ended_total', { kind: 'request', state: 'succeeded' }), 1);
    assert.equal(figure(found, 'antiphon_http_requests_total', { route: '/v1/audio/speech' }), 1);
    assert.equal(figure(found, 'antiphon_generations_total', { capability: 'speech' }), 1);
    assert.equal(figure(found, 'antiphon_http_requests_running'), 0);
  }));

test('a request beyond the limit of its key is counted by the reason', async () => {
  const usual = fixedKeys(['k']);
  const limited = testPrincipal('key:k', { role: 'user', limits: { requestsPerMinute: 1 } });
  const authenticator = { ...usual, authenticate: async () => limited };
  await withWatchedServer(
    { authenticator, watching: { metrics: 'open' } },
    async ({ origin, metrics, lines }) => {
      const statuses: number[] = [];
      for (let index = 0; index < 3; index += 1) {
        const response = await fetch(`${origin}/v1/audio/speech`, json(SPEECH));
        await response.arrayBuffer();
        statuses.push(response.status);
      }
      assert.deepEqual(statuses, [200, 429, 429]);
      const all = await lines(3);
      assert.deepEqual(
        all.map((line) => line['error']),
        [undefined, 'rate_limited', 'rate_limited'],
      );
      const found = await metrics();
      assert.equal(figure(found, 'antiphon_limit_refusals_total', { dialect: 'openai' }), 2);
      assert.equal(figure(found, 'antiphon_limit_refusals_total', { reason: 'requests_per_minute' }), 2);
    },
  );
});

test('failures of database and blobs are counted by part, and refusals that are the caller’s fault are not', async () => {
  const failed: string[] = [];
  const onFailure = (part: string) => failed.push(part);
  const base = memoryStore();
  const away = async (..._given: readonly unknown[]): Promise<never> => {
    throw new Error('connection refused');
  };
  const store = watchedStore({ ...base, jobs: { ...base.jobs, find: away } }, onFailure);
  await assert.rejects(store.jobs.find('a', 'b'), /connection refused/);
  assert.deepEqual(await store.jobs.list({ ownerId: 'a', limit: 1, order: 'newest_first' }), []);
  const blobs = watchedBlobs(
    {
      ...memoryBlobs(),
      find: away,
      put: async (..._given: readonly unknown[]) => {
        throw new AppError('internal', 'no such id');
      },
      remove: async (..._given: readonly unknown[]) => {
        throw new AppError('invalid_request', 'no');
      },
    },
    onFailure,
  );
  await assert.rejects(blobs.find('a'));
  await assert.rejects(blobs.put('a', new Uint8Array(1)), { code: 'internal' });
  await assert.rejects(blobs.remove('a'), { code: 'invalid_request' });
  assert.deepEqual(failed, ['jobs', 'blobs', 'blobs']);
  await base.close();
});

test('metrics are for administrators and for who holds the token, for everybody only where that is said', async (t) => {
  const asked = async (origin: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${origin}/metrics`, { headers });
    await response.text();
    return response.status;
  };
  const user = testPrincipal('key:user', { role: 'user' });
  const usual = fixedKeys(['admin']);
  const authenticator = {
    ...usual,
    authenticate: async (credential: string | undefined) =>
      credential === 'user' ? user : usual.authenticate(credential),
  };
  const metricsToken = 'a-token-of-the-scraper';
  await t.test('with keys', () =>
    withWatchedServer({ authenticator, watching: { metricsToken } }, async ({ origin }) => {
      assert.equal(await asked(origin, 'admin'), 200);
      assert.equal(await asked(origin, metricsToken), 200);
      assert.equal(await asked(origin), 401);
      assert.equal(await asked(origin, 'user'), 403);
      assert.equal(await asked(origin, `${metricsToken}x`), 401);
      assert.equal(
        (await fetch(`${origin}/v1/models`, { headers: { authorization: `Bearer ${metricsToken}` } })).status,
        401,
      );
    }),
  );
  await t.test('without keys', () =>
    withWatchedServer({}, async ({ origin }) => assert.equal(await asked(origin), 200)),
  );
  await t.test('open', () =>
    withWatchedServer({ authenticator, watching: { metrics: 'open' } }, async ({ origin }) =>
      assert.equal(await asked(origin), 200),
    ),
  );
  await t.test('off', () =>
    withWatchedServer({ watching: { metrics: 'off', metricsToken } }, async ({ origin }) =>
      assert.equal(await asked(origin, metricsToken), 404),
    ),
  );
});

test('the process is measured too, in the same text', async () => {
  const telemetry = await createServerTelemetry({
    environment: {},
    log: silentLogger,
    version: '1',
    ofProcess: true,
  });
  const found = readMetrics(await telemetry.metrics());
  for (const name of [
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_seconds',
    'process_cpu_seconds_total',
  ])
    assert.ok(found.has(name), name);
});

/** Names the models that are known, and has nothing else to look at. */
function watch(telemetry: Pick<ServerTelemetry, 'watch'>, isKnownModel: (name: string) => boolean): void {
  telemetry.watch({
    version: '1',
    role: 'all',
    engines: () => [],
    downEngines: () => [{ id: 'absent' }],
    load: () => ({ running: 0, waiting: 0 }),
    jobs: async () => [],
    memory: () => ({ models: [{ id: 'whisper/base', bytes: 5 }], limitBytes: 10 }),
    readiness: async () => ({ ready: true, checks: [] }),
    now: () => 0,
    isKnownModel,
  });
}
