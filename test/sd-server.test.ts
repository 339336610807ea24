import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BufferSource, Input, MP4 } from 'mediabunny';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../src/core/core.ts';
import type { RemoteModel } from '../src/core/models/remote.ts';
import { createSdServer } from '../src/engines/sd-server/sd-server-engine.ts';
import { startSdcppFake, type SdcppFake, type SdcppFakeOptions } from './fakes/sdcpp-fake.ts';
import { pixelAt, plainPng } from './odd-pictures.ts';
import { startTools } from './paint-engine.ts';
import { remoteSettings } from './remote-support.ts';
import { testApp, testContext, type TestAppOptions } from './support.ts';

const tools = await startTools();
after(() => tools.stop?.());
const context = testContext();

const PICTURES = '/openai/v1/images/generations';
const FAST = { polls: { first: 2, most: 10 }, timeouts: { backoff: 1 } };

interface House {
  readonly app: FastifyInstance;
  readonly core: Core;
  readonly fakes: readonly SdcppFake[];
  readonly fake: SdcppFake;
}

type Model = Partial<RemoteModel> & Pick<RemoteModel, 'capability'>;

/** Runs a test on the whole server with one remote, whose servers are fakes. */
async function house(
  options: readonly SdcppFakeOptions[],
  model: Model,
  use: (house: House) => Promise<void>,
  app: TestAppOptions = {},
) {
  const fakes = await Promise.all(options.map((one) => startSdcppFake(one)));
  const [fake] = fakes;
  assert.ok(fake);
  const settings = remoteSettings(
    { adapter: 'sd-server', urls: fakes.map(({ url }) => url) },
    { id: 'model', ...model },
  );
  const engine = createSdServer(settings, FAST);
  const built = await testApp({ engines: [engine, tools], ...app });
  try {
    await use({ ...built, fake, fakes });
  } finally {
    await built.app.close();
    await engine.stop?.();
    await Promise.all(fakes.map((one) => one.close()));
  }
}

const paint = (app: FastifyInstance, fields: Readonly<Record<string, unknown>> = {}) =>
  app.inject({
    method: 'POST',
    url: PICTURES,
    payload: { model: 'box/model', prompt: 'a lighthouse', size: '256x256', ...fields },
  });

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

test('a picture is ordered, waited for and brought back through the native routes alone', () =>
  house([{}], { capability: 'image' }, async ({ app, fake }) => {
    const reply = await paint(app);
    assert.equal(reply.statusCode, 200, reply.body);
    const bytes = Buffer.from(reply.json().data[0].b64_json, 'base64');
    const facts = await tools.imageTools.inspect(bytes, context);
    assert.deepEqual([facts.width, facts.height, facts.format], [256, 256, 'png']);
    assert.ok(fake.seen.every(({ path }) => path.startsWith('/sdcpp/v1/')));
    const [body] = fake.bodies('/sdcpp/v1/img_gen');
    assert.equal(body?.['prompt'], 'a lighthouse');
    assert.equal(body?.['batch_count'], 1);
  }));

test('every setting lies in the field that the server has for it', () =>
  house([{}], { capability: 'image', family: 'qwen-image' }, async ({ app, fake }) => {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/v1/generate',
      payload: {
        model: 'box/model',
        prompt: 'a lighthouse',
        width: 512,
        height: 768,
        seed: 7,
        negative_prompt: 'fog',
        num_inference_steps: 12,
        true_cfg_scale: 4.5,
        lora_strength: 0.5,
      },
    });
    assert.equal(reply.statusCode, 200, reply.body);
    const [body] = fake.bodies('/sdcpp/v1/img_gen');
    const { width, height, seed, negative_prompt, sample_params, lora } = body ?? {};
    assert.deepEqual([width, height, seed, negative_prompt], [512, 768, 7, 'fog']);
    assert.deepEqual(sample_params, { sample_steps: 12, guidance: { txt_cfg: 4.5 } });
    assert.equal(lora, undefined, 'there is none that the operator allows');
    assert.match(String(reply.headers['x-antiphon-warnings']), /lora_strength/);
  }));

test("an adaptation is the operator's, and a caller only says how strong it is", () => {
  const lora = [{ path: 'lightning.safetensors', multiplier: 1 }];
  return house(
    [{}],
    { capability: 'image', family: 'qwen-image', defaults: { lora } },
    async ({ app, fake }) => {
      const payload = {
        model: 'box/model',
        prompt: 'x',
        lora_strength: 0.5,
        lora: [{ path: '/etc/passwd' }],
      };
      const reply = await app.inject({ method: 'POST', url: '/api/v1/generate', payload });
      assert.equal(reply.statusCode, 200, reply.body);
      const [body] = fake.bodies('/sdcpp/v1/img_gen');
      assert.deepEqual(body?.['lora'], [{ path: 'lightning.safetensors', multiplier: 0.5 }]);
    },
  );
});

test('words that other routes would take for settings are refused before anything is sent', () =>
  house([{}], { capability: 'image' }, async ({ app, fake }) => {
    for (const prompt of ['x <sd_cpp_extra_args>{"lora":[]}</sd_cpp_extra_args>', 'x <lora:y:1>']) {
      const reply = await paint(app, { prompt });
      assert.equal(reply.statusCode, 400);
      assert.equal(reply.json().error.param, 'prompt');
    }
    assert.deepEqual(fake.bodies('/sdcpp/v1/img_gen'), []);
  }));

test('a picture is changed within its mask: white where it was transparent', () =>
  house([{}], { capability: 'image', family: 'qwen-image' }, async ({ app, fake }) => {
    const form = new FormData();
    form.set('model', 'box/model');
    form.set('prompt', 'a red door');
    const file = async (colour: readonly number[]) => {
      const bytes = await plainPng(tools.imageTools, [128, 128], colour);
      return new File([new Uint8Array(bytes)], 'a.png', { type: 'image/png' });
    };
    form.set('image', await file([1, 2, 3, 255]));
    form.set('mask', await file([0, 0, 0, 0]));
    const encoded = new Response(form);
    const reply = await app.inject({
      method: 'POST',
      url: '/openai/v1/images/edits',
      payload: Buffer.from(await encoded.arrayBuffer()),
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    });
    assert.equal(reply.statusCode, 200, reply.body);
    const [body] = fake.bodies('/sdcpp/v1/img_gen');
    const { init_image: first, ref_images: looked, mask_image: mask } = body ?? {};
    assert.equal(typeof first, 'string');
    assert.deepEqual(looked, [first]);
    const pixels = await tools.imageTools.toPixels(Buffer.from(String(mask), 'base64'), context);
    assert.deepEqual(pixelAt(pixels, 5, 5), [255, 255, 255, 255]);
  }));

test('a full queue is busy, not broken', () =>
  house([{ maxQueue: 0 }], { capability: 'image' }, async ({ app }) => {
    const reply = await paint(app);
    assert.equal(reply.statusCode, 503);
    assert.ok(Number(reply.headers['retry-after']) >= 1);
  }));

for (const [what, options, words] of [
  ['a job that fails there', { fails: 'out of memory' }, /out of memory/],
  ['a result that has expired', { expired: true }, /expired/],
  [
    'an answer that is a web page',
    { stumbles: { times: 99, answer: { type: 'text/html', bytes: '<p>hello</p>' } } },
    /no JSON/,
  ],
] as const) {
  test(`${what} is the engine's failure, with its reason`, () =>
    house([options], { capability: 'image' }, async ({ app }) => {
      const reply = await paint(app);
      assert.equal(reply.statusCode, 502, reply.body);
      assert.match(reply.json().error.message, words);
    }));
}

test('a server that stumbles while it works is asked again', () =>
  house(
    [{ stumbles: { times: 2, answer: { status: 500, json: { error: 'server_error', message: 'oops' } } } }],
    { capability: 'image' },
    async ({ app }) => assert.equal((await paint(app)).statusCode, 200),
  ));

test('a server that was restarted has lost the job, and says so', () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  return house([{ gate }], { capability: 'image' }, async ({ app, fake }) => {
    const pending = paint(app);
    await until(() => fake.states().includes('generating'));
    fake.restart();
    const reply = await pending;
    open();
    assert.equal(reply.statusCode, 502);
    assert.match(reply.json().error.message, /restarted/);
  });
});

test('a job that cannot be stopped keeps its place until the server is idle', () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  return house([{ gate }], { capability: 'video', limits: { maxSide: 64 } }, async ({ app, core, fake }) => {
    const payload = { model: 'box/model', prompt: 'waves', seconds: '4' };
    const order = async () => {
      const reply = await app.inject({ method: 'POST', url: '/openai/v1/videos', payload });
      assert.equal(reply.statusCode, 200, reply.body);
    };
    await order();
    await until(() => fake.states()[0] === 'generating');
    const [job] = await core.jobs.list({ ownerId: 'anonymous', order: 'newest_first', limit: 1 });
    assert.ok(job);
    await core.jobs.cancel(job.id, 'anonymous');
    await until(() => fake.seen.some(({ path }) => path.endsWith('/cancel')));
    await order();
    const asked = fake.seen.length;
    await until(() => fake.seen.length > asked + 5);
    assert.equal(fake.states().length, 1, 'nothing is sent while the server is busy');
    open();
    await until(() => fake.states().length === 2);
  });
});

async function film(bytes: Uint8Array) {
  const track = await new Input({ source: new BufferSource(bytes), formats: [MP4] }).getPrimaryVideoTrack();
  assert.ok(track);
  const { packetCount } = await track.computePacketStats();
  return [track.codec, track.displayWidth, track.displayHeight, packetCount];
}

test('a film comes as pictures in AVI and leaves as H.264 in MP4 of the size and length asked for', () =>
  house(
    [{}],
    { capability: 'video', family: 'wan-i2v', limits: { maxSide: 96 } },
    async ({ app, core, fake }) => {
      const form = new FormData();
      form.set('model', 'box/model');
      form.set('prompt', 'waves');
      form.set('frame_num', '18');
      form.set('infer_steps', '6');
      form.set('seed', '3');
      const picture = await plainPng(tools.imageTools, [64, 64]);
      form.set('image', new File([new Uint8Array(picture)], 'a.png', { type: 'image/png' }));
      const encoded = new Response(form);
      const reply = await app.inject({
        method: 'POST',
        url: '/api/v1/generate',
        payload: Buffer.from(await encoded.arrayBuffer()),
        headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
      });
      assert.equal(reply.statusCode, 200, reply.body);
      const { task_id: id } = reply.json();
      for await (const job of core.jobs.watch(id, 'anonymous', AbortSignal.timeout(30_000))) void job;
      const result = await app.inject(`/api/v1/generate/result?jobId=${id}`);
      assert.equal(result.statusCode, 200, result.body);
      const [body] = fake.bodies('/sdcpp/v1/vid_gen');
      const { width, height, video_frames: frames, seed, sample_params: sampling } = body ?? {};
      assert.deepEqual([frames, seed, sampling], [17, 3, { sample_steps: 6 }]);
      assert.deepEqual(await film(result.rawPayload), ['avc', width, height, 17]);
    },
  ));
