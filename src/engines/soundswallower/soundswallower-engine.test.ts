/**
 * The real models on real recordings. The reference times of two clips come from another recogniser, those of
 * synthetic speech (in test/forced-alignment.test.ts) from the voice that spoke it.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { requestContext } from '../../../test/contracts/engine-contract.ts';
import { readTestFile, withoutTestData } from '../../../test/decode-support.ts';
import { readClip } from '../../../test/sherpa-support.ts';
import { present } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import type { AlignmentEngine } from '../../core/engine.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import type { Interval } from '../../media/speech-windows.ts';
import { soundswallowerEngine } from './soundswallower-engine.ts';

const JFK =
  'And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';

interface ReferenceWord {
  readonly word: string;
  readonly start_sec: number;
  readonly end_sec: number;
}

describe('soundswallower', async () => {
  const engine = await soundswallowerEngine.create({ workers: 2 });
  assert(!('unavailable' in engine), 'The package is a dependency of ours.');
  const alignment: AlignmentEngine = present(engine.alignment, 'The alignment of soundswallower');
  after(async () => {
    await engine.stop?.();
    await stopDecodePool();
  });

  const align = (samples: Float32Array, text: string, language = 'en') =>
    alignment.align({ samples, language, words: text.split(' ') }, requestContext());
  const noise = (seconds: number, level = 0) =>
    Float32Array.from({ length: seconds * 16_000 }, (_, index) => level * Math.sin(index * index));

  const references: readonly (readonly [language: string, clip: string, text: string])[] = [
    [
      'en',
      'en/leopard_en.wav',
      'Mr. Quilter is the apostle of the middle classes and we are glad to welcome his gospel.',
    ],
    [
      'fr',
      'multilingual/leopard_fr.wav',
      'Sous le consulat, il devient conservateur des eaux et forêts et conseiller général.',
    ],
  ];
  for (const [language, clip, text] of references) {
    test(`finds the words of ${clip} where they are`, { skip: withoutTestData }, async () => {
      const labels: unknown = JSON.parse((await readTestFile('leopard_test_data.json')).toString());
      const reference = referenceOf(labels, language);
      const times = present(await align(await readClip(clip), text, language), 'The times of the words');
      assert.equal(times.length, reference.length);
      // 0.06 s on average and 0.12 s at most were measured for the starts, 0.18 s for the ends.
      const starts = times.map((time, index) => time.startSeconds - (reference[index]?.start_sec ?? NaN));
      const ends = times.map((time, index) => time.endSeconds - (reference[index]?.end_sec ?? NaN));
      assertWithin(starts, { mean: 0.09, most: 0.2 });
      assertWithin(ends, { mean: 0.09, most: 0.25 });
      assertOrdered(times);
    });
  }

  test(
    'finds words that no dictionary has, and times words without a sound between their neighbours',
    {
      skip: withoutTestData,
    },
    async () => {
      const samples = await readClip('en/jfk.wav');
      const known = present(await align(samples, JFK), 'The times of the words');
      // Spellings that the dictionary lacks and whose letters sound the same.
      const strange = JFK.replace('fellow', 'phellowe').replace('country', 'kunntrie').replace('ask', 'æsck');
      const guessed = present(await align(samples, strange), 'The times of strange words');
      assertWithin(
        guessed.map((time, index) => time.startSeconds - (known[index]?.startSeconds ?? NaN)),
        { mean: 0.02, most: 0.15 },
      );
      const foreign = present(await align(samples, JFK.replace(' not', ' 東京 not —')), 'The times');
      const [ask, tokyo, not, dash] = foreign.slice(5, 9);
      assert.deepEqual(ask?.startSeconds, known[5]?.startSeconds);
      assert.ok(tokyo && ask && not && tokyo.startSeconds >= ask.endSeconds);
      assert.ok(tokyo.endSeconds <= not.startSeconds);
      assert.ok(dash && dash.startSeconds >= not.endSeconds);
      assertOrdered(foreign);
    },
  );

  test('says the same of a recording whatever came before it', { skip: withoutTestData }, async () => {
    const samples = await readClip('en/jfk.wav');
    const first = await align(samples, JFK);
    await align(noise(2, Number.NaN), 'hello world');
    await align(noise(2, 0.5), 'antiphonal zzyzx');
    await Promise.all([align(noise(1), 'one'), align(noise(1, 0.3), 'bonjour', 'fr')]);
    assert.deepEqual(await align(samples, JFK), first);
  });

  test('gives no times for a text that was not spoken', { skip: withoutTestData }, async () => {
    const jfk = await readClip('en/jfk.wav');
    const clubs = await readClip('en/cards_005.wav');
    const wrong = [
      align(clubs, JFK),
      align(jfk, 'Eight of spades, four of clubs, seven of hearts.'),
      align(jfk, 'and mister john dashwood had then leisure to consider how much there might be'),
      align(jfk, 'Je voudrais aller à la plage demain avec mes amis.', 'fr'),
      align(clubs, `${JFK} `.repeat(50).trim()),
    ];
    assert.deepEqual(
      await Promise.all(wrong),
      wrong.map(() => undefined),
    );
  });

  for (const [what, samples, text] of [
    ['silence', noise(3), 'Hello world.'],
    ['noise', noise(3, 0.5), 'Hello world, how are you?'],
    ['no sound at all', noise(0), 'Hello.'],
    ['a moment', noise(0.05, 0.5), 'Hello.'],
    ['signs only', noise(2, 0.1), '— … ♪'],
    ['numbers that are none', noise(2, Number.NaN), 'Hello.'],
  ] as const) {
    test(`gives no times for ${what}`, async () => {
      assert.equal(await align(samples, text), undefined);
    });
  }

  test('has English and French, and refuses others', async () => {
    assert.deepEqual(alignment.languages, ['en', 'fr']);
    await assert.rejects(align(noise(1), 'Guten Tag', 'de'), {
      code: 'unsupported_feature',
      message: /only en and fr/,
    });
  });

  test('leaves at once when the caller does, and goes on for others', async () => {
    const caller = new AbortController();
    const request = { samples: noise(30, 0.3), language: 'en', words: JFK.split(' ') };
    const left = alignment.align(request, requestContext(caller.signal));
    caller.abort();
    await assert.rejects(left, (error) => error instanceof AppError && error.code === 'cancelled');
    assert.equal(await align(noise(1), 'Hello world, how are you?'), undefined);
  });

  test('a worker that breaks is one failure of the engine; the next recording gets another', async () => {
    // What the core never sends, to break the worker: a number instead of words.
    const broken = 7 as unknown as readonly string[];
    const request = { samples: noise(1), language: 'en', words: broken };
    await assert.rejects(alignment.align(request, requestContext()), { code: 'engine_failed' });
    assert.equal(await align(noise(1), 'Hello world, how are you?'), undefined);
  });

  test('prints nothing, and lets the process end by itself', async () => {
    const program = `
      const { soundswallowerEngine } = await import(${JSON.stringify(new URL('soundswallower-engine.ts', import.meta.url).href)});
      const { alignment } = await soundswallowerEngine.create({ workers: 1 });
      const request = { samples: new Float32Array(16000), language: 'en', words: ['hello', 'zzyzx', 'world'] };
      const times = await alignment.align(request, { signal: new AbortController().signal });
      process.exitCode = times === undefined ? 7 : 1;
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 20_000,
      cwd: '/',
    });
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    const [code] = await once(child, 'close');
    assert.equal(printed, '');
    assert.equal(code, 7);
  });
});

function referenceOf(labels: unknown, language: string): readonly ReferenceWord[] {
  // The label file has this shape; a wrong one fails in the next line.
  const { tests } = labels as {
    tests: { language_tests: { language: string; words: readonly ReferenceWord[] }[] };
  };
  return present(
    tests.language_tests.find((one) => one.language === language),
    `Labels for ${language}`,
  ).words;
}

function assertWithin(deviations: readonly number[], bound: { mean: number; most: number }): void {
  const distances = deviations.map(Math.abs);
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  const most = Math.max(...distances);
  assert.ok(mean <= bound.mean && most <= bound.most, `mean ${mean} s, most ${most} s`);
}

function assertOrdered(times: readonly Interval[]): void {
  let clock = 0;
  for (const { startSeconds, endSeconds } of times) {
    assert.ok(startSeconds >= clock && endSeconds >= startSeconds);
    clock = endSeconds;
  }
}
