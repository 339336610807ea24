import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Engine, InstalledWeights, WeightsSource } from '../src/core/engine.ts';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { decodeWhole, readTestFile, testData } from './decode-support.ts';

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
  const copy = emptyFolder(t);
  for (const name of readdirSync(folder)) writeFileSync(join(copy, name), readFileSync(join(folder, name)));
  return copy;
}

/** An empty folder, removed with the test. */
export function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A recording as mono 16 kHz samples. */
export async function readClip(path: string): Promise<Float32Array> {
  return (await decodeWhole(await readTestFile(path), { sampleRate: 16_000, mono: true })).samples;
}

/** The outline of an ONNX file: a graph that no runtime would take, and metadata. */
export function onnxOutline(metadata: Readonly<Record<string, string | number>> = {}): Buffer {
  return Buffer.concat([Buffer.of(8, 7), field(7, field(2, Buffer.from('graph'))), onnxMetadata(metadata)]);
}

/** Metadata that may stand at the end of an ONNX file; what comes later counts. */
export function onnxMetadata(metadata: Readonly<Record<string, string | number>>): Buffer {
  const pairs = Object.entries(metadata).map(([key, value]) =>
    field(14, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(String(value)))])),
  );
  return Buffer.concat(pairs);
}

/** A length-delimited field of a protobuf message. */
function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(number * 8 + 2), varint(value.length), value]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.of(value)
    : Buffer.concat([Buffer.of((value % 128) + 128), varint(Math.floor(value / 128))]);
}

/** Puts files into a folder. A name with a slash makes the folder before it. */
export function fill(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Mono samples as a WAV file. */
export function waveFile(samples: Int16Array, sampleRate: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}
