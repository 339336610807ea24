import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../src/core/core.ts';
import type { RemoteModel } from '../src/core/models/remote.ts';
import { createComfyui } from '../src/engines/comfyui/comfyui-engine.ts';
import { startComfyuiFake, type ComfyuiFake, type ComfyuiFakeOptions } from './fakes/comfyui-fake.ts';
import { decodeWav } from './contracts/decode-audio.ts';
import { plainPng } from './odd-pictures.ts';
import { startTools } from './paint-engine.ts';
import { remoteSettings } from './remote-support.ts';
import { memoryBlobs, memoryStore, testApp, testContext, type TestAppOptions } from './support.ts';

const tools = await startTools();
after(() => tools.stop?.());
const context = testContext();

const TEMPLATES = 'deploy/comfyui';
const FAST = { polls: { first: 2, most: 10 }, timeouts: { backoff: 1 } };

interface House {
  readonly app: FastifyInstance;
  readonly core: Core;
  readonly fakes: readonly ComfyuiFake[];
  readonly fake: ComfyuiFake;
}

type Model = Partial<RemoteModel> &
  Pick<RemoteModel, 'capability' | 'template'> & { readonly templates?: string };

/** Runs a test on the whole server with one remote, whose servers are fakes. */
async function house(
  options: readonly ComfyuiFakeOptions[],
  model: Model,
  use: (house: House) => Promise<void>,
  app: TestAppOptions = {},
) {
  const fakes = await Promise.all(options.map((one) => startComfyuiFake(one)));
  const [fake] = fakes;
  assert.ok(fake);
  const urls = fakes.map(({ url }) => url);
  const { templates = TEMPLATES, ...rest } = model;
  const settings = remoteSettings({ adapter: 'comfyui', urls, templates }, { id: 'model', ...rest });
  const engine = await createComfyui(settings, FAST);
  const built = await testApp({ engines: [engine, tools], ...app });
  try {
    await use({ ...built, fake, fakes });
  } finally {
    await built.app.close();
    await engine.stop?.();
    await Promise.all(fakes.map((one) => one.close()));
  }
}

const PICTURE: Model = { capability: 'image', template: 'text-to-image' };
const FILM: Model = { capability: 'video', template: 'wan-image-to-video' };
const EDIT: Model = { capability: 'image', template: 'qwen-image-edit' };
const SOUND: Model = { capability: 'music', template: 'stable-audio', implements: ['stable-audio'] };

const paint = (app: FastifyInstance, fields: Readonly<Record<string, unknown>> = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/generate',
    payload: {
      model: 'box/model',
      prompt: 'a lighthouse',
      width: 512,
      height: 768,
      binary_response: true,
      ...fields,
    },
  });

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

function inputsOf(fake: ComfyuiFake, node: string): Readonly<Record<string, unknown>> {
  return fake.graphs.at(-1)?.[node]?.inputs ?? {};
}

async function form(app: FastifyInstance, fields: Readonly<Record<string, string | Uint8Array>>) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, new File([new Uint8Array(value)], 'a.png', { type: 'image/png' }));
  }
  const encoded = new Response(body);
  return app.inject({
    method: 'POST',
    url: '/api/v1/generate',
    payload: Buffer.from(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  });
}

test("a picture comes from the operator's graph, with the caller's values in its slots and nowhere else", () =>
  house([{}], PICTURE, async ({ app, fake }) => {
    const wish = {
      seed: 7,
      num_inference_steps: 12,
      sample_guide_scale: 3.5,
      negative_prompt: 'fog',
      ckpt_name: 'evil',
    };
    const reply = await paint(app, wish);
    assert.equal(reply.statusCode, 200, reply.body);
    const facts = await tools.imageTools.inspect(reply.rawPayload, context);
    assert.deepEqual([facts.width, facts.height], [512, 768]);
    const { seed, steps, cfg } = inputsOf(fake, '3');
    assert.deepEqual([seed, steps, cfg], [7, 12, 3.5]);
    assert.equal(inputsOf(fake, '6')['text'], 'a lighthouse');
    assert.equal(inputsOf(fake, '7')['text'], 'fog');
    assert.equal(inputsOf(fake, '4')['ckpt_name'], 'sd_xl_base_1.0.safetensors');
  }));

test('a server that gives ids of its own, or tells no progress, serves as well', async () => {
  for (const options of [{ ownIds: true }, { silent: true }] as const) {
    await house([options], PICTURE, async ({ app }) => assert.equal((await paint(app)).statusCode, 200));
  }
});

test('pictures to change are uploaded, and nodes for those that did not come are taken out', () =>
  house([{}], EDIT, async ({ app, fake }) => {
    const image = await plainPng(tools.imageTools, [128, 128]);
    const reply = await form(app, { model: 'box/model', prompt: 'at night', image, lora_strength: '0.5' });
    assert.equal(reply.statusCode, 200, reply.body);
    assert.equal(fake.uploads.size, 1);
    const [name] = fake.uploads.keys();
    assert.equal(inputsOf(fake, '78')['image'], name);
    assert.match(String(name), /^antiphon-[0-9a-f-]{36}\.png$/);
    assert.deepEqual(Object.keys(inputsOf(fake, '76')).sort(), ['clip', 'image1', 'prompt', 'vae']);
    assert.equal(fake.graphs.at(-1)?.['79'], undefined);
    assert.equal(inputsOf(fake, '89')['strength_model'], 0.5);
  }));

/** The shipped template of pictures with something in it changed. */
async function withTemplate(change: (text: string) => string, use: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-templates-'));
  try {
    const text = await readFile(join(TEMPLATES, 'text-to-image.json'), 'utf8');
    await writeFile(join(folder, 'text-to-image.json'), change(text));
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a value that the server refuses is the caller's to mend, and is named as the caller calls it", () =>
  withTemplate(
    (text) => text.replace('"maximum": 10000', '"maximum": 99999'),
    (templates) =>
      house([{}], { ...PICTURE, templates }, async ({ app }) => {
        const reply = await paint(app, { num_inference_steps: 20_000 });
        assert.equal(reply.statusCode, 400, reply.body);
        assert.match(reply.body, /num_inference_steps/);
        assert.match(reply.body, /bigger than max/);
      }),
  ));

test("what the server refuses in the graph itself is not the caller's fault", () =>
  withTemplate(
    (text) => text.replace('sd_xl_base_1.0.safetensors', 'missing.safetensors'),
    (templates) =>
      house([{}], { ...PICTURE, templates }, async ({ app }) => {
        const reply = await paint(app);
        assert.equal(reply.statusCode, 502, reply.body);
        assert.match(reply.body, /template does not fit/);
      }),
  ));

const WRONG_TEMPLATES = [
  ['a slot at no node', '"6.text"', '"66.text"', /node '66'/],
  ['a slot at a link', '"3.seed"', '"3.model"', /link to another node/],
  ['a slot of another type', '"3.seed"', '"3.sampler_name"', /type integer/],
  ['a slot that nobody knows', '"negative"', '"ckpt_name"', /no slot 'ckpt_name'/],
] as const;

for (const [what, from, to, words] of WRONG_TEMPLATES) {
  test(`a template with ${what} is refused at the start`, () =>
    withTemplate(
      (text) => text.replace(from, to),
      async (templates) => {
        const settings = { adapter: 'comfyui', urls: ['http://127.0.0.1:9'], templates } as const;
        await assert.rejects(createComfyui(remoteSettings(settings, { id: 'model', ...PICTURE })), words);
      },
    ));
}

test('what fails in a node is told in its words', () =>
  house([{ fails: 'CUDA out of memory' }], PICTURE, async ({ app }) => {
    const reply = await paint(app);
    assert.equal(reply.statusCode, 502, reply.body);
    assert.match(reply.body, /KSampler: CUDA out of memory/);
  }));

test('a server that was restarted has lost the run, and says so', () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  return house([{ gate }], PICTURE, async ({ app, fake }) => {
    const pending = paint(app);
    await until(() => fake.graphs.length === 1);
    fake.restart();
    const reply = await pending;
    open();
    assert.equal(reply.statusCode, 502);
    assert.match(reply.body, /restarted/);
  });
});

test('a generation of the AI/ML API is made by the graph of Stable Audio, as long as was asked for', () =>
  house([{}], SOUND, async ({ app, core, fake }) => {
    const payload = { model: 'stable-audio', prompt: 'rain', seconds_start: 2, seconds_total: 3, steps: 20 };
    const accepted = await app.inject({ method: 'POST', url: '/v2/generate/audio', payload });
    assert.equal(accepted.statusCode, 201, accepted.body);
    const { id } = accepted.json();
    const [jobId = ''] = id.split(':');
    for await (const job of core.jobs.watch(jobId, 'anonymous', AbortSignal.timeout(30_000))) void job;
    const { audio_file: file } = (
      await app.inject(`/v2/generate/audio?generation_id=${encodeURIComponent(id)}`)
    ).json();
    const { pathname, search } = new URL(file.url);
    const sound = await decodeWav((await app.inject(pathname + search)).rawPayload, {
      sampleRate: 44_100,
      channels: 2,
    });
    assert.ok(Math.abs(sound.frames / sound.sampleRate - 3) < 0.01, `${sound.frames} frames`);
    const { steps } = inputsOf(fake, '3');
    const { seconds } = inputsOf(fake, '11');
    const { seconds_start: start } = inputsOf(fake, '14');
    assert.deepEqual([steps, start, typeof seconds], [20, 2, 'number']);
  }));

async function orderFilm(app: FastifyInstance): Promise<string> {
  const image = await plainPng(tools.imageTools, [64, 64]);
  const reply = await form(app, { model: 'box/model', prompt: 'waves', image, frame_num: '18', seed: '3' });
  assert.equal(reply.statusCode, 200, reply.body);
  return reply.json().task_id;
}

test('a film begins with the uploaded picture and has frames in the steps of the slot', () =>
  house([{}], { ...FILM, limits: { maxSide: 96 } }, async ({ app, core, fake }) => {
    const id = await orderFilm(app);
    for await (const job of core.jobs.watch(id, 'anonymous', AbortSignal.timeout(30_000))) void job;
    const job = await core.jobs.find(id, 'anonymous');
    assert.ok(job?.state === 'succeeded' && job.kind === 'video', JSON.stringify(job));
    assert.deepEqual([job.output.frames, job.output.framesPerSecond], [17, 16]);
    assert.equal(inputsOf(fake, '50')['length'], 17);
    assert.ok(fake.uploads.has(String(inputsOf(fake, '52')['image'])));
  }));

test('a process that ends leaves its film at the server, and the one that comes after waits for it there', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const storage = { store: memoryStore(), blobs: memoryBlobs() };
  const fakes = [await startComfyuiFake({ gate, queued: 3 }), await startComfyuiFake({ gate })];
  const urls = fakes.map(({ url }) => url);
  const settings = remoteSettings(
    { adapter: 'comfyui', urls, templates: TEMPLATES },
    { id: 'model', ...FILM, limits: { maxSide: 96 } },
  );
  const begun = () => fakes.map(({ graphs }) => graphs.length);
  const start = async () => {
    const engine = await createComfyui(settings, FAST);
    const built = await testApp({ engines: [engine, tools], ...storage });
    await built.app.ready();
    return { ...built, engine };
  };
  const first = await start();
  const id = await orderFilm(first.app);
  await until(() => fakes.some(({ seen }) => seen.some(({ path }) => path.startsWith('/history/'))));
  await first.core.jobRunner.stop();
  await first.engine.stop?.();
  assert.deepEqual(begun(), [0, 1], 'the one with the shorter queue');
  const second = await start();
  open();
  for await (const job of second.core.jobs.watch(id, 'anonymous', AbortSignal.timeout(30_000))) void job;
  assert.equal((await second.core.jobs.find(id, 'anonymous'))?.state, 'succeeded');
  assert.deepEqual(begun(), [0, 1], 'nothing was begun anew');
  assert.ok(fakes.every(({ seen }) => seen.every(({ path }) => path !== '/interrupt')));
  await second.engine.stop?.();
  await second.app.close();
  await first.app.close();
  await Promise.all(fakes.map((fake) => fake.close()));
});

test('a cancelled film is interrupted at its server, and only that one', () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  return house([{ gate }], FILM, async ({ app, core, fake }) => {
    const id = await orderFilm(app);
    await until(() => fake.graphs.length === 1);
    await core.jobs.cancel(id, 'anonymous');
    await until(() => fake.seen.some(({ path }) => path === '/interrupt'));
    const [asked] = fake.bodies('/interrupt');
    const [{ prompt_id: submitted } = { prompt_id: undefined }] = fake
      .bodies('/prompt')
      .filter((body) => 'prompt' in body);
    assert.equal(asked?.['prompt_id'], submitted);
    open();
  });
});
