import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { experimental_generateImage as generateV5 } from 'ai-v5';
import { experimental_generateImage as generateV6 } from 'ai-v6';
import { generateImage as generateV7 } from 'ai-v7';
import { createOpenAICompatible } from 'ai-compatible-v4';
import { createOpenAI as createOpenAIV2 } from 'ai-openai-v2';
import { createOpenAI as createOpenAIV3 } from 'ai-openai-v3';
import { createOpenAI as createOpenAIV4 } from 'ai-openai-v4';
import OpenAI, { toFile } from 'openai';
import OpenAIv4 from 'openai-v4';
import OpenAIv6 from 'openai-v6';
import { pixelAt, plainPng } from '../odd-pictures.ts';
import { paintEngine, startTools, type PaintEngineOptions } from '../paint-engine.ts';
import { listening, testContext } from '../support.ts';

const tools = await startTools();
after(() => tools.stop?.());

const PROMPT = 'a lighthouse at dawn';

/** What these tests use of the client; the three generations agree on it. */
type Client = Pick<OpenAI, 'images'>;

/** Older generations differ in details of types that these tests never touch. */
const CLIENTS: readonly { readonly name: string; readonly connect: (baseURL: string) => Client }[] = [
  { name: 'openai 7', connect: (baseURL) => new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 }) },
  {
    name: 'openai 6',
    connect: (baseURL) => new OpenAIv6({ baseURL, apiKey: 'any', maxRetries: 0 }) as unknown as Client,
  },
  {
    name: 'openai 4',
    connect: (baseURL) => new OpenAIv4({ baseURL, apiKey: 'any', maxRetries: 0 }) as unknown as Client,
  },
];

function serving(options: PaintEngineOptions, use: (origin: string) => Promise<void>): Promise<void> {
  return listening({ engines: [paintEngine(options), tools] }, ({ origin }) => use(origin));
}

async function pictureIn(base64: string | undefined) {
  assert(base64 !== undefined);
  const bytes = Buffer.from(base64, 'base64');
  return { facts: await tools.imageTools.inspect(bytes, testContext()), bytes };
}

for (const { name, connect } of CLIENTS) {
  describe(name, () => {
    test('generates pictures', () =>
      serving({}, async (origin) => {
        const answer = await connect(`${origin}/v1`).images.generate({
          model: 'gpt-image-2',
          prompt: PROMPT,
          size: '1024x1536',
          n: 2,
          output_format: 'webp',
        });
        assert.equal(answer.data?.length, 2);
        const { facts } = await pictureIn(answer.data?.[0]?.b64_json);
        assert.deepEqual([facts.format, facts.width, facts.height], ['webp', 1024, 1536]);
      }));

    test('edits several pictures with a mask', () =>
      serving({}, async (origin) => {
        const one = await plainPng(tools.imageTools, [96, 64]);
        const mask = await plainPng(tools.imageTools, [96, 64], [0, 0, 0, 0]);
        const answer = await connect(`${origin}/v1`).images.edit({
          model: 'gpt-image-1',
          prompt: 'negative',
          image: [await toFile(one, 'a.png'), await toFile(one, 'b.png')],
          mask: await toFile(mask, 'mask.png'),
        });
        const { bytes } = await pictureIn(answer.data?.[0]?.b64_json);
        const pixels = await tools.imageTools.toPixels(bytes, testContext());
        assert.deepEqual(pixelAt(pixels, 3, 3), [55, 215, 235, 255]);
      }));

    test('I3: edits what it reads from disk, whose parts have no type of their own', () =>
      serving({}, async (origin) => {
        const folder = await mkdtemp(join(tmpdir(), 'antiphon-picture-'));
        try {
          const path = join(folder, 'photo');
          await writeFile(path, await plainPng(tools.imageTools, [80, 64]));
          const answer = await connect(`${origin}/v1`).images.edit({
            model: 'gpt-image-1',
            prompt: 'negative',
            image: createReadStream(path),
          });
          assert.equal((await pictureIn(answer.data?.[0]?.b64_json)).facts.width, 80);
        } finally {
          await rm(folder, { recursive: true });
        }
      }));

    test('throws refusals with the field at fault', () =>
      serving({}, async (origin) => {
        const { images } = connect(`${origin}/v1`);
        const refused = (error: unknown) => {
          assert(error instanceof Error && 'status' in error && 'param' in error);
          assert.deepEqual([error.status, error.param], [400, 'size']);
          return true;
        };
        await assert.rejects(images.generate({ prompt: PROMPT, size: '1000x1000' }), refused);
      }));
  });
}

for (const { name, connect } of CLIENTS.filter((client) => client.name !== 'openai 4')) {
  test(`I5: ${name} reads a stream of partial pictures, and throws when it breaks`, async () => {
    const read = async (origin: string) => {
      const stream = await connect(`${origin}/v1`).images.generate({
        prompt: PROMPT,
        stream: true,
        partial_images: 2,
      });
      const types: string[] = [];
      for await (const event of stream) types.push(event.type.replace('image_generation.', ''));
      return types;
    };
    await serving({}, async (origin) => {
      assert.deepEqual(await read(origin), ['partial_image', 'partial_image', 'completed']);
    });
    await serving({ breaksLate: true }, async (origin) => {
      await assert.rejects(read(origin), /broke, as it was told to/);
    });
  });
}

test('I2: response_format=url gives an address on the server that was asked, which needs no key', () =>
  serving({}, async (origin) => {
    const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any', maxRetries: 0 });
    const answer = await client.images.generate({
      prompt: PROMPT,
      response_format: 'url',
      n: 2,
      size: '256x256',
    });
    const addresses = (answer.data ?? []).map(({ url }) => new URL(url ?? ''));
    assert.deepEqual(
      addresses.map((address) => address.origin),
      [origin, origin],
    );
    for (const address of addresses) {
      const fetched = await fetch(address);
      assert.deepEqual([fetched.status, fetched.headers.get('content-type')], [200, 'image/png']);
      const facts = await tools.imageTools.inspect(
        new Uint8Array(await fetched.arrayBuffer()),
        testContext(),
      );
      assert.equal(facts.width, 256);
    }
  }));

/** What these tests read of an answer; the generations agree on it. */
interface Drawn {
  readonly images: readonly { readonly uint8Array: Uint8Array; readonly mediaType: string }[];
}

interface Drawing {
  readonly baseURL: string;
  readonly model: string;
  readonly n?: number;
  readonly fetch: typeof fetch;
}

const SDKS: readonly { readonly name: string; readonly draw: (drawing: Drawing) => Promise<Drawn> }[] = [
  {
    name: 'AI SDK 5',
    draw: ({ model, n = 1, ...options }) =>
      generateV5({
        model: createOpenAIV2({ apiKey: 'any', ...options }).image(model),
        prompt: PROMPT,
        n,
        size: '512x512',
        maxRetries: 0,
      }),
  },
  {
    name: 'AI SDK 6',
    draw: ({ model, n = 1, ...options }) =>
      generateV6({
        model: createOpenAIV3({ apiKey: 'any', ...options }).image(model),
        prompt: PROMPT,
        n,
        size: '512x512',
        maxRetries: 0,
      }),
  },
  {
    name: 'AI SDK 7',
    draw: ({ model, n = 1, ...options }) =>
      generateV7({
        model: createOpenAIV4({ apiKey: 'any', ...options }).image(model),
        prompt: PROMPT,
        n,
        size: '512x512',
        maxRetries: 0,
      }),
  },
];

for (const { name, draw } of SDKS) {
  test(`${name} generates a picture`, () =>
    serving({}, async (origin) => {
      const drawn = await draw({ baseURL: `${origin}/v1`, model: 'gpt-image-1', fetch });
      const [image] = drawn.images;
      assert(image);
      assert.equal(image.mediaType, 'image/png');
      assert.equal((await tools.imageTools.inspect(image.uint8Array, testContext())).width, 512);
    }));
}

for (const name of ['AI SDK 6', 'AI SDK 7']) {
  test(`I6: ${name} asks for three pictures of a model of our own in three requests`, () =>
    serving({}, async (origin) => {
      const sent: unknown[] = [];
      const recording: typeof fetch = (input, init) => {
        sent.push(typeof init?.body === 'string' ? JSON.parse(init.body).n : undefined);
        return fetch(input, init);
      };
      const draw = SDKS.find((sdk) => sdk.name === name)?.draw;
      const drawn = await draw?.({ baseURL: `${origin}/v1`, model: 'paint/paint', n: 3, fetch: recording });
      assert.deepEqual([drawn?.images.length, sent], [3, [1, 1, 1]]);
    }));
}

test('I2: response_format=url is fetched by the AI SDK for any server, in one request for several pictures', () =>
  serving({}, async (origin) => {
    const provider = createOpenAICompatible({ name: 'local', baseURL: `${origin}/v1`, apiKey: 'any' });
    const { images } = await generateV7({
      model: provider.imageModel('paint/paint'),
      prompt: PROMPT,
      n: 2,
      providerOptions: { local: { response_format: 'url' } },
      maxRetries: 0,
    });
    for (const { uint8Array, mediaType } of images) {
      assert.equal(mediaType, 'image/png');
      assert.equal((await tools.imageTools.inspect(uint8Array, testContext())).format, 'png');
    }
    assert.equal(images.length, 2);
  }));

test('AI SDK 7 edits a picture', () =>
  serving({}, async (origin) => {
    const { images } = await generateV7({
      model: createOpenAIV4({ apiKey: 'any', baseURL: `${origin}/v1` }).image('gpt-image-1'),
      prompt: { text: 'negative', images: [await plainPng(tools.imageTools, [64, 64])] },
      maxRetries: 0,
    });
    const pixels = await tools.imageTools.toPixels(images[0]?.uint8Array ?? new Uint8Array(), testContext());
    assert.deepEqual(pixelAt(pixels, 3, 3), [55, 215, 235, 255]);
  }));
