import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stuckEngine } from '../../../test/stuck-engine.ts';
import { testApp } from '../../../test/support.ts';

const SPEECH = { model: 'tts-1', voice: 'alloy', input: 'Hello.' };

test('jobs are listed page by page, newest or oldest first, by kind and dialect', async () => {
  const { app } = await testApp({ engines: [stuckEngine().engine] });
  const made: string[] = [];
  for (const url of ['/v1/audio/speech', '/api/v1/generate', '/v1/audio/speech']) {
    const accepted = await app.inject({
      method: 'POST',
      url,
      payload: SPEECH,
      headers: { prefer: 'respond-async' },
    });
    made.push(accepted.json().id);
  }
  const list = async (query: string) => {
    const answer = await app.inject({ url: `/antiphon/v1/jobs?${query}` });
    const { jobs, ...rest }: { jobs: { id: string }[]; hasMore: boolean; nextAfter: string | null } =
      answer.json();
    return { ...rest, ids: jobs.map(({ id }) => made.indexOf(id)).join('') };
  };
  assert.deepEqual(await list('limit=2'), { ids: '21', hasMore: true, nextAfter: made[1] });
  assert.deepEqual(await list(`limit=2&after=${made[1]}`), { ids: '0', hasMore: false, nextAfter: null });
  assert.equal((await list('order=asc')).ids, '012');
  assert.equal((await list('dialect=eigen')).ids, '1');
  assert.equal((await list('kind=video')).ids, '');
  assert.equal((await app.inject({ url: '/antiphon/v1/jobs?limit=1000' })).statusCode, 400);
  await app.close();
});

test('a queued job tells its place in the line, and its addresses begin as the operator or the caller says', async () => {
  const options = { engines: [stuckEngine().engine], jobLimits: { running: 1 } };
  for (const publicUrl of ['https://media.test/antiphon', undefined]) {
    const { app } = await testApp({ ...options, ...(publicUrl === undefined ? {} : { publicUrl }) });
    await app.ready();
    const submit = () =>
      app.inject({
        method: 'POST',
        url: '/v1/audio/speech',
        payload: SPEECH,
        headers: { prefer: 'respond-async', host: 'here.test:8484' },
      });
    await submit();
    const [second, third] = [await submit(), await submit()];
    assert.deepEqual([second.json().position <= 1, third.json().state], [true, 'queued']);
    const shown = await app.inject({
      url: String(third.headers.location),
      headers: { host: 'here.test:8484' },
    });
    const { position, links, progress } = shown.json();
    assert.ok(position === 1 || position === 2);
    assert.equal(progress, 0);
    assert.equal(links.self, `${publicUrl ?? 'http://here.test:8484'}${third.headers.location}`);
    await app.close();
  }
});

test('what is no job is not found in our own envelope', async () => {
  const { app } = await testApp();
  const answer = await app.inject({ url: '/antiphon/v1/jobs/nothing' });
  assert.equal(answer.statusCode, 404);
  assert.equal(answer.json().error.code, 'not_found');
  await app.close();
});

test('the secret of webhooks is told to an admin, and stays the same', async () => {
  const { app } = await testApp({ keys: ['ann'] });
  assert.equal((await app.inject({ url: '/antiphon/v1/webhook-secret' })).statusCode, 401);
  const ask = () =>
    app.inject({ url: '/antiphon/v1/webhook-secret', headers: { authorization: 'Bearer ann' } });
  const { secret }: { secret: string } = (await ask()).json();
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual((await ask()).json(), { secret });
  await app.close();
});
