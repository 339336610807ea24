import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { Principal } from '../../core/context.ts';
import type { Authenticator } from '../../core/ports/authenticator.ts';
import { dayOf } from '../../core/usage/usage-days.ts';
import { testApp, testPrincipal, type TestAppOptions } from '../../../test/support.ts';

const PEOPLE: Readonly<Record<string, Principal>> = {
  boss: testPrincipal('boss', { role: 'admin' }),
  ann: testPrincipal('ann', { role: 'user' }),
  bob: testPrincipal('bob', { role: 'user' }),
};

/** Keys that are called like those who have them. */
const authenticator: Authenticator = {
  required: async () => true,
  findAdmitted: async (id) => PEOPLE[id],
  authenticate: async (credential = '') => {
    const found = PEOPLE[credential];
    if (found) return found;
    throw new AppError('unauthenticated', 'Who is that?');
  },
};

/** A server on which ann has spoken twice, and bob once. */
async function house(options: TestAppOptions = {}) {
  const { app, core } = await testApp({ authenticator, ...options });
  const ask = (who: string, url: string, headers: Record<string, string> = {}) =>
    app.inject({ url: `/antiphon/v1${url}`, headers: { authorization: `Bearer ${who}`, ...headers } });
  const speak = async (who: string, input: string) => {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/v1/audio/speech',
      headers: { authorization: `Bearer ${who}` },
      payload: { model: 'tts-1', voice: 'alloy', input },
    });
    assert.equal(statusCode, 200, body);
  };
  await speak('ann', 'Hello there.');
  await speak('ann', 'Hello again, there.');
  await speak('bob', 'Hi.');
  return { app, core, ask };
}

const today = () => dayOf(Date.now());

test('an administrator sees what everybody used, told by what was asked for', async () => {
  const { ask } = await house();
  const { statusCode, body, headers } = await ask('boss', '/usage?by=key,capability&by=dialect,model');
  assert.equal(statusCode, 200, body);
  assert.equal(headers['cache-control'], 'no-store');
  const report = JSON.parse(body);
  assert.deepEqual(report.by, ['key', 'capability', 'dialect', 'model']);
  const seen = report.rows.map((row: Record<string, unknown>) => {
    const { requests, characters, failures, pictures } = row;
    return [
      row['key'],
      row['capability'],
      row['dialect'],
      row['model'],
      requests,
      characters,
      failures,
      pictures,
    ];
  });
  assert.deepEqual(seen, [
    [{ id: 'ann', name: '' }, 'speech', 'openai', 'tts-1', 2, 31, 0, 0],
    [{ id: 'bob', name: '' }, 'speech', 'openai', 'tts-1', 1, 3, 0, 0],
  ]);
  assert.equal(report.total.characters, 34);
  assert.ok(report.total.audioSeconds > 0);
  assert.ok(report.total.engineSeconds >= 0);
});

test('without more words a report is of this month, by day and model', async () => {
  const { ask } = await house();
  const report = JSON.parse((await ask('boss', '/usage')).body);
  assert.deepEqual([report.by, report.to], [['day', 'model'], today()]);
  assert.equal(report.from, `${today().slice(0, 7)}-01`);
  assert.deepEqual([report.rows[0].day, report.rows[0].model, report.rows.length], [today(), 'tts-1', 1]);
});

test('everybody else sees their own usage, and asks for no other', async () => {
  const { ask } = await house();
  for (const url of ['/usage?by=', '/usage?by=&key=me', '/usage?by=&key=ann']) {
    const { total } = JSON.parse((await ask('ann', url)).body);
    assert.deepEqual([total.requests, total.characters], [2, 31], url);
  }
  const { statusCode, body } = await ask('ann', '/usage?key=bob');
  assert.equal(statusCode, 403);
  assert.match(body, /permission_denied.*role admin/);
  const { total } = JSON.parse((await ask('boss', '/usage?key=bob')).body);
  assert.equal(total.requests, 1);
  assert.equal((await ask('eve', '/usage')).statusCode, 401);
});

test('comma-separated values come to those who ask for them, by a parameter or a header', async () => {
  const { ask } = await house();
  const expected =
    /^model,requests,failures,characters,audio_seconds,pictures,engine_seconds\r\ntts-1,3,0,34,/;
  for (const [url, headers] of [
    ['/usage?by=model&format=csv', {}],
    ['/usage?by=model', { accept: 'text/csv' }],
    ['/usage?by=model', { accept: 'text/csv;q=0.9, application/json;q=0.1' }],
  ] as const) {
    const answer = await ask('boss', url, headers);
    assert.match(answer.body, expected);
    assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8; header=present');
    assert.match(
      String(answer.headers['content-disposition']),
      /^attachment; filename="antiphon-usage-.*\.csv"$/,
    );
  }
  for (const [url, accept] of [
    ['/usage?format=json', 'text/csv'],
    ['/usage', '*/*'],
    ['/usage', 'application/json, text/csv'],
  ] as const)
    assert.ok(JSON.parse((await ask('boss', url, { accept })).body).total);
});

test('prices of the operator become costs', async () => {
  const prices = {
    currency: '€',
    models: { 'tts-1': { perMillionCharacters: 1_000_000 } },
    capabilities: {},
  };
  const { ask } = await house({ prices });
  const { currency, total } = JSON.parse((await ask('boss', '/usage?by=model')).body);
  assert.deepEqual([currency, total.cost], ['€', 34]);
});

test('wrong words and days are refused, and named', async () => {
  const { ask } = await house();
  for (const [url, param, message] of [
    ['/usage?by=voice', 'by', /day, model, key, dialect, capability, engine, not 'voice'/],
    ['/usage?by=constructor', 'by', /not 'constructor'/],
    ['/usage?from=yesterday', 'from', /a day such as/],
    ['/usage?from=2020-01-01', 'from', /at most 400 days/],
    ['/usage?from=2026-11-02&to=2026-11-01', 'from', /after/],
    ['/usage?format=xml', 'format', /format/],
  ] as const) {
    const { statusCode, body } = await ask('boss', url);
    const { error } = JSON.parse(body);
    assert.deepEqual([statusCode, error.code, error.param], [400, 'invalid_request', param], url);
    assert.match(error.message, message);
  }
});
