import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { ModelStore } from '../src/core/models/weights.ts';
import { weightsCatalog } from '../src/platform/models/weights-catalog.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from './hearing-engine.ts';
import { testApp } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const RECORDING = burstRecording({ bursts: bursts(2) });

/** The real catalog with nothing installed; only what it offers is asked of it. */
const notUsed = async (): Promise<never> => {
  throw new Error('Nothing is fetched in these tests.');
};
const emptyStore: ModelStore = {
  entries: weightsCatalog,
  list: async () => [],
  status: notUsed,
  path: notUsed,
  pull: notUsed,
  verify: notUsed,
  remove: notUsed,
};

interface Way {
  readonly url: string;
  /** The field that names the model. */
  readonly field: string;
  readonly status: number;
  /** The sentence in the vendor's envelope. */
  readonly sentence: (body: {
    readonly error: { readonly message?: string } | string;
    readonly detail?: { readonly message?: string } | string;
  }) => unknown;
}

const OPENAI: Way = {
  url: '/v1/audio/transcriptions',
  field: 'model',
  status: 404,
  sentence: ({ error }) => (typeof error === 'string' ? error : error.message),
};
const TRANSLATIONS: Way = { ...OPENAI, url: '/v1/audio/translations' };
const ELEVENLABS: Way = {
  url: '/v1/speech-to-text',
  field: 'model_id',
  status: 404,
  sentence: ({ detail }) => (typeof detail === 'string' ? detail : detail?.message),
};
const EIGEN: Way = {
  url: '/api/v1/generate',
  field: 'model',
  status: 400,
  sentence: ({ detail }) => detail,
};

const NAMES: readonly (readonly [name: string, way: Way, strictModel?: string])[] = [
  ['whisper-1', OPENAI, 'whisper/large-v2'],
  ['whisper-1', TRANSLATIONS, 'whisper/large-v2'],
  ['gpt-4o-transcribe', OPENAI],
  ['gpt-4o-mini-transcribe', OPENAI],
  ['gpt-4o-transcribe-diarize', OPENAI],
  ['gpt-transcribe', OPENAI],
  ['whisper_v3_turbo', EIGEN, 'whisper/large-v3-turbo'],
  ['higgs_asr_3', EIGEN],
  ['asr', EIGEN, 'whisper/large-v3-turbo'],
  ['scribe_v1', ELEVENLABS],
  ['scribe_v2', ELEVENLABS],
];

async function ask(app: FastifyInstance, name: string, { url, field }: Way) {
  const form = new FormData();
  form.append(field, name);
  form.append('file', new Blob([Uint8Array.from(RECORDING)]), 'talk.wav');
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  return app.inject({ method: 'POST', url, headers, payload: Buffer.from(await encoded.arrayBuffer()) });
}

async function withApp(
  ear: HearingEngineOptions | undefined,
  strictModels: boolean,
  use: (app: FastifyInstance) => Promise<void>,
): Promise<void> {
  const engines = ear ? [toneEngine(), hearingEngine(ear)] : [toneEngine()];
  const { app } = await testApp({ engines, strictModels, weights: emptyStore });
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

for (const [name, way, exact] of NAMES) {
  test(`${name} at ${way.url}: with nothing installed the refusal names the command that installs something`, () =>
    withApp(undefined, false, async (app) => {
      const response = await ask(app, name, way);
      const sentence = String(way.sentence(response.json()));
      assert.match(sentence, /antiphon models pull whisper\/base/);
      if (exact) assert.ok(sentence.includes(exact), sentence);
      // What is not installed is a missing model to OpenAI's clients and a refused wish to the others.
      assert.equal(response.statusCode, way === ELEVENLABS ? 400 : way.status, response.body);
    }));

  test(`${name} at ${way.url}: under strict models a stand-in is not enough, and the refusal says what would be`, () =>
    withApp({}, true, async (app) => {
      const response = await ask(app, name, way);
      const sentence = String(way.sentence(response.json()));
      assert.equal(response.statusCode, way.status, response.body);
      assert.match(sentence, /strict models/);
      assert.equal(
        /antiphon models pull (\S+)/.exec(sentence)?.[1],
        exact === undefined ? undefined : weightsFor(name),
        sentence,
      );
    }));
}

/** The first of the catalog that is the model itself. */
function weightsFor(name: string): string | undefined {
  return weightsCatalog.find((entry) => entry.implements?.includes(name))?.id;
}

for (const way of [OPENAI, TRANSLATIONS, ELEVENLABS, EIGEN]) {
  test(`a model of the catalog that is named itself and not installed: ${way.url} names its own command`, () =>
    withApp({}, false, async (app) => {
      for (const id of ['whisper/small', 'sherpa/parakeet-tdt-0.6b-v3']) {
        const response = await ask(app, id, way);
        assert.equal(response.statusCode, way.status, response.body);
        const sentence = String(way.sentence(response.json()));
        assert.match(sentence, new RegExp(`antiphon models pull ${id}$`));
      }
      const licensed = await ask(app, 'sherpa/piper-en_US-lessac-medium', way);
      assert.match(String(way.sentence(licensed.json())), /lessac-medium --accept-licence$/);
      const nonsense = await ask(app, 'nobody/nothing', way);
      assert.match(String(way.sentence(nonsense.json())), /does not exist here/);
    }));
}

test('telling speakers apart without a model for it names the command that installs one', () =>
  withApp({}, false, async (app) => {
    const response = await ask(app, 'gpt-4o-transcribe-diarize', OPENAI);
    assert.equal(response.statusCode, 404, response.body);
    const id = /antiphon models pull (\S+)/.exec(response.json().error.message)?.[1];
    assert.equal(weightsCatalog.find((entry) => entry.id === id)?.kind, 'speaker_embedding');
  }));

test('a translation goes to a model that was taught to, and is refused under the name of one that was not', async () => {
  const turbo = hearingEngine({ id: 'turbo', tasks: ['transcribe'], implements: ['whisper_v3_turbo'] });
  const large = hearingEngine({ id: 'large' });
  const { app } = await testApp({ engines: [turbo, large] });
  try {
    const chosen = await ask(app, 'whisper-1', TRANSLATIONS);
    assert.equal(chosen.headers['x-antiphon-model'], 'large/large');
    assert.equal((await ask(app, 'whisper-1', OPENAI)).headers['x-antiphon-model'], 'turbo/turbo');
    const refused = await ask(app, 'turbo/turbo', TRANSLATIONS);
    assert.equal(refused.statusCode, 400, refused.body);
    const { error } = refused.json();
    assert.deepEqual([error.param, error.code], ['model', 'unsupported_value']);
    assert.match(error.message, /large\/large/);
  } finally {
    await app.close();
  }
});

test("'auto' leaves the choice of the model that hears to the server", () =>
  withApp({}, true, async (app) => {
    for (const way of [OPENAI, TRANSLATIONS, ELEVENLABS]) {
      const response = await ask(app, 'auto', way);
      assert.equal(response.statusCode, 200, response.body);
      assert.equal(response.headers['x-antiphon-model'], 'ear/ear');
      assert.equal(response.headers['x-antiphon-stand-in'], undefined);
    }
  }));
