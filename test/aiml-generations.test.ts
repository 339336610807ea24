import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after as afterAll, test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Core } from '../src/core/core.ts';
import { decodeMp3, decodeWav } from './contracts/decode-audio.ts';
import { rootMeanSquare } from '../src/media/pcm.ts';
import { listening, storageIn, testApp, type TestAppOptions } from './support.ts';
import { toneSounds, type ToneSoundsOptions } from './tone-sounds.ts';

const PATH = '/v2/generate/audio';
const KEY = { authorization: 'Bearer right' };
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}:stable-audio$/;

/** A generation that is completed. */
interface Finished {
  readonly audio_file: {
    readonly url: string;
    readonly content_type: string;
    readonly file_name: string;
    readonly file_size: number;
  };
  readonly meta: { readonly usage: { readonly credits_used: number } };
}

interface Caller {
  readonly app: FastifyInstance;
  readonly core: Core;
  readonly post: (
    fields: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<LightMyRequestResponse>;
  readonly poll: (id: string) => Promise<LightMyRequestResponse>;
  /** Waits for the end of a generation and polls it once more. */
  readonly end: (id: string) => Promise<LightMyRequestResponse>;
}

function callerOf({ app, core }: { readonly app: FastifyInstance; readonly core: Core }): Caller {
  const poll = (id: string) =>
    app.inject({ url: `${PATH}?generation_id=${encodeURIComponent(id)}`, headers: KEY });
  return {
    app,
    core,
    poll,
    post: (fields, headers = {}) =>
      app.inject({
        method: 'POST',
        url: PATH,
        payload: { model: 'stable-audio', prompt: 'x', ...fields },
        headers: { ...KEY, ...headers },
      }),
    end: async (id) => {
      const [jobId = ''] = id.split(':');
      for await (const job of core.jobs.watch(jobId, 'key:right', AbortSignal.timeout(30_000))) void job;
      return poll(id);
    },
  };
}

/** The server that everybody asks who wants nothing special of it. */
let usual: ReturnType<typeof testApp> | undefined;
afterAll(async () => (await usual)?.app.close());

async function serverFor(options: TestAppOptions) {
  const make = () => testApp({ engines: [toneSounds()], keys: ['right', 'other'], ...options });
  if (Object.keys(options).length > 0) return make();
  usual ??= make();
  return usual;
}

async function calling(use: (caller: Caller) => Promise<void>, options: TestAppOptions = {}): Promise<void> {
  const house = await serverFor(options);
  try {
    await use(callerOf(house));
  } finally {
    if (house !== (await usual)) await house.app.close();
  }
}

/** An engine that makes nothing until it is told to. */
function gated(options: ToneSoundsOptions = {}) {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  return { engine: toneSounds({ ...options, gate }), open };
}

test('A01: a generation is accepted with its id in both places, and in a header', () =>
  calling(async ({ post }) => {
    const reply = await post({});
    assert.equal(reply.statusCode, 201);
    const { id, generation_id: other, status, meta } = reply.json();
    assert.match(id, ID);
    assert.deepEqual([other, status], [id, 'queued']);
    assert.equal(reply.headers['x-inference-id'], id);
    assert.equal(reply.headers['x-aimlapi-credits-used'], '25200');
    assert.equal(reply.headers['x-aimlapi-usd-spent'], '0');
    assert.deepEqual(meta, { usage: { credits_used: 25_200, usd_spent: 0 } });
    assert.equal(reply.headers['x-antiphon-stand-in'], 'true');
  }));

test('A02: a missing and a wrong key are 401 in the flat envelope', () =>
  calling(async ({ app }) => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
      const payload = { model: 'stable-audio', prompt: 'x' };
      const reply = await app.inject({ method: 'POST', url: `${PATH}?a=b`, payload, headers });
      assert.equal(reply.statusCode, 401);
      const body = reply.json();
      for (const key of ['requestId', 'statusCode', 'timestamp', 'path', 'message'])
        assert.ok(key in body, key);
      assert.deepEqual([body.statusCode, body.path], [401, PATH]);
    }
  }));

test('A03 A04: a missing, empty or wrong prompt or model is 400, and names what is allowed', () =>
  calling(async ({ post }) => {
    const refused = async (fields: Readonly<Record<string, unknown>>) => {
      const reply = await post(fields);
      assert.equal(reply.statusCode, 400, JSON.stringify(fields));
      const { message, issues } = reply.json();
      assert.ok(message.startsWith('Body validation error\n'), message);
      assert.deepEqual(issues[0].path, Object.keys(fields));
      return message;
    };
    assert.match(await refused({ prompt: undefined }), /prompt: Required/);
    assert.match(await refused({ prompt: '' }), /at least 1 character/);
    assert.match(await refused({ prompt: 5 }), /Expected string, received number/);
    await refused({ prompt: 'x'.repeat(100_000) });
    assert.match(await refused({ model: undefined }), /model: Required/);
    const message = await refused({ model: 'nope' });
    assert.match(
      message,
      /Invalid enum value\. Expected 'stable-audio' \| 'minimax-music' \|.*, received 'nope'/,
    );
  }));

/** What a field may be and what not. */
interface Range {
  readonly field: string;
  readonly good: readonly number[];
  readonly bad: readonly unknown[];
}

function checkRange({ field, good, bad }: Range): Promise<void> {
  return calling(async ({ post }) => {
    for (const value of good) assert.equal((await post({ [field]: value })).statusCode, 201, String(value));
    for (const value of bad) {
      const reply = await post({ [field]: value });
      assert.equal(reply.statusCode, 400, String(value));
      assert.match(reply.json().message, new RegExp(`^Body validation error\n${field}: `));
    }
  });
}

test('A05: a length is a whole number of seconds from 1 to 47', () =>
  checkRange({ field: 'seconds_total', good: [1, 47, 10], bad: [0, 48, -1, 10.5, '10', 1e9] }));

test('A06: there are 1 to 1000 steps', () =>
  checkRange({ field: 'steps', good: [1, 1000], bad: [0, 1001, 2.5, 'many'] }));

test('A07: a clip begins 0 to 47 seconds into its piece', () =>
  checkRange({ field: 'seconds_start', good: [0, 1, 47], bad: [48, -1, 0.5] }));

test('A08: fields that nobody knows are accepted, and a seed and what is to be avoided are passed on', () => {
  const engine = toneSounds();
  return calling(
    async ({ post, end }) => {
      const reply = await post({
        duration: 10,
        audio_format: 'mp3',
        cfg_scale: 7,
        mode: 'x',
        instrument: null,
        prompt_strength: 'high',
        negative_prompt: 'drums',
        seed: 5,
        steps: 900,
      });
      assert.equal(reply.statusCode, 201);
      const warnings = JSON.parse(String(reply.headers['x-antiphon-warnings']));
      assert.deepEqual(
        warnings.map(({ setting, type }: { setting: string; type: string }) => [setting, type]),
        [
          ['steps', 'adjusted'],
          ['negative_prompt', 'ignored'],
        ],
      );
      await end(reply.json().id);
      const [asked] = engine.asked;
      assert.deepEqual([asked?.seed, asked?.negativePrompt, asked?.steps], [5, 'drums', 500]);
      assert.equal((await post({ seed: 'abc', negative_prompt: 7 })).statusCode, 201);
    },
    { engines: [engine] },
  );
});

test('A09: what is no JSON, no body and no JSON by its type are 400 in the envelope', () =>
  calling(async ({ app }) => {
    const json = { 'content-type': 'application/json' };
    for (const [payload, headers] of [
      ['{"model":', json],
      ['{"model":"stable-audio","prompt":"x","steps":NaN}', json],
      ['', json],
      ['[]', json],
      ['hello', { 'content-type': 'text/plain' }],
      [undefined, {}],
    ] as const) {
      const reply = await app.inject({
        method: 'POST',
        url: PATH,
        headers: { ...KEY, ...headers },
        ...(payload === undefined ? {} : { payload }),
      });
      assert.equal(reply.statusCode, 400, `${payload}: ${reply.body}`);
      assert.equal(reply.json().statusCode, 400);
      assert.ok(reply.json().message.startsWith('Body validation error'));
    }
  }));

test('A10: an id is read encoded and raw, under both names, and of several the first one counts', () =>
  calling(async ({ app, post, end }) => {
    const { id } = (await post({ seconds_total: 1 })).json();
    const { body } = await end(id);
    for (const query of [
      `generation_id=${id}`,
      `generation_id=${encodeURIComponent(id)}`,
      `id=${id}`,
      `generation_id=${id}&generation_id=nothing`,
      `generation_id=${id.split(':')[0]}`,
    ]) {
      const reply = await app.inject({ url: `${PATH}?${query}`, headers: KEY });
      assert.deepEqual(
        [reply.statusCode, reply.body, reply.headers['x-inference-id']],
        [200, body, id],
        query,
      );
    }
  }));

test('A11 A12: a generation is queued, then generating, then completed, and has no file before that', () => {
  const first = gated();
  return calling(
    async ({ core, poll, post, end }) => {
      const before = (await post({ seconds_total: 1 })).json().id;
      const { id } = (await post({ seconds_total: 1 })).json();
      const seen: string[] = [];
      const look = async () => {
        const { status, audio_file: file, error } = (await poll(id)).json();
        if (status !== seen.at(-1)) seen.push(status);
        assert.equal(error, undefined);
        assert.equal(file === undefined, status !== 'completed');
      };
      await look();
      const signal = AbortSignal.timeout(30_000);
      let opened = false;
      for await (const job of core.jobs.watch(id.split(':')[0] ?? '', 'key:right', signal)) {
        await look();
        if (job.state === 'queued' && !opened) {
          opened = true;
          first.open();
        }
      }
      await look();
      await end(before);
      assert.deepEqual(
        seen.filter((status) => !['queued', 'generating', 'completed'].includes(status)),
        [],
      );
      assert.deepEqual(
        seen,
        ['queued', 'generating', 'completed'].filter((status) => seen.includes(status)),
      );
      assert.deepEqual([seen[0], seen.at(-1)], ['queued', 'completed']);
    },
    { engines: [first.engine], jobLimits: { running: 1 } },
  );
});

test('a generation that is being made is generating', async () => {
  const { engine, open } = gated();
  await calling(
    async ({ core, poll, post, end }) => {
      const { id } = (await post({ seconds_total: 1 })).json();
      for await (const job of core.jobs.watch(
        id.split(':')[0] ?? '',
        'key:right',
        AbortSignal.timeout(30_000),
      )) {
        if (job.state !== 'running') continue;
        assert.deepEqual((await poll(id)).json(), { id, status: 'generating' });
        break;
      }
      open();
      assert.equal((await end(id)).json().status, 'completed');
    },
    { engines: [engine] },
  );
});

test('A13 A14: a finished generation has an address that anybody may read, with a stereo WAV of CD quality', () =>
  listening({ engines: [toneSounds()], keys: ['right'] }, async ({ origin, core }) => {
    const headers = { ...KEY, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'stable-audio', prompt: 'x', seconds_total: 2, seed: 4 });
    const posted = await fetch(`${origin}${PATH}`, { method: 'POST', headers, body });
    const id = posted.headers.get('x-inference-id') ?? '';
    const [jobId = ''] = id.split(':');
    for await (const job of core.jobs.watch(jobId, 'key:right', AbortSignal.timeout(30_000))) void job;
    const reply = await fetch(`${origin}${PATH}?generation_id=${id}`, { headers: KEY });
    const { audio_file: file, meta } = (await reply.json()) as Finished; // Checked right below.
    assert.ok(file.url.startsWith(`${origin}/`), file.url);
    assert.deepEqual([file.content_type, file.file_name.endsWith('.wav')], ['audio/wav', true]);
    assert.equal(meta.usage.credits_used, 25_200);
    for (const headersOfDownload of [{}, { authorization: 'Bearer whoever' }]) {
      const download = await fetch(file.url, { headers: headersOfDownload });
      assert.equal(download.status, 200);
      assert.equal(download.headers.get('content-type'), 'audio/wav');
      assert.equal(download.headers.get('accept-ranges'), 'bytes');
      const bytes = new Uint8Array(await download.arrayBuffer());
      assert.equal(bytes.length, file.file_size);
      const sound = await decodeWav(bytes, { sampleRate: 44_100, channels: 2 });
      assert.deepEqual([sound.sampleRate, sound.channels, sound.frames], [44_100, 2, 88_200]);
      const level = rootMeanSquare(sound.samples ?? new Float32Array(0));
      assert.ok(Math.abs(level - Math.sqrt((0.5 ** 2 + 0.25 ** 2) / 4)) < 0.01, `level ${level}`);
    }
    const part = await fetch(file.url, { headers: { range: 'bytes=0-3' } });
    assert.deepEqual([part.status, await part.text()], [206, 'RIFF']);
    assert.equal((await fetch(`${file.url}x`)).status, 404);
  }));

test('A15: a generation lasts ten seconds when ten are asked, and thirty when none are', () =>
  calling(async ({ core, post, end }) => {
    for (const [fields, seconds] of [
      [{ seconds_total: 10 }, 10],
      [{}, 30],
    ] as const) {
      const { id } = (await post(fields)).json();
      const { audio_file: file } = (await end(id)).json();
      assert.equal(file.file_size, 44 + seconds * 176_400);
      const [, , , , fileId = ''] = new URL(file.url).pathname.split('/');
      const blob = await core.files.read(fileId, 'key:right');
      const wav = await decodeWav(Buffer.concat(await Array.fromAsync(blob?.open() ?? [])), {
        sampleRate: 44_100,
        channels: 2,
      });
      assert.equal(wav.frames, seconds * 44_100);
    }
  }));

test('A16: a generation that fails says so in every place where clients look', () =>
  calling(
    async ({ post, end }) => {
      const { id } = (await post({})).json();
      const reply = await end(id);
      assert.equal(reply.statusCode, 200);
      const { status, error, audio_file: file } = reply.json();
      assert.deepEqual([status, error.name, file], ['error', 'GenerationError', undefined]);
      assert.ok(error.message.length > 0);
      assert.deepEqual(error.detail, [{ msg: error.message, loc: [], type: 'GenerationError' }]);
    },
    { engines: [toneSounds({ failAfterChunks: 2, failure: 'internal' })] },
  ));

test('a generation that was cancelled elsewhere is an error that says so', async () => {
  const { engine, open } = gated();
  await calling(
    async ({ core, post, end }) => {
      const { id } = (await post({})).json();
      await core.jobs.cancel(id.split(':')[0] ?? '', 'key:right');
      const { status, error } = (await end(id)).json();
      assert.deepEqual([status, error.name], ['error', 'Cancelled']);
      open();
    },
    { engines: [engine] },
  );
});

test('A17: a question without an id is 400 and says that the query is wrong', () =>
  calling(async ({ app }) => {
    for (const query of ['', '?generation_id=', '?other=1', '?id=']) {
      const reply = await app.inject({ url: `${PATH}${query}`, headers: KEY });
      assert.equal(reply.statusCode, 400, query);
      assert.match(reply.json().message, /^Query validation error!/);
    }
  }));

test('A18: ids that are unknown, malformed, of another model or of somebody else are 404', () =>
  calling(async ({ app, poll, post }) => {
    const { id } = (await post({ seconds_total: 1 })).json();
    const unknown = `${crypto.randomUUID()}:stable-audio`;
    for (const [asked, told] of [
      [unknown, unknown],
      ['nonsense', undefined],
      ["1' OR '1'='1", undefined],
      [id.replace('stable-audio', 'lyria2'), id.replace('stable-audio', 'lyria2')],
    ]) {
      const reply = await poll(asked ?? '');
      assert.deepEqual([reply.statusCode, reply.json().message], [404, 'Generation not found']);
      assert.equal(reply.headers['x-inference-id'], told);
    }
    const others = await app.inject({
      url: `${PATH}?generation_id=${id}`,
      headers: { authorization: 'Bearer other' },
    });
    assert.equal(others.statusCode, 404);
  }));

test('A19: a request’s own id comes back, and one that is none is dropped without a word', () =>
  calling(async ({ app, post }) => {
    const echoOf = async (id: string) => {
      const reply = await post({}, { 'x-client-request-id': id });
      assert.equal(reply.statusCode, 201);
      return reply.headers['x-client-request-id'];
    };
    assert.equal(await echoOf('order-1'), 'order-1');
    assert.equal(await echoOf('a:b._-9'), 'a:b._-9');
    assert.equal(await echoOf('bad value!'), undefined);
    assert.equal(await echoOf('x'.repeat(129)), undefined);
    const refused = await app.inject({ url: PATH, headers: { 'x-client-request-id': 'order-2' } });
    assert.deepEqual([refused.statusCode, refused.headers['x-client-request-id']], [401, 'order-2']);
    const page = await post({}, { origin: 'https://example.com' });
    const exposed = String(page.headers['access-control-expose-headers']);
    for (const name of [
      'x-client-request-id',
      'x-inference-id',
      'x-aimlapi-credits-used',
      'x-aimlapi-usd-spent',
    ]) {
      assert.ok(exposed.includes(name), name);
    }
  }));

test('A24: the other models of the route are made, too, each as its fields say', () => {
  const engine = toneSounds();
  const song = { prompt: 'A long enough prompt', lyrics: 'La la la la la' };
  const recording = 'https://example.com/voice.mp3';
  return calling(
    async ({ core, post, end }) => {
      const made = async (fields: Readonly<Record<string, unknown>>) => {
        const reply = await post(fields);
        assert.equal(reply.statusCode, 201, reply.body);
        const { id } = reply.json();
        const { audio_file: file } = (await end(id)).json();
        const [jobId = '', suffix] = id.split(':');
        const job = await core.jobs.find(jobId, 'key:right');
        const blob = await core.files.read(
          job?.state === 'succeeded' && job.kind === 'sound' ? job.output.file.fileId : '',
          'key:right',
        );
        const bytes = Buffer.concat(await Array.fromAsync(blob?.open() ?? []));
        const warnings = JSON.parse(String(reply.headers['x-antiphon-warnings'] ?? '[]'));
        return {
          suffix,
          file,
          bytes,
          warnings: warnings.map(({ setting }: { setting: string }) => setting),
          asked: engine.asked.at(-1),
        };
      };
      const eleven = await made({ model: 'elevenlabs/eleven_music', prompt: 'x', seconds_total: 20 });
      assert.deepEqual([eleven.suffix, eleven.file.content_type], ['elevenlabs/eleven_music', 'audio/mpeg']);
      assert.equal(eleven.asked?.durationSeconds, 10);

      const lyria = await made({ model: 'google/lyria2', prompt: 'x', seed: 9, negative_prompt: 'drums' });
      assert.deepEqual([lyria.suffix, lyria.asked?.seed, lyria.asked?.durationSeconds], ['lyria2', 9, 30]);
      assert.equal((await decodeWav(lyria.bytes, { sampleRate: 48_000, channels: 2 })).sampleRate, 48_000);

      const latest = await made({ model: 'minimax/music-2.6', is_instrumental: true, prompt: undefined });
      assert.deepEqual([latest.asked?.instrumental, latest.warnings], [true, ['is_instrumental']]);
      const mp3 = await decodeMp3(latest.bytes, { sampleRate: 44_100, channels: 2 });
      assert.equal(mp3.sampleRate, 44_100);
      assert.ok(Math.abs(latest.bytes.length / 3 / 125 - 256) < 15, `${latest.bytes.length} bytes`);

      const low = { audio_sample_rate: 16_000, bitrate: 256_000, format: 'mp3' };
      const first = await made({ model: 'minimax/music-1.5', ...song, audio_setting: low });
      assert.deepEqual(
        [first.asked?.lyrics, first.warnings],
        [song.lyrics, ['audio_setting.bitrate', 'lyrics']],
      );
      const second = await made({
        model: 'minimax/music-2.0',
        ...song,
        audio_setting: { format: 'wav', audio_sample_rate: 24_000 },
      });
      assert.equal((await decodeWav(second.bytes, { sampleRate: 24_000, channels: 2 })).sampleRate, 24_000);
      const cover = await made({
        model: 'minimax/music-cover',
        ...song,
        reference_audio_url: recording,
        audio_setting: { sample_rate: 32_000, format: 'pcm' },
      });
      assert.deepEqual(
        [cover.file.file_name.endsWith('.pcm'), cover.warnings],
        [true, ['reference_audio_url', 'lyrics']],
      );
      const oldest = await made({
        model: 'minimax-music',
        prompt: 'Sing this',
        reference_audio_url: recording,
      });
      assert.deepEqual(
        [oldest.asked?.lyrics, oldest.warnings],
        ['Sing this', ['prompt', 'reference_audio_url']],
      );
      assert.equal((await post({ model: 'minimax-music', prompt: 'x' })).statusCode, 400);
    },
    { engines: [engine] },
  );
});

test('Stable Audio makes music or a sound effect, as its prompt says, and runs under an engine’s own name', () => {
  const engine = toneSounds();
  return calling(
    async ({ post, end }) => {
      for (const [fields, kind] of [
        [{ prompt: 'lo-fi hip-hop with mellow piano' }, 'music'],
        [{ prompt: 'heavy rain and distant thunder' }, 'effect'],
        [{ model: 'tones/sound', prompt: 'a jazz trio' }, 'effect'],
        [{ model: 'tones/music', prompt: 'rain' }, 'music'],
      ] as const) {
        const { id } = (await post({ seconds_total: 1, ...fields })).json();
        assert.equal((await end(id)).json().status, 'completed');
        assert.equal(engine.asked.at(-1)?.kind, kind);
      }
    },
    { engines: [engine] },
  );
});

test('A25: one generation too many is 429 in the envelope', async () => {
  const { engine, open } = gated();
  await calling(
    async ({ post }) => {
      const statuses: number[] = [];
      let last = await post({});
      for (let count = 0; count < 6 && last.statusCode === 201; count += 1) {
        statuses.push(last.statusCode);
        last = await post({});
      }
      assert.equal(last.statusCode, 429);
      assert.match(last.json().message, /^Too Many Requests/);
      assert.ok(Number(last.headers['retry-after']) >= 1);
      assert.ok(statuses.length >= 2);
      open();
    },
    { engines: [engine], jobLimits: { running: 1, perOwner: 1, waiting: 2 } },
  );
});

test('A26: two questions after the end have the same answer', () =>
  calling(async ({ post, poll, end }) => {
    const { id } = (await post({ seconds_total: 1 })).json();
    const first = await end(id);
    assert.equal((await poll(id)).body, first.body);
  }));

test('A27: a generation whose server ends is finished by the next one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-restart-'));
  try {
    const { engine, open } = gated();
    const before = storageIn(folder);
    const first = callerOf(await testApp({ engines: [engine], keys: ['right'], ...before }));
    const { id } = (await first.post({ seconds_total: 1 })).json();
    const [jobId = ''] = id.split(':');
    for await (const job of first.core.jobs.watch(jobId, 'key:right', AbortSignal.timeout(30_000))) {
      if (job.state === 'running') break;
    }
    assert.equal((await first.poll(id)).json().status, 'generating');
    const closing = first.app.close();
    open();
    await closing;
    await before.store.close();

    const after = storageIn(folder);
    const second = callerOf(await testApp({ engines: [toneSounds()], keys: ['right'], ...after }));
    await second.app.ready();
    assert.notEqual((await second.poll(id)).json().status, 'queued');
    const { status, audio_file: file } = (await second.end(id)).json();
    assert.deepEqual([status, file.file_size], ['completed', 44 + 176_400]);
    await second.app.close();
    await after.store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('under strict mode what would be ignored is refused before anything is queued', () => {
  const look = async ({ core, post }: Caller) => {
    const reply = await post({ negative_prompt: 'drums' }, { 'x-antiphon-strict': 'true' });
    assert.equal(reply.statusCode, 400);
    assert.match(reply.json().message, /negative_prompt/);
    assert.deepEqual(await core.jobs.list({ ownerId: 'key:right', order: 'newest_first', limit: 5 }), []);
  };
  // A server that nobody has asked for anything yet.
  return calling(look, { keys: ['right'] });
});
