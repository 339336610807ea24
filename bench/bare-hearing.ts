/**
 * The bare engine in a process of its own: no server, no decoder, no windows to cut. It gets the windows, and answers
 * each order to hear them with how long that took and what was heard.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { findWhisperPackages, loadWhisperAddon } from '../src/engines/whisper/whisper-binding.ts';
import type { BenchModel } from './hearing-weights.ts';

/** What the process is told. */
export type BareOrder =
  | { readonly kind: 'load'; readonly model: BenchModel; readonly threads: number }
  | { readonly kind: 'hear'; readonly windows: readonly Int16Array[] };

/** What it answers. */
export type BareReport = { readonly kind: 'loaded' } | { readonly kind: 'heard'; readonly run: BareRun };

export interface BareRun {
  readonly totalMs: number;
  readonly text: string;
}

/** Hears one window; `before` is what was heard so far, one text for each segment. */
type Hear = (window: Int16Array, before: readonly string[]) => Promise<readonly string[]>;

let hear: Hear | undefined;

process.on('message', (order: BareOrder) => {
  void obey(order).then((report) => process.send?.(report));
});

async function obey(order: BareOrder): Promise<BareReport> {
  if (order.kind === 'load') {
    hear =
      order.model.engine === 'whisper'
        ? openWhisper(order.model, order.threads)
        : await openSherpa(order.model, order.threads);
    return { kind: 'loaded' };
  }
  if (!hear) throw new Error('Nothing is loaded.');
  const startedAt = performance.now();
  const heard: string[] = [];
  for (const window of order.windows) heard.push(...(await hear(window, heard)));
  return {
    kind: 'heard',
    run: { totalMs: performance.now() - startedAt, text: heard.join('').trim() },
  };
}

function openWhisper({ folder }: BenchModel, threads: number): Hear {
  const [found] = findWhisperPackages();
  const file = readdirSync(folder).find((name) => name.endsWith('.bin'));
  if (!found || !file) throw new Error('There is no package or no model for whisper.cpp.');
  const { WhisperContext } = loadWhisperAddon(found.name);
  WhisperContext.toggleNativeLog(true, () => undefined);
  const context = new WhisperContext({ filePath: join(folder, file), useGpu: found.useGpu });
  return async (window, before) => {
    const prompt = before.slice(-4).join('').trim();
    const { promise } = context.transcribeData(window.slice().buffer, {
      language: 'en',
      translate: false,
      maxThreads: threads,
      tokenTimestamps: false,
      maxLen: 0,
      temperature: 0,
      temperatureInc: 0.2,
      ...(prompt === '' ? {} : { prompt }),
    });
    return (await promise).segments.map(({ text }) => text);
  };
}

async function openSherpa({ folder }: BenchModel, threads: number): Promise<Hear> {
  const file = (part: string) => {
    const name = readdirSync(folder).find((one) => one.includes(part));
    if (name === undefined)
      throw new Error(`${folder} holds no Whisper for sherpa-onnx: ${part} is missing.`);
    return join(folder, name);
  };
  const config = {
    featConfig: { sampleRate: 16_000, featureDim: 80 },
    modelConfig: {
      whisper: {
        encoder: file('encoder'),
        decoder: file('decoder'),
        language: 'en',
        task: 'transcribe',
        enableSegmentTimestamps: 1,
        enableTokenTimestamps: 0,
      },
      tokens: file('tokens'),
      numThreads: threads,
      provider: 'cpu',
      debug: 0,
    },
    decodingMethod: 'greedy_search',
  };
  const { default: sherpa } = await import('sherpa-onnx-node');
  const recognizer = await sherpa.OfflineRecognizer.createAsync(config);
  return async (window) => {
    const stream = recognizer.createStream();
    stream.acceptWaveform({
      samples: Float32Array.from(window, (sample) => sample / 32_768),
      sampleRate: 16_000,
    });
    const { text } = await recognizer.decodeAsync(stream);
    return [text];
  };
}
