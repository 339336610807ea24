import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { paintedColour, paintEngine, startTools, type PaintEngine } from '../../../test/paint-engine.ts';
import { pixelAt as at, plain } from '../../../test/odd-pictures.ts';
import {
  openAccess,
  recordingLogger,
  testClock,
  testContext,
  testMeter,
  testOpener,
} from '../../../test/support.ts';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../context.ts';
import { createEngineRunner } from '../models/engine-runner.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { imageCapabilities } from './image-capabilities.ts';
import { createImageService } from './image-service.ts';
import { planSize, reducedSize } from './image-sizes.ts';
import type { PixelImage } from './image-tools.ts';
import type { ImageRequest, ImageResult, ImageResultEvent, MadeImage } from './image.ts';

const tools = await startTools();
after(() => tools.stop?.());
const context = testContext();

const MODEL = {
  name: 'famous',
  dialect: 'test',
  capability: 'image',
  title: 'Famous',
  description: 'Known to everybody',
} as const;

function catalogOf(engines: readonly PaintEngine[]) {
  return createModelCatalog({ engines, publicModels: [MODEL], bindings: {}, strictModels: false });
}

function serviceOn(...engines: readonly PaintEngine[]) {
  const usage = testMeter();
  const service = createImageService({
    models: catalogOf(engines),
    runner: createEngineRunner(testClock),
    usage,
    access: openAccess,
    clock: testClock,
    engines: [...engines, tools],
    opener: testOpener(),
  });
  const make = (wanted: ImageRequest, from: RequestContext) => service.make(wanted, from);
  return { usage, make };
}

function request(changes: Partial<ImageRequest> = {}): ImageRequest {
  return {
    model: 'famous',
    prompt: 'a lighthouse',
    count: 1,
    format: { id: 'png' },
    inputs: [],
    previews: 0,
    asked: [],
    spelling: { prompt: 'words', model: 'model', inputs: 'pictures', mask: 'stencil', size: 'measure' },
    ...changes,
  };
}

async function eventsOf(result: ImageResult): Promise<readonly ImageResultEvent[]> {
  const events: ImageResultEvent[] = [];
  for await (const event of result.events) events.push(event);
  return events;
}

async function imagesOf(making: Promise<ImageResult>): Promise<readonly MadeImage[]> {
  const events = await eventsOf(await making);
  return events.filter(({ type }) => type === 'image-end').toSorted((a, b) => a.index - b.index);
}

async function pixelsOf(bytes: Uint8Array): Promise<PixelImage> {
  return tools.imageTools.toPixels(bytes, context);
}

async function png(image: PixelImage) {
  const { bytes } = await tools.imageTools.write(image, { format: { id: 'png' } }, context);
  return { kind: 'bytes', bytes } as const;
}

function refused(code: string, param: string | undefined, message = /./) {
  return (error: unknown) => {
    assert(error instanceof AppError, String(error));
    assert.deepEqual([error.code, error.param], [code, param], error.message);
    assert.match(error.message, message);
    return true;
  };
}

describe('pictures from words', () => {
  test('are made in the usual size of the model, and the same again with the same seed', async () => {
    const { make } = serviceOn(paintEngine());
    const [first] = await imagesOf(make(request({ seed: 4 }), context));
    const [again] = await imagesOf(make(request({ seed: 4 }), context));
    const [other] = await imagesOf(make(request(), context));
    assert(first && again && other);
    assert.deepEqual([first.width, first.height, first.mediaType, first.seed], [256, 192, 'image/png', 4]);
    assert.deepEqual(again.bytes, first.bytes);
    assert.notEqual(other.seed, 4);
    const pixels = await pixelsOf(first.bytes);
    assert.deepEqual(at(pixels, 0, 0).slice(0, 3), [...paintedColour('a lighthouse')]);
    assert.deepEqual(at(pixels, 255, 0).slice(0, 3), [...paintedColour('4')]);
  });

  test('several have seeds that follow each other and are made side by side', async () => {
    const gate = Promise.withResolvers<void>();
    const engine = paintEngine({ concurrency: 3, gate: gate.promise });
    const making = imagesOf(serviceOn(engine).make(request({ count: 5, seed: 10 }), context));
    while (engine.open() < 3) await new Promise<void>((resolve) => setImmediate(resolve));
    gate.resolve();
    const images = await making;
    assert.deepEqual(
      images.map(({ index, seed }) => [index, seed]),
      [
        [0, 10],
        [1, 11],
        [2, 12],
        [3, 13],
        [4, 14],
      ],
    );
    assert.equal(engine.mostOpen(), 3);
    assert.equal(new Set(images.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size, 5);
  });

  test('come in exactly the size asked for where the model makes one nearby, without a warning', async () => {
    const engine = paintEngine();
    const result = await serviceOn(engine).make(
      request({
        size: { width: 500, height: 301 },
        asked: [{ setting: 'size', parameter: 'measure', value: '500x301' }],
      }),
      context,
    );
    const [image] = await eventsOf(result);
    assert.deepEqual([image?.width, image?.height], [500, 301]);
    assert.deepEqual(engine.asked[0]?.size, { width: 512, height: 304 });
    assert.deepEqual(result.warnings, []);
  });

  test('come smaller than asked for, with a warning, where the model makes none so large', async () => {
    const { make } = serviceOn(paintEngine({ sizes: { maximum: 512 } }));
    const large = request({ size: { width: 2048, height: 1024 } });
    const result = await make(large, context);
    const [image] = await eventsOf(result);
    assert.deepEqual([image?.width, image?.height], [512, 256]);
    assert.deepEqual(result.warnings, [
      { type: 'adjusted', setting: 'measure', from: '2048x1024', to: '512x256' },
    ]);
    await assert.rejects(
      make(large, testContext({ strict: true })),
      refused('unsupported_feature', 'measure', /Strict/),
    );
  });

  test('come in every format, and move as GIF', async () => {
    const { make } = serviceOn(paintEngine());
    for (const id of ['png', 'jpeg', 'webp', 'gif'] as const) {
      const [image] = await imagesOf(make(request({ format: { id } }), context));
      assert(image);
      assert.equal(image.mediaType, `image/${id}`);
      assert.equal((await tools.imageTools.inspect(image.bytes, context)).format, id);
    }
    const animation = { frames: 4, frameMs: 100 };
    const [moving] = await imagesOf(make(request({ format: { id: 'gif' }, animation }), context));
    assert(moving);
    assert.equal((await tools.imageTools.inspect(moving.bytes, context)).frames, 4);
  });

  test('keep their transparency, and lose it where an opaque picture was asked for', async () => {
    const { make } = serviceOn(paintEngine());
    const hasAlpha = async (background: 'transparent' | 'opaque', engineMake = make) => {
      const [image] = await imagesOf(engineMake(request({ background }), context));
      assert(image);
      return (await tools.imageTools.inspect(image.bytes, context)).hasAlpha;
    };
    assert.equal(await hasAlpha('transparent'), true);
    assert.equal(await hasAlpha('opaque'), false);
    const simple = serviceOn(paintEngine({ settings: {} }));
    const asked = [{ setting: 'background', parameter: 'ground', value: 'x' }] as const;
    const opaque = await simple.make(request({ background: 'opaque', asked }), context);
    assert.deepEqual(opaque.warnings, [], 'any picture can be laid on paper');
    const clear = await simple.make(request({ background: 'transparent', asked }), context);
    assert.equal(clear.warnings[0]?.type, 'ignored');
    await Promise.all([eventsOf(opaque), eventsOf(clear)]);
  });

  test('are preceded by as many previews as were asked for, in the same format and size', async () => {
    const { make } = serviceOn(paintEngine());
    const size = { width: 100, height: 80 };
    const events = await eventsOf(
      await make(request({ previews: 2, count: 2, format: { id: 'jpeg' }, size }), context),
    );
    const told = (index: number) =>
      events
        .filter((event) => event.index === index)
        .map(({ type, width, mediaType }) => [type, width, mediaType]);
    const preview = ['image-preview', 100, 'image/jpeg'];
    assert.deepEqual(told(0), [preview, preview, ['image-end', 100, 'image/jpeg']]);
    assert.deepEqual(told(1), told(0));
  });

  test('tell their progress, all together', async () => {
    const fractions: number[] = [];
    const { make } = serviceOn(paintEngine({ concurrency: 1 }));
    const report = (fraction: number) => void fractions.push(fraction);
    await imagesOf(make(request({ count: 2 }), testContext({ report })));
    assert.deepEqual(fractions, [0.25, 0.5, 0.75, 1]);
  });
});

describe('settings of pictures', () => {
  test('are moved into the range of the engine, ignored where it has no such control, and told', async () => {
    const engine = paintEngine();
    const asked = [
      { setting: 'steps', parameter: 'work', value: 900 },
      { setting: 'guidance', parameter: 'lead', value: 3 },
    ] as const;
    const result = await serviceOn(engine).make(request({ steps: 900, guidance: 3, asked }), context);
    await eventsOf(result);
    assert.equal(engine.asked[0]?.steps, 50);
    assert.deepEqual(
      result.warnings.map(({ type, setting }) => [type, setting]),
      [
        ['adjusted', 'work'],
        ['ignored', 'lead'],
      ],
    );
    await assert.rejects(
      serviceOn(engine).make(request({ steps: 900, asked }), testContext({ strict: true })),
      refused('unsupported_feature', 'work'),
    );
  });

  test('of which an engine tells only with a finished picture are told once, in the caller’s words, or refused', async () => {
    const tells = [{ type: 'ignored', setting: 'prompt', reason: 'half of it is unknown here' }] as const;
    const { make } = serviceOn(paintEngine({ tells }));
    const result = await make(request({ count: 3 }), context);
    await eventsOf(result);
    assert.deepEqual(result.warnings, [{ ...tells[0], setting: 'words' }]);
    await assert.rejects(
      make(request(), testContext({ strict: true })),
      refused('unsupported_feature', 'words', /Strict/),
    );
  });

  test('are published with their fates', () => {
    const table = { measure: 'size', work: 'steps', lead: 'guidance' } as const;
    const [row] = imageCapabilities(catalogOf([paintEngine()]), { test: table });
    assert.deepEqual(row?.parameters, {
      measure: { fate: 'honoured', minimum: 64, maximum: 2048, outside: 'adjusted' },
      work: { fate: 'honoured', minimum: 1, maximum: 50, outside: 'adjusted' },
      lead: { fate: 'ignored' },
    });
    assert.deepEqual([row?.standIn, row?.inputs, row?.mask], [true, 4, true]);
  });
});

describe('pictures that are changed', () => {
  const red = plain(120, 80, [200, 40, 20, 255]);

  test('stay of their size, and change only where the mask is transparent', async () => {
    const engine = paintEngine();
    const holes = plain(120, 80, [0, 0, 0, 255]);
    for (let y = 0; y < 80; y += 1) for (let x = 60; x < 120; x += 1) holes.pixels[(y * 120 + x) * 4 + 3] = 0;
    const making = serviceOn(engine).make(
      request({ inputs: [await png(red)], mask: await png(holes) }),
      context,
    );
    const [image] = await imagesOf(making);
    assert(image);
    const pixels = await pixelsOf(image.bytes);
    assert.deepEqual([pixels.width, pixels.height], [120, 80]);
    assert.deepEqual(at(pixels, 10, 40), [200, 40, 20, 255]);
    assert.deepEqual(at(pixels, 110, 40), [55, 215, 235, 255]);
    assert.deepEqual((await making).inputs, [{ width: 120, height: 80 }]);
  });

  test('reach the engine upright, in order, and made smaller, with their mask', async () => {
    const engine = paintEngine();
    const large = await png(plain(1000, 500, [1, 2, 3, 255]));
    const mask = await png(plain(1000, 500, [0, 0, 0, 0]));
    const making = serviceOn(engine).make(
      request({ inputs: [large, await png(red)], mask, inputMegapixels: 0.1 }),
      context,
    );
    await imagesOf(making);
    const [asked] = engine.asked;
    assert(asked?.mask);
    const seen = await Promise.all(
      [...asked.inputs, asked.mask].map((bytes) => tools.imageTools.inspect(bytes, context)),
    );
    assert.deepEqual(
      seen.map(({ format, width, height }) => [format, width, height]),
      [
        ['png', 432, 208],
        ['png', 120, 80],
        ['png', 432, 208],
      ],
    );
  });

  test('are refused with the field in the caller’s words when something is wrong with them', async () => {
    const { make } = serviceOn(paintEngine());
    const one = await png(red);
    const noise = { kind: 'bytes', bytes: Buffer.from('Good morning') } as const;
    const wrong = (changes: Partial<ImageRequest>) => make(request(changes), context);
    await assert.rejects(wrong({ inputs: [noise] }), refused('unsupported_media', 'pictures'));
    await assert.rejects(wrong({ inputs: [one, noise] }), refused('unsupported_media', 'pictures[1]'));
    await assert.rejects(
      wrong({ inputs: [one], mask: await png(plain(60, 80, [0, 0, 0, 0])) }),
      refused('invalid_request', 'stencil', /60x80.*120x80/),
    );
    await assert.rejects(
      wrong({ inputs: [one], mask: one }),
      refused('invalid_request', 'stencil', /transpar/),
    );
    await assert.rejects(wrong({ mask: one }), refused('invalid_request', 'stencil', /no picture/));
    await assert.rejects(
      wrong({ inputs: [{ kind: 'url', url: 'http://127.0.0.1:9/a.png' }] }),
      refused('invalid_request', 'pictures'),
    );
    await assert.rejects(wrong({ prompt: ' \n' }), refused('invalid_request', 'words'));
  });

  test('go to an engine that takes them, and are refused where none does', async () => {
    const blind = paintEngine({ id: 'blind', inputs: 0, implements: ['famous'] });
    const single = paintEngine({ id: 'single', inputs: 1, mask: false });
    const one = await png(red);
    const served = await serviceOn(blind, single).make(request({ inputs: [one] }), context);
    assert.deepEqual([served.servedBy, served.standIn], ['single/single', true]);
    await eventsOf(served);
    const mask = await png(plain(120, 80, [0, 0, 0, 0]));
    const wrong = (engine: PaintEngine, changes: Partial<ImageRequest>) =>
      serviceOn(engine).make(request(changes), context);
    await assert.rejects(wrong(blind, { inputs: [one] }), refused('unsupported_feature', 'pictures'));
    await assert.rejects(
      wrong(single, { inputs: [one, one] }),
      refused('unsupported_feature', 'pictures', /one/),
    );
    await assert.rejects(wrong(single, { inputs: [one], mask }), refused('unsupported_feature', 'stencil'));
  });
});

describe('engines of pictures', () => {
  test('that break, or cannot make what is wanted, leave the request to the next', async () => {
    const log = recordingLogger();
    for (const fails of ['engine_failed', 'unsupported_feature'] as const) {
      const first = paintEngine({ id: 'first', fails, implements: ['famous'] });
      const result = await serviceOn(first, paintEngine()).make(request(), testContext({ log }));
      assert.equal(result.servedBy, 'paint/paint');
      await eventsOf(result);
    }
    assert.deepEqual(
      log.entries.map(({ event }) => event),
      ['engine-fallback', 'image-end', 'image-end'],
    );
    const refusing = paintEngine({ id: 'first', fails: 'unsupported_feature', implements: ['famous'] });
    await assert.rejects(
      serviceOn(refusing).make(request(), context),
      refused('unsupported_feature', 'words', /says/),
    );
    const broken = paintEngine({ fails: 'engine_failed' });
    await assert.rejects(
      serviceOn(refusing, broken).make(request(), context),
      refused('engine_failed', undefined),
    );
  });

  test('that answer with something else than a picture have failed', async () => {
    const page = Buffer.from('<html><body>Bad gateway</body></html>');
    await assert.rejects(
      serviceOn(paintEngine({ answers: page })).make(request(), context),
      refused('engine_failed', undefined, /did not answer with a picture/),
    );
  });

  test('that break after a preview fail the stream, stop the other pictures and give every slot back', async () => {
    const log = recordingLogger();
    const engine = paintEngine({ breaksLate: true });
    const result = await serviceOn(engine).make(request({ previews: 1, count: 3 }), testContext({ log }));
    await assert.rejects(eventsOf(result), refused('engine_failed', undefined, /broke/));
    while (engine.open() > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual(
      log.entries.map(({ event }) => event),
      ['image-failed'],
    );
  });

  test('stop when the caller hangs up', async () => {
    const leaving = new AbortController();
    const engine = paintEngine({ gate: new Promise<void>(() => undefined) });
    const making = serviceOn(engine).make(request({ count: 3 }), testContext({ signal: leaving.signal }));
    while (engine.open() < 3) await new Promise<void>((resolve) => setImmediate(resolve));
    leaving.abort();
    await assert.rejects(making, refused('cancelled', undefined));
    while (engine.open() > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  });

  test('count for their caller, and write one line that holds no word of the prompt', async () => {
    const log = recordingLogger();
    const { usage, make } = serviceOn(paintEngine());
    await imagesOf(make(request({ count: 2 }), testContext({ log })));
    assert.deepEqual(usage.totalFor('anonymous'), { characters: 12, audioSeconds: 0, requests: 1 });
    assert.equal(log.entries.length, 1);
    assert(!JSON.stringify(log.entries).includes('lighthouse'));
  });
});

describe('sizes', () => {
  const sizes = { step: 64, minimum: 256, maximum: 1024, usual: { width: 512, height: 512 } };

  test('within the limits are delivered exactly, others in their shape as far as that goes', () => {
    const plan = (width: number, height: number) => planSize({ width, height }, sizes);
    assert.deepEqual(plan(1000, 300), {
      made: { width: 1024, height: 320 },
      delivered: { width: 1000, height: 300 },
    });
    assert.deepEqual(plan(4096, 2048).delivered, { width: 1024, height: 512 });
    assert.deepEqual(plan(128, 64).delivered, { width: 512, height: 256 });
    assert.deepEqual(plan(10_000, 10).delivered, { width: 1024, height: 256 });
  });

  test('of given pictures shrink to multiples of 16, and never grow', () => {
    const limits = { megapixels: 1, side: 2048 };
    assert.deepEqual(reducedSize({ width: 3000, height: 2000 }, limits), { width: 1216, height: 816 });
    assert.deepEqual(reducedSize({ width: 300, height: 201 }, limits), { width: 300, height: 201 });
    const narrow = reducedSize({ width: 16_000, height: 20 }, { megapixels: undefined, side: 1024 });
    assert.deepEqual(narrow, { width: 1024, height: 16 });
  });
});
