import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMulaw, decodePcm, decodeWav } from '../../../test/contracts/decode-audio.ts';
import { openAccess, recordingLogger, testClock, testContext, testMeter } from '../../../test/support.ts';
import { hertzOf, TONE_SECONDS, toneSounds, type ToneSoundsOptions } from '../../../test/tone-sounds.ts';
import { collectBytes } from '../../base/stream.ts';
import { createEngineRunner } from '../models/engine-runner.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { createSoundService } from './sound-service.ts';
import type { SoundRequest } from './sound.ts';

const WHOLE = { delivery: 'whole' } as const;

function request(overrides: Partial<SoundRequest> = {}): SoundRequest {
  return {
    kind: 'effect',
    model: 'famous-noise',
    prompt: 'A door slams.',
    format: { id: 'pcm' },
    delivery: 'stream',
    asked: [],
    spelling: { prompt: 'text', model: 'model_id', format: 'output_format' },
    ...overrides,
  };
}

function house(...options: ToneSoundsOptions[]) {
  const engines = (options.length > 0 ? options : [{}]).map(toneSounds);
  const usage = testMeter();
  const runner = createEngineRunner(testClock);
  const facts = { dialect: 'vendor', title: '', description: '' } as const;
  const models = createModelCatalog({
    engines,
    publicModels: [
      { ...facts, name: 'famous-noise', capability: 'sound' },
      { ...facts, name: 'famous-song', capability: 'music' },
      { ...facts, name: 'famous-both', capability: 'music', alsoDoes: 'sound' },
    ],
    bindings: {},
    strictModels: false,
  });
  const service = createSoundService({ models, runner, usage, access: openAccess, clock: testClock });
  return { service, engines, usage, runner };
}

async function made(service: ReturnType<typeof house>['service'], overrides: Partial<SoundRequest>) {
  const result = await service.make(request(overrides), testContext());
  return { result, bytes: await collectBytes(result.chunks) };
}

test('makes a sound, says who made it, counts the usage, gives the slot back and writes one log line', async () => {
  const { service, engines, usage, runner } = house();
  const log = recordingLogger();
  const result = await service.make(request({ durationSeconds: 2 }), testContext({ log }));
  assert.deepEqual(
    [result.servedBy, result.standIn, result.durationSeconds, result.mediaType],
    ['tones/sound', true, 2, 'audio/pcm'],
  );
  assert.equal((await collectBytes(result.chunks)).length, 2 * 44_100 * 2 * 2);
  assert.deepEqual(usage.totalFor('anonymous'), { characters: 13, audioSeconds: 2, requests: 1 });
  const [engine] = engines;
  assert.ok(engine);
  assert.deepEqual(runner.load(engine), { running: 0, waiting: 0 });
  assert.deepEqual(
    log.entries.map(({ event }) => event),
    ['sound-end'],
  );
  assert.ok(!JSON.stringify(log.entries).includes('door'), 'the prompt must not be logged');
});

test('a sound has the asked length to the sample at every rate, whatever the engine makes', async () => {
  for (const seconds of [undefined, 0.2, 9]) {
    const { service } = house({ ...(seconds === undefined ? {} : { seconds }), sampleRate: 32_000 });
    for (const sampleRate of [8000, 22_050, 44_100, 48_000]) {
      const wanted = { durationSeconds: 0.7, channels: 1 as const, format: { id: 'pcm', sampleRate } };
      const { bytes } = await made(service, wanted);
      assert.equal(bytes.length, Math.round(0.7 * sampleRate) * 2, `${seconds} s at ${sampleRate} Hz`);
    }
  }
});

test('a sound whose length is left to the engine is as long as the engine makes it', async () => {
  const { service } = house();
  const { result, bytes } = await made(service, { channels: 2, format: { id: 'pcm', sampleRate: 8000 } });
  assert.equal(result.durationSeconds, undefined);
  assert.equal(bytes.length, TONE_SECONDS * 8000 * 2 * 2);
});

test('what is wanted whole states its true length, and formats with one channel get the mean of both', async () => {
  const { service } = house();
  const { result, bytes } = await made(service, {
    ...WHOLE,
    durationSeconds: 1,
    format: { id: 'wav', sampleRate: 44_100 },
  });
  assert.equal(result.byteLength, bytes.length);
  const wav = await decodeWav(bytes, { sampleRate: 44_100, channels: 2 });
  assert.deepEqual([wav.frames, wav.channels], [44_100, 2]);
  const phone = await made(service, { durationSeconds: 1, format: { id: 'mulaw', sampleRate: 8000 } });
  assert.equal(phone.bytes.length, 8000);
  const heard = await decodeMulaw(phone.bytes, { sampleRate: 8000, channels: 1 });
  const loudest = Math.max(...(heard.samples ?? []));
  assert.ok(Math.abs(loudest - 0.375) < 0.03, `the loudest sample is ${loudest}`);
});

test('the same seed gives the same bytes, none gives another sound each time, and the answer names it', async () => {
  const { service, engines } = house();
  const asked = { durationSeconds: 0.1, format: { id: 'pcm', sampleRate: 44_100 } };
  const first = await made(service, { ...asked, seed: 7 });
  const again = await made(service, { ...asked, seed: 7 });
  assert.deepEqual([first.result.seed, again.bytes], [7, first.bytes]);
  const [drawn, other] = [await made(service, asked), await made(service, asked)];
  assert.notEqual(drawn.result.seed, other.result.seed);
  assert.equal(engines[0]?.asked.at(-1)?.seed, other.result.seed);
  assert.equal((await made(house({ settings: {} }).service, asked)).result.seed, undefined);
});

test('a complete file from elsewhere is decoded, cut and written anew', async () => {
  const { service } = house({ file: true, seconds: 4 });
  const { bytes } = await made(service, {
    durationSeconds: 1.5,
    seed: 3,
    format: { id: 'pcm', sampleRate: 44_100 },
  });
  const { samples = new Float32Array(0) } = await decodePcm(bytes, { sampleRate: 44_100, channels: 2 });
  assert.equal(samples.length, 2 * 66_150);
  const crossings = samples.filter((sample, index) => {
    const before = samples[index - 2] ?? 0;
    return index % 2 === 0 && before < 0 && sample >= 0;
  });
  assert.ok(Math.abs(crossings.length / 1.5 - hertzOf({ seed: 3 })) < 2);
});

test('a file from elsewhere that is no sound is the engine’s failure, and the next engine makes the sound', async () => {
  const broken = toneSounds({ id: 'liar' });
  const html = new TextEncoder().encode('<!doctype html><title>502</title>');
  const liar = {
    ...broken,
    sound: { ...broken.sound!, generate: async () => ({ kind: 'file' as const, bytes: html }) },
  };
  const next = toneSounds();
  const models = createModelCatalog({
    engines: [liar, next],
    publicModels: [{ name: 'famous-noise', dialect: 'v', capability: 'sound', title: '', description: '' }],
    bindings: {},
    strictModels: false,
  });
  const parts = {
    models,
    runner: createEngineRunner(testClock),
    usage: testMeter(),
    access: openAccess,
    clock: testClock,
  };
  const log = recordingLogger();
  const result = await createSoundService(parts).make(request({ durationSeconds: 1 }), testContext({ log }));
  assert.equal(result.servedBy, 'tones/sound');
  await collectBytes(result.chunks);
  assert.deepEqual(
    log.entries.map(({ event }) => event),
    ['engine-fallback', 'sound-end'],
  );
});

test('an engine that breaks before the first sample leaves the request to the next one; alone it is the failure', async () => {
  const { service, engines, runner } = house({ id: 'bad', failAfterChunks: 0 }, { id: 'good' });
  const { result } = await made(service, { durationSeconds: 1 });
  assert.equal(result.servedBy, 'good/sound');
  for (const engine of engines) assert.deepEqual(runner.load(engine), { running: 0, waiting: 0 });
  await assert.rejects(house({ failAfterChunks: 0 }).service.make(request(), testContext()), {
    code: 'engine_failed',
  });
});

test('an engine that breaks later cuts the stream, but not a sound that is wanted whole', async () => {
  const engines = [{ id: 'bad', failAfterChunks: 3 }, { id: 'good' }];
  await assert.rejects(made(house(...engines).service, { durationSeconds: 2 }), { code: 'engine_failed' });
  const { result } = await made(house(...engines).service, { ...WHOLE, durationSeconds: 2 });
  assert.equal(result.servedBy, 'good/sound');
});

test('what the engine does not obey is told in the caller’s words, and refused under strict mode', async () => {
  const { service, engines } = house({
    settings: { steps: { minimum: 10, maximum: 50 } },
    warnings: [
      { type: 'ignored', setting: 'prompt', reason: 'nothing in it is known' },
      { type: 'ignored', setting: 'loop', reason: 'it cannot, as its table says' },
    ],
  });
  const asked = [
    { setting: 'loop', parameter: 'loop', value: true },
    { setting: 'steps', parameter: 'steps', value: 90 },
    { setting: 'duration', parameter: 'duration_seconds', value: 1 },
  ] as const;
  const { result } = await made(service, { asked, durationSeconds: 1, steps: 90, loop: true });
  assert.deepEqual(result.warnings, [
    { type: 'ignored', setting: 'loop', reason: 'tones has no such control' },
    { type: 'adjusted', setting: 'steps', from: '90', to: '50' },
    { type: 'ignored', setting: 'text', reason: 'nothing in it is known' },
  ]);
  assert.equal(engines[0]?.asked[0]?.steps, 50);
  await assert.rejects(service.make(request({ asked }), testContext({ strict: true })), {
    code: 'unsupported_feature',
    param: 'loop',
  });
  assert.equal(engines[0]?.asked.length, 1);
  await assert.rejects(service.foresee(request({ asked }), testContext({ strict: true })), { param: 'loop' });
  assert.deepEqual(await service.foresee(request({ asked }), testContext()), {
    servedBy: 'tones/sound',
    standIn: true,
    warnings: result.warnings.slice(0, 2),
  });
});

test('a blank prompt, an impossible format and impossible lengths are refused before any engine is asked', async () => {
  const { service, engines } = house({ maxSeconds: 60 });
  const refused = async (overrides: Partial<SoundRequest>, expected: object) => {
    await assert.rejects(service.make(request(overrides), testContext()), expected);
    await assert.rejects(service.foresee(request(overrides), testContext()), expected);
  };
  const duration = [{ setting: 'duration', parameter: 'duration_seconds', value: 0 }] as const;
  await refused({ prompt: ' \n' }, { code: 'invalid_request', param: 'text', reason: 'empty_text' });
  await refused({ format: { id: 'mp5' } }, { code: 'invalid_request', param: 'output_format' });
  await refused({ format: { id: 'mp3', sampleRate: 24_000, bitRate: 256_000 } }, { param: 'output_format' });
  for (const durationSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await refused(
      { durationSeconds, asked: duration },
      { code: 'invalid_request', param: 'duration_seconds' },
    );
  }
  const long = { durationSeconds: 61, asked: duration };
  await refused(long, { code: 'unsupported_feature', param: 'duration_seconds' });
  await refused({ model: 'nobody' }, { code: 'not_found', param: 'model' });
  assert.equal(engines[0]?.asked.length, 0);
});

test('a sound that is too long for the first engine goes to one that can', async () => {
  const { service } = house({ id: 'short', maxSeconds: 10 }, { id: 'long', maxSeconds: 100 });
  assert.equal((await made(service, { durationSeconds: 11 })).result.servedBy, 'long/sound');
  assert.equal((await made(service, { durationSeconds: 10 })).result.servedBy, 'short/sound');
});

test('a name for both goes to a model that is it, and else to what stands in for the wanted kind', async () => {
  const { service } = house({ id: 'plain' }, { id: 'real', implements: ['famous-both'] });
  const by = async (overrides: Partial<SoundRequest>, { service: asked } = { service }) =>
    (await made(asked, { ...overrides, durationSeconds: 0.1 })).result.servedBy;
  assert.equal(await by({ model: 'famous-both' }), 'real/sound');
  assert.equal(await by({ model: 'famous-both', kind: 'music' }), 'real/music');
  const plain = house({ id: 'plain' });
  assert.equal(await by({ model: 'famous-both' }, plain), 'plain/sound');
  assert.equal(await by({ model: 'famous-both', kind: 'music' }, plain), 'plain/music');
  await assert.rejects(by({ model: 'famous-noise', kind: 'music' }), { code: 'unsupported_feature' });
});

test('a caller who leaves ends the sound, and its slot is free again', async () => {
  const { service, engines, runner } = house();
  const hangUp = new AbortController();
  const result = await service.make(
    request({ durationSeconds: 500 }),
    testContext({ signal: hangUp.signal }),
  );
  const reader = result.chunks[Symbol.asyncIterator]();
  await reader.next();
  const [engine] = engines;
  assert.ok(engine);
  assert.equal(runner.load(engine).running, 1);
  hangUp.abort();
  assert.equal(runner.load(engine).running, 0);
  await reader.return?.();
  assert.equal(engine.open(), 0);
});

test('the progress of a sound is told from its first hundredth to its end', async () => {
  const told: number[] = [];
  const { service } = house();
  const context = testContext({ report: (fraction) => told.push(fraction) });
  const result = await service.make(request({ ...WHOLE, durationSeconds: 4 }), context);
  await collectBytes(result.chunks);
  assert.ok(told.length > 20 && told.length <= 101, `${told.length} reports`);
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
  assert.equal(told.at(-1), 1);
});

test('music is laid out by the first engine that can, and a plan is played without a prompt', async () => {
  const { service, engines } = house({ id: 'first', planless: true }, { id: 'second' });
  const asked = request({ kind: 'music', model: 'famous-song', prompt: 'A waltz', durationSeconds: 30 });
  const plan = await service.plan(asked, testContext());
  assert.deepEqual(
    plan.sections.map(({ durationSeconds }) => durationSeconds),
    [10, 20],
  );
  await made(service, { ...asked, prompt: '', plan, exactSections: true, durationSeconds: 0.1 });
  assert.deepEqual(engines[0]?.asked[0]?.plan, plan);
  assert.equal(engines[0]?.asked[0]?.exactSections, true);
  const planless = house({ planless: true }).service;
  await assert.rejects(planless.plan(asked, testContext()), { code: 'unsupported_feature' });
});

test('the outline of a sound is there when it was read', async () => {
  const { service } = house();
  const { result } = await made(service, { durationSeconds: 1.1 });
  assert.equal(result.outline().length, 5);
  assert.ok(result.outline().every((value) => Math.abs(Math.abs(value) - 0.375) < 0.01));
});
