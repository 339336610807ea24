import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { hearingEngine, type HearingEngine, type HearingEngineOptions } from '../hearing-engine.ts';
import { listening, testApp } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const GENERATE = '/api/v1/generate';
const RECORDING = burstRecording({ bursts: bursts(3) });
const TEXT = 'one two three.';

interface House {
  readonly app: FastifyInstance;
  readonly engine: HearingEngine;
}

async function withEars(
  use: (house: House) => Promise<void>,
  options: HearingEngineOptions = {},
): Promise<void> {
  const engine = hearingEngine(options);
  const { app } = await testApp({ engines: [toneEngine(), engine] });
  try {
    await use({ app, engine });
    assert.equal(engine.open(), 0, 'a model was not given back');
  } finally {
    await app.close();
  }
}

function formOf(fields: Readonly<Record<string, string>>, file: Uint8Array | undefined): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append('file', new Blob([Uint8Array.from(file)]), 'talk.mp3');
  return form;
}

interface Call {
  readonly fields?: Readonly<Record<string, string>>;
  readonly file?: Uint8Array | undefined;
  readonly url?: string;
}

async function hear(app: FastifyInstance, { fields = {}, url = GENERATE, ...call }: Call) {
  const file = 'file' in call ? call.file : RECORDING;
  const encoded = new Response(formOf(fields, file));
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  return app.inject({ method: 'POST', url, headers, payload: Buffer.from(await encoded.arrayBuffer()) });
}

function assertRefused(response: LightMyRequestResponse, status: number, naming: string): void {
  assert.equal(response.statusCode, status, response.body.slice(0, 300));
  const body: { detail?: unknown; error?: unknown } = response.json();
  assert.equal(body.error, body.detail);
  assert.ok(String(body.detail).includes(naming), String(body.detail));
}

for (const model of ['whisper_v3_turbo', 'asr', 'higgs_asr_3']) {
  test(`R1 ${model} file: a recording becomes text under both keys`, () =>
    withEars(async ({ app }) => {
      const response = await hear(app, { fields: { model, response_format: 'json' } });
      assert.equal(response.statusCode, 200, response.body);
      assert.match(String(response.headers['content-type']), /^application\/json/);
      assert.deepEqual(response.json(), { text: TEXT, transcription: TEXT, language: 'en', duration: 2 });
      assert.equal(response.headers['x-antiphon-model'], 'ear/ear');
      assert.equal(response.headers['x-antiphon-stand-in'], 'true');
      assertRefused(await hear(app, { fields: { model }, file: undefined }), 400, 'file');
    }));

  test(`R1 ${model} response_format: text is text, absent is JSON, other is a 400`, () =>
    withEars(async ({ app }) => {
      const text = await hear(app, { fields: { model, response_format: 'text' } });
      assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8');
      assert.equal(text.body, TEXT);
      assert.equal((await hear(app, { fields: { model } })).json().text, TEXT);
      assertRefused(await hear(app, { fields: { model, response_format: 'srt' } }), 400, 'response_format');
    }));

  test(`R1 ${model} language: a code and an English name are the same`, () =>
    withEars(async ({ app, engine }) => {
      for (const language of ['de', 'German', 'german']) {
        const response = await hear(app, { fields: { model, language } });
        assert.equal(response.json().language, 'de');
        assert.equal(engine.opened.at(-1)?.language, 'de');
      }
      assertRefused(await hear(app, { fields: { model, language: 'Klingon' } }), 400, 'language');
    }));
}

test('R1 whisper_v3_turbo language: English unless told, while others find out', () =>
  withEars(async ({ app, engine }) => {
    await hear(app, { fields: { model: 'whisper_v3_turbo' } });
    await hear(app, { fields: { model: 'higgs_asr_3' } });
    assert.deepEqual(
      engine.opened.map((request) => request.language),
      ['en', undefined],
    );
  }));

test('R1 higgs_asr_3 task: ast translates into English, and into nothing else', () =>
  withEars(async ({ app, engine }) => {
    const translated = await hear(app, {
      fields: { model: 'higgs_asr_3', task: 'ast', language: 'English' },
    });
    assert.deepEqual([translated.json().transcription, translated.json().language], [TEXT, 'en']);
    assert.equal(engine.opened.at(-1)?.task, 'translate');
    const other = await hear(app, { fields: { model: 'higgs_asr_3', task: 'ast', language: 'German' } });
    assertRefused(other, 400, "'German'");
  }));

test('L4: the older path of asr answers as the newer one', () =>
  withEars(async ({ app }) => {
    for (const url of ['/api/asr', '/eigen/api/asr', '/api/whisper_v3_turbo']) {
      const response = await hear(app, { url });
      assert.equal(response.json().text, TEXT, response.body);
    }
    assertRefused(await hear(app, { url: '/api/asr', file: undefined }), 400, 'file');
  }));

test('R1 file: a body that can carry none, or text in its place, is a 400 that names it', () =>
  withEars(async ({ app }) => {
    const payload = { model: 'whisper_v3_turbo', file: 'talk.mp3' };
    assertRefused(await app.inject({ method: 'POST', url: GENERATE, payload }), 400, 'file');
    assertRefused(
      await hear(app, { fields: { model: 'asr', file: 'talk.mp3' }, file: undefined }),
      400,
      'file',
    );
  }));

test('R1 file: what is no recording, too short or too large is refused, and silence is an empty text', () =>
  withEars(async ({ app }) => {
    const fields = { model: 'asr' };
    const text = await hear(app, { fields, file: Buffer.from('I am a text. '.repeat(100)) });
    assertRefused(text, 415, 'audio');
    assertRefused(await hear(app, { fields, file: silence(0.05) }), 400, '0.1 s');
    assertRefused(await hear(app, { fields, file: Buffer.alloc(25 * 1024 * 1024 + 1) }), 413, 'file');
    assert.equal((await hear(app, { fields, file: silence(1) })).json().text, '');
  }));

test('R1 model: with nothing installed the answer names the command that installs something', async () => {
  const { app } = await testApp();
  assertRefused(await hear(app, { fields: { model: 'whisper_v3_turbo' } }), 400, 'antiphon models pull');
  await app.close();
});

test('R1 model: what hears does not speak for it', () =>
  withEars(async ({ app }) => {
    assertRefused(await hear(app, { fields: { model: 'higgs2p5' } }), 400, 'text');
    assert.equal((await hear(app, { fields: { model: 'ear/ear' } })).json().text, TEXT);
  }));

test('strict in the form refuses what the model cannot do as asked', () =>
  withEars(async ({ app, engine }) => {
    const { transcription } = engine;
    assert.ok(transcription);
    const deaf = { ...engine, transcription: { ...transcription, settings: {} } };
    const { app: other } = await testApp({ engines: [deaf] });
    const fields = { model: 'asr', language: 'de' };
    const lenient = await hear(other, { fields });
    assert.match(String(lenient.headers['x-antiphon-warnings']), /"setting":"language"/);
    assertRefused(await hear(other, { fields: { ...fields, strict: 'true' } }), 400, 'language');
    await other.close();
    assert.equal((await hear(app, { fields: { ...fields, strict: 'true' } })).statusCode, 200);
  }));

test('a client over the wire sends its form and reads either key', () =>
  listening({ engines: [hearingEngine()], keys: ['k'] }, async ({ origin }) => {
    const body = formOf({ model: 'whisper_v3_turbo', language: 'en' }, RECORDING);
    const refused = await fetch(`${origin}${GENERATE}`, { method: 'POST', body });
    assert.equal(refused.status, 401);
    const headers = { authorization: 'Bearer k' };
    const response = await fetch(`${origin}${GENERATE}`, { method: 'POST', body, headers });
    const answer = (await response.json()) as Record<string, unknown>; // What is then checked.
    assert.deepEqual([answer['text'], answer['transcription']], [TEXT, TEXT]);
  }));
