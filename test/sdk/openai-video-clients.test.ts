/** Films through the vendor's official client, and as other clients spell them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI, { APIError, BadRequestError, NotFoundError, toFile } from 'openai';
import type { ImageTools } from '../../src/core/image/image-tools.ts';
import { present } from '../../src/base/assert.ts';
import { AppError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import { sharpEngine } from '../../src/engines/sharp/sharp-engine.ts';
import { filmEngine, type FilmEngine, type FilmEngineOptions } from '../film-engine.ts';
import { listening, testContext, type TestAppOptions } from '../support.ts';

let sharp: Engine;
let tools: ImageTools;

before(async () => {
  const engine = await sharpEngine.create({ workers: 1 });
  assert.ok(!('unavailable' in engine));
  sharp = engine;
  tools = present(engine.imageTools, 'what reads pictures');
});
after(() => sharp.stop?.());

const KEYS = [
  'id',
  'object',
  'model',
  'status',
  'progress',
  'created_at',
  'completed_at',
  'expires_at',
  'prompt',
  'size',
  'seconds',
  'remixed_from_video_id',
  'error',
];

interface Studio {
  readonly client: OpenAI;
  readonly other: OpenAI;
  readonly origin: string;
  readonly film: FilmEngine;
}

async function filming(
  use: (studio: Studio) => Promise<void>,
  { engine, ...options }: TestAppOptions & { readonly engine?: FilmEngineOptions } = {},
): Promise<void> {
  const film = filmEngine(engine);
  await listening({ keys: ['mine', 'theirs'], engines: [film, sharp], ...options }, async ({ origin }) => {
    const connect = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
    await use({ client: connect('mine'), other: connect('theirs'), origin, film });
  });
}

async function picture(width: number, height: number): Promise<File> {
  const pixels = new Uint8Array(width * height * 4).fill(90);
  const options = { format: { id: 'png' } } as const;
  const { bytes } = await tools.write({ width, height, pixels }, options, testContext());
  return toFile(bytes, 'frame.png', { type: 'image/png' });
}

async function failure(call: () => PromiseLike<unknown>): Promise<APIError> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof APIError, `got ${String(error)}`);
    return error;
  }
  throw new Error('It was accepted.');
}

/** Polls as fast as the client's own helper may. */
async function finished(client: OpenAI, id: string): Promise<OpenAI.Videos.Video> {
  for (;;) {
    const video = await client.videos.retrieve(id);
    if (video.status === 'completed' || video.status === 'failed') return video;
  }
}

async function send(origin: string, path: string, init: RequestInit): Promise<Response> {
  const headers = { authorization: 'Bearer mine', ...(init.headers as Record<string, string>) };
  return fetch(`${origin}/v1${path}`, { ...init, headers });
}

test('D1: a form without files makes a film of the usual size and length', async () => {
  await filming(async ({ client, film }) => {
    const video = await client.videos.create({ prompt: 'a boat', model: 'sora-2' });
    assert.deepEqual(Object.keys(video).toSorted(), KEYS.toSorted());
    assert.match(video.id, /^video_[0-9a-f]{32}$/);
    assert.equal(video.prompt, 'a boat');
    assert.equal(video.seconds, '4');
    assert.equal(video.size, '720x1280');
    const done = await finished(client, video.id);
    assert.equal(done.status, 'completed');
    assert.equal(done.progress, 100);
    const [asked] = film.asked;
    assert.deepEqual(asked?.size, { width: 720, height: 1280 });
    assert.equal(asked?.durationSeconds, 4);
    assert.equal(asked?.framesPerSecond, 16);
  });
});

test('D1: a picture comes as a file, in an object by its address, or in JSON', async () => {
  await filming(async ({ client, origin, film }) => {
    const file = await picture(1280, 720);
    const wish = { prompt: 'x', seconds: '8', size: '1280x720' } as const;
    await client.videos.create({ ...wish, input_reference: file });
    const address = `data:image/png;base64,${Buffer.from(await file.arrayBuffer()).toString('base64')}`;
    await client.videos.create({ ...wish, input_reference: { image_url: address } });
    const json = await send(origin, '/videos', {
      method: 'POST',
      body: JSON.stringify({ ...wish, input_reference: { image_url: address } }),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(json.status, 200);
    for (const { id } of (await client.videos.list()).data) await finished(client, id);
    assert.equal(film.asked.length, 3);
    for (const { firstFrame, durationSeconds } of film.asked) {
      const facts = await tools.inspect(present(firstFrame, 'a first frame'), testContext());
      assert.deepEqual([facts.format, facts.width, facts.height], ['png', 1280, 720]);
      assert.equal(durationSeconds, 8);
    }
  });
});

test('D1: what is wrong is refused by name, as the vendor refuses it', async () => {
  await filming(async ({ client, origin }) => {
    const refusals: [Record<string, unknown>, string][] = [
      [{ prompt: '' }, 'prompt'],
      [{}, 'prompt'],
      [{ prompt: 'x', seconds: '5' }, 'seconds'],
      [{ prompt: 'x', size: '60000x60000' }, 'size'],
      [{ prompt: 'x'.repeat(32_001) }, 'prompt'],
      [{ prompt: 'x', input_reference: { file_id: 'file-1' } }, 'input_reference.file_id'],
    ];
    for (const [body, param] of refusals) {
      const response = await send(origin, '/videos', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
      const { error } = (await response.json()) as { error: { param: string } };
      assert.deepEqual([response.status, error.param], [400, param]);
    }
    const wrongSize = await failure(async () =>
      client.videos.create({ prompt: 'x', size: '1280x720', input_reference: await picture(64, 64) }),
    );
    assert.ok(wrongSize instanceof BadRequestError);
    assert.match(wrongSize.message, /64x64/);
    const form = new FormData();
    form.set('prompt', 'x');
    form.set('input_reference', 'https://example.com/a.png');
    const asText = await send(origin, '/videos', { method: 'POST', body: form });
    const { error } = (await asText.json()) as { error: { param: string } };
    assert.deepEqual([asText.status, error.param], [400, 'input_reference']);
    const unknown = await failure(() => client.videos.create({ prompt: 'x', model: 'nope' }));
    assert.equal(unknown.code, 'model_not_found');
    assert.equal((await client.videos.list()).data.length, 0, 'nothing that was refused left a film');
  });
});

test('D2: a film ends completed or failed, and its state says when to ask again', async () => {
  await filming(async ({ client }) => {
    const { response, data } = await client.videos.create({ prompt: 'x' }).withResponse();
    assert.equal(response.headers.get('openai-poll-after-ms'), '500');
    assert.equal((await finished(client, data.id)).status, 'completed');
  });
  const broken = new AppError('invalid_request', 'The scene cannot be filmed.');
  await filming(
    async ({ client }) => {
      const { id } = await client.videos.create({ prompt: 'x' });
      const video = await finished(client, id);
      assert.equal(video.status, 'failed');
      assert.deepEqual(
        [video.error?.code, video.error?.message],
        ['invalid_request', 'The scene cannot be filmed.'],
      );
      const content = await failure(() => client.videos.downloadContent(id));
      assert.match(content.message, /cannot be filmed/);
    },
    { engine: { failure: broken } },
  );
});

test('D3: lists are walked page by page, both ways, and hold only the films of the key', async () => {
  await filming(async ({ client, other }) => {
    const made: string[] = [];
    for (const prompt of ['a', 'b', 'c', 'd', 'e']) made.push((await client.videos.create({ prompt })).id);
    const walk = async (order: 'asc' | 'desc') => {
      const seen: string[] = [];
      for await (const video of client.videos.list({ order, limit: 2 })) seen.push(video.id);
      return seen;
    };
    assert.deepEqual(await walk('asc'), made);
    assert.deepEqual(await walk('desc'), made.toReversed());
    assert.deepEqual((await other.videos.list()).data, []);
    const first = present(made[0], 'a film');
    assert.ok((await failure(() => other.videos.retrieve(first))) instanceof NotFoundError);
    assert.ok((await failure(() => client.videos.list({ after: 'video_none' }))) instanceof BadRequestError);
  });
});

test('D4: content is an error before the film is done, then three variants and any range', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await filming(
    async ({ client, origin, film }) => {
      const { id } = await client.videos.create({ prompt: 'x' });
      const early = await failure(() => client.videos.downloadContent(id));
      assert.equal(early.status, 400);
      open();
      await finished(client, id);
      const whole = await (await client.videos.downloadContent(id)).arrayBuffer();
      assert.equal(Buffer.from(whole).toString('latin1', 4, 8), 'ftyp');
      assert.match(Buffer.from(whole).toString('latin1', 16), new RegExp(`seed ${film.asked[0]?.seed}`));
      for (const variant of ['thumbnail', 'spritesheet'] as const) {
        const response = await client.videos.downloadContent(id, { variant });
        assert.equal(response.headers.get('content-type'), 'image/webp');
        const facts = await tools.inspect(new Uint8Array(await response.arrayBuffer()), testContext());
        assert.equal(facts.width, variant === 'thumbnail' ? 720 : 3 * 160);
      }
      const part = await send(origin, `/videos/${id}/content`, { headers: { range: 'bytes=4-7' } });
      assert.deepEqual([part.status, await part.text()], [206, 'ftyp']);
      assert.equal(part.headers.get('content-range'), `bytes 4-7/${whole.byteLength}`);
      const beyond = await send(origin, `/videos/${id}/content`, { headers: { range: 'bytes=9999-' } });
      assert.equal(beyond.status, 416);
    },
    { engine: { gate } },
  );
});

test('D4: an engine that gives no frames leaves nothing to show but the film', async () => {
  await filming(
    async ({ client }) => {
      const { id } = await client.videos.create({ prompt: 'x' });
      await finished(client, id);
      const none = await failure(() => client.videos.downloadContent(id, { variant: 'thumbnail' }));
      assert.equal(none.status, 404);
      assert.equal((await client.videos.downloadContent(id)).status, 200);
    },
    { engine: { withoutFrames: true } },
  );
});

test('D5: a remix is made anew from picture, seed, size and length where no engine changes films', async () => {
  await filming(async ({ client, film }) => {
    const input_reference = await picture(1280, 720);
    const wish = { prompt: 'a boat', seconds: '8', size: '1280x720', input_reference } as const;
    const { id } = await client.videos.create(wish);
    await finished(client, id);
    const { data: remix, response } = await client.videos.remix(id, { prompt: 'a ship' }).withResponse();
    assert.match(response.headers.get('x-antiphon-warnings') ?? '', /same picture, seed/);
    assert.equal(remix.remixed_from_video_id, id);
    assert.deepEqual([remix.seconds, remix.size, remix.prompt], ['8', '1280x720', 'a ship']);
    await finished(client, remix.id);
    const [first, second] = film.asked;
    assert.equal(second?.seed, first?.seed);
    assert.deepEqual(second?.firstFrame, first?.firstFrame);
    assert.equal(second?.prompt, 'a ship');
  });
});

test('D5: edits and extensions reach an engine that takes films, and are refused by others', async () => {
  await filming(
    async ({ client, origin, film }) => {
      const { id } = await client.videos.create({ prompt: 'x' });
      await finished(client, id);
      const edit = await client.videos.edit({ prompt: 'y', video: { id } });
      const longer = await client.videos.extend({ prompt: 'z', seconds: '8', video: { id } });
      assert.equal(longer.seconds, '12', 'the length of both together');
      await finished(client, edit.id);
      await finished(client, longer.id);
      const uses = film.asked.map(({ source }) => source?.use ?? 'none');
      assert.deepEqual(new Set(uses), new Set(['edit', 'extend', 'none']));
      const form = new FormData();
      form.set('prompt', 'w');
      form.set('video', new File([new Uint8Array(32)], 'a.mp4'));
      const uploaded = await send(origin, '/videos/edits', { method: 'POST', body: form });
      assert.equal(uploaded.status, 200);
    },
    { engine: { limits: { sourceUses: ['edit', 'extend'] } } },
  );
  await filming(async ({ client }) => {
    const { id } = await client.videos.create({ prompt: 'x' });
    await finished(client, id);
    const refused = await failure(() => client.videos.edit({ prompt: 'y', video: { id } }));
    assert.deepEqual([refused.status, refused.param], [400, 'video']);
    const none = await failure(() => client.videos.edit({ prompt: 'y', video: { id: 'video_none' } }));
    assert.ok(none instanceof NotFoundError);
    const character = await failure(async () =>
      client.videos.createCharacter({ name: 'Ann', video: await toFile(new Uint8Array(8), 'a.mp4') }),
    );
    assert.equal(character.code, 'unsupported_value');
  });
});

test('D5: a film that is deleted is gone, also while it is made', async () => {
  const { promise: gate } = Promise.withResolvers<void>();
  await filming(
    async ({ client }) => {
      const { id } = await client.videos.create({ prompt: 'x' });
      const gone = await client.videos.delete(id);
      assert.deepEqual(gone, { id, object: 'video.deleted', deleted: true });
      assert.ok((await failure(() => client.videos.retrieve(id))) instanceof NotFoundError);
      assert.ok((await failure(() => client.videos.downloadContent(id))) instanceof NotFoundError);
    },
    { engine: { gate } },
  );
});

test('what an engine says of its film is told in the caller’s words, with the film', async () => {
  const warnings = [{ type: 'ignored', setting: 'duration', reason: 'it is always four seconds' }] as const;
  await filming(
    async ({ client }) => {
      const { id } = await client.videos.create({ prompt: 'x', seconds: '8' });
      await finished(client, id);
      const { headers } = await client.videos.downloadContent(id);
      assert.match(headers.get('x-antiphon-warnings') ?? '', /"setting":"seconds"/);
    },
    { engine: { warnings } },
  );
});

test('what lies outside an engine’s limits is moved there, with a warning, or refused under strict', async () => {
  await filming(
    async ({ client, origin, film }) => {
      const wish = { prompt: 'x', seconds: '8', size: '1280x720' } as const;
      const { data, response } = await client.videos.create(wish).withResponse();
      assert.match(response.headers.get('x-antiphon-warnings') ?? '', /"setting":"seconds".*"to":"5"/);
      assert.equal(response.headers.get('x-antiphon-stand-in'), 'true');
      await finished(client, data.id);
      assert.deepEqual(film.asked[0]?.size, { width: 640, height: 360 });
      assert.equal(film.asked[0]?.durationSeconds, 5);
      const strict = await send(origin, '/videos', {
        method: 'POST',
        body: JSON.stringify(wish),
        headers: { 'content-type': 'application/json', 'x-antiphon-strict': '1' },
      });
      assert.equal(strict.status, 400);
    },
    { engine: { limits: { maxSeconds: 5, maxSide: 640 } } },
  );
});
