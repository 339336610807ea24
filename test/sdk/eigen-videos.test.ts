/** Films over Eigen AI's submit, status and result, and its older trio of paths. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { present } from '../../src/base/assert.ts';
import { AppError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import { sharpEngine } from '../../src/engines/sharp/sharp-engine.ts';
import { filmEngine, type FilmEngine, type FilmEngineOptions } from '../film-engine.ts';
import { testApp, testContext } from '../support.ts';

const MODEL = 'wan2p2-i2v-14b-turbo';
const AUTHORIZATION = { authorization: 'Bearer mine' };

let sharp: Engine;
let frame: Uint8Array<ArrayBuffer>;

before(async () => {
  const engine = await sharpEngine.create({ workers: 1 });
  assert.ok(!('unavailable' in engine));
  sharp = engine;
  const tools = present(engine.imageTools, 'what draws pictures');
  const pixels = new Uint8Array(320 * 200 * 4).fill(120);
  const options = { format: { id: 'jpeg' } } as const;
  frame = (await tools.write({ width: 320, height: 200, pixels }, options, testContext())).bytes;
});
after(() => sharp.stop?.());

interface Studio {
  readonly app: FastifyInstance;
  readonly film: FilmEngine;
}

async function filming(
  use: (studio: Studio) => Promise<void>,
  options: FilmEngineOptions = {},
): Promise<void> {
  const film = filmEngine({ limits: { needsFirstFrame: true }, ...options });
  const { app } = await testApp({ keys: ['mine', 'theirs'], engines: [film, sharp] });
  try {
    await app.ready();
    await use({ app, film });
  } finally {
    await app.close();
  }
}

function form(fields: Readonly<Record<string, string>>, file?: Uint8Array<ArrayBuffer>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  if (file) data.set('image', new File([file], 'frame.jpg', { type: 'image/jpeg' }));
  return data;
}

async function post(app: FastifyInstance, path: string, body: FormData | object) {
  const sent = body instanceof FormData ? new Response(body) : Response.json(body);
  return app.inject({
    method: 'POST',
    url: path,
    headers: {
      ...AUTHORIZATION,
      'content-type': present(sent.headers.get('content-type'), 'a content type'),
    },
    payload: Buffer.from(await sent.arrayBuffer()),
  });
}

async function get(app: FastifyInstance, url: string, key = 'mine') {
  return app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } });
}

/** The films of these tests are made in a moment: whoever asks ten thousand times asks in vain. */
async function finished(app: FastifyInstance, status: string): Promise<Record<string, unknown>> {
  for (let asked = 0; asked < 10_000; asked += 1) {
    const body: Record<string, unknown> = (await get(app, status)).json();
    if (body['status'] === 'completed' || body['status'] === 'failed') return body;
    await setImmediate();
  }
  throw new Error(`${status} never ended.`);
}

test('R1 wan2p2-i2v-14b-turbo prompt, image: a form is submitted, asked after and downloaded', async () => {
  await filming(async ({ app, film }) => {
    const fields = { model: MODEL, prompt: 'pan left', infer_steps: '5', seed: '42', frame_num: '33' };
    const submitted = await post(app, '/api/v1/generate', form(fields, frame));
    assert.equal(submitted.statusCode, 200);
    assert.equal(submitted.headers['x-antiphon-stand-in'], 'true');
    const { task_id: id, task_status: state }: Record<string, string> = submitted.json();
    assert.equal(state, 'pending');
    assert.match(id ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const status = await finished(app, `/api/v1/generate/status?jobId=${id}&model=${MODEL}`);
    assert.deepEqual(Object.keys(status), ['task_id', 'status', 'start_time', 'end_time', 'error']);
    assert.equal(status['error'], null);
    assert.match(String(status['end_time']), /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    const [asked] = film.asked;
    assert.deepEqual([asked?.seed, asked?.steps, asked?.prompt], [42, 5, 'pan left']);
    assert.equal(Math.round((asked?.durationSeconds ?? 0) * (asked?.framesPerSecond ?? 0)), 33);
    assert.deepEqual(asked?.size, { width: 304, height: 190 }, 'the shape of the picture, in even sides');
    const result = await get(app, `/api/v1/generate/result?jobId=${id}&model=${MODEL}`);
    assert.equal(result.headers['content-type'], 'video/mp4');
    assert.equal(result.rawPayload.toString('latin1', 4, 8), 'ftyp');
    assert.equal(Number(result.headers['content-length']), result.rawPayload.length);
  });
});

test('R1 wan2p2-i2v-14b-turbo image_url, infer_steps, seed: JSON with texts for numbers and a data URL', async () => {
  await filming(async ({ app, film }) => {
    const image_url = `data:image/jpeg;base64,${Buffer.from(frame).toString('base64')}`;
    const body = { model: MODEL, prompt: 'x', image_url, infer_steps: '20', seed: '42' };
    const { task_id: id } = (await post(app, '/api/v1/generate', body)).json<{ task_id: string }>();
    assert.equal((await finished(app, `/api/v1/generate/status?jobId=${id}`))['status'], 'completed');
    assert.equal(film.asked[0]?.seed, 42);
  });
});

test('R1 wan2p2-i2v-14b-turbo: what is missing or out of range is a 400 that names it', async () => {
  await filming(async ({ app }) => {
    const refusals: [FormData, string][] = [
      [form({ model: MODEL }, frame), 'prompt'],
      [form({ model: MODEL, prompt: ' ' }, frame), 'prompt'],
      [form({ model: MODEL, prompt: 'x' }), 'image'],
      [form({ model: MODEL, prompt: 'x', image: 'https://example.com/a.png' }), 'image'],
      [form({ model: MODEL, prompt: 'x', image_url: 'file:///etc/passwd' }), 'image_url'],
      [form({ model: MODEL, prompt: 'x', infer_steps: '0' }, frame), 'infer_steps'],
      [form({ model: MODEL, prompt: 'x', infer_steps: '21' }, frame), 'infer_steps'],
      [form({ model: MODEL, prompt: 'x', infer_steps: 'NaN' }, frame), 'infer_steps'],
      [form({ model: MODEL, prompt: 'x', frame_num: '1e99' }, frame), 'frame_num'],
      [form({ model: MODEL, prompt: 'x', seed: '-1' }, frame), 'seed'],
    ];
    for (const [body, param] of refusals) {
      const response = await post(app, '/api/v1/generate', body);
      assert.equal(response.statusCode, 400, param);
      const { detail }: Record<string, string> = response.json();
      assert.match(detail ?? '', new RegExp(param));
    }
    const noPicture = await post(
      app,
      '/api/v1/generate',
      form({ model: MODEL, prompt: 'x' }, new Uint8Array(64)),
    );
    assert.ok([400, 415].includes(noPicture.statusCode));
  });
});

test('R4, R5: unknown tasks, missing ids, unfinished films and those of another key', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await filming(
    async ({ app }) => {
      const body = form({ model: MODEL, prompt: 'x' }, frame);
      const { task_id: id } = (await post(app, '/api/v1/generate', body)).json<{ task_id: string }>();
      for (const what of ['status', 'result']) {
        const path = `/api/v1/generate/${what}`;
        assert.equal((await get(app, path)).statusCode, 400);
        assert.equal((await get(app, `${path}?jobId=none&model=${MODEL}`)).statusCode, 404);
        assert.equal((await get(app, `${path}?jobId=${id}`, 'theirs')).statusCode, 404);
      }
      assert.equal((await get(app, `/api/v1/generate/result?jobId=${id}`)).statusCode, 409);
      open();
      await finished(app, `/api/v1/generate/status?jobId=${id}`);
      assert.equal((await get(app, `/api/v1/generate/result?jobId=${id}`)).statusCode, 200);
    },
    { gate },
  );
});

test('R4, R5: a film that failed says why, as its state and in place of the bytes', async () => {
  await filming(
    async ({ app }) => {
      const body = form({ model: MODEL, prompt: 'x' }, frame);
      const { task_id: id } = (await post(app, '/api/v1/generate', body)).json<{ task_id: string }>();
      const status = await finished(app, `/api/v1/generate/status?jobId=${id}`);
      assert.deepEqual([status['status'], status['error']], ['failed', 'Too dark.']);
      const result = await get(app, `/api/v1/generate/result?jobId=${id}`);
      assert.equal(result.statusCode, 409);
      assert.equal(result.json<{ detail: string }>().detail, 'Too dark.');
    },
    { failure: new AppError('invalid_request', 'Too dark.') },
  );
});

test(`L6: the older paths name the model and end in -status and -result`, async () => {
  await filming(async ({ app }) => {
    const submitted = await post(app, `/api/${MODEL}`, form({ prompt: 'x' }, frame));
    assert.equal(submitted.statusCode, 200);
    const { task_id: id } = submitted.json<{ task_id: string }>();
    const status = await finished(app, `/api/${MODEL}-status?jobId=${id}`);
    assert.equal(status['status'], 'completed');
    const result = await get(app, `/api/${MODEL}-result?jobId=${id}`);
    assert.equal(result.headers['content-type'], 'video/mp4');
    assert.equal((await get(app, `/api/${MODEL}`)).statusCode, 405, 'a model itself is not asked after');
  });
});
