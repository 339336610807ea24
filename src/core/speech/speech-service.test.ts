import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  openAccess,
  recordingLogger,
  testClock,
  testContext,
  testMeter,
  testVoices,
} from '../../../test/support.ts';
import { toneEngine, type ToneEngine, type ToneEngineOptions } from '../../../test/tone-engine.ts';
import { collectBytes } from '../../base/stream.ts';
import { createEngineRunner } from '../models/engine-runner.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { createSpeechService } from './speech-service.ts';
import type { SpeechRequest } from './speech.ts';

const SPELLING = { text: 'input', voice: 'voice', model: 'model', format: 'response_format' };

function request(overrides: Partial<SpeechRequest> = {}): SpeechRequest {
  return {
    model: 'famous-1',
    text: 'Hello there, my friend.',
    voice: { kind: 'default' },
    format: { id: 'pcm' },
    delivery: 'stream',
    normalization: 'auto',
    alignment: false,
    asked: [],
    spelling: SPELLING,
    ...overrides,
  };
}

function service(...options: ToneEngineOptions[]) {
  const engines: ToneEngine[] = (options.length > 0 ? options : [{}]).map(toneEngine);
  const usage = testMeter();
  const runner = createEngineRunner(testClock);
  const speech = createSpeechService({
    models: createModelCatalog({
      engines,
      publicModels: [
        { name: 'famous-1', dialect: 'vendor', capability: 'speech', title: '', description: '' },
      ],
      bindings: {},
      strictModels: false,
    }),
    voices: testVoices({ presets: [], engines }),
    runner,
    usage,
    access: openAccess,
    clock: testClock,
  });
  return { speech, engines, usage, runner };
}

test('speaks, says who spoke, counts the usage, gives the slot back and writes one log line', async () => {
  const { speech, engines, usage, runner } = service();
  const log = recordingLogger();
  const result = await speech.speak(request(), testContext({ log }));
  assert.equal(result.servedBy, 'tone/tone');
  assert.equal(result.standIn, true);
  assert.equal(result.characters, 23);
  const bytes = await collectBytes(result.chunks);
  assert.equal(bytes.length, 36_800);
  assert.deepEqual(usage.totalFor('anonymous'), { characters: 23, audioSeconds: 1.15, requests: 1 });
  assert.ok(engines[0]);
  assert.deepEqual(runner.load(engines[0]), { running: 0, waiting: 0 });
  assert.deepEqual(
    log.entries.map((entry) => entry.event),
    ['speech-end'],
  );
  assert.ok(!JSON.stringify(log.entries).includes('friend'), 'the text must not be logged');
});

test('a blank text and an unknown format are refused before any engine is asked, in the caller’s spelling', async () => {
  const { speech, engines } = service();
  await assert.rejects(speech.speak(request({ text: ' \n\t' }), testContext()), {
    code: 'invalid_request',
    param: 'input',
    reason: 'empty_text',
  });
  await assert.rejects(speech.speak(request({ format: { id: 'mp5' } }), testContext()), {
    code: 'invalid_request',
    param: 'response_format',
  });
  assert.equal(engines[0]?.asked.length, 0);
});

test('an engine that breaks before its first sample leaves the request to the next one', async () => {
  const { speech, engines } = service({ id: 'broken', failAfterChunks: 0 }, { id: 'sound' });
  const log = recordingLogger();
  const result = await speech.speak(request(), testContext({ log }));
  assert.equal(result.servedBy, 'sound/sound');
  await collectBytes(result.chunks);
  assert.equal(log.entries[0]?.event, 'engine-fallback');
  assert.equal(engines[0]?.open(), 0);
});

test('when nobody can say the text it is refused, never answered with an empty clip', async () => {
  const { speech } = service({ id: 'one', mute: true }, { id: 'two', mute: true });
  await assert.rejects(speech.speak(request({ text: '…' }), testContext()), {
    code: 'invalid_request',
    reason: 'nothing_to_speak',
    param: 'input',
  });
});

test('a failure after the first sample breaks the stream, and the slot still comes back', async () => {
  const { speech, engines, runner } = service({ failAfterChunks: 3 });
  const log = recordingLogger();
  const result = await speech.speak(request(), testContext({ log }));
  await assert.rejects(collectBytes(result.chunks), { code: 'engine_failed' });
  assert.ok(engines[0]);
  assert.equal(runner.load(engines[0]).running, 0);
  assert.equal(log.entries.at(-1)?.event, 'speech-failed');
});

test('hanging up gives the slot back and ends the engine’s stream, even if nobody ever read a byte', async () => {
  const { speech, engines, runner } = service();
  const hangUp = new AbortController();
  await speech.speak(request({ text: 'long '.repeat(500) }), testContext({ signal: hangUp.signal }));
  const [engine] = engines;
  assert.ok(engine);
  assert.deepEqual([engine.open(), runner.load(engine).running], [1, 1]);
  hangUp.abort();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([engine.open(), runner.load(engine).running], [0, 0]);
});

test('a reader that leaves early ends the engine’s stream', async () => {
  const { speech, engines } = service();
  const result = await speech.speak(request({ text: 'long '.repeat(500) }), testContext());
  for await (const chunk of result.chunks) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.equal(engines[0]?.open(), 0);
});

test('what is asked for and not obeyed is told, and refused under strict mode', async () => {
  const asked = [
    { setting: 'stability', parameter: 'voice_settings.stability', value: 0.3 },
    { setting: 'speed', parameter: 'speed', value: 9 },
    { setting: 'seed', parameter: 'seed', value: 1 },
  ] as const;
  const { speech, engines } = service();
  const result = await speech.speak(request({ asked, speed: 9 }), testContext());
  await collectBytes(result.chunks);
  assert.deepEqual(
    result.warnings.map((warning) => [warning.type, warning.setting]),
    [
      ['ignored', 'voice_settings.stability'],
      ['adjusted', 'speed'],
    ],
  );
  assert.equal(engines[0]?.asked[0]?.speed, 4);
  await assert.rejects(speech.speak(request({ asked }), testContext({ strict: true })), {
    code: 'unsupported_feature',
    param: 'voice_settings.stability',
  });
});

test('a text in another script goes to an engine that speaks it, and is refused when none does', async () => {
  const arabic = 'مرحبا بك في هذا المكان الجميل';
  const { speech } = service({ id: 'english', languages: ['en'] }, { id: 'world', languages: ['en', 'ar'] });
  const result = await speech.speak(request({ text: arabic }), testContext());
  assert.equal(result.servedBy, 'world/world');
  await collectBytes(result.chunks);
  const alone = service({ id: 'english', languages: ['en'] });
  await assert.rejects(alone.speech.speak(request({ text: arabic }), testContext()), {
    code: 'unsupported_feature',
    reason: 'unsupported_language',
  });
});

test('a language that was asked for and nobody speaks is dropped with a warning', async () => {
  const { speech, engines } = service({ languages: ['en'] });
  const asked = [{ setting: 'language', parameter: 'language_code', value: 'xh' }] as const;
  const result = await speech.speak(request({ language: 'xh', asked }), testContext());
  await collectBytes(result.chunks);
  assert.deepEqual(
    result.warnings.map((warning) => warning.setting),
    ['language_code'],
  );
  assert.equal(engines[0]?.asked[0]?.language, 'en');
});

test('a voice belongs to its engine, and a model that is another engine cannot use it', async () => {
  const { speech } = service({ id: 'one' }, { id: 'two' });
  const result = await speech.speak(request({ voice: { kind: 'id', id: 'two/low' } }), testContext());
  assert.equal(result.voiceId, 'two/low');
  await collectBytes(result.chunks);
  await assert.rejects(
    speech.speak(request({ model: 'one', voice: { kind: 'id', id: 'two/low' } }), testContext()),
    {
      code: 'unsupported_feature',
      reason: 'voice_of_another_model',
    },
  );
});

test('numbers are spoken as words and aligned with the text that was sent', async () => {
  const { speech, engines } = service();
  const result = await speech.speak(request({ text: 'I have 2 cats', alignment: true }), testContext());
  await collectBytes(result.chunks);
  assert.equal(engines[0]?.asked[0]?.text, 'I have two cats');
  assert.equal(result.alignment?.normalized.text, 'I have two cats');
  const spoken = result.alignment?.original.words.map((word) =>
    result.alignment?.original.text.slice(word.start, word.end),
  );
  assert.deepEqual(spoken, ['I', 'have', '2', 'cats']);

  const verbatim = await speech.speak(
    request({ text: 'I have 2 cats', normalization: 'off' }),
    testContext(),
  );
  await collectBytes(verbatim.chunks);
  assert.equal(engines[0]?.asked[1]?.text, 'I have 2 cats');
});

test('a whole answer has its length and true lengths in its header; a stream cannot', async () => {
  const { speech } = service();
  const whole = await speech.speak(request({ format: { id: 'wav' }, delivery: 'whole' }), testContext());
  const file = Buffer.from(await collectBytes(whole.chunks));
  assert.equal(file.length, whole.byteLength);
  assert.equal(file.readUInt32LE(40), file.length - 44);
  const streamed = await speech.speak(request({ format: { id: 'wav' } }), testContext());
  const bytes = Buffer.from(await collectBytes(streamed.chunks));
  assert.equal(streamed.byteLength, undefined);
  assert.equal(bytes.readUInt32LE(40), 0xffffffff);
  assert.deepEqual(bytes.subarray(44), file.subarray(44));
});

test('requests beyond the engine’s slots wait for their turn', async () => {
  const { speech, engines, runner } = service({ concurrency: 1 });
  const first = await speech.speak(request(), testContext());
  const second = speech.speak(request(), testContext());
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(engines[0]);
  assert.deepEqual(runner.load(engines[0]), { running: 1, waiting: 1 });
  await collectBytes(first.chunks);
  await collectBytes((await second).chunks);
  assert.deepEqual(runner.load(engines[0]), { running: 0, waiting: 0 });
});
