import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDialectContract } from '../../../test/contracts/dialect-contract.ts';
import { eigenDialect } from './eigen-dialect.ts';

const text = 'Good evening, dear listeners.';
const spoken = { model: 'higgs2p5', text };

describeDialectContract(eigenDialect, {
  routes: [
    { method: 'POST', url: '/api/v1/generate', payload: spoken },
    { method: 'POST', url: '/api/v1/generate', payload: { model: 'chatterbox', text, stream: true } },
    { method: 'POST', url: '/eigen/api/v1/generate', payload: { model: 'qwen3-tts', text } },
    { method: 'POST', url: '/api/higgs2p5', payload: { text } },
    { method: 'POST', url: '/eigen/api/chatterbox', payload: { text } },
    { method: 'GET', url: '/eigen/api/v1/models' },
  ],
  assertEnvelope: (body, { param }) => {
    assert.ok(typeof body === 'object' && body !== null && 'detail' in body && 'error' in body);
    assert.equal(typeof body.detail, 'string');
    assert.equal(body.error, body.detail);
    if (param !== undefined) assert.ok(String(body.detail).startsWith(param), String(body.detail));
  },
  withKey: (key) => ({ authorization: `Bearer ${key}` }),
  commonHeaders: ['x-request-id'],
  unknownPaths: [
    { method: 'POST', url: '/api/v1/generate/nothing' },
    { method: 'GET', url: '/api/higgs2p5/nothing' },
    { method: 'GET', url: '/eigen/nothing' },
  ],
  wrongMethods: [
    { method: 'GET', url: '/api/v1/generate' },
    { method: 'DELETE', url: '/api/higgs2p5' },
    { method: 'POST', url: '/eigen/api/v1/models' },
  ],
  wrongFields: [
    { method: 'POST', url: '/api/v1/generate', payload: { text }, param: 'model' },
    { method: 'POST', url: '/api/v1/generate', payload: { model: 'qwen3-tts' }, param: 'text' },
    { method: 'POST', url: '/api/v1/generate', payload: { ...spoken, voice: 'Nobody' }, param: 'voice' },
    {
      method: 'POST',
      url: '/api/higgs2p5',
      payload: { text, voice_settings: { speed: 'x' } },
      param: 'voice_settings.speed',
    },
    { method: 'POST', url: '/api/chatterbox', payload: { text, exaggeration: -1 }, param: 'exaggeration' },
  ],
});

for (const path of [
  '/api/v1/generate',
  '/api/v1/generate/status',
  '/api/higgs2p5',
  '/api/higgs2p5/upload_voice',
  '/api/asr',
]) {
  test(`claims ${path}`, () => assert.equal(eigenDialect.claims({}, path), true));
}

for (const path of [
  '/api',
  '/api/',
  '/api/v1',
  '/api/v1/',
  '/api/v1/models',
  '/api/v1/audio/speech',
  '/api/v1/chat/completions',
  '/api/v1/generated',
  '/v1/models',
  '/apiary',
]) {
  test(`leaves ${path} to others`, () => assert.equal(eigenDialect.claims({}, path), false));
}
