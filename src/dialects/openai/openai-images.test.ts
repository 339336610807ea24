import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fastify, { type InjectOptions } from 'fastify';
import { pixelAt, plainPng, pngHeader, REFERRING_DRAWING } from '../../../test/odd-pictures.ts';
import { paintEngine, startTools, type PaintEngine } from '../../../test/paint-engine.ts';
import { listening, testApp, testContext, type TestAppOptions } from '../../../test/support.ts';
import { imageRoutes } from './openai-images.ts';

const tools = await startTools();
after(() => tools.stop?.());
const context = testContext();

/** An answer of any shape, looked into by the test. */
type Json = ReturnType<typeof JSON.parse>;

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly json: () => Json;
}

async function ask(
  url: string,
  wish: InjectOptions,
  { engine = paintEngine(), ...options }: TestAppOptions & { readonly engine?: PaintEngine } = {},
): Promise<Answered> {
  const { app } = await testApp({ engines: [engine, tools], ...options });
  try {
    const { statusCode: status, headers, body } = await app.inject({ method: 'POST', url, ...wish });
    return { status, headers, body, json: () => JSON.parse(body) };
  } finally {
    await app.close();
  }
}

const generate = (
  payload: Readonly<Record<string, unknown>>,
  options?: TestAppOptions & { readonly engine?: PaintEngine },
) => ask('/v1/images/generations', { payload }, options);

type Part = readonly [name: string, value: string | Uint8Array];

const BOUNDARY = 'antiphonboundary';

function form(parts: readonly Part[]): InjectOptions {
  const written = parts.flatMap(([name, value]) => {
    const isFile = typeof value !== 'string';
    const about = isFile ? `; filename="upload"\r\ncontent-type: application/octet-stream` : '';
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${about}\r\n\r\n`;
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')];
  });
  return {
    payload: Buffer.concat([...written, Buffer.from(`--${BOUNDARY}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  };
}

const png = (size: readonly [number, number], colour?: readonly number[]) =>
  plainPng(tools.imageTools, size, colour);

async function pictureIn(base64: string) {
  assert.match(base64, /^[A-Za-z0-9+/]+=*$/, 'bare base64');
  const bytes = Buffer.from(base64, 'base64');
  return {
    ...(await tools.imageTools.inspect(bytes, context)),
    image: await tools.imageTools.toPixels(bytes, context),
  };
}

const PROMPT = 'a lighthouse at dawn';

describe('generations', () => {
  test('I1: without response_format the picture comes as bare base64, of the format asked for', async () => {
    for (const format of ['png', 'jpeg', 'webp', 'gif'] as const) {
      const answer = await generate({
        prompt: PROMPT,
        model: 'gpt-image-2',
        size: '512x256',
        output_format: format,
      });
      assert.equal(answer.status, 200, answer.body);
      const body = answer.json();
      assert.deepEqual(
        [body.output_format, body.size, body.quality, body.background],
        [format, '512x256', 'medium', 'opaque'],
      );
      const found = await pictureIn(body.data[0].b64_json);
      assert.deepEqual([found.format, found.width, found.height], [format, 512, 256]);
      assert.equal(found.frames, format === 'gif' ? 9 : 1);
    }
  });

  test('tell who made them, what they cost by our rule, and when', async () => {
    const answer = await generate({ prompt: PROMPT, size: '1024x1024', quality: 'high', n: 2 });
    const body = answer.json();
    assert.equal(body.data.length, 2);
    assert.deepEqual(body.usage, {
      input_tokens: 5,
      input_tokens_details: { text_tokens: 5, image_tokens: 0 },
      output_tokens: 8320,
      output_tokens_details: { text_tokens: 0, image_tokens: 8320 },
      total_tokens: 8325,
    });
    assert(Math.abs(body.created - Date.now() / 1000) < 60);
    assert.equal(answer.headers['x-antiphon-model'], 'paint/paint');
    assert.equal(answer.headers['x-antiphon-stand-in'], 'true');
  });

  test('I7: null in optional fields counts as absent', async () => {
    const nothing = {
      model: null,
      n: null,
      size: null,
      quality: null,
      background: null,
      output_format: null,
      output_compression: null,
      moderation: null,
      stream: null,
      partial_images: null,
      response_format: null,
      style: null,
      complexity: null,
      frame_count: null,
      frame_duration_ms: null,
      user: null,
      seed: null,
    };
    const answer = await generate({ prompt: PROMPT, ...nothing });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['x-antiphon-warnings'], undefined);
  });

  test('give the same picture for the same seed, and honour what other servers spell', async () => {
    const engine = paintEngine();
    const wish = { prompt: PROMPT, seed: 5, steps: 20, negative_prompt: 'fog', guidance_scale: 4 };
    const answers = [await generate(wish, { engine }), await generate(wish, { engine })];
    const [first, again] = answers.map((answer) => answer.json().data[0].b64_json);
    assert.equal(first, again);
    const [asked] = engine.asked;
    assert.deepEqual([asked?.seed, asked?.steps, asked?.negativePrompt, asked?.guidance], [5, 20, 'fog', 4]);
    const told: readonly { setting: string }[] = JSON.parse(
      String(answers[0]?.headers['x-antiphon-warnings']),
    );
    assert.deepEqual(
      told.map(({ setting }) => setting),
      ['guidance_scale', 'negative_prompt'],
    );
  });

  test('tell what was not done as asked, and refuse it when the caller is strict', async () => {
    const wish = {
      prompt: PROMPT,
      quality: 'max',
      style: 'vivid',
      moderation: 'low',
      output_compression: 50,
      frame_count: 4,
      partial_images: 2,
    };
    const answer = await generate(wish);
    const told: readonly { type: string; setting: string }[] = JSON.parse(
      String(answer.headers['x-antiphon-warnings']),
    );
    assert.deepEqual(told.map(({ type, setting }) => `${type} ${setting}`).toSorted(), [
      'adjusted quality',
      'ignored frame_count',
      'ignored moderation',
      'ignored output_compression',
      'ignored partial_images',
      'ignored quality',
      'ignored style',
    ]);
    for (const extra of [{ style: 'vivid' }, { quality: 'xhigh' }, { frame_count: 3 }]) {
      const strict = await generate({ prompt: PROMPT, strict: true, ...extra });
      assert.deepEqual([strict.status, strict.json().error.param], [400, Object.keys(extra)[0]]);
    }
  });

  test('frames and their pace are those asked for', async () => {
    const wish = { prompt: PROMPT, output_format: 'gif', frame_count: 3, frame_duration_ms: 123 };
    const engine = paintEngine();
    const answer = await generate(wish, { engine });
    assert.deepEqual(engine.asked[0]?.animation, { frames: 3, frameMs: 120 });
    assert.equal((await pictureIn(answer.json().data[0].b64_json)).frames, 3);
  });

  test('a transparent background is kept and told', async () => {
    const answer = await generate({ prompt: PROMPT, background: 'transparent' });
    const body = answer.json();
    assert.equal(body.background, 'transparent');
    assert.equal((await pictureIn(body.data[0].b64_json)).hasAlpha, true);
  });

  const WRONG: readonly (readonly [param: string, fields: Readonly<Record<string, unknown>>])[] = [
    ['prompt', {}],
    ['prompt', { prompt: '' }],
    ['prompt', { prompt: '   ' }],
    ['prompt', { prompt: 'x'.repeat(100_000) }],
    ['prompt', { prompt: { text: PROMPT } }],
    ['prompt', { prompt: 'x'.repeat(1001), model: 'dall-e-2' }],
    ['n', { prompt: PROMPT, n: 0 }],
    ['n', { prompt: PROMPT, n: 11 }],
    ['n', { prompt: PROMPT, n: 1.5 }],
    ['n', { prompt: PROMPT, n: 2, model: 'dall-e-3' }],
    ['size', { prompt: PROMPT, size: '1000x1000' }],
    ['size', { prompt: PROMPT, size: '0x0' }],
    ['size', { prompt: PROMPT, size: '-16x16' }],
    ['size', { prompt: PROMPT, size: '60000x60000' }],
    ['size', { prompt: PROMPT, size: '2048x256' }],
    ['size', { prompt: PROMPT, size: 'NaNxNaN' }],
    ['size', { prompt: PROMPT, size: 1024 }],
    ['quality', { prompt: PROMPT, quality: 'best' }],
    ['background', { prompt: PROMPT, background: 'transparent', output_format: 'jpeg' }],
    ['output_format', { prompt: PROMPT, output_format: 'svg' }],
    ['output_format', { prompt: PROMPT, output_format: 'bmp' }],
    ['output_compression', { prompt: PROMPT, output_compression: 101 }],
    ['partial_images', { prompt: PROMPT, stream: true, partial_images: 4 }],
    ['frame_count', { prompt: PROMPT, output_format: 'gif', frame_count: 64 }],
    ['frame_duration_ms', { prompt: PROMPT, output_format: 'gif', frame_duration_ms: -1 }],
    ['response_format', { prompt: PROMPT, response_format: 'file' }],
    ['seed', { prompt: PROMPT, seed: -1 }],
    ['seed', { prompt: PROMPT, seed: 1e300 }],
    ['steps', { prompt: PROMPT, steps: 0 }],
    ['steps', { prompt: PROMPT, steps: 'NaN' }],
  ];

  test('refuse wrong fields by name, with status 400', async () => {
    const { app } = await testApp({ engines: [paintEngine(), tools] });
    for (const [param, payload] of WRONG) {
      const answer = await app.inject({ method: 'POST', url: '/v1/images/generations', payload });
      const what = `${JSON.stringify(payload).slice(0, 120)} -> ${answer.body.slice(0, 300)}`;
      assert.equal(answer.statusCode, 400, what);
      assert.equal(answer.json().error.param, param, what);
      assert.equal(answer.json().error.type, 'invalid_request_error', what);
    }
    await app.close();
  });

  test('take steps beyond all measure as the most that the engine makes', async () => {
    const engine = paintEngine();
    const answer = await generate({ prompt: PROMPT, steps: 1e9 }, { engine });
    assert.deepEqual([answer.status, engine.asked[0]?.steps], [200, 50]);
  });

  test('an unknown model is not found, and one for speech makes no pictures', async () => {
    const unknown = await generate({ prompt: PROMPT, model: 'no-such-model' });
    assert.deepEqual([unknown.status, unknown.json().error.code], [404, 'model_not_found']);
    const speech = await generate({ prompt: PROMPT, model: 'tts-1' });
    assert.equal(speech.status, 400);
  });

  test('a broken engine is a 502 and an answer that is no picture too, whichever way they were asked', async () => {
    for (const stream of [false, true]) {
      const broken = await generate(
        { prompt: PROMPT, stream },
        { engine: paintEngine({ fails: 'engine_failed' }) },
      );
      assert.deepEqual([broken.status, broken.json().error.code], [502, 'engine_failed']);
      const page = Buffer.from('<html>Bad gateway</html>');
      const lying = await generate({ prompt: PROMPT, stream }, { engine: paintEngine({ answers: page }) });
      assert.equal(lying.status, 502);
    }
  });

  test('without anything that reads pictures they are refused, not broken', async () => {
    const { app } = await testApp({ engines: [paintEngine()] });
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/images/generations',
      payload: { prompt: PROMPT },
    });
    await app.close();
    assert.equal(answer.statusCode, 400);
    assert.match(answer.json().error.message, /read pictures/);
  });
});

describe('edits', () => {
  test('I3: image, image[] twice and image[0], files without a type, with a mask, in their order', async () => {
    const one = await png([120, 80]);
    const two = await png([60, 60], [1, 2, 3, 255]);
    const mask = await png([120, 80], [0, 0, 0, 0]);
    const spellings: readonly (readonly Part[])[] = [
      [
        ['prompt', 'negative'],
        ['image', one],
      ],
      [
        ['image[]', one],
        ['model', 'gpt-image-1'],
        ['image[]', two],
        ['prompt', 'negative'],
        ['n', '1'],
      ],
      [
        ['image[0]', one],
        ['image[1]', two],
        ['mask', mask],
        ['prompt', 'negative'],
      ],
      [
        ['extra_body[image][]', one],
        ['prompt', 'negative'],
      ],
    ];
    for (const parts of spellings) {
      const engine = paintEngine();
      const answer = await ask('/v1/images/edits', form(parts), { engine });
      assert.equal(answer.status, 200, `${parts.map(([name]) => name).join()} ${answer.body.slice(0, 300)}`);
      const sizes = await Promise.all(
        (engine.asked[0]?.inputs ?? []).map((bytes) => tools.imageTools.inspect(bytes, context)),
      );
      const expected = parts.filter(([name]) => name.includes('image')).length;
      assert.deepEqual(
        sizes.map(({ width }) => width),
        [120, 60].slice(0, expected),
      );
      assert.equal(
        engine.asked[0]?.mask !== undefined,
        parts.some(([name]) => name === 'mask'),
      );
      const found = await pictureIn(answer.json().data[0].b64_json);
      assert.deepEqual([found.width, found.height], [120, 80]);
      assert.deepEqual(pixelAt(found.image, 5, 5), [55, 215, 235, 255]);
    }
  });

  test('I4: JSON with data URLs, mask included, and what they cost counts the given picture', async () => {
    const url = (bytes: Uint8Array) => `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    const payload = {
      prompt: 'negative',
      images: [{ image_url: url(await png([1024, 1024])) }],
      mask: { image_url: url(await png([1024, 1024], [0, 0, 0, 0])) },
    };
    const answer = await ask('/v1/images/edits', { payload });
    assert.equal(answer.status, 200, answer.body.slice(0, 300));
    assert.deepEqual(answer.json().usage.input_tokens_details, { text_tokens: 2, image_tokens: 272 });
    const stored = await ask('/v1/images/edits', {
      payload: { prompt: 'negative', images: [{ file_id: 'file-1' }] },
    });
    assert.deepEqual([stored.status, stored.json().error.param], [400, 'images.0.file_id']);
    const inside = await ask('/v1/images/edits', {
      payload: { prompt: 'negative', images: [{ image_url: 'http://127.0.0.1:1/x.png' }] },
    });
    assert.deepEqual([inside.status, inside.json().error.param], [400, 'images']);
  });

  test('text fields of a form keep their lines and are numbers where they look like it', async () => {
    const engine = paintEngine();
    const parts: readonly Part[] = [
      ['prompt', 'one\r\ntwo'],
      ['image', await png([64, 64])],
      ['n', '2'],
      ['seed', '7'],
      ['stream', 'false'],
      ['size', '512x512'],
      ['output_format', 'jpeg'],
      ['output_compression', '40'],
      ['input_fidelity', 'high'],
      ['user', 'somebody'],
    ];
    const answer = await ask('/v1/images/edits', form(parts), { engine });
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual([engine.asked.length, engine.asked[0]?.prompt], [2, 'one\ntwo']);
    assert.deepEqual(new Set(engine.asked.map(({ seed }) => seed)), new Set([7, 8]));
    assert.equal(answer.json().size, '512x512');
  });

  test('pictures that are none, bombs and cut files are refused by name and leave the server alive', async () => {
    const good = await png([64, 64]);
    const huge = pngHeader(60_000, 60_000);
    const polyglot = Buffer.concat([Buffer.from('GIF89a'), good]);
    const cut = good.subarray(0, good.length - 30);
    const { app } = await testApp({ engines: [paintEngine(), tools] });
    const edit = (...parts: readonly Part[]) =>
      app.inject({ method: 'POST', url: '/v1/images/edits', ...form([['prompt', 'negative'], ...parts]) });
    const cases: readonly (readonly [parts: readonly Part[], param: string, code: string | null])[] = [
      [[['image', Buffer.from('hello')]], 'image', 'unsupported_file_mimetype'],
      [[['image', REFERRING_DRAWING]], 'image', 'unsupported_file_mimetype'],
      [
        [
          ['image[]', good],
          ['image[]', REFERRING_DRAWING],
        ],
        'image[1]',
        'unsupported_file_mimetype',
      ],
      [[['image', polyglot]], 'image', 'invalid_image_file'],
      [[['image', cut]], 'image', 'invalid_image_file'],
      [[['image', huge]], 'image', 'invalid_value'],
      [
        [
          ['image', good],
          ['mask', await png([32, 32], [0, 0, 0, 0])],
        ],
        'mask',
        'invalid_value',
      ],
      [
        [
          ['image', good],
          ['mask', good],
        ],
        'mask',
        'invalid_value',
      ],
      [[], 'image', null],
      [[['image', 'https://example.com/a.png']], 'image', null],
      [Array.from({ length: 17 }, () => ['image[]', good] as const), 'image', null],
    ];
    for (const [parts, param, code] of cases) {
      const answer = await edit(...parts);
      assert.equal(answer.statusCode, 400, answer.body);
      assert.deepEqual([answer.json().error.param, answer.json().error.code], [param, code], answer.body);
    }
    assert.equal((await edit(['image', good])).statusCode, 200);
    await app.close();
  });

  test('marks painted over a picture are refused: nothing here understands them', async () => {
    const picture = await png([64, 64]);
    const answer = await ask(
      '/v1/images/edits',
      form([
        ['prompt', 'x'],
        ['image', picture],
        ['markup', picture],
      ]),
    );
    assert.deepEqual([answer.status, answer.json().error.param], [400, 'markup']);
  });

  test('a change that nobody can make is refused in the words of who refused it', async () => {
    const engine = paintEngine({ fails: 'unsupported_feature' });
    const parts: readonly Part[] = [
      ['prompt', 'make her smile'],
      ['image', await png([64, 64])],
    ];
    const answer = await ask('/v1/images/edits', form(parts), { engine });
    assert.deepEqual(
      [answer.status, answer.json().error.param, answer.json().error.code],
      [400, 'prompt', 'unsupported_value'],
    );
  });
});

describe('variations', () => {
  test('are asked of a model that changes pictures, and refused by one that does not', async () => {
    const picture: Part = ['image', await png([64, 64])];
    const engine = paintEngine();
    const answer = await ask('/v1/images/variations', form([picture, ['n', '2'], ['size', '256x256']]), {
      engine,
    });
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual([answer.json().data.length, engine.asked.length], [2, 2]);
    assert.equal((await pictureIn(answer.json().data[0].b64_json)).width, 256);
    const blind = await ask('/v1/images/variations', form([picture]), { engine: paintEngine({ inputs: 0 }) });
    assert.deepEqual([blind.status, blind.json().error.param], [400, 'image']);
  });
});

describe('streams of pictures', () => {
  interface Sent {
    readonly event: string | undefined;
    readonly data: Json;
  }

  function eventsIn(body: string): readonly Sent[] {
    return body
      .split('\n\n')
      .filter((block) => block.includes('data: '))
      .map((block) => ({
        event: /^event: (.*)$/m.exec(block)?.[1],
        data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'),
      }));
  }

  test('I5: partial pictures, then the completed one with its usage, for generations and edits', async () => {
    const common = ['type', 'b64_json', 'created_at', 'size', 'quality', 'background', 'output_format'];
    const wishes = {
      image_generation: () => generate({ prompt: PROMPT, stream: true, partial_images: 2, size: '256x256' }),
      image_edit: async () =>
        ask(
          '/v1/images/edits',
          form([
            ['image', await png([256, 256])],
            ['prompt', 'negative'],
            ['stream', 'true'],
            ['partial_images', '2'],
          ]),
        ),
    };
    for (const [kind, wish] of Object.entries(wishes)) {
      const answer = await wish();
      assert.equal(
        answer.headers['content-type'],
        'text/event-stream; charset=utf-8',
        answer.body.slice(0, 200),
      );
      const events = eventsIn(answer.body);
      const names = ['partial_image', 'partial_image', 'completed'].map((name) => `${kind}.${name}`);
      assert.deepEqual(
        events.map(({ event }) => event),
        names,
      );
      assert.deepEqual(
        events.map(({ data }) => data.type),
        names,
      );
      for (const { data } of events) {
        assert.deepEqual(
          common.filter((key) => !(key in data)),
          [],
        );
        assert.equal((await pictureIn(data.b64_json)).width, 256);
      }
      assert.deepEqual(
        events.map(({ data }) => data.partial_image_index),
        [0, 1, undefined],
      );
      assert.equal(events[2]?.data.usage.output_tokens, 66);
    }
  });

  test('that break say so in an event that clients throw', async () => {
    const engine = paintEngine({ breaksLate: true });
    const answer = await generate({ prompt: PROMPT, stream: true, partial_images: 1 }, { engine });
    const events = eventsIn(answer.body);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['image_generation.partial_image', 'error'],
    );
    assert.equal(events[1]?.data.error.code, 'engine_failed');
  });

  for (const stream of [true, false]) {
    test(`say that they live while nothing is ready, ${stream ? 'as events' : 'as JSON'}`, async () => {
      const gate = Promise.withResolvers<void>();
      const engines = [paintEngine({ gate: gate.promise }), tools];
      const { core } = await testApp({ engines });
      const app = fastify();
      app.addHook('onRequest', async (request) => {
        request.antiphon = testContext();
      });
      imageRoutes(app, core, { everyMs: 5, json: { graceMs: 5, beatMs: 5 } });
      const response = await app.inject({
        method: 'POST',
        url: '/images/generations',
        payload: { prompt: PROMPT, size: '256x256', stream },
        payloadAsStream: true,
      });
      const beat = stream ? ': keepalive' : ' ';
      let body = '';
      for await (const chunk of response.stream()) {
        body += String(chunk);
        if (body.split(beat).length > 3) gate.resolve();
      }
      const [picture] = stream
        ? eventsIn(body).map(({ data }) => data.b64_json)
        : JSON.parse(body).data.map(({ b64_json: base64 }: { b64_json: string }) => base64);
      assert.equal((await pictureIn(picture)).width, 256);
    });
  }

  test('stop the engine when the caller hangs up', async () => {
    const engine = paintEngine({ gate: new Promise<void>(() => undefined) });
    await listening({ engines: [engine, tools] }, async ({ origin }) => {
      const leaving = new AbortController();
      const asking = fetch(`${origin}/v1/images/generations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: PROMPT, stream: true }),
        signal: leaving.signal,
      });
      while (engine.open() === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      leaving.abort();
      await assert.rejects(asking);
      while (engine.open() > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    });
  });
});
