/** Voices of a caller's own, through the vendor's official client. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { measurePitch, semitonesBetween } from '../../src/media/pitch.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { decodeWhole } from '../decode-support.ts';
import { filePart, rawForm, textPart, type RawPart } from '../raw-form.ts';
import { listening, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

after(stopDecodePool);

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';
const LABELS = { gender: 'male', language: 'en', accent: 'scottish' };

function recording(hertz = 150): Buffer {
  return burstRecording({ bursts: bursts(4, hertz) });
}

interface Caller {
  readonly client: ElevenLabsClient;
  /** Another client with a key of its own. */
  readonly other: ElevenLabsClient;
  readonly origin: string;
}

async function calling(use: (caller: Caller) => Promise<void>, options: TestAppOptions = {}): Promise<void> {
  await listening({ keys: ['mine', 'theirs'], ...options }, async ({ origin }) => {
    const connect = (apiKey: string) => new ElevenLabsClient({ apiKey, baseUrl: origin, maxRetries: 0 });
    await use({ client: connect('mine'), other: connect('theirs'), origin });
  });
}

/** What a call fails with. */
async function failure(call: () => PromiseLike<unknown>): Promise<ElevenLabsError> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof ElevenLabsError, `got ${String(error)}`);
    return error;
  }
  throw new Error('It was accepted.');
}

function statusOf(error: ElevenLabsError): unknown {
  return (error.body as { detail?: { status?: unknown } }).detail?.status; // Compared by the tests.
}

async function add(client: ElevenLabsClient, name = 'Hamish', hertz = 150): Promise<string> {
  const { voiceId, requiresVerification } = await client.voices.ivc.create({
    name,
    files: [new File([new Uint8Array(recording(hertz))], 'hamish.wav')],
    labels: LABELS,
    description: 'A friend',
    removeBackgroundNoise: true,
  });
  assert.match(voiceId, /^[A-Za-z0-9]{20}$/);
  assert.equal(requiresVerification, false);
  return voiceId;
}

/** The form of the vendor's Python client, which encodes labels that are given as text a second time. */
async function addAsPython(
  origin: string,
): Promise<{ readonly status: number; readonly body: { voice_id: string } }> {
  const form = rawForm([
    textPart('name', 'Hamish'),
    textPart('labels', JSON.stringify(JSON.stringify(LABELS))),
    filesPart(recording(), 'upload'),
  ]);
  const reply = await fetch(`${origin}/v1/voices/add`, {
    method: 'POST',
    headers: { ...form.headers, 'xi-api-key': 'mine' },
    body: new Uint8Array(form.payload),
  });
  return { status: reply.status, body: (await reply.json()) as { voice_id: string } }; // Checked by the tests.
}

function filesPart(bytes: Uint8Array, filename: string): RawPart {
  const [headers, body] = filePart(bytes, filename);
  return [headers.map((line) => line.replace('name="file"', 'name="files"')), body];
}

test('E29: a voice is added, read, given settings and deleted, and then is not there', () =>
  calling(async ({ client, origin }) => {
    const voiceId = await add(client);
    const voice = await client.voices.get(voiceId);
    assert.equal(voice.name, 'Hamish');
    assert.equal(voice.category, 'cloned');
    assert.equal(voice.description, 'A friend');
    assert.deepEqual(voice.labels, LABELS);
    assert.equal(voice.isOwner, true);
    assert.ok(Math.abs((voice.createdAtUnix ?? 0) - Date.now() / 1000) < 60);
    const [sample] = voice.samples ?? [];
    assert.equal(sample?.fileName, 'hamish.wav');
    assert.ok((sample?.durationSecs ?? 0) > 1.5);

    assert.equal((await client.voices.settings.update(voiceId, { stability: 0.9, speed: 1.1 })).status, 'ok');
    assert.deepEqual(await client.voices.settings.get(voiceId), {
      stability: 0.9,
      useSpeakerBoost: true,
      similarityBoost: 0.75,
      style: 0,
      speed: 1.1,
    });
    assert.equal((await client.voices.get(voiceId)).settings?.speed, 1.1);

    const python = await addAsPython(origin);
    assert.equal(python.status, 200);
    assert.deepEqual((await client.voices.get(python.body.voice_id)).labels, LABELS);

    assert.equal((await client.voices.delete(voiceId)).status, 'ok');
    const gone = await failure(() => client.voices.get(voiceId));
    assert.deepEqual([gone.statusCode, statusOf(gone)], [404, 'voice_not_found']);
    assert.equal((await failure(() => client.voices.delete(voiceId))).statusCode, 404);
    const mute = await failure(() => client.textToSpeech.convert(voiceId, { text: 'Hello' }));
    assert.deepEqual([mute.statusCode, statusOf(mute)], [404, 'voice_not_found']);
  }));

test('E29: stored settings are used when a request brings none, and give way to those it brings', async () => {
  const engine = toneEngine();
  await calling(
    async ({ client }) => {
      const voiceId = await add(client);
      await client.voices.settings.update(voiceId, { speed: 1.2 });
      const speak = async (voiceSettings?: { speed: number }) => {
        const audio = await client.textToSpeech.convert(voiceId, {
          text: 'Hello there',
          ...(voiceSettings ? { voiceSettings } : {}),
        });
        await Array.fromAsync(audio);
        return engine.asked.at(-1)?.speed;
      };
      assert.equal(await speak(), 1.2);
      assert.equal(await speak({ speed: 0.9 }), 0.9);
    },
    { engines: [engine] },
  );
});

test('an edit renames a voice, changes what is said about it and adds recordings', () =>
  calling(async ({ client }) => {
    const voiceId = await add(client);
    const edited = await client.voices.update(voiceId, {
      name: 'Seumas',
      files: [new Blob([new Uint8Array(recording(155))])],
      labels: { gender: 'male' },
    });
    assert.equal(edited.status, 'ok');
    const voice = await client.voices.get(voiceId);
    assert.deepEqual(
      [voice.name, voice.description, voice.labels],
      ['Seumas', 'A friend', { gender: 'male' }],
    );
    assert.equal(voice.samples?.length, 2);
    await client.voices.update(voiceId, { name: 'Hamish' });
    const again = await client.voices.get(voiceId);
    assert.deepEqual([again.name, again.samples?.length, again.labels], ['Hamish', 2, { gender: 'male' }]);
  }));

test('of a recording longer than 30 s the best part is kept, and the answer says so', () =>
  calling(async ({ client }) => {
    const long = burstRecording({ bursts: bursts(60) });
    const { data, rawResponse } = await client.voices.ivc
      .create({
        name: 'Long',
        files: [new Blob([new Uint8Array(long)]), new Blob([new Uint8Array(recording())])],
      })
      .withRawResponse();
    const warnings = JSON.parse(rawResponse.headers.get('x-antiphon-warnings') ?? '[]');
    assert.deepEqual(
      warnings.map((warning: { type: string; setting: string }) => [warning.type, warning.setting]),
      [['adjusted', 'files']],
    );
    const { samples } = await client.voices.get(data.voiceId);
    assert.ok(Math.abs((samples?.[0]?.durationSecs ?? 0) - 30) < 0.1);
    assert.ok((samples?.[1]?.durationSecs ?? 30) < 3);
  }));

test('the recordings of a voice can be heard and deleted one by one', () =>
  calling(async ({ client }) => {
    const voiceId = await add(client, 'Hamish', 140);
    const [sample] = (await client.voices.get(voiceId)).samples ?? [];
    const { data, rawResponse } = await client.voices.samples.audio
      .get(voiceId, sample?.sampleId ?? '')
      .withRawResponse();
    const file = Buffer.concat(await Array.fromAsync(data));
    assert.equal(rawResponse.headers.get('content-type'), sample?.mimeType);
    assert.equal(file.length, sample?.sizeBytes);
    const { audio, samples } = await decodeWhole(file);
    const pitch = measurePitch(samples, audio.pcm.sampleRate)?.pitchHertz ?? 0;
    assert.ok(Math.abs(semitonesBetween(140, pitch)) < 0.5, `${pitch} Hz`);

    assert.equal((await client.samples.delete(voiceId, sample?.sampleId ?? '')).status, 'ok');
    assert.deepEqual((await client.voices.get(voiceId)).samples, []);
    const gone = await failure(() => client.voices.samples.audio.get(voiceId, sample?.sampleId ?? ''));
    assert.equal(gone.statusCode, 404);
  }));

test('E30: added voices are walked through with all others, and no other key meets them', () =>
  calling(async ({ client, other }) => {
    const own = await add(client);
    const walk = async (from: ElevenLabsClient, voiceType?: 'personal' | 'default') => {
      const seen: string[] = [];
      let nextPageToken: string | undefined;
      for (let more = true; more;) {
        const page = await from.voices.search({
          pageSize: 7,
          ...(voiceType ? { voiceType } : {}),
          ...(nextPageToken ? { nextPageToken } : {}),
        });
        seen.push(...page.voices.map((voice) => voice.voiceId));
        ({ hasMore: more, nextPageToken } = page);
      }
      return seen;
    };
    const all = await walk(client);
    assert.equal(all.filter((id) => id === own).length, 1);
    assert.equal(new Set(all).size, all.length);
    assert.deepEqual(await walk(client, 'personal'), [own]);
    assert.ok(!(await walk(client, 'default')).includes(own));
    assert.deepEqual(await walk(other, 'personal'), []);
    assert.deepEqual(
      await walk(other),
      all.filter((id) => id !== own),
    );
    const found = await client.voices.search({ search: 'scottish hamish', category: 'cloned' });
    assert.deepEqual(
      found.voices.map((voice) => voice.voiceId),
      [own],
    );
  }));

test('another key’s voice is as unknown as one that never was, whatever is asked of it', () =>
  calling(async ({ client, other }) => {
    const voiceId = await add(client);
    const [sample] = (await client.voices.get(voiceId)).samples ?? [];
    const sampleId = sample?.sampleId ?? '';
    const { voices } = await other.voices.getAll();
    assert.ok(!voices.some((voice) => voice.voiceId === voiceId));
    for (const [what, call] of [
      ['get', () => other.voices.get(voiceId)],
      ['edit', () => other.voices.update(voiceId, { name: 'Stolen' })],
      ['settings', () => other.voices.settings.get(voiceId)],
      ['settings edit', () => other.voices.settings.update(voiceId, { speed: 1.1 })],
      ['sample', () => other.voices.samples.audio.get(voiceId, sampleId)],
      ['sample delete', () => other.samples.delete(voiceId, sampleId)],
      ['delete', () => other.voices.delete(voiceId)],
      ['speech', () => other.textToSpeech.convert(voiceId, { text: 'Hello' })],
      ['speech by name', () => other.textToSpeech.convert('Hamish', { text: 'Hello' })],
    ] as const) {
      const error = await failure(call);
      assert.deepEqual([error.statusCode, statusOf(error)], [404, 'voice_not_found'], what);
    }
    assert.equal((await client.voices.get(voiceId)).name, 'Hamish');
  }));

test('a voice that came with the server can be neither changed nor deleted, and names delete nothing', () =>
  calling(async ({ client }) => {
    for (const id of [GEORGE, 'tone/high']) {
      for (const call of [
        () => client.voices.delete(id),
        () => client.voices.update(id, { name: 'Mine' }),
        () => client.voices.settings.update(id, { speed: 1.1 }),
      ]) {
        assert.equal((await failure(call)).statusCode, 403);
      }
    }
    const voiceId = await add(client);
    assert.equal((await client.voices.get('hamish')).voiceId, voiceId);
    assert.equal((await failure(() => client.voices.delete('hamish'))).statusCode, 404);
  }));

test('a form without name or recording, and labels that are no texts, are blamed for it', () =>
  calling(async ({ origin }) => {
    const file = filesPart(recording(), 'a.wav');
    for (const [parts, param] of [
      [[file], 'name'],
      [[textPart('name', ''), file], 'name'],
      [[textPart('name', 'a'.repeat(257)), file], 'name'],
      [[textPart('name', 'A')], 'files'],
      [[textPart('name', 'A'), textPart('files', 'a.wav')], 'files'],
      [[textPart('name', 'A'), textPart('labels', '{"a":'), file], 'labels'],
      [[textPart('name', 'A'), textPart('labels', '{"a":{}}'), file], 'labels.a'],
      [[textPart('name', 'A'), textPart('labels', '[1]'), file], 'labels'],
      [
        [textPart('name', 'A'), textPart('remove_background_noise', 'perhaps'), file],
        'remove_background_noise',
      ],
    ] as const) {
      const form = rawForm(parts);
      const reply = await fetch(`${origin}/v1/voices/add`, {
        method: 'POST',
        headers: { ...form.headers, 'xi-api-key': 'mine' },
        body: new Uint8Array(form.payload),
      });
      const { detail } = (await reply.json()) as { detail: { loc: string[] }[] }; // Checked right below.
      assert.equal(reply.status, 422, param);
      assert.equal(detail[0]?.loc.join('.'), `body.${param}`);
    }
    const json = await fetch(`${origin}/v1/voices/add`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'xi-api-key': 'mine' },
      body: '{"name":"A"}',
    });
    assert.equal(json.status, 415);
  }));

test('recordings of nobody are refused by the name of their field, and no voice is left behind', () =>
  calling(async ({ client }) => {
    for (const [what, bytes, status] of [
      ['silence', silence(3), 400],
      ['half a second', burstRecording({ bursts: bursts(1), silenceSeconds: 0 }).subarray(0, 16_000), 400],
      ['a text', Buffer.from('This is no recording of anybody. '.repeat(40)), 415],
    ] as const) {
      const error = await failure(() =>
        client.voices.ivc.create({ name: 'Nobody', files: [new Blob([new Uint8Array(bytes)])] }),
      );
      const { detail } = error.body as { detail: { param?: string } }; // Checked right below.
      assert.deepEqual([error.statusCode, detail.param], [status, 'files'], what);
    }
    const { voices } = await client.voices.search({ voiceType: 'personal' });
    assert.deepEqual(voices, []);
  }));

test('E44: the subscription counts the caller’s own voices', () =>
  calling(async ({ client, other }) => {
    await add(client);
    const { voiceSlotsUsed, canUseInstantVoiceCloning } = await client.user.subscription.get();
    assert.deepEqual([voiceSlotsUsed, canUseInstantVoiceCloning], [1, true]);
    assert.equal((await other.user.subscription.get()).voiceSlotsUsed, 0);
  }));

test('a preview is played at its address without a key, is made once, and goes with its voice', async () => {
  const engine = toneEngine();
  await calling(
    async ({ client, origin }) => {
      const voiceId = await add(client);
      const { previewUrl: own = '' } = await client.voices.get(voiceId);
      const { previewUrl: george = '' } = await client.voices.get(GEORGE);
      assert.ok(own.startsWith(`${origin}/v1/voices/previews/`), own);
      assert.equal((await client.voices.get(voiceId)).previewUrl, own);
      for (const url of [own, george]) {
        const before = engine.asked.length;
        const replies = await Promise.all([fetch(url), fetch(url)]);
        assert.deepEqual(
          replies.map((reply) => [reply.status, reply.headers.get('content-type')]),
          [
            [200, 'audio/mpeg'],
            [200, 'audio/mpeg'],
          ],
        );
        const [bytes] = await Promise.all(
          replies.map(async (reply) => Buffer.from(await reply.arrayBuffer())),
        );
        assert.ok(bytes && bytes.length > 2_000 && bytes.length < 40_000, `${bytes?.length} bytes`);
        const { samples } = await decodeWhole(bytes);
        assert.ok(samples.some((sample) => Math.abs(sample) > 0.1));
        const spoken = engine.asked.slice(before).filter(({ text }) => text.startsWith('Hello'));
        assert.equal(spoken.length, 1);
      }
      const forged = `${own.slice(0, -2)}AA`;
      assert.equal((await fetch(forged)).status, 404);
      await client.voices.delete(voiceId);
      assert.equal((await fetch(own)).status, 404);
    },
    { engines: [engine] },
  );
});

test('similar voices are those that speak as high, nearest first', () =>
  calling(async ({ client, other }) => {
    const deep = await add(client, 'Deep', 100);
    const high = await add(client, 'High', 320);
    const audioFile = new Blob([new Uint8Array(recording(310))]);
    const near = await client.voices.findSimilarVoices({ audioFile, topK: 1 });
    assert.deepEqual([near.voices[0]?.voiceId, near.hasMore], [high, true]);
    const all = await client.voices.findSimilarVoices({ audioFile, topK: 100 });
    const ids = all.voices.map((voice) => voice.voiceId);
    assert.equal(ids.at(-1), deep);
    assert.ok(ids.includes(GEORGE));
    const within = await client.voices.findSimilarVoices({ audioFile, topK: 100, similarityThreshold: 0.2 });
    assert.deepEqual(
      within.voices.map((voice) => voice.voiceId),
      [high],
    );
    const theirs = await other.voices.findSimilarVoices({ audioFile, topK: 100 });
    assert.ok(!theirs.voices.some((voice) => [deep, high].includes(voice.voiceId)));
    assert.equal((await failure(() => client.voices.findSimilarVoices({}))).statusCode, 422);
    for (const wrong of [{ topK: 0 }, { similarityThreshold: 3 }]) {
      assert.equal(
        (await failure(() => client.voices.findSimilarVoices({ audioFile, ...wrong }))).statusCode,
        422,
      );
    }
  }));

test('E24: what nobody shares or trains here is an empty list or one refusal', () =>
  calling(async ({ client }) => {
    const shared = await client.voices.getShared({ pageSize: 5, search: 'calm', featured: true });
    assert.deepEqual([shared.voices, shared.hasMore], [[], false]);
    assert.equal((await failure(() => client.voices.getShared({ pageSize: 101 }))).statusCode, 422);
    const taken = await failure(() => client.voices.share('somebody', 'voice', { newName: 'Mine' }));
    assert.deepEqual([taken.statusCode, statusOf(taken)], [404, 'voice_not_found']);
    assert.deepEqual((await client.voices.collections.list()).collections, []);
    for (const call of [
      () => client.voices.collections.create({ title: 'Best', icon: 'star' }),
      () => client.voices.pvc.create({ name: 'Me', language: 'en' }),
      () => client.voices.pvc.train('voice', {}),
    ]) {
      const error = await failure(call);
      assert.deepEqual([error.statusCode, statusOf(error)], [400, 'feature_not_available']);
    }
    const { accents } = await client.voices.accents.get({ language: 'en' });
    assert.ok(accents.some(({ accent, name }) => accent === 'british' && name === 'British'));
  }));
