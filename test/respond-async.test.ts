/** `Prefer: respond-async`: any request that makes something may be answered later, as it would have been at once. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Core } from '../src/core/core.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { hearingEngine } from './hearing-engine.ts';
import { stuckEngine } from './stuck-engine.ts';
import { memoryBlobs, testApp } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const LATER = { prefer: 'respond-async, wait=5' };

// The server's own timers let a program end; here a test waits for what they bring.
let awake: NodeJS.Timeout;
before(() => {
  awake = setInterval(() => undefined, 1000);
});
after(() => clearInterval(awake));

type Call = Pick<InjectOptions, 'url' | 'payload' | 'headers'>;

async function form(
  fields: Readonly<Record<string, string>>,
  file: string,
  count = 4,
): Promise<Omit<Call, 'url'>> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  data.set(
    file,
    new Blob([new Uint8Array(burstRecording({ bursts: bursts(count) }))], { type: 'audio/wav' }),
    'talk.wav',
  );
  const response = new Response(data);
  const payload = Buffer.from(await response.arrayBuffer());
  return { payload, headers: { 'content-type': response.headers.get('content-type') ?? '' } };
}

/** Waits for the end of a job, as a caller does who listens to its events. */
async function ended(app: FastifyInstance, id: string, headers = {}) {
  const events = await app.inject({ url: `/antiphon/v1/jobs/${id}/events`, headers });
  const last = /data: (.*)\n\n$/.exec(events.body)?.[1];
  const job: { id: string; state: string; error: unknown; links: Record<string, string> } = JSON.parse(
    last ?? '',
  );
  const result = await app.inject({ url: `/antiphon/v1/jobs/${id}/result`, headers });
  return { job, result, events: events.body };
}

/** What a dialect adds to each answer differs from one request to the next. */
function lasting(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const passing =
    /^(date|connection|transfer-encoding|content-length|accept-ranges|.*request-id|openai-processing-ms|x-trace-id|history-item-id)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.test(name)));
}

describe('an answer that is wanted later', () => {
  let app: FastifyInstance;
  let core: Core;
  before(async () => {
    ({ app, core } = await testApp({ engines: [toneEngine(), hearingEngine()] }));
  });
  after(() => app.close());

  const post = (call: Call, headers = {}) =>
    app.inject({ method: 'POST', ...call, headers: { ...call.headers, ...headers } });

  const eleven = { 'xi-api-key': 'any' };
  const calls: Readonly<Record<string, () => Promise<Call> | Call>> = {
    'OpenAI’s speech': () => ({
      url: '/v1/audio/speech',
      payload: { model: 'tts-1', voice: 'alloy', input: 'Hello there.' },
    }),
    'OpenAI’s speech as events': () => ({
      url: '/openai/v1/audio/speech',
      payload: { model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello there.', stream_format: 'sse' },
    }),
    'OpenAI’s transcription': async () => ({
      url: '/v1/audio/transcriptions',
      ...(await form({ model: 'whisper-1', response_format: 'verbose_json' }, 'file')),
    }),
    'ElevenLabs’ speech': () => ({
      url: '/v1/text-to-speech/tone%2Fhigh?output_format=wav_16000',
      headers: eleven,
      payload: { text: 'Hello there.' },
    }),
    'ElevenLabs’ speech with times': () => ({
      url: '//v1/text-to-speech/tone%2Fhigh/with-timestamps',
      headers: eleven,
      payload: { text: 'Hello there.' },
    }),
    'Eigen AI’s speech': () => ({
      url: '/api/v1/generate',
      payload: { model: 'higgs2p5', text: 'Hello there.', voice: 'Linda' },
    }),
    'Eigen AI’s transcription': async () => ({
      url: '/eigen/api/v1/generate',
      ...(await form({ model: 'higgs_asr_3' }, 'file')),
    }),
  };
  for (const [name, makeCall] of Object.entries(calls)) {
    test(`of ${name} is the one that would have come at once`, async () => {
      const call = await makeCall();
      const direct = await post(call);
      assert.equal(direct.statusCode, 200, direct.body);
      const accepted = await post(call, LATER);
      assert.equal(accepted.statusCode, 202, accepted.body);
      assert.equal(accepted.headers['preference-applied'], 'respond-async');
      assert.ok(Number(accepted.headers['retry-after']) >= 1);
      const { id, state }: { id: string; state: string } = accepted.json();
      assert.equal(accepted.headers.location, `/antiphon/v1/jobs/${id}`);
      assert.equal(state, 'queued');
      const { job, result } = await ended(app, id);
      assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
      assert.equal(result.statusCode, 200);
      assert.deepEqual(result.rawPayload, direct.rawPayload);
      assert.deepEqual(lasting(result.headers), lasting(direct.headers));
    });
  }

  test('of ElevenLabs’ transcription has the same words', async () => {
    const call = { url: '/v1/speech-to-text', ...(await form({ model_id: 'scribe_v1' }, 'file')) };
    const direct = await post(call, eleven);
    const accepted = await post(call, { ...eleven, ...LATER });
    const { result } = await ended(app, accepted.json().id);
    const words = ({ text, words: list }: { text: string; words: unknown }) => ({ text, list });
    assert.equal(direct.statusCode, 200, direct.body);
    assert.deepEqual(words(result.json()), words(direct.json()));
  });

  test('that refuses keeps its status, its envelope and its reason', async () => {
    for (const call of [
      { url: '/v1/audio/speech', payload: { model: 'tts-1', voice: 'nobody', input: 'Hi.' } },
      { url: '/v1/audio/speech', payload: { model: 'tts-1', input: 'Hi.' } },
      { url: '/v1/text-to-speech/nobody', headers: eleven, payload: { text: 'Hi.' } },
      { url: '/api/v1/generate', payload: { model: 'nothing', text: 'Hi.' } },
      {
        url: '/v1/audio/transcriptions',
        payload: '{"model":',
        headers: { 'content-type': 'application/json' },
      },
    ]) {
      const direct = await post(call);
      assert.ok(direct.statusCode >= 400 && direct.statusCode < 500);
      const accepted = await post(call, LATER);
      const { job, result } = await ended(app, accepted.json().id);
      assert.equal(job.state, 'failed');
      const { status, ...error } = job.error as { status: number; code: string; message: string };
      assert.equal(status, direct.statusCode);
      assert.ok(error.message.length > 10 && error.code.length > 3);
      assert.equal(result.statusCode, direct.statusCode);
      const hidden = (body: string) => body.replace(/[0-9a-f]{32}/g, '…');
      assert.equal(hidden(result.body), hidden(direct.body));
    }
  });

  test('is taken on every route that makes something, before its body is read', async () => {
    const paths = [
      '/v1/audio/speech',
      '/v1/audio/transcriptions',
      '/v1/audio/translations',
      '/v1/images/generations',
      '/v1/images/edits',
      '/v1/images/variations',
      '/api/v1/generate',
      '/api/higgs2p5',
      '/v1/speech-to-text',
      '/v1/speech-to-speech/tone%2Fhigh',
      '/v1/speech-to-speech/tone%2Fhigh/stream',
      '/v1/audio-isolation',
      '/v1/audio-isolation/stream',
      '/v1/text-to-dialogue',
      '/v1/text-to-dialogue/stream',
      '/v1/text-to-dialogue/with-timestamps',
      '/v1/text-to-dialogue/stream/with-timestamps',
      '/v1/text-to-speech/tone%2Fhigh/stream',
      '/v1/text-to-speech/tone%2Fhigh/stream/with-timestamps',
      '/v1/text-to-voice/design',
      '/v1/text-to-voice/create-previews',
      '/v1/sound-generation',
      '/v1/music',
      '/v1/music/stream',
      '/v1/music/detailed',
      '/v1/music/plan',
    ];
    for (const url of paths) {
      const headers = { ...LATER, 'content-type': 'nonsense' };
      assert.equal((await post({ url, payload: '?' }, headers)).statusCode, 202, url);
    }
    for (const url of [
      '/v1/voices/add',
      '/v1/audio/voices',
      '/v1/realtime/client_secrets',
      '/v2/generate/audio',
    ]) {
      assert.notEqual((await post({ url, payload: {} }, LATER)).statusCode, 202, url);
    }
  });

  test('is not given where the preference says something else', async () => {
    const call = { url: '/v1/audio/speech', payload: { model: 'tts-1', voice: 'alloy', input: 'Hi.' } };
    for (const prefer of ['wait=100', 'respond-asynchronously', '']) {
      assert.equal((await post(call, { prefer })).statusCode, 200);
    }
    assert.equal((await post(call, { prefer: 'handling=lenient, Respond-Async; foo=bar' })).statusCode, 202);
  });

  test('can be one of a batch and have a webhook, and wrong wishes are refused by name', async () => {
    const call = { url: '/v1/audio/speech', payload: { model: 'tts-1', voice: 'alloy', input: 'Hi.' } };
    const batch = await post(call, { ...LATER, 'x-antiphon-priority': 'batch' });
    assert.equal(batch.json().priority, 'batch');
    for (const [name, value] of [
      ['x-antiphon-priority', 'urgent'],
      ['x-antiphon-webhook', 'ftp://example.test/'],
      ['x-antiphon-webhook-secret', 'short'],
    ] as const) {
      const refused = await post(call, { ...LATER, [name]: value });
      assert.equal(refused.statusCode, 400);
      assert.ok(refused.body.includes(name), refused.body);
    }
  });

  test('is refused at once when the body is larger than any such request', async () => {
    const last = (await core.jobs.list({ ownerId: 'anonymous', order: 'newest_first', limit: 1 }))[0]?.id;
    const payload = { model: 'tts-1', voice: 'alloy', input: 'a'.repeat(9_000_000) };
    const refused = await post({ url: '/v1/audio/speech', payload }, LATER);
    assert.equal(refused.statusCode, 413);
    assert.ok(refused.json().error.message.includes('8388608'));
    const now = (await core.jobs.list({ ownerId: 'anonymous', order: 'newest_first', limit: 1 }))[0]?.id;
    assert.equal(now, last);
  });
});

describe('a request that is answered later', () => {
  const speech = { model: 'tts-1', voice: 'alloy', input: 'Hello there.' };
  const key = (name: string) => ({ authorization: `Bearer ${name}` });

  test('is its owner’s: another key never sees it, and none is let in without', async () => {
    const { app } = await testApp({ keys: ['ann', 'bob'] });
    const call = { method: 'POST', url: '/v1/audio/speech', payload: speech } as const;
    assert.equal((await app.inject({ ...call, headers: LATER })).statusCode, 401);
    const forged = { ...LATER, 'x-antiphon-replay': '0'.repeat(64) };
    assert.equal((await app.inject({ ...call, headers: forged })).statusCode, 401);
    const accepted = await app.inject({ ...call, headers: { ...LATER, ...key('ann') } });
    const { id }: { id: string } = accepted.json();
    const { job } = await ended(app, id, key('ann'));
    assert.equal(job.state, 'succeeded');
    const url = `/antiphon/v1/jobs/${id}`;
    for (const [method, path] of [
      ['GET', url],
      ['GET', `${url}/events`],
      ['GET', `${url}/result`],
      ['POST', `${url}/retry`],
      ['DELETE', url],
    ] as const) {
      assert.equal((await app.inject({ method, url: path, headers: key('bob') })).statusCode, 404, path);
      assert.equal((await app.inject({ method, url: path })).statusCode, 401, path);
    }
    const list = await app.inject({ url: '/antiphon/v1/jobs', headers: key('bob') });
    assert.deepEqual(list.json().jobs, []);
    await app.close();
  });

  test('is kept without any credential', async () => {
    const { app, core } = await testApp({ keys: ['ann-secret'], engines: [hearingEngine()] });
    const issued = await app.inject({
      method: 'POST',
      url: '/v1/single-use-token/batch_scribe',
      headers: { 'xi-api-key': 'ann-secret' },
    });
    const { token }: { token: string } = issued.json();
    const call = await form({ model_id: 'scribe_v1' }, 'file');
    const accepted = await app.inject({
      method: 'POST',
      url: `/v1/speech-to-text?token=${token}&enable_logging=true`,
      ...call,
      headers: { ...call.headers, ...LATER, cookie: 'session=1', 'x-api-key': 'ann-secret' },
    });
    assert.equal(accepted.statusCode, 202, accepted.body);
    const { id }: { id: string } = accepted.json();
    const { job, result } = await ended(app, id, key('ann-secret'));
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    assert.equal(result.statusCode, 200);
    const kept = JSON.stringify(await core.jobs.find(id, 'key:ann-secret'));
    assert.ok(kept.includes('/elevenlabs/v1/speech-to-text?enable_logging=true'), kept);
    assert.ok(!kept.includes(token) && !kept.includes('session') && !kept.includes('x-api-key'), kept);
    await app.close();
  });

  test('leaves nothing behind when its job is forgotten', async () => {
    const blobs = memoryBlobs();
    const { app } = await testApp({ blobs });
    const accepted = await app.inject({
      method: 'POST',
      url: '/v1/audio/speech',
      headers: LATER,
      payload: speech,
    });
    const { id }: { id: string } = accepted.json();
    await ended(app, id);
    assert.equal([...blobs.kept.keys()].filter((name) => name.startsWith('files/')).length, 2);
    assert.equal((await app.inject({ method: 'DELETE', url: `/antiphon/v1/jobs/${id}` })).statusCode, 204);
    assert.deepEqual(
      [...blobs.kept.keys()].filter((name) => name.startsWith('files/')),
      [],
    );
    await app.close();
  });

  test('stops the engine soon after its job was cancelled, and can be begun anew', async () => {
    const stuck = stuckEngine();
    const { app } = await testApp({ engines: [stuck.engine] });
    const accepted = await app.inject({
      method: 'POST',
      url: '/v1/audio/speech',
      headers: LATER,
      payload: speech,
    });
    const url = `/antiphon/v1/jobs/${accepted.json().id}`;
    while (stuck.stuck() === 0) await new Promise(setImmediate);
    const early = await app.inject({ url: `${url}/result` });
    assert.equal(early.statusCode, 409);
    assert.ok(Number(early.headers['retry-after']) > 0);
    const cancelled = await app.inject({ method: 'DELETE', url });
    assert.equal(cancelled.json().state, 'cancelled');
    while (stuck.noticed.length === 0) await new Promise(setImmediate);
    assert.equal((await app.inject({ url: `${url}/result` })).statusCode, 409);
    stuck.free();
    const again = await app.inject({ method: 'POST', url: `${url}/retry` });
    assert.deepEqual([again.statusCode, again.json().state], [202, 'queued']);
    const { job } = await ended(app, accepted.json().id);
    assert.equal(job.state, 'succeeded');
    assert.equal((await app.inject({ method: 'POST', url: `${url}/retry` })).statusCode, 409);
    await app.close();
  });

  test('that hears a recording tells how far it is', async () => {
    const stuck = stuckEngine({ after: 1 });
    const { app, core } = await testApp({ engines: [stuck.engine] });
    const call = await form({ model: 'whisper-1' }, 'file', 80);
    const accepted = await app.inject({
      method: 'POST',
      url: '/v1/audio/transcriptions',
      ...call,
      headers: { ...call.headers, ...LATER },
    });
    const { id }: { id: string } = accepted.json();
    for await (const job of core.jobs.watch(id, 'anonymous', new AbortController().signal)) {
      if (job.state !== 'running' || job.progress === 0) continue;
      assert.ok(job.progress > 0.2 && job.progress < 0.8, String(job.progress));
      break;
    }
    stuck.free();
    const { job } = await ended(app, id);
    assert.equal(job.state, 'succeeded');
    await app.close();
  });
});
