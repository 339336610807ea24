import { readFile } from 'node:fs/promises';
import { compileFunction } from 'node:vm';

/** A list of floats in the memory of the library, to be deleted after use. */
interface FloatList {
  size(): number;
  get(index: number): number;
  delete(): void;
}

interface Status {
  readonly status: number;
  readonly error: string;
}

/** libavcodec and libavformat with AAC, as the package's WebAssembly module offers them. */
export interface AacDecoderLibrary {
  readonly FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void };
  getProperties(path: string): {
    readonly status: Status;
    readonly sampleRate: number;
    readonly channelCount: number;
  };
  /** Decodes a file from `start` for `duration` seconds, -1 being all of it, as interleaved samples. */
  decodeAudio(
    path: string,
    start: number,
    duration: number,
    options: { readonly multiChannel: boolean },
  ): { readonly status: Status; readonly samples: FloatList };
}

interface ModuleOptions {
  instantiateWasm(
    imports: ConstructorParameters<typeof WebAssembly.Instance>[1],
    done: (instance: WebAssembly.Instance) => void,
  ): Record<string, never>;
}

type CreateModule = (options: ModuleOptions) => Promise<AacDecoderLibrary>;

let loaded: Promise<{ readonly create: CreateModule; readonly compiled: WebAssembly.Module }> | undefined;

/** A fresh instance with memory of its own, so that a broken file cannot disturb another decoding. */
export async function createAacDecoderLibrary(): Promise<AacDecoderLibrary> {
  loaded ??= load();
  const { create, compiled } = await loaded;
  return create({
    instantiateWasm: (imports, done) => {
      done(new WebAssembly.Instance(compiled, imports));
      return {};
    },
  });
}

/**
 * The package is written for browsers: its entry looks for a page's address and keeps the module's factory to
 * itself. Its text is therefore compiled without `process`, so that it does not take this for an old Node, and
 * with the factory exported. The version is pinned, and the tests of AAC notice any change.
 */
async function load(): Promise<{ readonly create: CreateModule; readonly compiled: WebAssembly.Module }> {
  const entry = import.meta.resolve('audio-file-decoder');
  const [text, wasm] = await Promise.all([
    readFile(new URL(entry), 'utf8'),
    readFile(new URL('../decode-audio.wasm', entry)),
  ]);
  const source = text
    .replaceAll('import.meta.url', '"file:///"')
    .replace(/export\{[^}]*\};?\s*$/, 'exports.create=a;');
  const exported: { create?: CreateModule } = {};
  compileFunction(source, ['exports', 'process', 'window', 'document', 'importScripts'], {
    filename: entry,
  })(exported, undefined, {}, { currentScript: { src: '' } }, undefined);
  if (!exported.create) throw new Error('The AAC decoder has no entry.');
  return { create: exported.create, compiled: await WebAssembly.compile(wasm) };
}
