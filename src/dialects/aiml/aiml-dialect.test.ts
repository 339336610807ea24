import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDialectContract } from '../../../test/contracts/dialect-contract.ts';
import { testApp } from '../../../test/support.ts';
import { toneSounds } from '../../../test/tone-sounds.ts';
import { aimlDialect } from './aiml-dialect.ts';

const PATH = '/v2/generate/audio';
const PAYLOAD = { model: 'stable-audio', prompt: 'A calm waltz' };

function audio(fields: Readonly<Record<string, unknown>>) {
  return { method: 'POST', url: PATH, payload: { ...PAYLOAD, ...fields } } as const;
}

describeDialectContract(aimlDialect, {
  engines: [toneSounds()],
  routes: [
    { method: 'POST', url: PATH, payload: PAYLOAD },
    { method: 'POST', url: `/aiml${PATH}`, payload: PAYLOAD },
  ],
  assertEnvelope: (body, { status }) => {
    assert.ok(typeof body === 'object' && body !== null);
    const { requestId, statusCode, timestamp, path, message } = body as Record<string, unknown>; // Checked right below.
    assert.match(String(requestId), /^[0-9a-f]{21}$/);
    assert.equal(statusCode, status);
    assert.equal(new Date(String(timestamp)).toISOString(), timestamp);
    assert.ok(typeof path === 'string' && path.startsWith('/') && !path.includes('?'));
    assert.ok(typeof message === 'string' && message.length > 0);
  },
  withKey: (key) => ({ authorization: `Bearer ${key}` }),
  commonHeaders: ['x-request-id'],
  unknownPaths: [
    { method: 'POST', url: '/v2/generate/video' },
    { method: 'GET', url: '/v2/generate/audio/suno-ai/clip' },
    { method: 'GET', url: '/aiml/nothing' },
  ],
  wrongMethods: [
    { method: 'DELETE', url: PATH },
    { method: 'PUT', url: `/aiml${PATH}`, payload: {} },
  ],
  wrongFields: [
    { ...audio({ model: undefined }), param: 'model' },
    { ...audio({ prompt: ['x'] }), param: 'prompt' },
    { ...audio({ prompt: ' ' }), param: 'prompt' },
    { ...audio({ prompt: 'x'.repeat(2001) }), param: 'prompt' },
    { ...audio({ seconds_start: 47.5 }), param: 'seconds_start' },
    { ...audio({ model: 'minimax-music' }), param: 'reference_audio_url' },
    {
      ...audio({ model: 'minimax-music', reference_audio_url: 'file:///etc/passwd' }),
      param: 'reference_audio_url',
    },
    { ...audio({ model: 'minimax/music-1.5' }), param: 'lyrics' },
    { ...audio({ model: 'minimax/music-2.0', lyrics: 'short' }), param: 'lyrics' },
    {
      ...audio({ model: 'minimax/music-2.6', audio_setting: { format: 'ogg' } }),
      param: 'audio_setting.format',
    },
    {
      ...audio({ model: 'minimax/music-2.6', audio_setting: { bitrate: 1 } }),
      param: 'audio_setting.bitrate',
    },
    { ...audio({ model: 'google/lyria2', seed: -1 }), param: 'seed' },
    { ...audio({ model: 'elevenlabs/eleven_music', music_length_ms: 9999 }), param: 'music_length_ms' },
    { method: 'GET', url: PATH, param: 'generation_id' },
  ],
});

for (const path of [PATH, '/v2/generate/video', '/v2/generate']) {
  test(`claims ${path}`, () => assert.equal(aimlDialect.claims({}, path), true));
}
for (const path of ['/v2/voices', '/v1/models', '/v2/generated', '/v1/generate/audio']) {
  test(`leaves ${path} to others`, () => assert.equal(aimlDialect.claims({}, path), false));
}

test('the catalogue is under the own prefix, for everybody, and lists only what something here serves', async () => {
  for (const [engines, count] of [
    [[toneSounds({ implements: ['stable-audio'] })], 8],
    [[], 0],
  ] as const) {
    const { app } = await testApp({ engines, keys: ['right'] });
    const reply = await app.inject('/aiml/v1/models');
    assert.equal(reply.statusCode, 200);
    const { object, data } = reply.json();
    assert.deepEqual([object, data.length], ['list', count]);
    await app.close();
    if (count === 0) continue;
    const [stable, minimax] = data;
    assert.deepEqual([stable.id, stable.type], ['stable-audio', 'internal/audio-generations/submit']);
    assert.equal(stable.info.developer, 'Stability AI');
    assert.deepEqual(stable.antiphon, { served_by: ['tones/music'], stand_in: false });
    assert.equal(minimax.antiphon.stand_in, true);
  }
});

test('the table of capabilities tells what becomes of every parameter of each model', async () => {
  const { app } = await testApp({ engines: [toneSounds()] });
  const { sound } = (await app.inject('/antiphon/v1/capabilities?dialect=aiml')).json();
  assert.equal(sound.length, 8);
  const row = sound.find(({ model }: { model: string }) => model === 'stable-audio');
  assert.deepEqual(row, {
    model: 'stable-audio',
    dialect: 'aiml',
    capability: 'music',
    servedBy: ['tones/music'],
    standIn: true,
    maxSeconds: 600,
    parameters: {
      seconds_start: { fate: 'honoured' },
      seconds_total: { fate: 'honoured' },
      steps: { fate: 'honoured', minimum: 10, maximum: 500, outside: 'adjusted' },
      seed: { fate: 'honoured' },
      negative_prompt: { fate: 'ignored' },
    },
  });
  await app.close();
});
