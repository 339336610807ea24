import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeDialectContract,
  type ContractRequest,
  type EnvelopeFacts,
} from '../../../test/contracts/dialect-contract.ts';
import { testApp, type TestAppOptions } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { toneSounds } from '../../../test/tone-sounds.ts';
import { elevenlabsDialect } from './elevenlabs-dialect.ts';

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';
const T1 = `/v1/text-to-speech/${GEORGE}`;
const PAYLOAD = { text: 'Good evening.' };

const SPEECH_PATHS = ['', '/stream', '/with-timestamps', '/stream/with-timestamps'];
const LISTS = [
  '/v1/voices',
  '/v2/voices',
  `/v1/voices/${GEORGE}`,
  '/v1/voices/settings/default',
  `/v1/voices/${GEORGE}/settings`,
  '/v1/voices/accents',
  '/v1/voices/collections',
  '/v1/shared-voices',
  '/v1/user',
  '/v1/user/subscription',
  '/v1/history',
];

function speech(fields: Readonly<Record<string, unknown>>, query = ''): ContractRequest {
  return { method: 'POST', url: `${T1}${query}`, payload: { ...PAYLOAD, ...fields } };
}

/** A list of wrong fields, or one problem; in both the message stands a second time for other clients. */
function assertEnvelope(body: unknown, facts: EnvelopeFacts): void {
  const { detail, error } = body as { detail: unknown; error: Record<string, unknown> }; // Checked right below.
  assert.equal(typeof error['message'], 'string');
  assert.equal(error['code'], facts.status);
  if (facts.status === 422) return assertProblems(detail, facts.param);
  const problem = detail as Record<string, unknown>; // Checked right below.
  for (const key of ['type', 'code', 'message', 'status', 'request_id']) {
    assert.equal(typeof problem[key], 'string', key);
  }
  assert.equal(problem['message'], error['message']);
  if (facts.param !== undefined) assert.equal(problem['param'], facts.param);
}

function assertProblems(detail: unknown, param: string | undefined): void {
  assert.ok(Array.isArray(detail) && detail.length > 0);
  for (const problem of detail) {
    assert.equal(typeof problem.type, 'string');
    assert.equal(typeof problem.msg, 'string');
    assert.ok(['body', 'query'].includes(problem.loc[0]));
  }
  if (param !== undefined) assert.equal(detail[0].loc.slice(1).join('.'), param);
}

const SOUND = { text: 'Thunder', duration_seconds: 0.5 };
const MUSIC = { prompt: 'A waltz', music_length_ms: 3000 };
const MUSIC_PATHS = ['', '/stream', '/detailed', '/detailed/stream', '/plan'];

function music(fields: Readonly<Record<string, unknown>>): ContractRequest {
  return { method: 'POST', url: '/v1/music', payload: { ...MUSIC, ...fields } };
}

describeDialectContract(elevenlabsDialect, {
  engines: [toneEngine(), toneSounds()],
  routes: [
    { method: 'POST', url: '/v1/sound-generation', payload: SOUND },
    ...MUSIC_PATHS.map((path): ContractRequest => ({
      method: 'POST',
      url: `/elevenlabs/v1/music${path}`,
      payload: MUSIC,
    })),
    { method: 'GET', url: '/v1/music/finetunes' },
    ...['', '/elevenlabs'].flatMap((mount): ContractRequest[] => [
      ...SPEECH_PATHS.map((path): ContractRequest => ({
        method: 'POST',
        url: `${mount}${T1}${path}`,
        payload: PAYLOAD,
      })),
      ...LISTS.map((path): ContractRequest => ({ method: 'GET', url: `${mount}${path}` })),
    ]),
    { method: 'GET', url: '/elevenlabs/v1/models' },
  ],
  assertEnvelope,
  withKey: (key) => ({ 'xi-api-key': key }),
  commonHeaders: ['request-id', 'x-request-id', 'x-trace-id'],
  unknownPaths: [
    { method: 'GET', url: '/v1/studio/projects' },
    { method: 'GET', url: `/v1/voices/${GEORGE}/samples/1/audio` },
    { method: 'GET', url: '/v1/voices/previews/bm8gdGlja2V0' },
    { method: 'GET', url: '/v1/nothing', headers: { 'xi-api-key': 'k' } },
    { method: 'GET', url: '/elevenlabs/nothing' },
  ],
  wrongMethods: [
    { method: 'GET', url: T1 },
    { method: 'POST', url: '/v2/voices', payload: {} },
    { method: 'DELETE', url: '/v1/user' },
    { method: 'POST', url: '/elevenlabs/v1/models', payload: {} },
  ],
  wrongFields: [
    { ...speech({ text: undefined }), param: 'text' },
    { ...speech({ text: ['a'] }), param: 'text' },
    { ...speech({ text: ' \n' }), param: 'text' },
    { ...speech({ text: 'a'.repeat(10_001) }), param: 'text' },
    { ...speech({ model_id: 3 }), param: 'model_id' },
    { ...speech({ model_id: 'nothing' }), param: 'model_id' },
    { ...speech({ language_code: 3 }), param: 'language_code' },
    { ...speech({ voice_settings: [] }), param: 'voice_settings' },
    { ...speech({ voice_settings: { similarity_boost: 1.1 } }), param: 'voice_settings.similarity_boost' },
    { ...speech({ voice_settings: { style: -1 } }), param: 'voice_settings.style' },
    { ...speech({ voice_settings: { use_speaker_boost: 'x' } }), param: 'voice_settings.use_speaker_boost' },
    { ...speech({ voice_settings: { speed: 0.24 } }), param: 'voice_settings.speed' },
    { ...speech({ voice_settings: { speed: 4.01 } }), param: 'voice_settings.speed' },
    { ...speech({ voice_settings: { stability: [0.5] } }), param: 'voice_settings.stability' },
    { ...speech({ seed: true }), param: 'seed' },
    { ...speech({ previous_text: 1 }), param: 'previous_text' },
    { ...speech({ next_request_ids: ['a', 'b', 'c', 'd'] }), param: 'next_request_ids' },
    { ...speech({ audio_effects: { pan: 2 } }), param: 'audio_effects.pan' },
    { ...speech({ audio_effects: { environment_id: 'cave' } }), param: 'audio_effects.environment_id' },
    { ...speech({}, '?optimize_streaming_latency=5'), param: 'optimize_streaming_latency' },
    { ...speech({}, '?enable_logging=perhaps'), param: 'enable_logging' },
    { ...speech({}, '?output_format=mp3'), param: 'output_format' },
    { ...music({ prompt: 3 }), param: 'prompt' },
    { ...music({ prompt: undefined }), param: 'prompt' },
    { ...music({ seed: -1 }), param: 'seed' },
    { ...music({ seed: 1 }), param: 'seed' },
    { ...music({ music_length_ms: 600_001 }), param: 'music_length_ms' },
    { ...music({ model_id: 'nothing' }), param: 'model_id' },
    { ...music({ composition_plan: 'A' }), param: 'composition_plan' },
    { ...music({ composition_plan: { sections: {} } }), param: 'composition_plan.positive_global_styles' },
    { method: 'POST', url: '/v1/sound-generation', payload: { ...SOUND, loop: 'perhaps' }, param: 'loop' },
    { method: 'POST', url: '/v1/sound-generation', payload: { ...SOUND, text: 1 }, param: 'text' },
    {
      method: 'POST',
      url: '/v1/sound-generation?output_format=wav_44100',
      payload: SOUND,
      param: 'output_format',
    },
    { method: 'POST', url: '/v1/music/plan', payload: { ...MUSIC, prompt: ' ' }, param: 'prompt' },
    { method: 'POST', url: '/v1/text-to-speech/nobody', payload: PAYLOAD, param: 'voice_id' },
    { method: 'GET', url: '/v1/voices/nobody', param: 'voice_id' },
    { method: 'GET', url: '/v1/voices/nobody/settings', param: 'voice_id' },
    { method: 'GET', url: '/v2/voices?page_size=101', param: 'page_size' },
    { method: 'GET', url: '/v1/shared-voices?page_size=101', param: 'page_size' },
    { method: 'DELETE', url: '/v1/voices/nobody', param: 'voice_id' },
    { method: 'DELETE', url: `/v1/voices/${GEORGE}`, param: 'voice_id' },
    { method: 'GET', url: '/v2/voices?sort=age', param: 'sort' },
    { method: 'GET', url: '/v2/voices?next_page_token=x', param: 'next_page_token' },
  ],
});

async function get(url: string, headers: Record<string, string> = {}, options: TestAppOptions = {}) {
  const { app } = await testApp(options);
  const reply = await app.inject({ method: 'GET', url, headers });
  await app.close();
  return reply;
}

const KEY = { 'xi-api-key': 'k' };

test('the shared path of the models answers a caller with this vendor’s key with a bare array', async () => {
  const models = (await get('/v1/models', KEY)).json();
  assert.ok(Array.isArray(models));
  const ids = models.map((model: { model_id: string }) => model.model_id);
  for (const id of ['eleven_multilingual_v2', 'eleven_flash_v2_5', 'eleven_v3', 'eleven_english_sts_v2']) {
    assert.ok(ids.includes(id), id);
  }
  assert.ok(!ids.includes('scribe_v1'));
  const [first] = models;
  assert.equal(first.maximum_text_length_per_request, 10_000);
  assert.equal(first.can_do_text_to_speech, true);
  assert.deepEqual(first.model_rates, { character_cost_multiplier: 1 });
  assert.deepEqual(first.antiphon, { served_by: ['tone/tone'], stand_in: true });
  const everybody = (await get('/v1/models')).json();
  assert.ok(!Array.isArray(everybody), 'without the key the path belongs to another vendor');
});

test('a model lists the languages that it has and an engine here speaks', async () => {
  const languagesOf = async (languages: readonly string[]) => {
    const engines = [toneEngine({ languages })];
    const models = (await get('/v1/models', KEY, { engines })).json();
    return models[0].languages;
  };
  assert.deepEqual(await languagesOf(['de', 'en', 'la']), [
    { language_id: 'en', name: 'English' },
    { language_id: 'de', name: 'German' },
  ]);
});

test('under strict models a stand-in is not listed as able to speak', async () => {
  const models = (await get('/v1/models', KEY, { strictModels: true })).json();
  assert.ok(models.every((model: Record<string, unknown>) => model['can_do_text_to_speech'] === false));
});

test('the voices are this vendor’s and every engine’s, with the keys that its clients know', async () => {
  const { voices } = (await get('/v1/voices?show_legacy=true')).json();
  const ids = voices.map((voice: { voice_id: string }) => voice.voice_id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of [GEORGE, '21m00Tcm4TlvDq8ikWAM', 'tone/high', 'tone/low']) assert.ok(ids.includes(id), id);
  assert.ok(!ids.includes('alloy'));
  const george = voices[ids.indexOf(GEORGE)];
  assert.equal(george.name, 'George');
  assert.equal(george.category, 'premade');
  assert.equal(george.labels.accent, 'british');
  assert.deepEqual(george.settings, {
    stability: 0.5,
    use_speaker_boost: true,
    similarity_boost: 0.75,
    style: 0,
    speed: 1,
  });
  assert.equal(george.antiphon.stand_in, true);
  assert.equal(voices[ids.indexOf('tone/high')].antiphon.stand_in, false);
});

test('a voice is found by its id, by its name, and under another vendor’s name', async () => {
  assert.equal((await get(`/v1/voices/${GEORGE}`)).json().name, 'George');
  assert.equal((await get('/v1/voices/george?with_settings=true')).json().voice_id, GEORGE);
  assert.equal((await get('/v1/voices/tone/high')).json().voice_id, 'tone/high');
  assert.equal((await get('/v1/voices/tone%2Fhigh/settings')).json().stability, 0.5);
  assert.equal((await get('/v1/voices/alloy')).json().voice_id, 'alloy');
});

test('every listed voice can be spoken with, and men and women are told apart', async () => {
  const { app } = await testApp();
  const { voices } = (await app.inject({ method: 'GET', url: '/v1/voices' })).json();
  for (const { voice_id: id, labels } of voices) {
    const url = `/v1/text-to-speech/${encodeURIComponent(id)}?output_format=pcm_16000`;
    const reply = await app.inject({ method: 'POST', url, payload: { text: 'Hi' } });
    assert.equal(reply.statusCode, 200, `${id}: ${reply.body.slice(0, 200)}`);
    const wanted = { female: 'tone/high', male: 'tone/low' }[String(labels.gender)];
    if (wanted) assert.equal(reply.headers['x-antiphon-voice'], wanted);
  }
  await app.close();
});

test('the characters of a caller are counted for that caller', async () => {
  const { app } = await testApp({ keys: ['a', 'b'] });
  const count = async (key: string) => {
    const reply = await app.inject({
      method: 'GET',
      url: '/v1/user/subscription',
      headers: { 'xi-api-key': key },
    });
    return reply.json().character_count;
  };
  assert.equal(await count('a'), 0);
  await app.inject({ method: 'POST', url: T1, headers: { 'xi-api-key': 'a' }, payload: { text: 'Hello' } });
  assert.equal(await count('a'), 5);
  assert.equal(await count('b'), 0);
  const user = (await app.inject({ method: 'GET', url: '/v1/user', headers: { 'xi-api-key': 'a' } })).json();
  assert.equal(user.subscription.character_count, 5);
  assert.equal(user.first_name, 'a');
  await app.close();
});
