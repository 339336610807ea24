import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApp } from '../support.ts';

const speech = { model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'pcm' };

test('browsers are told to be careful with every answer: media, lists, refusals, wrong paths, preflights', async () => {
  const { app } = await testApp({ keys: ['k'], cors: 'off' });
  const headers = { authorization: 'Bearer k' };
  const answers = await Promise.all([
    app.inject({ method: 'POST', url: '/v1/audio/speech', headers, payload: speech }),
    app.inject({ url: '/v1/models', headers }),
    app.inject({ url: '/v1/models' }),
    app.inject({ url: '/elevenlabs/v1/nothing', headers }),
    app.inject({ url: '/v1/%zz', headers }),
    app.inject({ method: 'POST', url: '/v1/audio/speech', headers, payload: '{' }),
    app.inject({ method: 'OPTIONS', url: '/v1/models' }),
  ]);
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 401, 404, 400, 400, 405],
  );
  for (const { headers: given, statusCode } of answers) {
    assert.equal(given['x-content-type-options'], 'nosniff', String(statusCode));
    assert.equal(given['referrer-policy'], 'no-referrer');
    assert.equal(given['cross-origin-resource-policy'], 'same-origin');
    assert.match(String(given['content-security-policy']), /default-src 'none';.* frame-ancestors 'none'/);
    assert.equal(given['x-powered-by'], undefined);
    assert.equal(given['server'], undefined);
  }
});
