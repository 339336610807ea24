/** Consents and voices of a caller's own, through the vendor's official client. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import OpenAI, { APIError, NotFoundError, toFile } from 'openai';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { measurePitch, semitonesBetween } from '../../src/media/pitch.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { listening, memoryBlobs, type TestAppOptions } from '../support.ts';

after(stopDecodePool);

const SAMPLE = burstRecording({ bursts: bursts(4, 170) });
const LIMIT = 10 * 1024 * 1024;

interface Caller {
  readonly client: OpenAI;
  /** Another client with a key of its own. */
  readonly other: OpenAI;
  readonly origin: string;
}

async function calling(use: (caller: Caller) => Promise<void>, options: TestAppOptions = {}): Promise<void> {
  await listening({ keys: ['mine', 'theirs'], ...options }, async ({ origin }) => {
    const connect = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
    await use({ client: connect('mine'), other: connect('theirs'), origin });
  });
}

/** What a call fails with. */
async function failure(call: () => PromiseLike<unknown>): Promise<APIError> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof APIError, `got ${String(error)}`);
    return error;
  }
  throw new Error('It was accepted.');
}

function file(bytes: Uint8Array = SAMPLE, name = 'voice.wav', type = 'audio/wav'): Promise<File> {
  return toFile(bytes, name, { type });
}

async function giveConsent(client: OpenAI, name = 'Ann') {
  return client.audio.voiceConsents.create({ name, language: 'en-US', recording: await file() });
}

async function makeVoice(client: OpenAI, name = 'Ann'): Promise<string> {
  const { id: consent } = await giveConsent(client, name);
  const { id } = await client.audio.voices.create({ name, consent, audio_sample: await file() });
  return id;
}

async function pitchOf(client: OpenAI, voice: string | { id: string }): Promise<number> {
  const speech = await client.audio.speech.create({
    model: 'tts-1',
    input: 'Good evening, dear listeners.',
    voice,
    response_format: 'pcm',
  });
  const bytes = Buffer.from(await speech.arrayBuffer());
  const samples = Float32Array.from(
    { length: bytes.length >> 1 },
    (_, at) => bytes.readInt16LE(at * 2) / 32_768,
  );
  return measurePitch(samples, 24_000)?.pitchHertz ?? 0;
}

test('V1: consents are given, listed page by page, read, renamed and deleted', () =>
  calling(async ({ client, other }) => {
    const made = [];
    for (const name of ['Ann', 'Bob', 'Cid']) made.push(await giveConsent(client, name));
    const [ann] = made;
    assert.ok(ann);
    assert.match(ann.id, /^cons_\w{24}$/);
    assert.deepEqual(Object.keys(ann).toSorted(), ['created_at', 'id', 'language', 'name', 'object']);
    assert.deepEqual([ann.object, ann.name, ann.language], ['audio.voice_consent', 'Ann', 'en-US']);
    assert.ok(Math.abs(ann.created_at - Date.now() / 1000) < 60);

    const page = await client.audio.voiceConsents.list({ limit: 2 });
    assert.deepEqual([page.data.length, page.has_more], [2, true]);
    const walked = await Array.fromAsync(client.audio.voiceConsents.list({ limit: 2 }));
    assert.deepEqual(walked, made);
    assert.deepEqual(await Array.fromAsync(other.audio.voiceConsents.list()), []);

    const renamed = await client.audio.voiceConsents.update(ann.id, { name: 'Anna' });
    assert.deepEqual(renamed, { ...ann, name: 'Anna' });
    assert.deepEqual(await client.audio.voiceConsents.retrieve(ann.id), renamed);
    for (const call of [
      () => other.audio.voiceConsents.retrieve(ann.id),
      () => other.audio.voiceConsents.update(ann.id, { name: 'Mine' }),
      () => other.audio.voiceConsents.delete(ann.id),
    ]) {
      assert.ok((await failure(call)) instanceof NotFoundError);
    }
    assert.deepEqual(await client.audio.voiceConsents.delete(ann.id), {
      object: 'audio.voice_consent',
      id: ann.id,
      deleted: true,
    });
    assert.equal((await failure(() => client.audio.voiceConsents.retrieve(ann.id))).status, 404);
    assert.equal((await failure(() => client.audio.voiceConsents.delete(ann.id))).status, 404);
  }));

test('V1, S4: a voice is made from a recording and a consent, spoken with, and deleted once', () =>
  calling(async ({ client, other }) => {
    const consent = await giveConsent(client);
    const voice = await client.audio.voices.create({
      name: 'Ann',
      consent: consent.id,
      audio_sample: await file(SAMPLE, 'unknown_file', 'application/octet-stream'),
      type: 'audio_sample',
    });
    assert.match(voice.id, /^voice_\w{24}$/);
    assert.deepEqual(Object.keys(voice).toSorted(), ['created_at', 'id', 'name', 'object', 'type']);
    assert.deepEqual([voice.object, voice.name, voice.type], ['audio.voice', 'Ann', 'audio_sample']);

    for (const named of [{ id: voice.id }, voice.id, 'ann']) {
      const pitch = await pitchOf(client, named);
      assert.ok(Math.abs(semitonesBetween(170, pitch)) < 0.5, `${JSON.stringify(named)}: ${pitch} Hz`);
    }
    for (const caller of [client, other]) {
      const unknown = caller === client ? 'voice_x' : voice.id;
      const error = await failure(() => pitchOf(caller, { id: unknown }));
      assert.deepEqual([error.status, error.param], [400, 'voice']);
    }

    assert.equal((await failure(() => other.audio.voices.delete(voice.id))).status, 404);
    assert.deepEqual(await client.audio.voices.delete(voice.id), {
      object: 'audio.voice.deleted',
      id: voice.id,
      deleted: true,
    });
    assert.equal((await failure(() => client.audio.voices.delete(voice.id))).status, 404);
    assert.equal((await failure(() => pitchOf(client, { id: voice.id }))).status, 400);
    assert.equal((await client.audio.voiceConsents.retrieve(consent.id)).id, consent.id);
  }));

test('V2: added voices stand in front of the list of their owner, and in nobody else’s', () =>
  calling(async ({ client, other, origin }) => {
    const id = await makeVoice(client);
    const list = async (key: string) => {
      const reply = await fetch(`${origin}/v1/audio/voices`, { headers: { authorization: `Bearer ${key}` } });
      const { voices } = (await reply.json()) as { voices: { id: string; name: string; type?: string }[] }; // Compared below.
      return voices;
    };
    const [first, second] = await list('mine');
    assert.deepEqual([first?.id, first?.name, first?.type], [id, 'Ann', 'audio_sample']);
    assert.equal(second?.id, 'alloy');
    assert.ok(!(await list('theirs')).some((voice) => voice.id === id));
    assert.equal((await failure(() => other.audio.voices.delete(id))).status, 404);
  }));

test('a shipped voice cannot be deleted, and a name deletes nothing', () =>
  calling(async ({ client }) => {
    await makeVoice(client);
    for (const [id, status] of [
      ['alloy', 403],
      ['tone/high', 403],
      ['Ann', 404],
      ['voice_x', 404],
    ] as const) {
      assert.equal((await failure(() => client.audio.voices.delete(id))).status, status, id);
    }
  }));

test('what is missing or wrong is refused by its name, and nothing is kept', async () => {
  const blobs = memoryBlobs();
  await calling(
    async ({ client, other }) => {
      const { id: consent } = await giveConsent(client);
      const { id: theirs } = await giveConsent(other);
      const kept = blobs.kept.size;
      const recording = await file();
      const text = await file(Buffer.from('This is no recording of anybody. '.repeat(40)), 'a.wav');
      const aiff = await file(Buffer.concat([Buffer.from('FORM\0\0\0\0AIFF'), Buffer.alloc(100)]), 'a.aiff');
      const none = undefined as unknown as File;
      const quiet = await file(silence(3));
      const voice = { name: 'Ann', consent, audio_sample: recording };
      const paper = { name: 'Ann', language: 'en', recording };
      const { voices, voiceConsents } = client.audio;
      for (const [call, param] of [
        [() => voices.create({ ...voice, name: '' }), 'name'],
        [() => voices.create({ ...voice, name: 'a'.repeat(257) }), 'name'],
        [() => voices.create({ ...voice, consent: '' }), 'consent'],
        [() => voices.create({ ...voice, consent: 'cons_x' }), 'consent'],
        [() => voices.create({ ...voice, consent: theirs }), 'consent'],
        [() => voices.create({ ...voice, audio_sample: none }), 'audio_sample'],
        [() => voices.create({ ...voice, audio_sample: text }), 'audio_sample'],
        [() => voices.create({ ...voice, audio_sample: aiff }), 'audio_sample'],
        [() => voices.create({ ...voice, audio_sample: quiet }), 'audio_sample'],
        [() => voices.create({ ...voice, type: 'dream' as 'audio_sample' }), 'type'],
        [() => voiceConsents.create({ ...paper, name: ' ' }), 'name'],
        [() => voiceConsents.create({ ...paper, language: 'English' }), 'language'],
        [() => voiceConsents.create({ ...paper, language: '' }), 'language'],
        [() => voiceConsents.create({ ...paper, recording: none }), 'recording'],
        [() => voiceConsents.create({ ...paper, recording: text }), 'recording'],
        [() => voiceConsents.update(consent, { name: '' }), 'name'],
        [() => voiceConsents.list({ limit: 0 }), 'limit'],
        [() => voiceConsents.list({ limit: 101 }), 'limit'],
        [() => voiceConsents.list({ after: 'cons_x' }), 'after'],
      ] as const) {
        const error = await failure(call);
        assert.deepEqual([error.status, error.param], [400, param], error.message);
      }
      assert.equal(blobs.kept.size, kept);
    },
    { blobs },
  );
});

test('a recording of 10 MiB is taken, and one byte more is a 413', () =>
  calling(async ({ client }) => {
    const padded = (length: number) => {
      const bytes = Buffer.alloc(length);
      SAMPLE.copy(bytes);
      return file(bytes);
    };
    const paper = { name: 'Ann', language: 'en' };
    const { voiceConsents } = client.audio;
    assert.ok((await voiceConsents.create({ ...paper, recording: await padded(LIMIT) })).id);
    const tooLarge = await padded(LIMIT + 1);
    const error = await failure(() => voiceConsents.create({ ...paper, recording: tooLarge }));
    assert.deepEqual([error.status, error.param], [413, 'recording']);
  }));

test('V1: a voice is made from a description, as a form or as JSON, and what was understood is heard', () =>
  calling(async ({ client, origin }) => {
    const { data: voice, response } = await client.audio.voices
      .create({
        type: 'prompt',
        name: 'Old man',
        prompt: 'A very deep, slow old man with freckles',
        model: 'auto',
        script_hint: 'Once upon a time there was a king.',
      })
      .withResponse();
    const warnings = JSON.parse(response.headers.get('x-antiphon-warnings') ?? '[]');
    assert.deepEqual(
      warnings.map((warning: { type: string; setting: string }) => [warning.type, warning.setting]),
      [
        ['adjusted', 'prompt'],
        ['ignored', 'script_hint'],
      ],
    );
    for (const word of ['very deep', 'slow', 'old', 'man']) assert.ok(warnings[0].to.includes(word), word);
    assert.ok(!warnings[0].to.includes('freckles'));
    assert.deepEqual([voice.type, voice.prompt], ['prompt', 'A very deep, slow old man with freckles']);
    const deep = await pitchOf(client, { id: voice.id });
    const reply = await fetch(`${origin}/v1/audio/voices`, {
      method: 'POST',
      headers: { authorization: 'Bearer mine', 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'prompt', name: 'Man', prompt: 'A man' }),
    });
    const { id } = (await reply.json()) as { id: string }; // Spoken with right below.
    const plain = await pitchOf(client, { id });
    assert.ok(Math.abs(semitonesBetween(220, plain)) < 0.3, `${plain} Hz`);
    assert.ok(Math.abs(semitonesBetween(plain, deep) + 6) < 0.3, `${deep} Hz`);
    for (const [body, param] of [
      [{ type: 'prompt', name: 'Man', prompt: ' ' }, 'prompt'],
      [{ type: 'prompt', name: 'Man' }, 'prompt'],
      [{ type: 'prompt', name: 'Man', prompt: 'A man', script_hint: ' ' }, 'script_hint'],
      [{ name: 'Man', consent: 'cons_x' }, 'audio_sample'],
    ] as const) {
      const refused = await fetch(`${origin}/v1/audio/voices`, {
        method: 'POST',
        headers: { authorization: 'Bearer mine', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const { error } = (await refused.json()) as { error: { param: string } }; // Compared right below.
      assert.deepEqual([refused.status, error.param], [400, param]);
    }
  }));
