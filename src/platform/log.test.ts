import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import { createLogger } from './log.ts';

function linesOf(write: (log: ReturnType<typeof createLogger>) => void, level: 'debug' | 'info' = 'debug') {
  const lines: string[] = [];
  write(createLogger(level, { write: (line) => void lines.push(line) }));
  return lines;
}

test('an event is one line of JSON with its facts, its time and its name', () => {
  const [line = ''] = linesOf((log) =>
    log.info({ requestId: 'abc', error: new Error('broken\nin two') }, 'request-end'),
  );
  assert.equal(line.indexOf('\n'), line.length - 1);
  const { msg, requestId, error, time } = JSON.parse(line);
  assert.deepEqual([msg, requestId, error.message], ['request-end', 'abc', 'broken\nin two']);
  assert.match(time, /^\d{4}-\d\d-\d\dT/);
});

test('what is less severe than asked for is not written', () => {
  const lines = linesOf((log) => {
    log.debug({}, 'detail');
    log.warn({}, 'warning');
  }, 'info');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['warning'],
  );
});

test('of a refusal its code is logged, and not the words of the caller that it quotes', () => {
  const refusal = new AppError('not_found', "The voice 'my secret wish' does not exist.", { param: 'voice' });
  const failure = new AppError('engine_failed', 'The engine broke.', {
    cause: new Error('segmentation fault'),
  });
  const [refused = '', failed = ''] = linesOf((log) => {
    log.info({ error: refusal }, 'a');
    log.error({ error: failure, cause: failure.cause }, 'b');
  });
  assert.deepEqual(JSON.parse(refused).error, { code: 'not_found', status: 404, param: 'voice' });
  assert.match(failed, /The engine broke.*segmentation fault/);
});

test('keys and tokens are hidden, wherever somebody logs them by mistake', () => {
  const secret = 'sk-very-secret';
  const headers = {
    authorization: `Bearer ${secret}`,
    'xi-api-key': secret,
    cookie: secret,
    accept: 'audio/mpeg',
  };
  const lines = linesOf((log) => {
    log.info({ headers }, 'a');
    log.info({ request: { headers } }, 'b');
    log.info({ token: secret, api_key: secret, apiKey: secret, secret }, 'c');
    log.info({ query: { token: secret } }, 'd');
    log.info({ attempts: [{ headers }, { apiKey: secret }] }, 'in a list');
    log.error({ error: Object.assign(new Error('refused'), { headers, apiKey: secret }) }, 'e');
  });
  assert.equal(lines.length, 6);
  for (const line of lines) {
    assert.doesNotMatch(line, /very-secret/);
    assert.match(line, /\[hidden\]/);
  }
  assert.match(lines[0] ?? '', /audio\/mpeg/, 'the rest is there');
});
