import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import type { Engine, InstalledWeights, WeightsSource } from '../src/core/engine.ts';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../src/media/decoders/audio-decoders.ts';
import { collectSamples } from '../src/media/pcm.ts';

/** Where the doubles of real models and the recordings lie. */
export const testData = process.env['ANTIPHON_TEST_DATA'] ?? resolve('../shared/testdata');

/** Skips, by name, a test whose data is not on this machine. */
export function needsData(t: TestContext, ...paths: string[]): boolean {
  const missing = paths.find((path) => !existsSync(join(testData, path)));
  if (missing !== undefined) t.skip(`no test data: ${missing}`);
  return missing === undefined;
}

/** Weights as a model store would list them. */
export function weightsIn(
  folder: string,
  facts: Partial<InstalledWeights> & Pick<InstalledWeights, 'id' | 'kind'>,
): InstalledWeights {
  return {
    title: facts.id,
    licence: 'test',
    languages: 'any',
    folder,
    files: existsSync(folder) ? readdirSync(folder) : [],
    ...facts,
  };
}

/** Weights from a list that a test may change while the engine runs. */
export function sourceOf(list: readonly InstalledWeights[]): WeightsSource {
  return { installed: (engine) => Promise.resolve(list.filter(({ id }) => id.startsWith(`${engine}/`))) };
}

export const miniWhisper = weightsIn(join(testData, 'mini-whisper-test'), {
  id: 'sherpa/mini-whisper',
  kind: 'transcription',
});
export const miniVoice = weightsIn(join(testData, 'mini-tts-test'), {
  id: 'sherpa/mini-voice',
  kind: 'speech',
  languages: ['en'],
});
export const sileroVad = weightsIn(join(testData, 'silero-vad'), { id: 'sherpa/silero-vad', kind: 'vad' });
export const speakerStub = weightsIn(join(testData, 'speaker-embedding-stub'), {
  id: 'sherpa/speaker-stub',
  kind: 'speaker_embedding',
});

/** The engine over some weights, ended with the test. */
export async function startSherpa(t: TestContext, list: readonly InstalledWeights[]): Promise<Engine> {
  const engine = await sherpaEngine.create({ workers: 1, weights: sourceOf(list) });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  t.after(() => engine.stop?.());
  return engine;
}

/** A copy of a folder that a test may damage, removed with the test. */
export function copyOf(t: TestContext, folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'antiphon-test-'));
  cpSync(folder, copy, { recursive: true });
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  return copy;
}

/** A recording as mono 16 kHz samples. */
export async function readClip(path: string): Promise<Float32Array> {
  const decoded = await decodeAudio(readFileSync(join(testData, 'audio', path)), {
    sampleRate: 16_000,
    mono: true,
    limits: WIDEST_DECODE_LIMITS,
    signal: new AbortController().signal,
  });
  return collectSamples(decoded.pcm.chunks);
}
