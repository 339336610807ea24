import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import OpenAI, { BadRequestError, toFile } from 'openai';
import { proceduralEngine } from '../src/engines/procedural/procedural-engine.ts';
import { pixelAt } from './odd-pictures.ts';
import { startTools } from './paint-engine.ts';
import { listening, testContext } from './support.ts';

/** The engines that every installation has, through both APIs, from a prompt to a picture and its changes. */
const tools = await startTools();
const engine = await proceduralEngine.create({ workers: 1 });
assert(!('unavailable' in engine));
after(async () => {
  await Promise.all([engine.stop?.(), tools.stop?.()]);
});

const PROMPT = 'a red lighthouse by the sea at dawn';

async function look(base64: string | undefined) {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return { bytes, image: await tools.imageTools.toPixels(bytes, testContext()) };
}

/** How many colours a picture has, counted coarsely. */
function coloursIn(pixels: Uint8Array): number {
  const found = new Set<number>();
  for (let at = 0; at < pixels.length; at += 4)
    found.add(
      ((pixels[at] ?? 0) >> 4) * 256 + ((pixels[at + 1] ?? 0) >> 4) * 16 + ((pixels[at + 2] ?? 0) >> 4),
    );
  return found.size;
}

test('an OpenAI client has a picture drawn, turned grey and mirrored, and a change that needs a model refused', () =>
  listening({ engines: [engine, tools] }, async ({ origin }) => {
    const { images } = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any', maxRetries: 0 });
    const wish = { model: 'gpt-image-2', prompt: PROMPT, size: '512x256', seed: 3 } as const;
    const made = await look((await images.generate(wish)).data?.[0]?.b64_json);
    assert.deepEqual([made.image.width, made.image.height], [512, 256]);
    assert(coloursIn(made.image.pixels) > 50, 'something is drawn');
    const again = await look((await images.generate(wish)).data?.[0]?.b64_json);
    assert.deepEqual(again.bytes, made.bytes, 'the same seed draws the same');

    // A field of ours, which the client's types do not know.
    const captionedWish = { ...wish, caption: true };
    const captioned = await images.generate(captionedWish);
    assert.notDeepEqual((await look(captioned.data?.[0]?.b64_json)).bytes, made.bytes);
    const image = await toFile(made.bytes, 'a.png');
    const edit = (prompt: string) => images.edit({ model: 'gpt-image-2', image, prompt });
    const grey = await look((await edit('make it black and white')).data?.[0]?.b64_json);
    const [r, g, b] = pixelAt(grey.image, 100, 100);
    assert(r === g && g === b, `${r} ${g} ${b} is no grey`);
    const mirrored = await look((await edit('flip it horizontally')).data?.[0]?.b64_json);
    assert.deepEqual(pixelAt(mirrored.image, 0, 50), pixelAt(made.image, 511, 50));
    const turned = await look((await edit('rotate it by 90 degrees')).data?.[0]?.b64_json);
    assert.deepEqual([turned.image.width, turned.image.height], [256, 512]);
    await assert.rejects(edit('make her smile'), (error: unknown) => {
      assert(error instanceof BadRequestError);
      assert.deepEqual([error.code, error.param], ['unsupported_value', 'prompt']);
      return true;
    });
  }));

test('an Eigen AI client has a picture drawn and changed, and is told who did it', () =>
  listening({ engines: [engine, tools] }, async ({ origin }) => {
    const post = (body: FormData | string) =>
      fetch(`${origin}/api/v1/generate`, {
        method: 'POST',
        body,
        headers: typeof body === 'string' ? { 'content-type': 'application/json' } : {},
      });
    const drawn = await post(
      JSON.stringify({ model: 'eigen-image', prompt: PROMPT, width: 768, height: 512, seed: 9 }),
    );
    assert.equal(drawn.status, 200);
    assert.equal(drawn.headers.get('x-antiphon-model'), 'procedural/pictures');
    assert.equal(drawn.headers.get('x-antiphon-stand-in'), 'true');
    const answer: unknown = await drawn.json();
    assert(typeof answer === 'object' && answer !== null && 'turbo_image_base64' in answer);
    const made = await look(String(answer.turbo_image_base64));
    assert.deepEqual([made.image.width, made.image.height], [768, 512]);
    const form = new FormData();
    form.set('model', 'qwen-image-edit-2511');
    form.set('prompt', 'flip it horizontally');
    form.set('binary_response', 'true');
    form.set('images', new Blob([made.bytes]), 'a.png');
    const edited = await post(form);
    assert.equal(edited.headers.get('content-type'), 'image/png');
    const mirrored = await look(Buffer.from(await edited.arrayBuffer()).toString('base64'));
    assert.deepEqual(pixelAt(mirrored.image, 0, 50), pixelAt(made.image, 767, 50));
  }));
