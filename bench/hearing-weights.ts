import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_NAME, type InstallManifest } from '../src/platform/models/install-manifest.ts';
import { testData } from '../test/decode-support.ts';

/** A model that both the server and the bare engine load from one folder. */
export interface BenchModel {
  readonly engine: 'whisper' | 'sherpa';
  readonly title: string;
  /** What a request names. */
  readonly id: string;
  /** Where its files are. */
  readonly folder: string;
}

/** The tiny models of the test data, under names of the catalog, since only those are served. */
const STAND_INS = [
  {
    engine: 'whisper',
    title: 'whisper.cpp, tiny model with memorised clips',
    id: 'whisper/tiny',
    files: { 'ggml/ggml-mini-test.bin': 'ggml-tiny.bin' },
  },
  {
    engine: 'sherpa',
    title: 'sherpa-onnx, tiny Whisper with memorised clips',
    id: 'sherpa/moonshine-tiny-en',
    files: {
      'mini-whisper-test/mini-encoder.onnx': 'encoder.onnx',
      'mini-whisper-test/mini-decoder.onnx': 'decoder.onnx',
      'mini-whisper-test/mini-tokens.txt': 'tokens.txt',
    },
  },
] as const;

/**
 * The models to measure, in a models folder for the server: those of `MODELS`, a list of installed ids in the
 * models folder `MODELS_DIR`, or else the tiny ones, installed into `folder`.
 */
export function benchModels(folder: string): { readonly modelsDir: string; readonly models: BenchModel[] } {
  const { MODELS: ids, MODELS_DIR: installed } = process.env;
  if (ids !== undefined && installed !== undefined) {
    return { modelsDir: installed, models: ids.split(',').map((id) => describe(id, installed)) };
  }
  const models = STAND_INS.map(({ files, ...facts }) => {
    const target = join(folder, facts.id);
    mkdirSync(target, { recursive: true });
    const listed = Object.entries(files).map(([from, name]) => install(join(testData, from), target, name));
    writeManifest(target, facts.id, listed);
    return { ...facts, folder: target };
  });
  return { modelsDir: folder, models };
}

function describe(id: string, modelsDir: string): BenchModel {
  const engine = id.split('/')[0];
  if (engine !== 'whisper' && engine !== 'sherpa') throw new Error(`${id} belongs to no engine that hears.`);
  return { engine, title: id, id, folder: join(modelsDir, id) };
}

function install(from: string, folder: string, name: string): InstallManifest['files'][number] {
  const target = join(folder, name);
  copyFileSync(from, target);
  const content = readFileSync(target);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path: name, bytes: content.length, sha256, pinnedBy: 'nobody' };
}

/** A manifest makes the server hold the files to it, and not to the sizes in its catalog. */
function writeManifest(folder: string, id: string, files: InstallManifest['files']): void {
  const manifest: InstallManifest = {
    format: 1,
    id,
    repository: 'bench/memorised',
    revision: '0',
    installedAt: new Date().toISOString(),
    files,
    damaged: [],
  };
  writeFileSync(join(folder, MANIFEST_NAME), JSON.stringify(manifest));
}
