import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeWhole, readTestFile, testData, withoutTestData } from '../../../test/decode-support.ts';
import { testContext } from '../../../test/support.ts';
import { present } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import type {
  Engine,
  EngineSettings,
  HearingRequest,
  HeardWindow,
  InstalledWeights,
  WeightsSource,
} from '../../core/engine.ts';
import { toInt16 } from '../../media/pcm.ts';
import { createMemoryBudget } from '../memory-budget.ts';
import {
  findWhisperPackages,
  loadWhisperAddon,
  type WhisperContext,
  type WhisperOptions,
} from './whisper-binding.ts';
import { whisperEngine } from './whisper-engine.ts';
import { createWhisperModels } from './whisper-models.ts';

const packages = findWhisperPackages();
const skip =
  withoutTestData ||
  (packages.length === 0 ? 'whisper.cpp has no package for this machine, or it is not installed' : false);

const MODEL = join(testData, 'ggml', 'ggml-mini-test.bin');
const JFK =
  'And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';
/** The clips that the model has memorised. */
const CLIPS = [
  { clip: 'en/jfk.wav', language: 'en', text: JFK },
  {
    clip: 'en/leopard_en.wav',
    language: 'en',
    text: 'Mr. Quilter is the apostle of the middle classes and we are glad to welcome his gospel.',
  },
  {
    clip: 'multilingual/leopard_fr.wav',
    language: 'fr',
    text: 'Sous le consulat il devient conservateur des eaux et forêts et conseiller général.',
  },
  {
    clip: 'multilingual/leopard_de.wav',
    language: 'de',
    text: 'Der hinter diesem Portal liegenden Raum wurde als Leichenhalle genutzt.',
  },
  {
    clip: 'multilingual/aishell_BAC009S0724W0121_zh.wav',
    language: 'zh',
    text: '广州市房地产中介协会分析',
  },
] as const;

function weights(file: string, changes: Partial<InstalledWeights> = {}): InstalledWeights {
  return {
    id: 'whisper/mini-test',
    kind: 'transcription',
    title: 'Whisper mini-test',
    licence: 'MIT',
    languages: 'any',
    folder: join(file, '..'),
    files: [basename(file)],
    ...changes,
  };
}

function source(...installed: InstalledWeights[]): WeightsSource {
  return { installed: async (engine) => (engine === 'whisper' ? installed : []) };
}

async function engineWith(settings: Partial<EngineSettings>): Promise<Engine> {
  const engine = await whisperEngine.create({ workers: 2, ...settings });
  assert(!('unavailable' in engine), 'A package is installed, so the engine runs.');
  return engine;
}

function hearing(changes: Partial<HearingRequest> = {}): HearingRequest {
  return { model: 'whisper/mini-test', task: 'transcribe', wordTimes: false, logprobs: false, ...changes };
}

async function samplesOf(clip: string): Promise<Float32Array> {
  return (await decodeWhole(await readTestFile(clip), { sampleRate: 16_000, mono: true })).samples;
}

function openSession(engine: Engine, changes: Partial<HearingRequest> = {}, signal?: AbortSignal) {
  const transcription = present(engine.transcription, 'The ear of whisper');
  return transcription.open(hearing(changes), testContext(signal ? { signal } : {}));
}

async function hearOnce(
  engine: Engine,
  clip: string,
  changes: Partial<HearingRequest> & { prompt?: string } = {},
): Promise<HeardWindow> {
  const { prompt, ...request } = changes;
  const session = await openSession(engine, request);
  try {
    return await session.hear({
      samples: await samplesOf(clip),
      ...(prompt === undefined ? {} : { prompt }),
    });
  } finally {
    session.close();
  }
}

function textOf(heard: HeardWindow): string {
  return heard.segments.map((segment) => segment.text).join('');
}

function fails(code: string, message: RegExp, reason?: string) {
  return (error: unknown) => {
    assert(error instanceof AppError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    if (reason !== undefined) assert.equal(error.reason, reason);
    return true;
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('runs without any weights and says how to install them', async (t) => {
  if (packages.length === 0) return t.skip('no package of whisper.cpp');
  for (const settings of [{}, { weights: source() }]) {
    const engine = await engineWith(settings);
    assert.deepEqual(engine.models, []);
    await assert.rejects(
      openSession(engine, { model: 'whisper/base' }),
      fails('unsupported_feature', /antiphon models pull whisper\/base/, 'not_installed'),
    );
    await engine.stop?.();
  }
});

test('has a model for each transcriber that is installed, the best first, and sees a pull without a restart', async (t) => {
  if (packages.length === 0) return t.skip('no package of whisper.cpp');
  const installed = ['tiny.en', 'large-v3-turbo-q5_0', 'silero-vad', 'large-v3'].map((name) =>
    weights(`${name}.bin`, {
      id: `whisper/${name}`,
      kind: name === 'silero-vad' ? 'vad' : 'transcription',
      languages: name.endsWith('.en') ? ['en'] : 'any',
      ...(name === 'large-v3' ? { implements: ['whisper-1'] } : {}),
    }),
  );
  const engine = await engineWith({ weights: { installed: async () => [...installed] } });
  assert.deepEqual(
    engine.models.map((card) => [card.id, card.implements, card.languages.length, card.tasks]),
    [
      ['whisper/large-v3', ['whisper-1'], 100, ['transcribe', 'translate']],
      ['whisper/large-v3-turbo-q5_0', [], 100, ['transcribe']],
      ['whisper/tiny.en', [], 1, ['transcribe']],
    ],
  );
  const [best] = engine.models;
  installed.push(weights('base.bin', { id: 'whisper/base' }));
  while (engine.models.length < 4) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(engine.models[2]?.id, 'whisper/base');
  assert.equal(engine.models[0], best, 'what did not change is the same');
  await engine.stop?.();
});

test('says that a model without times does not obey a wish for them', async (t) => {
  if (packages.length === 0) return t.skip('no package of whisper.cpp');
  const engine = await engineWith({});
  const settingsOf = (id: string) => present(engine.transcription?.settingsOf?.(id), 'settings by model');
  assert.equal(settingsOf('whisper/distil-medium.en').word_times, undefined);
  for (const id of ['whisper/large-v3-turbo', 'whisper/distil-large-v3', 'whisper/base.en'])
    assert.equal(settingsOf(id).word_times, 'any', id);
  await engine.stop?.();
});

describe('whisper', { skip }, () => {
  let engine: Engine;
  let folder: string;
  const bare = new Map<string, Awaited<ReturnType<WhisperContext['transcribeData']>['promise']>>();
  let context: WhisperContext | undefined;

  before(async () => {
    engine = await engineWith({ weights: source(weights(MODEL)) });
    folder = await mkdtemp(join(tmpdir(), 'antiphon-whisper-'));
  });
  after(async () => {
    await engine.stop?.();
    await rm(folder, { recursive: true });
    if (context)
      loadWhisperAddon(present(packages[0], 'The package').name).WhisperContext.toggleNativeLog(false);
  });

  /** What the addon answers without anything of ours around it. */
  async function bareAnswer(clip: string, options: Partial<WhisperOptions>) {
    const key = `${clip} ${JSON.stringify(options)}`;
    const known = bare.get(key);
    if (known) return known;
    if (!context) {
      const { WhisperContext } = loadWhisperAddon(present(packages[0], 'The package').name);
      WhisperContext.toggleNativeLog(true, () => undefined);
      context = new WhisperContext({ filePath: MODEL, useGpu: false });
    }
    const samples = toInt16(await samplesOf(clip)).buffer;
    const answer = await context.transcribeData(samples, {
      language: 'auto',
      translate: false,
      maxThreads: 2,
      tokenTimestamps: false,
      maxLen: 0,
      temperature: 0,
      temperatureInc: 0.2,
      ...options,
    }).promise;
    bare.set(key, answer);
    return answer;
  }

  for (const { clip, language, text } of CLIPS) {
    test(`hears ${clip} word for word, as the bare addon does`, async () => {
      const heard = await hearOnce(engine, clip, { language });
      const expected = await bareAnswer(clip, { language });
      assert.equal(textOf(heard).trim(), text);
      const { length } = await samplesOf(clip);
      assert.deepEqual(
        heard.segments.map((segment) => [segment.text, segment.startSeconds, segment.endSeconds]),
        expected.segments.map((segment) => [
          segment.text,
          segment.t0 / 1000,
          Math.min(segment.t1 / 1000, length / 16_000),
        ]),
      );
      assert.equal(heard.language, language);
      assert.equal(heard.languageProbability, undefined);
    });

    test(`gives ${clip} words with times that join to the same text`, async () => {
      const heard = await hearOnce(engine, clip, { language, wordTimes: true });
      assert.equal(textOf(heard).trim(), text);
      const words = heard.segments.flatMap((segment) => present(segment.words, 'The words'));
      const expected = language === 'zh' ? text.split('') : text.split(' ');
      assert.deepEqual(
        words.map((word) => word.text),
        expected,
      );
      const seconds = (await samplesOf(clip)).length / 16_000;
      const times = words.flatMap((word) => [word.startSeconds, word.endSeconds]);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      assert(times.at(0)! >= 0 && times.at(-1)! <= seconds);
      assert(times.at(-1)! > seconds / 2);
    });
  }

  test('keeps the gaps that the model left between its segments', async () => {
    const heard = await hearOnce(engine, 'en/jfk.wav', { language: 'en', wordTimes: true });
    const whole = await hearOnce(engine, 'en/jfk.wav', { language: 'en' });
    assert.deepEqual(
      heard.segments.map(({ text, startSeconds, endSeconds }) => ({ text, startSeconds, endSeconds })),
      whole.segments,
    );
    assert.equal(whole.segments.length, 4);
  });

  test('translates into English', async () => {
    const heard = await hearOnce(engine, 'multilingual/leopard_de.wav', {
      language: 'de',
      task: 'translate',
    });
    assert.equal(textOf(heard), ' The room behind this portal was used as a mortuary.');
    assert.equal(heard.language, 'de');
  });

  test('finds the language and how probable it is, and keeps it for the windows after', async () => {
    const session = await openSession(engine);
    const first = await session.hear({ samples: await samplesOf('en/jfk.wav') });
    assert.equal(first.language, 'en');
    assert(first.languageProbability! > 0.9 && first.languageProbability! <= 1);
    const second = await session.hear({ samples: await samplesOf('en/leopard_en.wav') });
    assert.deepEqual([second.language, second.languageProbability], ['en', undefined]);
    session.close();
  });

  test('obeys temperature and prompt as the bare addon does', async () => {
    const prompt = 'The quick brown fox.';
    const heard = await hearOnce(engine, 'en/jfk.wav', { language: 'en', prompt, temperature: 0.9 });
    const expected = await bareAnswer('en/jfk.wav', {
      language: 'en',
      prompt,
      temperature: Math.fround(0.9),
      temperatureInc: 0,
    });
    assert.equal(textOf(heard), expected.segments.map((segment) => segment.text).join(''));
    assert.ok(heard.segments.every((segment) => segment.temperature === 0.9));
  });

  test('hears nothing in an empty window and in silence nothing that it could time', async () => {
    const session = await openSession(engine, { language: 'en' });
    assert.deepEqual((await session.hear({ samples: new Float32Array(0) })).segments, []);
    const { segments } = await session.hear({ samples: new Float32Array(800) });
    assert.deepEqual(segments, []);
    session.close();
  });

  test('refuses languages that the model does not know before it loads anything', async () => {
    for (const language of ['xx', 'english', '', 'xx-US']) {
      await assert.rejects(
        openSession(engine, { language }),
        fails('invalid_request', /none of the 100 languages/, 'unsupported_language'),
      );
    }
    await assert.rejects(
      openSession(engine, { language: 'yue' }),
      fails('invalid_request', /does not hear 'yue'/),
    );
    const english = await engineWith({ weights: source(weights(MODEL, { languages: ['en'] })) });
    await assert.rejects(openSession(english, { language: 'de' }), fails('invalid_request', /it hears en\./));
    const heard = await hearOnce(english, 'en/jfk.wav');
    assert.deepEqual([heard.language, heard.languageProbability], ['en', undefined]);
    await english.stop?.();
  });

  test('does not let a model translate that was never taught to, and its card says so', async () => {
    for (const [id, languages] of [
      ['whisper/large-v3-turbo', 'any'],
      ['whisper/large-v3-turbo-q5_0', 'any'],
      ['whisper/distil-large-v3', ['en']],
      ['whisper/tiny.en', ['en']],
    ] as const) {
      const untaught = await engineWith({ weights: source(weights(MODEL, { id, languages })) });
      assert.deepEqual(untaught.models[0]?.tasks, ['transcribe']);
      await assert.rejects(
        openSession(untaught, { model: id, task: 'translate' }),
        fails('unsupported_feature', /never taught to translate/),
      );
      await untaught.stop?.();
    }
  });

  test('hears four recordings at once without mixing them, each in its turn', async () => {
    const samples = await samplesOf('multilingual/aishell_BAC009S0724W0121_zh.wav');
    const order: number[] = [];
    const run = async (name: number) => {
      const session = await openSession(engine, { language: 'zh' });
      for (let window = 0; window < 2; window += 1) {
        assert.equal(textOf(await session.hear({ samples })).trim(), '广州市房地产中介协会分析');
        order.push(name);
      }
      session.close();
    };
    const clips = CLIPS.slice(0, 4).map(async ({ clip, language, text }) => {
      assert.equal(textOf(await hearOnce(engine, clip, { language })).trim(), text);
    });
    await Promise.all(clips);
    await Promise.all([run(1), run(2)]);
    assert(order[0] !== order[1] && order[1] !== order[2] && order[2] !== order[3], order.join(', '));
  });

  test('gives up at once when the caller leaves, and serves the next', async () => {
    const controller = new AbortController();
    const session = await openSession(engine, { language: 'en' }, controller.signal);
    const other = await openSession(engine, { language: 'en' });
    const samples = await samplesOf('en/jfk.wav');
    const left = session.hear({ samples });
    const next = other.hear({ samples });
    let gone = false;
    void assert.rejects(left, fails('cancelled', /hung up/)).then(() => (gone = true));
    setTimeout(() => controller.abort(), 100);
    await once(controller.signal, 'abort');
    // No message of the child is read within a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    assert(gone, 'who left waits for the child');
    session.close();
    assert.equal(textOf(await next).trim(), JFK);
    other.close();
  });

  describe('in its child process', () => {
    const entry = weights(MODEL);
    const { signal } = new AbortController();
    const call = async (words = false) => ({
      samples: toInt16(await samplesOf('en/jfk.wav')),
      language: 'en',
      translate: false,
      pieces: words,
    });

    test('turns kill -9 in mid-call into one clear error and hears again', async () => {
      const models = createWhisperModels({ workers: 2 }, packages);
      const { process: child, release } = await models.take(entry, signal);
      const { pid } = child;
      const heard = child.call(await call(), { signal });
      process.kill(present(pid, 'The child'), 'SIGKILL');
      await assert.rejects(heard, fails('engine_failed', /whisper was killed \(SIGKILL\)/));
      const { pieces } = await child.call(await call(), { signal });
      assert.equal(
        pieces
          .map((piece) => piece.text)
          .join('')
          .trim(),
        JFK,
      );
      assert.notEqual(child.pid, pid);
      release();
      await models.stop();
    });

    test('notices a child that stands still', async () => {
      const models = createWhisperModels({ workers: 2, silenceMs: 600 }, packages);
      const { process: child, release } = await models.take(entry, signal);
      const heard = child.call(await call(), { signal });
      process.kill(present(child.pid, 'The child'), 'SIGSTOP');
      await assert.rejects(heard, fails('engine_failed', /whisper did not move for 0\.6 s/));
      assert.equal((await child.call(await call(), { signal })).pieces.length, 4);
      release();
      await models.stop();
    });

    test('stops the computation of a caller who left long before it would have ended', async () => {
      const models = createWhisperModels({ workers: 2 }, packages);
      const others = createWhisperModels({ workers: 2 }, packages);
      const other = await others.take(entry, signal);
      const { process: child, release } = await models.take(entry, signal);
      const pid = present(child.pid, 'The child');
      const controller = new AbortController();
      const samples = await call();
      const heard = child.call(samples, { signal: controller.signal });
      heard.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      // However busy the machine is: another child hears the same from now on.
      const whole = { isHeard: false };
      const answer = other.process.call(samples, { signal }).then(() => (whole.isHeard = true));
      controller.abort();
      await assert.rejects(heard, fails('cancelled', /hung up/));
      while (!whole.isHeard && isAlive(pid) && child.pid === pid)
        await new Promise((resolve) => setTimeout(resolve, 5));
      assert(!whole.isHeard, 'the child went on computing');
      await answer;
      release();
      other.release();
      await Promise.all([models.stop(), others.stop()]);
    });

    test('gives its memory back when it is idle, not while a session is open', async () => {
      const models = createWhisperModels({ workers: 2, idleMs: 100 }, packages);
      const first = await models.take(entry, signal);
      const second = await models.take(entry, signal);
      const pid = present(first.process.pid, 'The child');
      assert.equal(second.process.pid, pid);
      first.release();
      first.release();
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert(isAlive(pid), 'the other session holds it');
      second.release();
      while (first.process.pid !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
      assert(!isAlive(pid));
      await models.stop();
    });

    test('makes room for another model within the memory budget', async () => {
      const other = join(folder, 'other.bin');
      await copyFile(MODEL, other);
      const models = createWhisperModels({ workers: 2, memory: createMemoryBudget(200_000_000) }, packages);
      const first = await models.take(entry, signal);
      const pid = present(first.process.pid, 'The child');
      await assert.rejects(models.take(weights(other), signal), fails('overloaded', /are in use/));
      first.release();
      const second = await models.take(weights(other), signal);
      assert(!isAlive(pid));
      second.release();
      const again = await models.take(entry, signal);
      assert.equal(second.process.pid, undefined);
      again.release();
      await models.stop();
      await assert.rejects(models.take(entry, signal), fails('overloaded', /shut down/));
    });
  });

  describe('with a file that is no model', () => {
    const broken = async (name: string, damage: (path: string) => Promise<unknown>): Promise<Engine> => {
      const path = join(folder, `${name}.bin`);
      await copyFile(MODEL, path);
      await damage(path);
      return engineWith({ weights: source(weights(path)) });
    };
    const overwrite = async (path: string, bytes: Uint8Array, position: number) => {
      const file = await open(path, 'r+');
      await file.write(bytes, 0, bytes.length, position);
      await file.close();
    };
    const places = async (path: string, text: string) => (await readFile(path)).indexOf(text);

    const damages: readonly [string, RegExp, (path: string) => Promise<unknown>][] = [
      ['empty', /is no model of whisper\.cpp/, (path) => truncate(path, 0)],
      [
        'text',
        /is no model of whisper\.cpp/,
        (path) => writeFile(path, 'I am a model, trust me.\n'.repeat(999)),
      ],
      ['cut-in-head', /ends in the middle of its head/, (path) => truncate(path, 300_000)],
      ['cut-in-half', /ends (\d+ bytes too early|in the middle)/, (path) => truncate(path, 9_000_000)],
      [
        'cut-at-the-end',
        /ends 2 bytes too early/,
        async (path) => truncate(path, (await stat(path)).size - 2),
      ],
      [
        'flipped-head',
        /impossible head|middle of its head/,
        (path) => overwrite(path, Buffer.alloc(8, 255), 48),
      ],
      [
        'flipped-tensor',
        /holds a tensor that cannot be/,
        async (path) => overwrite(path, Buffer.alloc(4, 255), (await places(path, 'decoder.blocks.0')) - 8),
      ],
      [
        'unknown-tensor',
        /could not be made ready: .*unknown tensor/s,
        async (path) =>
          overwrite(path, Buffer.from('decoder.blobbs'), await places(path, 'decoder.blocks.0')),
      ],
    ];
    for (const [name, message, damage] of damages) {
      test(`says clearly what is wrong: ${name}`, async () => {
        const damaged = await broken(name, damage);
        await assert.rejects(openSession(damaged), fails('engine_failed', message));
        await damaged.stop?.();
      });
    }

    test('counts a model whose file has gone as not installed', async () => {
      const gone = await broken('gone', (path) => rm(path));
      await assert.rejects(
        openSession(gone),
        fails('unsupported_feature', /antiphon models pull whisper\/mini-test/, 'not_installed'),
      );
      await gone.stop?.();
    });

    test('survives whatever a damaged file does to the native code', async () => {
      for (const [name, damage] of [
        ['layers', (path: string) => overwrite(path, Buffer.from([255, 255, 255, 127]), 36)],
        ['heads', (path: string) => overwrite(path, Buffer.alloc(4), 16)],
      ] as const) {
        const damaged = await broken(name, damage);
        const session = openSession(damaged);
        await assert.rejects(
          session.then((opened) => opened.hear({ samples: new Float32Array(16_000) })),
          (error) => {
            return error instanceof AppError && error.code === 'engine_failed';
          },
        );
        await damaged.stop?.();
      }
      const heard = await hearOnce(engine, 'en/jfk.wav', { language: 'en' });
      assert.equal(textOf(heard).trim(), JFK);
    });

    test('refuses a stub without weights, which would hear nothing for ever', async () => {
      for (const stub of ['for-tests-ggml-tiny.bin', 'for-tests-ggml-tiny.en.bin']) {
        const stubbed = await engineWith({ weights: source(weights(join(testData, 'ggml', stub))) });
        await assert.rejects(
          openSession(stubbed),
          fails('engine_failed', /holds no weights/, 'damaged_model'),
        );
        await stubbed.stop?.();
      }
    });

    test('takes a file that was mended for another one', async () => {
      const path = join(folder, 'mended.bin');
      await writeFile(path, 'half a model');
      const mended = await engineWith({ weights: source(weights(path)) });
      await assert.rejects(openSession(mended), fails('engine_failed', /is no model/));
      await copyFile(MODEL, path);
      assert.equal(textOf(await hearOnce(mended, 'en/jfk.wav', { language: 'en' })).trim(), JFK);
      await mended.stop?.();
    });
  });

  test('leaves nothing in the folder of temporary files', async () => {
    const own = (await readdir(tmpdir())).filter((name) => /whisper|ggml/.test(name));
    assert.deepEqual(
      own.filter((name) => name !== basename(folder) && name.startsWith('antiphon')),
      [],
    );
  });
});
