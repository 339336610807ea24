import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../src/core/engine.ts';
import { listening } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const TEXT = 'Good evening, dear listeners.';
/** The tone engine speaks 50 ms for each character: 1,200 samples of two bytes. */
const TOTAL_BYTES = TEXT.length * 2_400;

async function* linesOf(response: Response): AsyncGenerator<string> {
  assert.ok(response.body, 'no body');
  let held = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body) {
    held += decoder.decode(bytes, { stream: true });
    const lines = held.split('\n');
    held = lines.pop() ?? '';
    yield* lines;
  }
  if (held !== '') yield held;
}

interface ChatBotHearing {
  readonly kinds: string[];
  sampleRate: number;
  channels: number;
  readonly audio: Buffer[];
}

/**
 * Reads events as a chat bot does: only lines that begin with `data: `, the kind by `type`, the rate from
 * `metadata.data` or, failing that, from the event itself, the sound from a string or from a string inside an
 * object, until the connection closes.
 */
async function hearAsChatBot(response: Response): Promise<ChatBotHearing> {
  const heard: ChatBotHearing = { kinds: [], sampleRate: 0, channels: 0, audio: [] };
  for await (const line of linesOf(response)) {
    if (!line.startsWith('data: ')) continue;
    const event = JSON.parse(line.slice(6));
    heard.kinds.push(event.type);
    if (event.type === 'metadata') {
      const facts = event.data ?? event;
      heard.sampleRate = facts.sample_rate;
      heard.channels = facts.channels;
    }
    if (event.type === 'audio_chunk') {
      const data = typeof event.data === 'string' ? event.data : event.data.data;
      heard.audio.push(Buffer.from(data, 'base64'));
    }
  }
  return heard;
}

/**
 * Reads events as a dubbing service does: every `data: ` line must be JSON, every string `data` of more than
 * 50 characters in any event is sound, and `done` ends it.
 */
async function hearAsDubber(response: Response): Promise<{ pcm: Buffer; done: boolean }> {
  const audio: Buffer[] = [];
  for await (const line of linesOf(response)) {
    if (!line.startsWith('data: ')) continue;
    const event = JSON.parse(line.slice(6));
    if (typeof event.data === 'string' && event.data.length > 50)
      audio.push(Buffer.from(event.data, 'base64'));
    if (event.type === 'done') return { pcm: Buffer.concat(audio), done: true };
  }
  return { pcm: Buffer.concat(audio), done: false };
}

async function readError(response: Response): Promise<{ detail: string; error: string }> {
  return JSON.parse(await response.text());
}

function postJson(url: string, body: Record<string, unknown>): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-1234abcd_00' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

for (const model of ['higgs2p5', 'chatterbox', 'qwen3-tts']) {
  test(`a chat bot hears ${model} to its end through the older path`, () =>
    listening({ keys: ['sk-1234abcd_00'] }, async ({ origin }) => {
      const heard = await hearAsChatBot(await postJson(`${origin}/api/${model}?stream=true`, { text: TEXT }));
      assert.deepEqual([heard.sampleRate, heard.channels], [24_000, 1]);
      assert.deepEqual(
        heard.kinds.filter((kind) => kind !== 'audio_chunk'),
        ['start', 'metadata', 'complete', 'done'],
      );
      assert.equal(Buffer.concat(heard.audio).length, TOTAL_BYTES);
    }));

  test(`a dubbing service hears every byte of ${model}, in a form and in JSON`, () =>
    listening({}, async ({ origin }) => {
      const url = `${origin}/api/v1/generate`;
      const json = await hearAsDubber(
        await postJson(url, { model, text: TEXT, stream: true, voice_settings: { speed: 1 } }),
      );
      const form = new FormData();
      for (const [name, value] of Object.entries({
        model,
        text: TEXT,
        stream: 'true',
        voice_settings: '{"speed":1}',
      })) {
        form.append(name, value);
      }
      const multipart = await hearAsDubber(await fetch(url, { method: 'POST', body: form }));
      assert.deepEqual([json.done, multipart.done], [true, true]);
      assert.equal(json.pcm.length, TOTAL_BYTES);
      assert.deepEqual(multipart.pcm, json.pcm);
    }));
}

test('a dubbing service hears the end of every length of text', () =>
  listening({}, async ({ origin }) => {
    for (const length of [1, 2, 3, 4, 5, 17]) {
      const response = await postJson(`${origin}/api/v1/generate`, {
        model: 'higgs2p5',
        text: 'a'.repeat(length),
        stream: true,
      });
      const { pcm, done } = await hearAsDubber(response);
      assert.deepEqual([pcm.length, done], [length * 2_400, true]);
    }
  }));

/** A tone engine that gives two chunks of 100 ms and holds back the rest until the promise resolves. */
function hesitantEngine(onward: Promise<void>): Engine {
  const tone = toneEngine();
  async function* hesitate(chunks: AsyncIterable<Float32Array>) {
    let given = 0;
    for await (const chunk of chunks) {
      if (given === 2) await onward;
      given += 1;
      yield chunk;
    }
  }
  const { speech } = tone;
  assert.ok(speech);
  const synthesize: typeof speech.synthesize = async (request, context) => {
    const output = await speech.synthesize(request, context);
    assert.equal(output.kind, 'pcm');
    return { ...output, pcm: { ...output.pcm, chunks: hesitate(output.pcm.chunks) } };
  };
  return { ...tone, speech: { ...speech, synthesize } };
}

test('the first sound is there while the engine still speaks', async () => {
  let goOn = () => {};
  const onward = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await listening({ engines: [hesitantEngine(onward)] }, async ({ origin }) => {
    const body = { model: 'higgs2p5', text: TEXT, stream: true };
    const response = await postJson(`${origin}/api/v1/generate`, body);
    let chunks = 0;
    for await (const line of linesOf(response)) {
      if (!line.startsWith('data: ') || JSON.parse(line.slice(6)).type !== 'audio_chunk') continue;
      chunks += 1;
      goOn();
    }
    assert.ok(chunks > 5, `${chunks} chunks`);
  });
});

test('a client that hangs up frees the engine', async () => {
  const engine = toneEngine();
  await listening({ engines: [engine] }, async ({ origin, core }) => {
    const hangUp = new AbortController();
    const response = await fetch(`${origin}/api/v1/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'higgs2p5', text: 'a'.repeat(100_000), stream: true }),
      signal: hangUp.signal,
    });
    const lines = linesOf(response);
    await lines.next();
    assert.equal(engine.open(), 1);
    hangUp.abort();
    while (engine.open() > 0 || core.runner.load(engine).running > 0)
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(core.runner.load(engine).running, 0);
  });
});

test('a client that saves the body gets a file whose length was announced', () =>
  listening({}, async ({ origin }) => {
    const response = await postJson(`${origin}/api/v1/generate`, {
      model: 'higgs2p5',
      text: TEXT,
      voice: 'Jack',
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(response.headers.get('content-length'), String(bytes.length));
    assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
    assert.equal(bytes.readUInt32LE(24), 24_000);
    assert.equal(bytes.length, 44 + TOTAL_BYTES);
  }));

test('a client that prints the detail of an error prints a sentence', () =>
  listening({ keys: ['sk-1234abcd_00'] }, async ({ origin }) => {
    const refused = await postJson(`${origin}/api/v1/generate`, { model: 'higgs2p5' });
    assert.equal(refused.status, 400);
    const { detail, error } = await readError(refused);
    assert.match(detail, /^text: /);
    assert.equal(error, detail);
    const stranger = await fetch(`${origin}/api/v1/generate`, { method: 'POST' });
    assert.equal(stranger.status, 401);
    assert.equal(typeof (await readError(stranger)).detail, 'string');
  }));
