import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { requestContext } from '../../../test/contracts/engine-contract.ts';
import { layoutOutlines } from '../../../test/sherpa-outlines.ts';
import {
  copyOf,
  emptyFolder,
  fill,
  miniVoice,
  miniWhisper,
  needsData,
  onnxMetadata,
  onnxOutline,
  readClip,
  sileroVad,
  sourceOf,
  speakerStub,
  startSherpa,
  waveFile,
  weightsIn,
} from '../../../test/sherpa-support.ts';
import type { Engine, InstalledWeights } from '../../core/engine.ts';
import { silentLogger, type LogFields } from '../../core/ports/logger.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import { createSherpaCatalog } from './sherpa-catalog.ts';
import { sherpaEngine } from './sherpa-engine.ts';
import { createSherpaProcesses, type StartOf } from './sherpa-processes.ts';
import { createSpeechFinder } from './sherpa-voice-activity.ts';

after(stopDecodePool);

const WHISPER = 'mini-whisper-test/mini-encoder.onnx';
const never = new AbortController().signal;

function openEars(engine: Engine, model: string) {
  assert(engine.transcription);
  const request = { model, task: 'transcribe', language: 'en', wordTimes: false, logprobs: false } as const;
  return engine.transcription.open(request, requestContext());
}

async function hearJfk(engine: Engine): Promise<string> {
  const session = await openEars(engine, 'sherpa/mini-whisper');
  const { segments } = await session.hear({ samples: await readClip('en/jfk.wav') });
  session.close();
  return segments.map(({ text }) => text).join('');
}

/** A damaged copy of the recogniser beside the good one. */
function damaged(t: TestContext, damage: (folder: string) => void): InstalledWeights {
  const folder = copyOf(t, miniWhisper.folder);
  damage(folder);
  return weightsIn(folder, { id: 'sherpa/damaged', kind: 'transcription' });
}

/** Overwrites a stretch in the middle of a network, so that its outline is still whole. */
function overwrite(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xff, 200, 4000);
  writeFileSync(path, bytes);
}

/** What an attempt to use it fails with; afterwards the good model must still hear. */
async function failureOf(t: TestContext, weights: InstalledWeights): Promise<unknown> {
  const engine = await startSherpa(t, [miniWhisper, weights]);
  const failure = await openEars(engine, weights.id).then(
    () => assert.fail('The damaged model was opened.'),
    (error: unknown) => error,
  );
  assert.match(await hearJfk(engine), /ask what you can do for your country/);
  return failure;
}

for (const [what, damage, problem] of [
  [
    'cut off',
    (folder) => truncateSync(join(folder, 'mini-encoder.onnx'), 500_000),
    /mini-encoder\.onnx is cut off/,
  ],
  [
    'a page of text',
    (folder) => writeFileSync(join(folder, 'mini-decoder.onnx'), '<html>Not found</html>'),
    /mini-decoder\.onnx is not an ONNX file/,
  ],
  [
    'another network',
    (folder) => fill(folder, { 'mini-encoder.onnx': onnxOutline({ model_type: 'zipformer' }) }),
    /lacks the metadata/,
  ],
  ['empty', (folder) => writeFileSync(join(folder, 'mini-tokens.txt'), ''), /mini-tokens\.txt is empty/],
] as const satisfies readonly (readonly [string, (folder: string) => void, RegExp])[]) {
  test(`does not offer a model with a file that is ${what}, and says why`, async (t) => {
    if (!needsData(t, WHISPER, 'audio/en/jfk.wav')) return;
    const weights = damaged(t, damage);
    const failure = await failureOf(t, weights);
    assert(failure instanceof Error);
    assert.match(failure.message, problem);
    assert.match(failure.message, /antiphon models pull sherpa\/damaged/);
    assert(!failure.message.includes(weights.folder), 'The message names a folder of this machine.');

    const logged: LogFields[] = [];
    const log = { ...silentLogger, warn: (fields: LogFields) => logged.push(fields) };
    const engine = await sherpaEngine.create({ workers: 1, weights: sourceOf([weights]), log });
    assert(!('unavailable' in engine));
    assert.deepEqual(engine.models, []);
    assert.equal(engine.transcription, undefined);
    assert.equal(logged.length, 1);
    assert.match(String(logged[0]?.reason), problem);
  });
}

test('turns what the addon throws over a damaged network into one clear error', async (t) => {
  if (!needsData(t, WHISPER, 'audio/en/jfk.wav')) return;
  const weights = damaged(t, (folder) => overwrite(join(folder, 'mini-encoder.onnx')));
  const failure = await failureOf(t, weights);
  assert(failure instanceof Error);
  assert.match(failure.message, /The model sherpa\/damaged could not be loaded; its files are damaged/);
  assert.match(String(failure.cause instanceof Error && failure.cause.stack), /Load model from/);
});

test('survives an addon that ends its process with exit code 255', async (t) => {
  if (!needsData(t, WHISPER, 'audio/en/jfk.wav')) return;
  // Two languages for 99 numbers: more than can be checked beforehand, and the addon's reason to exit.
  const more = onnxMetadata({ all_language_codes: 'en,zh' });
  const weights = damaged(t, (folder) => {
    const path = join(folder, 'mini-encoder.onnx');
    writeFileSync(path, Buffer.concat([readFileSync(path), more]));
  });
  const failure = await failureOf(t, weights);
  assert(failure instanceof Error);
  assert.match(failure.message, /The engine sherpa\/damaged ended by itself \(exit code 255\)/);
});

test('survives an addon that aborts its process', async (t) => {
  if (!needsData(t, 'silero-vad/silero_vad.onnx', 'speaker-embedding-stub', 'audio/en/jfk.wav')) return;
  const folder = copyOf(t, sileroVad.folder);
  overwrite(join(folder, 'silero_vad.onnx'));
  const finder = createSpeechFinder({ weights: sourceOf([{ ...sileroVad, folder }]) });
  t.after(() => finder.stop());
  const samples = await readClip('en/jfk.wav');
  await assert.rejects(finder.find(samples, requestContext()), {
    code: 'engine_failed',
    message: /The engine sherpa\/silero-vad crashed \(SIGABRT\)/,
  });
  writeFileSync(join(folder, 'silero_vad.onnx'), readFileSync(join(sileroVad.folder, 'silero_vad.onnx')));
  assert.equal((await finder.find(samples, requestContext())).length, 4);
});

async function takeWhisper(t: TestContext, settings: object = {}) {
  const catalog = createSherpaCatalog(sourceOf([miniWhisper]), silentLogger);
  const model = await catalog.get('sherpa/mini-whisper', 'hearing');
  const { files, tokens } = model.layout;
  const processes = createSherpaProcesses({ workers: 1, ...settings });
  t.after(() => processes.stop());
  const start: StartOf = { kind: 'recognizer', files, tokens };
  return { take: () => processes.take(model, start, never) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('gives one clear error when its process is killed in the middle, and goes on', async (t) => {
  if (!needsData(t, WHISPER, 'audio/en/jfk.wav')) return;
  const { take } = await takeWhisper(t);
  const { process: child, release } = await take();
  const call = { kind: 'hear', samples: await readClip('en/jfk.wav') } as const;
  const pid = child.pid ?? 0;
  const hearing = child.call(call, { signal: never });
  process.kill(pid, 'SIGKILL');
  await assert.rejects(hearing, { code: 'engine_failed', message: /was killed \(SIGKILL\)/ });
  const answer = await child.call(call, { signal: never });
  assert(answer.kind === 'heard');
  assert.match(answer.speech.text, /^And so my fellow Americans/);
  assert.notEqual(child.pid, pid);
  release();
});

test('ends the process of a model that nobody uses, and gives its memory back', async (t) => {
  if (!needsData(t, WHISPER)) return;
  const freed = Promise.withResolvers<void>();
  const claimed: number[] = [];
  const memory = {
    claim: ({ bytes }: { readonly bytes: number }) => {
      claimed.push(bytes);
      return Promise.resolve(() => freed.resolve());
    },
  };
  const { take } = await takeWhisper(t, { idleMs: 1, memory });
  const first = await take();
  const second = await take();
  assert.equal(first.process, second.process);
  const pid = first.process.pid ?? 0;
  assert(isAlive(pid));
  assert.equal(await first.process.unload(), false);
  first.release();
  assert.equal(await first.process.unload(), false);
  second.release();
  await freed.promise;
  assert.equal(isAlive(pid), false);
  assert.equal(claimed.length, 1);
  assert((claimed[0] ?? 0) > 15_000_000);
});

for (const [family, files] of Object.entries(layoutOutlines())) {
  test(`tells the addon all that it wants to know of ${family}, up to the network itself`, async (t) => {
    const folder = fill(emptyFolder(t), files);
    const hears = ['moonshine', 'moonshine v2', 'parakeet', 'sense voice'].includes(family);
    const kind = hears ? 'transcription' : 'speech';
    const weights = weightsIn(folder, { id: 'sherpa/outline', kind, languages: ['en', 'es'] });
    const engine = await startSherpa(t, [weights]);
    const failure = hears ? await whyDeaf(engine) : await whyMute(engine);
    // A wrong or missing setting is refused before any network is read.
    assert.match(String(failure.cause instanceof Error && failure.cause.stack), /Load model from|Protobuf/);
  });
}

async function whyDeaf(engine: Engine): Promise<Error> {
  return openEars(engine, 'sherpa/outline').then(
    () => assert.fail('An outline was loaded.'),
    (error: Error) => error,
  );
}

async function whyMute(engine: Engine): Promise<Error> {
  assert(engine.speech);
  const voice = engine.speech.voices[0]?.id ?? 'sherpa/outline/sample';
  const output = await engine.speech.synthesize(
    {
      model: 'sherpa/outline',
      text: 'Hello.',
      voice,
      language: 'en',
      speed: 1,
      pitchSemitones: 0,
      alignment: false,
      sample: {
        audio: {
          kind: 'bytes',
          bytes: waveFile(
            new Int16Array(48_000).map((_, index) => index % 1000),
            24_000,
          ),
        },
        transcript: 'Hi.',
      },
    },
    requestContext(),
  );
  assert(output.kind === 'pcm');
  try {
    for await (const chunk of output.pcm.chunks) assert.equal(chunk.length, 0);
  } catch (error) {
    assert(error instanceof Error);
    return error;
  }
  return assert.fail('An outline spoke.');
}

test('has nothing to say of models that are for somebody else', async (t) => {
  const foreign = [
    weightsIn(emptyFolder(t), { id: 'sherpa/segmentation', kind: 'speaker_segmentation' }),
    { ...miniVoice, id: 'whisper/not-ours' },
    { ...speakerStub, id: 'other/not-ours' },
  ];
  const engine = await startSherpa(t, foreign);
  assert.deepEqual(engine.models, []);
  assert.equal(engine.speech, undefined);
  assert.equal(engine.speakers, undefined);
});
