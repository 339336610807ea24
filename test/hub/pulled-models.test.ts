import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Engine, EngineModule, WeightsSource } from '../../src/core/engine.ts';
import type { ModelStore, WeightsEntry } from '../../src/core/models/weights.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { sherpaEngine } from '../../src/engines/sherpa/sherpa-engine.ts';
import { whisperEngine } from '../../src/engines/whisper/whisper-engine.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { installedFor } from '../../src/platform/models/installed-for.ts';
import { createModelStore } from '../../src/platform/models/model-store.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { readTestFile, testData } from '../decode-support.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { testApp, testClock } from '../support.ts';
import { startModelHub, type HubContent, type ModelHub } from './model-hub.ts';

const REPOSITORY = 'example/ear';
const JFK =
  'And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';

after(() => stopDecodePool());

function entry(id: string, names: readonly string[]): WeightsEntry {
  return {
    id,
    engine: id.split('/')[0] ?? '',
    kind: 'transcription',
    title: 'An ear',
    description: 'For tests.',
    source: { kind: 'hub', repository: REPOSITORY, revision: 'main' },
    files: names.map((path) => ({ path })),
    licence: 'MIT',
    commercialUse: true,
    languages: 'any',
    memoryBytes: 1,
  };
}

interface House {
  readonly app: FastifyInstance;
  readonly hub: ModelHub;
  readonly engine: Engine;
  /** The server's own store. */
  readonly store: ModelStore;
  /** Another store on the same folder, as a program beside the server has. */
  readonly beside: ModelStore;
}

/** A server over an empty folder of models, and a hub that has one model. */
async function house(
  t: TestContext,
  setting: {
    readonly entry: WeightsEntry;
    readonly files: ReadonlyMap<string, HubContent>;
    readonly start: (weights: WeightsSource) => Promise<Engine>;
  },
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-pulled-'));
  const hub = await startModelHub(setting.files);
  const storeHere = () =>
    createModelStore({
      modelsDir: folder,
      endpoint: hub.endpoint,
      offline: false,
      fetch,
      log: silentLogger,
      clock: testClock,
      catalog: [setting.entry],
      retries: { tries: 1, pauseMs: 1, stallMs: 5000 },
      lockPollMs: 10,
    });
  const weights = storeHere();
  const engine = await setting.start(installedFor(weights));
  const { app, core } = await testApp({ engines: [engine], weights });
  t.after(async () => {
    await app.close();
    await engine.stop?.();
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });
  assert.ok(core.weights);
  return { app, hub, engine, store: core.weights, beside: storeHere() };
}

async function listed(app: FastifyInstance, url = '/v1/models'): Promise<readonly string[]> {
  const body: { data: readonly { id: string }[] } = (await app.inject(url)).json();
  return body.data.map((model) => model.id);
}

async function hear(app: FastifyInstance, recording: Uint8Array, model = 'whisper-1') {
  const form = new FormData();
  form.append('model', model);
  form.append('file', new Blob([Uint8Array.from(recording)]), 'talk.wav');
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  return app.inject({
    method: 'POST',
    url: '/v1/audio/transcriptions',
    headers,
    payload: Buffer.from(await encoded.arrayBuffer()),
  });
}

/** An ear that hears as long as its weights are installed, and looks only when it is told to. */
async function watchfulEar(weights: WeightsSource): Promise<Engine> {
  const ear = hearingEngine();
  let models: Engine['models'] = [];
  return {
    ...ear,
    get models() {
      return models;
    },
    refresh: async () => {
      models = (await weights.installed('ear')).length > 0 ? ear.models : [];
    },
  };
}

const EAR = {
  entry: entry('ear/ear', ['ear.bin']),
  files: new Map<string, HubContent>([[`${REPOSITORY}/ear.bin`, new Uint8Array(2000).fill(7)]]),
  start: watchfulEar,
};
const RECORDING = burstRecording({ bursts: bursts(3) });

test('what the server has pulled is in the very next list and serves the very next request', async (t) => {
  const { app } = await house(t, EAR);
  assert.ok(!(await listed(app)).includes('ear/ear'));
  assert.equal((await hear(app, RECORDING)).statusCode, 404);
  const pulled = await app.inject({ method: 'POST', url: '/antiphon/v1/models/ear/ear/pull' });
  assert.equal(pulled.json().state, 'installed', pulled.body);
  const heard = await hear(app, RECORDING, 'ear/ear');
  assert.equal(heard.json().text, 'one two three.', heard.body);
  assert.ok((await listed(app)).includes('ear/ear'));
});

test('a pull that is followed as events is done when its last event comes', async (t) => {
  const { app, engine } = await house(t, EAR);
  const pulled = await app.inject({
    method: 'POST',
    url: '/antiphon/v1/models/ear/ear/pull',
    headers: { accept: 'text/event-stream' },
  });
  assert.match(pulled.body, /event: installed\n/);
  assert.deepEqual(
    engine.models.map(({ id }) => id),
    ['ear/ear'],
  );
});

test('what was removed is listed no more', async (t) => {
  const { engine, store } = await house(t, EAR);
  await store.pull('ear/ear');
  assert.equal(engine.models.length, 1);
  await store.remove('ear/ear');
  assert.equal(engine.models.length, 0);
});

test('weights are removed over HTTP, which tells what that freed', async (t) => {
  const { app, engine, store } = await house(t, EAR);
  await store.pull('ear/ear');
  const remove = (id: string) => app.inject({ method: 'DELETE', url: `/antiphon/v1/models/${id}` });
  const removed = await remove('ear/ear');
  assert.deepEqual([removed.statusCode, removed.json()], [200, { id: 'ear/ear', freedBytes: 2000 }]);
  assert.deepEqual(engine.models, []);
  const status = await app.inject('/antiphon/v1/models/ear/ear');
  assert.deepEqual([status.json().state, status.json().implements, status.json().needs], ['absent', [], []]);
  assert.equal((await remove('ear/nobody')).statusCode, 404);
});

test('what another program installed is in the very next list of every dialect', async (t) => {
  for (const url of ['/v1/models', '/eigen/api/v1/models']) {
    const { app, beside } = await house(t, EAR);
    const before = await listed(app, url);
    await beside.pull('ear/ear');
    const fresh = (await listed(app, url)).filter((id) => !before.includes(id));
    assert.deepEqual(fresh, url === '/v1/models' ? ['ear/ear'] : ['whisper_v3_turbo', 'asr', 'higgs_asr_3']);
  }
  const { app, beside } = await house(t, EAR);
  await beside.pull('ear/ear');
  const table: { transcription: readonly { servedBy: readonly string[] }[] } = (
    await app.inject('/antiphon/v1/capabilities?model=whisper-1')
  ).json();
  assert.deepEqual(table.transcription[0]?.servedBy, ['ear/ear']);
});

test('what another program installed serves the very next request, whichever dialect it comes in', async (t) => {
  const first = await house(t, EAR);
  await first.beside.pull('ear/ear');
  assert.equal((await hear(first.app, RECORDING)).json().text, 'one two three.');
  const second = await house(t, EAR);
  await second.beside.pull('ear/ear');
  const form = new FormData();
  form.append('model', 'ear/ear');
  form.append('file', new Blob([Uint8Array.from(RECORDING)]), 'talk.wav');
  const encoded = new Response(form);
  const answer = await second.app.inject({
    method: 'POST',
    url: '/api/v1/generate',
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    payload: Buffer.from(await encoded.arrayBuffer()),
  });
  assert.equal(answer.json().text, 'one two three.', answer.body);
});

const REAL: readonly (readonly [engine: EngineModule, id: string, folder: string, only?: string])[] = [
  [whisperEngine, 'whisper/mini-test', 'ggml', 'ggml-mini-test.bin'],
  [sherpaEngine, 'sherpa/mini-whisper', 'mini-whisper-test'],
];

for (const [engineModule, id, folder, only] of REAL) {
  test(`${id}: pulled from a hub, listed at once, and the next request is heard by it`, async (t) => {
    const place = join(testData, folder);
    if (!existsSync(place)) return t.skip(`no test data: ${folder}`);
    const running = await engineModule.create({ workers: 1 });
    if ('unavailable' in running) return t.skip(running.unavailable);
    await running.stop?.();
    const names = only === undefined ? readdirSync(place) : [only];
    const { app, store } = await house(t, {
      entry: entry(id, names),
      files: new Map(names.map((name) => [`${REPOSITORY}/${name}`, join(place, name)])),
      start: async (weights) => {
        const engine = await engineModule.create({ workers: 1, weights });
        assert(!('unavailable' in engine));
        return engine;
      },
    });
    const jfk = await readTestFile('en/jfk.wav');
    assert.match((await hear(app, jfk)).body, /antiphon models pull/);
    const pulled = await app.inject({ method: 'POST', url: `/antiphon/v1/models/${id}/pull` });
    assert.equal(pulled.json().state, 'installed', pulled.body);
    assert.ok((await listed(app)).includes(id));
    const heard = await hear(app, jfk, id);
    assert.equal(heard.json().text, JFK, heard.body);
    await store.remove(id);
    assert.ok(!(await listed(app)).includes(id));
  });
}
