import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../src/core/engine.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { readTestFile, withoutTestData } from '../decode-support.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { listening, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const RECORDING = burstRecording({ bursts: bursts(3) });
const TEXT = 'one two three.';
const KEY = 'sk-1234abcd_00';

interface Upload {
  readonly origin: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly audio?: Uint8Array;
  readonly filename?: string;
  readonly signal?: AbortSignal;
}

/** What every known client does: a form with a file and a bearer token. */
function upload({ origin, fields, path = '/api/v1/generate', ...rest }: Upload): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([Uint8Array.from(rest.audio ?? RECORDING)]), rest.filename ?? 'voice.ogg');
  const headers = { authorization: `Bearer ${KEY}` };
  const { signal } = rest;
  return fetch(`${origin}${path}`, { method: 'POST', headers, body: form, ...(signal ? { signal } : {}) });
}

async function json(response: Response): Promise<Record<string, unknown>> {
  assert.equal(response.headers.get('content-type')?.split(';')[0], 'application/json');
  return JSON.parse(await response.text());
}

/** Reads as a chat bot does: nothing but `text`. */
async function readAsChatBot(response: Response): Promise<unknown> {
  assert.ok(response.ok, `${response.status}`);
  return (await json(response))['text'];
}

/** Reads as a dubbing service does: `transcription`, and an empty string where there is none. */
async function readAsDubber(response: Response): Promise<unknown> {
  const { detail, transcription = '' } = await json(response);
  if (!response.ok) throw new Error(typeof detail === 'string' ? detail : 'It failed without a sentence.');
  return transcription;
}

function house(engine: Engine = hearingEngine()): TestAppOptions {
  return { engines: [toneEngine(), engine], keys: [KEY] };
}

test('R1 whisper_v3_turbo response_format: a chat bot reads the text of a voice message, and prints the plain one', () =>
  listening(house(), async ({ origin }) => {
    const fields = { model: 'whisper_v3_turbo', language: 'en' };
    assert.equal(await readAsChatBot(await upload({ origin, fields })), TEXT);
    const asked = { ...fields, response_format: 'json' };
    assert.equal(await readAsChatBot(await upload({ origin, fields: asked })), TEXT);
    const plain = await upload({ origin, fields: { ...fields, response_format: 'text' } });
    assert.equal(plain.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await plain.text(), TEXT);
  }));

test('R1 higgs_asr_3 task: a dubbing service has a recording written down, and translated', async () => {
  const engine = hearingEngine();
  await listening(house(engine), async ({ origin }) => {
    const heard = { model: 'higgs_asr_3', language: 'German', task: 'asr' };
    assert.equal(await readAsDubber(await upload({ origin, fields: heard, filename: 'clip.wav' })), TEXT);
    const translated = { model: 'higgs_asr_3', language: 'English', task: 'ast' };
    assert.equal(await readAsDubber(await upload({ origin, fields: translated })), TEXT);
    assert.deepEqual(
      engine.opened.map(({ task, language }) => [task, language]),
      [
        ['transcribe', 'de'],
        ['translate', undefined],
      ],
    );
    assert.equal(await readAsDubber(await upload({ origin, fields: heard, audio: silence(1) })), '');
  });
});

test('L4: an older client hears through the path of the model', () =>
  listening(house(), async ({ origin }) => {
    assert.equal(await readAsChatBot(await upload({ origin, fields: {}, path: '/api/asr' })), TEXT);
  }));

test('R1 file: a client that prints the detail of an error prints a sentence', () =>
  listening(house(), async ({ origin }) => {
    const fields = { model: 'higgs_asr_3' };
    for (const [audio, message] of [
      [Buffer.from('Not a sound. '.repeat(99)), /audio/i],
      [Buffer.alloc(0), /file|audio/i],
      [silence(0.05), /0\.1 s/],
    ] as const) {
      await assert.rejects(upload({ origin, fields, audio }).then(readAsDubber), { message });
    }
    const stranger = await fetch(`${origin}/api/asr`, { method: 'POST', body: new FormData() });
    assert.equal(stranger.status, 401);
    assert.equal(typeof (await json(stranger))['detail'], 'string');
  }));

test(
  'R1 file: every container that the vendor names is heard, whatever it is called',
  { skip: withoutTestData },
  () =>
    listening(house(), async ({ origin }) => {
      for (const [clip, filename] of [
        ['formats/jfk.mp3', 'voice.mp3'],
        ['en/jfk.wav', 'upload'],
        ['formats/jfk.m4a', 'voice.m4a'],
        ['formats/jfk.opus', 'voice.ogg'],
        ['formats/jfk.webm', 'blob'],
      ] as const) {
        const audio = await readTestFile(clip);
        const answer = await json(await upload({ origin, fields: { model: 'asr' }, audio, filename }));
        assert.ok(
          Math.abs(Number(answer['duration']) - 11) < 0.1,
          `${clip}: ${String(answer['duration'])} s`,
        );
        assert.match(String(answer['text']), /^one\b/, clip);
      }
    }),
);

test('a client that hangs up while it is heard frees the engine', async () => {
  const gate = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  const ear = hearingEngine({ gate: gate.promise });
  const { transcription } = ear;
  assert.ok(transcription);
  const engine: Engine = {
    ...ear,
    transcription: {
      ...transcription,
      open: (request, context) => {
        context.signal.addEventListener('abort', () => noticed.resolve());
        opened.resolve();
        return transcription.open(request, context);
      },
    },
  };
  await listening(house(engine), async ({ origin }) => {
    const hangUp = new AbortController();
    const call = upload({ origin, fields: { model: 'asr' }, signal: hangUp.signal });
    await opened.promise;
    hangUp.abort();
    await assert.rejects(call, { name: 'AbortError' });
    await noticed.promise;
    gate.resolve();
    while (ear.open() > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ear.heard.length, 0);
  });
});
