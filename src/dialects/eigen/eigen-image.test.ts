import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { pixelAt, plainPng, pngHeader, REFERRING_DRAWING } from '../../../test/odd-pictures.ts';
import { paintEngine, startTools, type PaintEngine } from '../../../test/paint-engine.ts';
import { testApp, testContext, testOutputs, type TestAppOptions } from '../../../test/support.ts';

const tools = await startTools();
after(() => tools.stop?.());
const context = testContext();

const PROMPT = 'a lighthouse at dawn';
const EDITOR = 'qwen-image-edit-2511';

type Options = TestAppOptions & { readonly engine?: PaintEngine };
type Fields = Readonly<Record<string, unknown>>;

async function ask(url: string, wish: InjectOptions, { engine = paintEngine(), ...options }: Options = {}) {
  const { app } = await testApp({ engines: [engine, tools], ...options });
  try {
    return await app.inject({ method: 'POST', url, ...wish });
  } finally {
    await app.close();
  }
}

const json = (payload: Fields, options?: Options) => ask('/api/v1/generate', { payload }, options);

type Part = readonly [name: string, value: string | Uint8Array, filename?: string];

function form(parts: readonly Part[]): InjectOptions {
  const boundary = 'antiphonboundary';
  const written = parts.flatMap(([name, value, filename = 'a.png']) => {
    const file = typeof value === 'string' ? '' : `; filename="${filename}"\r\ncontent-type: image/png`;
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`;
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')];
  });
  return {
    payload: Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

const edit = (parts: readonly Part[], options?: Options) =>
  ask('/api/v1/generate', form([['model', EDITOR], ['prompt', 'negative'], ...parts]), options);

const png = (width: number, height: number) => plainPng(tools.imageTools, [width, height]);

async function pictureIn(base64: string) {
  assert.match(base64, /^[A-Za-z0-9+/]+=*$/, 'bare base64');
  const bytes = Buffer.from(base64, 'base64');
  const facts = await tools.imageTools.inspect(bytes, context);
  return { ...facts, image: await tools.imageTools.toPixels(bytes, context) };
}

function ignoredIn(header: unknown): string[] {
  const told: readonly { readonly type: string; readonly setting: string }[] =
    typeof header === 'string' ? JSON.parse(header) : [];
  return told.filter(({ type }) => type === 'ignored').map(({ setting }) => setting);
}

test('R1 eigen-image: words alone give a picture of the size asked for, under both keys', async () => {
  const payload = { model: 'eigen-image', prompt: PROMPT, seed: 7, width: 768, height: 512 };
  const answer = await json(payload);
  assert.equal(answer.statusCode, 200, answer.body);
  const body = answer.json();
  assert.equal(body.turbo_image_base64, body.image_base64);
  assert.deepEqual([body.status, body.seed, body.use_lightning], ['success', 7, false]);
  assert.match(body.request_id, /^[0-9a-f]{32}$/);
  assert.equal(typeof body.processing_time_seconds, 'number');
  const found = await pictureIn(body.image_base64);
  assert.deepEqual([found.format, found.width, found.height], ['png', 768, 512]);
  assert.equal((await json(payload)).json().image_base64, body.image_base64, 'same seed, same picture');
  const usual = await json({ model: 'eigen-image', prompt: PROMPT });
  assert.equal((await pictureIn(usual.json().image_base64)).width, 1024);
  assert.equal(usual.headers['x-antiphon-stand-in'], 'true');
});

test('R1 eigen-image: forms and urlencoded bodies mean the same as JSON', async () => {
  const fields = { model: 'eigen-image', prompt: PROMPT, seed: '7', width: '512', height: '512' };
  const answers = [
    await json({ ...fields, seed: 7, width: 512, height: 512 }),
    await json(fields),
    await ask('/api/v1/generate', form(Object.entries(fields))),
    await ask('/api/v1/generate', {
      payload: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  ];
  const pictures = answers.map((answer) => answer.json().image_base64);
  assert.equal(new Set(pictures).size, 1);
});

test('R1 eigen-image: given a picture it edits, and the key says so', async () => {
  for (const mode of [[], [['mode', 'image-editing'] as const]]) {
    const parts: readonly Part[] = [['model', 'eigen-image'], ['prompt', 'negative'], ...mode];
    const answer = await ask('/api/v1/generate', form([...parts, ['images', await png(96, 64)]]));
    const body = answer.json();
    assert.equal(body.edited_image_base64, body.image_base64, answer.body.slice(0, 200));
    assert.equal(body.turbo_image_base64, undefined);
    const found = await pictureIn(body.image_base64);
    assert.deepEqual([found.width, found.height], [96, 64]);
    assert.deepEqual(pixelAt(found.image, 4, 4), [55, 215, 235, 255]);
  }
});

test('R1 eigen-image: sides outside 512 to 2048 and other wrong fields are refused by name', async () => {
  const wrong: readonly (readonly [param: string, fields: Fields])[] = [
    ['prompt', {}],
    ['prompt', { prompt: '' }],
    ['prompt', { prompt: '  ' }],
    ['prompt', { prompt: 'x'.repeat(100_001) }],
    ['width', { prompt: PROMPT, width: 511 }],
    ['width', { prompt: PROMPT, width: 2049 }],
    ['height', { prompt: PROMPT, height: -1 }],
    ['height', { prompt: PROMPT, height: 'NaN' }],
    ['width', { prompt: PROMPT, width: 1e300 }],
    ['size', { prompt: PROMPT, size: '60000x60000' }],
    ['size', { prompt: PROMPT, size: 'large' }],
    ['mode', { prompt: PROMPT, mode: 'paint' }],
    ['images', { prompt: PROMPT, mode: 'image-editing' }],
    ['seed', { prompt: PROMPT, seed: 1.5 }],
    ['num_inference_steps', { prompt: PROMPT, num_inference_steps: 'many' }],
    ['output_format', { prompt: PROMPT, output_format: 'gif' }],
    ['image', { prompt: PROMPT, image: 'https://example.com/a.png' }],
    ['image_path', { prompt: PROMPT, image_path: '/etc/passwd' }],
    ['image_path', { prompt: PROMPT, image_path: 'file:///etc/passwd' }],
    ['image_path', { prompt: PROMPT, image_path: 'http://127.0.0.1:1/a.png' }],
  ];
  const { app } = await testApp({ engines: [paintEngine(), tools] });
  for (const [param, fields] of wrong) {
    const payload = { model: 'eigen-image', ...fields };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/generate', payload });
    const what = `${JSON.stringify(payload).slice(0, 120)} -> ${answer.body.slice(0, 300)}`;
    assert.equal(answer.statusCode, 400, what);
    assert.equal(answer.json().detail, answer.json().error, what);
    assert(answer.json().detail.includes(param), what);
  }
  await app.close();
});

test('R1 eigen-image: 100,000 characters and the ends of the range are taken', async () => {
  const answer = await json({ model: 'eigen-image', prompt: 'x'.repeat(100_000), width: 512, height: 2048 });
  assert.equal(answer.statusCode, 200, answer.body.slice(0, 200));
});

test('R1 qwen-image-edit-2511: a picture under each of its names is edited', async () => {
  const picture = await png(64, 64);
  for (const name of ['images', 'image_file', 'image', 'images[]', 'images[0]']) {
    const answer = await edit([[name, picture]]);
    assert.equal(answer.statusCode, 200, `${name}: ${answer.body.slice(0, 200)}`);
    const body = answer.json();
    assert.deepEqual([body.use_lightning, typeof body.processing_time_seconds], [false, 'number']);
    assert.equal((await pictureIn(body.image_base64)).width, 64);
  }
  const fetched: string[] = [];
  const fetcher = {
    fetch: async (url: string) => {
      fetched.push(url);
      return { bytes: picture, mediaType: undefined, filename: undefined };
    },
  };
  const address = 'https://pictures.example.com/a.png';
  const byPath = await json({ model: EDITOR, prompt: 'negative', image_path: address }, { fetcher });
  assert.deepEqual([byPath.statusCode, fetched], [200, [address]], byPath.body.slice(0, 200));
});

test('R1 qwen-image-edit-2511: up to nine pictures in their order, more are refused, none as well', async () => {
  const engine = paintEngine({ inputs: 9 });
  const pictures = await Promise.all(Array.from({ length: 9 }, (_, place) => png(64 + 16 * place, 64)));
  const answer = await edit(
    pictures.map((one) => ['images', one]),
    { engine },
  );
  assert.equal(answer.statusCode, 200, answer.body.slice(0, 200));
  const seen = await Promise.all(
    (engine.asked[0]?.inputs ?? []).map((bytes) => tools.imageTools.inspect(bytes, context)),
  );
  assert.deepEqual(
    seen.map(({ width }) => width),
    [64, 80, 96, 112, 128, 144, 160, 176, 192],
  );
  const ten = await edit(
    [...pictures, await png(64, 64)].map((one) => ['images', one]),
    { engine },
  );
  assert.deepEqual([ten.statusCode, ten.json().detail.includes('9 files')], [400, true]);
  const none = await json({ model: EDITOR, prompt: 'negative' });
  assert.deepEqual([none.statusCode, none.json().detail.includes('images')], [400, true]);
  const few = await edit(pictures.map((one) => ['images', one]));
  assert.deepEqual([few.statusCode, few.json().detail.includes('4 pictures')], [400, true]);
});

test('R1 any image edit: output_format and binary_response decide what comes back', async () => {
  const picture: Part = ['image_file', await png(64, 64)];
  for (const [format, mediaType, magic] of [
    ['png', 'image/png', '89504e47'],
    ['jpg', 'image/jpeg', 'ffd8ff'],
  ] as const) {
    const answer = await edit([picture, ['output_format', format], ['binary_response', 'true']]);
    assert.equal(answer.headers['content-type'], mediaType);
    assert(answer.rawPayload.toString('hex').startsWith(magic));
    assert.equal(answer.headers['x-antiphon-model'], 'paint/paint');
    const told = await edit([picture, ['output_format', format]]);
    assert(Buffer.from(told.json().image_base64, 'base64').toString('hex').startsWith(magic));
  }
});

test('R1 any image edit: what tunes a model is never an error, and what is not done is told', async () => {
  const tuning = {
    num_inference_steps: '4',
    guidance_scale: '-4',
    lora_strength: '0.8',
    rank: '64',
    offloading: 'true',
    weight: 'portrait',
    true_cfg_scale: '4.5',
    sample_steps: '1e9',
    sample_guide_scale: '0',
    negative_prompt: 'fog',
    downsizing_mp: '0.01',
    size: '600x600',
    real_time: 'true',
    s3_output_path: 's3://bucket/a.png',
  };
  const engine = paintEngine();
  const answer = await edit([...Object.entries(tuning), ['image', await png(400, 400)]], { engine });
  assert.equal(answer.statusCode, 200, answer.body.slice(0, 300));
  const [asked] = engine.asked;
  assert.deepEqual(
    [asked?.steps, asked?.guidance, asked?.loraStrength, asked?.loraRank, asked?.offloading, asked?.profile],
    [4, -4, 0.8, 64, true, 'portrait'],
  );
  assert.deepEqual([asked?.trueGuidance, asked?.negativePrompt], [4.5, 'fog']);
  const [input] = asked?.inputs ?? [];
  assert(input);
  assert.equal((await tools.imageTools.inspect(input, context)).width, 96);
  assert.equal((await pictureIn(answer.json().image_base64)).width, 600);
  const ignored = ignoredIn(answer.headers['x-antiphon-warnings']);
  assert.deepEqual(ignored.toSorted(), [
    'guidance_scale',
    'lora_strength',
    'negative_prompt',
    'offloading',
    'rank',
    'real_time',
    's3_output_path',
    'sample_guide_scale',
    'sample_steps',
    'true_cfg_scale',
    'weight',
  ]);
  for (const mp of ['0', '-3', '1e-9', '1e9']) {
    const odd = await edit([
      ['downsizing_mp', mp],
      ['image', await png(64, 64)],
    ]);
    assert.equal(odd.statusCode, 200, `${mp}: ${odd.body.slice(0, 200)}`);
  }
});

test('R1 any image: negative_prompt, size and s3_output_path are taken, and strict callers are told what is not done', async () => {
  const wish = { model: 'eigen-image', prompt: PROMPT, size: '640x512', s3_output_path: 's3://bucket/a.png' };
  const answer = await json({ ...wish, negative_prompt: 'fog' });
  assert.equal(answer.statusCode, 200, answer.body);
  const found = await pictureIn(answer.json().image_base64);
  assert.deepEqual([found.width, found.height], [640, 512]);
  const strict = await json({ ...wish, strict: true });
  assert.deepEqual([strict.statusCode, strict.json().detail.includes('s3_output_path')], [400, true]);
  const inForm = await ask('/api/v1/generate', form(Object.entries({ ...wish, strict: 'true' })));
  assert.equal(inForm.statusCode, 400);
});

test('R1 any image edit: pictures that are none, bombs and cut files are refused and leave the server alive', async () => {
  const good = await png(64, 64);
  const { app } = await testApp({ engines: [paintEngine(), tools] });
  const send = (bytes: Uint8Array) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/generate',
      ...form([
        ['model', EDITOR],
        ['prompt', 'negative'],
        ['images', bytes],
      ]),
    });
  const cases: readonly (readonly [status: number, bytes: Uint8Array])[] = [
    [415, Buffer.from('hello')],
    [415, REFERRING_DRAWING],
    [415, Buffer.concat([Buffer.from('GIF89a'), good])],
    [415, good.subarray(0, good.length - 30)],
    [413, pngHeader(60_000, 60_000)],
  ];
  for (const [status, bytes] of cases) {
    const answer = await send(bytes);
    assert.deepEqual(
      [answer.statusCode, answer.json().detail.includes('images')],
      [status, true],
      answer.body,
    );
  }
  assert.equal((await send(good)).statusCode, 200);
  await app.close();
});

test('R1 any image: s3_output_path below an allowed prefix leaves a copy in its folder, elsewhere it is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-copies-'));
  const outputs = testOutputs({ 's3://bucket/renders/': folder });
  const engine = paintEngine();
  const wish = { model: 'eigen-image', prompt: PROMPT, width: 512, height: 512 };
  try {
    const answer = await json({ ...wish, s3_output_path: 's3://bucket/renders/cover.png' }, { outputs });
    assert.equal(answer.statusCode, 200, answer.body.slice(0, 200));
    const body = answer.json();
    assert.equal((await readFile(join(folder, 'cover.png'))).toString('base64'), body.image_base64);
    assert.match(body.url, /^http:\/\/.*\/antiphon\/v1\/files\/.*signature=/);
    assert.equal(body.image_url, body.url);
    assert.deepEqual(ignoredIn(answer.headers['x-antiphon-warnings']), []);
    const many = {
      ...wish,
      s3_output_path: 's3://bucket/renders/',
      output_format: 'jpg',
      binary_response: true,
    };
    assert.equal((await json(many, { outputs })).statusCode, 200);
    assert.equal((await readdir(folder)).filter((name) => /^[0-9a-f]{32}\.jpg$/.test(name)).length, 1);
    for (const path of ['s3://other/a.png', 's3://bucket/renders/../a.png', '/etc/passwd']) {
      const refused = await json({ ...wish, s3_output_path: path }, { outputs, engine });
      assert.deepEqual([refused.statusCode, refused.json().detail.includes('s3_output_path')], [403, true]);
    }
    assert.equal(engine.asked.length, 0, 'nothing was made in vain');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('R1 flux-1-kontext: pictures from words and from pictures, under the usual key', async () => {
  const words = await json({ model: 'flux-1-kontext', prompt: PROMPT, width: 512, height: 512 });
  assert.equal((await pictureIn(words.json().image_base64)).width, 512);
  assert.deepEqual(
    Object.keys(words.json()).filter((key) => key.endsWith('base64')),
    ['image_base64'],
  );
  const parts: readonly Part[] = [
    ['model', 'flux-1-kontext'],
    ['prompt', 'negative'],
    ['image', await png(80, 64)],
  ];
  const edited = await ask('/api/v1/generate', form(parts));
  assert.equal((await pictureIn(edited.json().image_base64)).width, 80);
});

test('L5: the older path names the model', async () => {
  const wish = { prompt: PROMPT, seed: '3', width: '512', height: '512' };
  const answer = await ask('/api/eigen-image', form(Object.entries(wish)));
  assert.equal(answer.statusCode, 200, answer.body.slice(0, 200));
  const same = await json({ model: 'eigen-image', ...wish });
  assert.equal(answer.json().turbo_image_base64, same.json().turbo_image_base64);
});

test('a broken engine of pictures is a 502 in the vendor’s envelope', async () => {
  const engine = paintEngine({ fails: 'engine_failed' });
  for (const binary of [false, true]) {
    const answer = await json({ model: 'eigen-image', prompt: PROMPT, binary_response: binary }, { engine });
    assert.equal(answer.statusCode, 502);
    assert.equal(typeof answer.json().detail, 'string');
  }
});
