import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import OpenAI, { toFile } from 'openai';
import type { Engine } from '../src/core/engine.ts';
import type { ModelCard } from '../src/core/models/model.ts';
import type { WeightsEntry } from '../src/core/models/weights.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { whisperEngine } from '../src/engines/whisper/whisper-engine.ts';
import { installedFor } from '../src/platform/models/installed-for.ts';
import { createModelStore } from '../src/platform/models/model-store.ts';
import { readTestFile, testData } from './decode-support.ts';
import { listening, testClock } from './support.ts';
import { comparableWords, compareWords } from './word-errors.ts';

/** A recording of which it is known what is said in it, and perhaps when. */
export interface KnownClip {
  /** Below the folder of recordings. */
  readonly file: string;
  readonly language: string;
  readonly text: string;
  readonly words: readonly { readonly text: string; readonly startSeconds: number }[];
}

/** How a model heard the known clips. Rates are errors per word; deviations are of the starts of words, in seconds. */
export interface HearingReport {
  readonly model: string;
  readonly byLanguage: ReadonlyMap<string, { readonly clips: number; readonly errorRate: number }>;
  /** Absent where the model tells no word times. */
  readonly wordTimes?: { readonly words: number; readonly mean: number; readonly worst: number };
}

/** The known clips that are on this machine. */
export function knownClips(): KnownClip[] {
  // Both files are test data, and were read to see what stands in them.
  const expected = JSON.parse(readFileSync(join(testData, 'mini-whisper-test/expected.json'), 'utf8')) as {
    readonly file: string;
    readonly language: string;
    readonly reference: string;
  }[];
  const timed = JSON.parse(readFileSync(join(testData, 'audio/leopard_test_data.json'), 'utf8')) as {
    readonly tests: {
      readonly language_tests: readonly {
        readonly language: string;
        readonly words: readonly { readonly word: string; readonly start_sec: number }[];
      }[];
    };
  };
  return expected
    .filter(({ file }) => existsSync(join(testData, 'audio', file)) && !file.startsWith('tts-roundtrip'))
    .map(({ file, language, reference }) => {
      const known = timed.tests.language_tests.find((one) => file.endsWith(`leopard_${one.language}.wav`));
      const words =
        known?.words.map(({ word, start_sec }) => ({ text: word, startSeconds: start_sec })) ?? [];
      return { file, language, text: reference, words };
    });
}

/** The engines that hear, on the weights in a folder, ended with the test. */
export async function enginesOn(
  t: Pick<TestContext, 'after'>,
  modelsDir: string,
  catalog?: readonly WeightsEntry[],
): Promise<Engine[]> {
  const store = createModelStore({
    modelsDir,
    endpoint: 'http://127.0.0.1:9',
    offline: true,
    fetch,
    log: silentLogger,
    clock: testClock,
    ...(catalog ? { catalog } : {}),
  });
  const engines: Engine[] = [];
  for (const module of [whisperEngine, sherpaEngine]) {
    const engine = await module.create({ workers: 2, weights: installedFor(store) });
    if ('unavailable' in engine) continue;
    t.after(() => engine.stop?.());
    engines.push(engine);
  }
  return engines;
}

/** Lets a model hear the clips in its languages through the official client, and compares. */
export async function reportOn(
  engine: Engine,
  card: ModelCard,
  clips: readonly KnownClip[],
): Promise<HearingReport> {
  const totals = new Map<string, { clips: number; words: number; errors: number }>();
  const deviations: number[] = [];
  await listening({ engines: [engine] }, async ({ origin }) => {
    const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any', maxRetries: 0 });
    for (const clip of clips) {
      if (card.languages !== 'any' && !card.languages.includes(clip.language)) continue;
      const heard = await client.audio.transcriptions.create({
        model: card.id,
        file: await toFile(await readTestFile(clip.file), clip.file.split('/').at(-1)),
        // A model that cannot be told refuses none that it knows.
        language: clip.language,
        response_format: 'verbose_json',
        timestamp_granularities: ['word'],
      });
      const total = totals.get(clip.language) ?? { clips: 0, words: 0, errors: 0 };
      const { words, errors } = compareWords(
        comparableWords(clip.text, clip.language),
        comparableWords(heard.text, clip.language),
      );
      totals.set(clip.language, {
        clips: total.clips + 1,
        words: total.words + words,
        errors: total.errors + errors,
      });
      deviations.push(...startDeviations(clip, heard.words ?? []));
    }
  });
  const byLanguage = new Map(
    Array.from(totals, ([language, { clips: count, words, errors }]) => [
      language,
      { clips: count, errorRate: errors / words },
    ]),
  );
  return {
    model: card.id,
    byLanguage,
    ...(deviations.length === 0
      ? {}
      : {
          wordTimes: {
            words: deviations.length,
            mean: deviations.reduce((sum, one) => sum + one, 0) / deviations.length,
            worst: Math.max(...deviations),
          },
        }),
  };
}

/** How far the starts of the words that both have lie apart. */
function startDeviations(
  { words: known, language }: KnownClip,
  heard: readonly { readonly word: string; readonly start: number }[],
): number[] {
  const flat = (text: string) => comparableWords(text, language).join('');
  const { pairs } = compareWords(
    known.map(({ text }) => flat(text)),
    heard.map(({ word }) => flat(word)),
  );
  return pairs.map(([index, at]) => Math.abs((known[index]?.startSeconds ?? 0) - (heard[at]?.start ?? 0)));
}

/** The report as lines for people. */
export function describeReport({ model, byLanguage, wordTimes }: HearingReport): string[] {
  const rates = Array.from(
    byLanguage,
    ([language, { clips, errorRate }]) =>
      `${model} ${language}: ${(errorRate * 100).toFixed(1)} % of the words wrong in ${clips} clips`,
  );
  if (!wordTimes) return [...rates, `${model} tells no word times`];
  const { words, mean, worst } = wordTimes;
  return [
    ...rates,
    `${model} word times: ${words} words begin ${(mean * 1000).toFixed(0)} ms off on average, ${(worst * 1000).toFixed(0)} ms at worst`,
  ];
}
