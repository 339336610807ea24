import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOnnxFile, UnusableFile, type OnnxDescription } from './onnx-file.ts';

/** The folder of a model, as the tables of layouts look at it. */
export interface WeightsFolder {
  readonly path: string;
  /** Names of the files and folders directly in it. */
  readonly names: readonly string[];
}

/** Lists a folder of weights. One that is not there has no names. */
export async function readWeightsFolder(path: string): Promise<WeightsFolder> {
  const names = await readdir(path).catch(() => []);
  return { path, names: names.toSorted((a, b) => (a < b ? -1 : 1)) };
}

/** What the files directly in a folder amount to. */
export interface FolderState {
  /** Changes when any of them does. */
  readonly fingerprint: string;
  /** Length of all of them together. */
  readonly bytes: number;
}

/** Looks at the lengths and times of the files directly in a folder. */
export async function readFolderState({ path, names }: WeightsFolder): Promise<FolderState> {
  const stats = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(path, name)).catch(() => undefined);
      return { name, bytes: found?.isFile() ? found.size : 0, changedMs: found?.mtimeMs ?? 0 };
    }),
  );
  return {
    fingerprint: stats.map(({ name, bytes, changedMs }) => `${name}:${bytes}:${changedMs}`).join('|'),
    bytes: stats.reduce((total, { bytes }) => total + bytes, 0),
  };
}

/** The name that fits, of several the one for 8-bit weights: quicker on a processor, and nearly as exact. */
export function findName({ names }: WeightsFolder, pattern: RegExp): string | undefined {
  const fitting = names.filter((name) => pattern.test(name));
  return fitting.find((name) => name.includes('.int8.')) ?? fitting[0];
}

/** The path of a file that a layout needs. Throws `UnusableFile` when it is missing or empty. */
export async function needFile(folder: WeightsFolder, name: string): Promise<string> {
  const path = join(folder.path, name);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UnusableFile(path, 'is missing');
  if (found.size === 0) throw new UnusableFile(path, 'is empty');
  return path;
}

/** The path of a text file that a layout needs. Throws `UnusableFile` when it is missing, empty or not text. */
export async function needTextFile(folder: WeightsFolder, name: string): Promise<string> {
  const path = await needFile(folder, name);
  if ((await readBeginning(path)).includes(0)) throw new UnusableFile(path, 'is not a text file');
  return path;
}

/** The first bytes of a file, at most 4096. */
export async function readBeginning(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A network that a layout needs, with what its exporter wrote into it. */
export interface CheckedNetwork extends OnnxDescription {
  readonly path: string;
}

/** Throws `UnusableFile` when the file is no whole ONNX file, or lacks metadata without which sherpa ends the process. */
export async function needNetwork(
  folder: WeightsFolder,
  name: string,
  keys: readonly string[] = [],
): Promise<CheckedNetwork> {
  const path = join(folder.path, name);
  const { metadata } = await describeOnnxFile(path);
  const missing = keys.filter((key) => !metadata.has(key));
  if (missing.length > 0) throw new UnusableFile(path, `lacks the metadata ${missing.join(', ')}`);
  return { path, metadata };
}

/** The rules by which eSpeak pronounces text; sherpa ends the process when one of these is missing. */
const ESPEAK_FILES = ['phontab', 'phonindex', 'phondata', 'intonations'];
const ESPEAK_DATA = 'espeak-ng-data';

/** The path of eSpeak's data in a folder of weights, if it is there. Throws `UnusableFile` when it is incomplete. */
export async function findEspeakData(folder: WeightsFolder): Promise<string | undefined> {
  if (!folder.names.includes(ESPEAK_DATA)) return undefined;
  const path = join(folder.path, ESPEAK_DATA);
  const inner = { path, names: await readdir(path).catch(() => []) };
  for (const name of ESPEAK_FILES) await needFile(inner, name);
  return path;
}

/** As `findEspeakData`, for models that cannot do without. */
export async function needEspeakData(folder: WeightsFolder): Promise<string> {
  const found = await findEspeakData(folder);
  if (found === undefined) throw new UnusableFile(join(folder.path, ESPEAK_DATA), 'is missing');
  return found;
}

/** A whole number in metadata. Throws `UnusableFile` when it is none. */
export function needNumber({ path, metadata }: CheckedNetwork, key: string): number {
  const value = Number(metadata.get(key));
  if (!Number.isInteger(value)) throw new UnusableFile(path, `has no number for ${key} in its metadata`);
  return value;
}
