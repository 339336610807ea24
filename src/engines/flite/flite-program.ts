import { ConsoleStdout, Fd, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';
import { fromInt16 } from '../../media/pcm.ts';
import { readSpokenTokens, type SpokenToken } from './flite-utterance.ts';

/** What flite is to say: printable ASCII, not blank. */
export interface FliteTask {
  readonly voice: string;
  readonly text: string;
  /** Words that are pronounced as said here and not by flite's own lexicon: lines of `word : phones`. */
  readonly lexicon?: string;
}

/** What it said. */
export interface FliteSound {
  readonly sampleRate: number;
  readonly samples: Float32Array<ArrayBuffer>;
  /** Offsets into the task's text, seconds from the first sample. */
  readonly tokens: readonly SpokenToken[];
}

/** A loaded program that can run once, and again after each `renew`. */
export interface FliteProgram {
  run(task: FliteTask): FliteSound;
  /** Makes it as if it had just been loaded. False when that cannot be done and another one must be loaded. */
  renew(): boolean;
}

/**
 * What the program ever writes to (its variables, its stack and its heap) begins within this distance of the end of
 * the memory that it starts with. The 17 MB before are constants of its voices.
 */
const HEAP_MARGIN_BYTES = 128 * 1024;

/** Memory never shrinks: a program that has spoken something very long is not kept. A usual sentence takes 21 MB. */
const MOST_MEMORY_BYTES = 48 * 1024 * 1024;

const LEXICON_FILE = 'lexicon.txt';

/**
 * Loads the program. It is a command: it runs once from arguments to a sound file, so that every task takes one that
 * knows nothing of those before. Loading copies 17 MB of constants, which is why a program that has run is made new
 * instead: what it has written to is put back. It sees no file system, no environment and no network, only what is here.
 */
export function loadFlite(module: WebAssembly.Module, mostBytes = MOST_MEMORY_BYTES): FliteProgram {
  const args: string[] = [];
  const sound = new CollectingFile();
  const folder = new TaskFolder(sound);
  let onPrint: () => void = () => undefined;
  let complaints = '';
  const decoder = new TextDecoder();
  const wasi = new WASI(
    args,
    [],
    [
      new OpenFile(new File([])),
      new ConsoleStdout(() => onPrint()),
      new ConsoleStdout((bytes) => {
        complaints += decoder.decode(bytes, { stream: true });
      }),
      folder,
    ],
    { debug: false },
  );
  const openFiles = wasi.fds.length;
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  // Every WASI command exports its memory and `_start`.
  const exports = instance.exports as { memory: WebAssembly.Memory; _start: () => unknown };
  const { memory } = exports;
  const { heapStart, putBack } = rememberMemory(memory);
  /** Whether the last run came back by itself: only then is its stack empty. */
  let returned = true;
  const start = () => {
    returned = false;
    exports._start();
    returned = true;
  };

  return {
    run: ({ voice, text, lexicon }) => {
      let tokens: SpokenToken[] | undefined;
      // It prints while the utterance is still in its memory; what it prints does not matter.
      onPrint = () => {
        tokens ??= readSpokenTokens(memory, heapStart, text);
      };
      args.push('flite', '-voice', voice);
      if (lexicon !== undefined) {
        folder.lexicon = new TextEncoder().encode(lexicon);
        args.push('-add_lex', `/out/${LEXICON_FILE}`);
      }
      args.push('-ps', '-o', '/out/speech.wav', '-t', text);
      const code = wasi.start({ exports: { memory, _start: start } });
      if (code !== 0 || !tokens) throw new Error(`Flite ended with code ${code}. ${complaints}`);
      return { ...readWave(Buffer.concat(sound.chunks)), tokens };
    },
    renew: () => {
      if (!returned || memory.buffer.byteLength > mostBytes) return false;
      putBack();
      args.length = 0;
      wasi.fds.length = openFiles;
      sound.chunks.length = 0;
      complaints = '';
      return true;
    },
  };
}

/** What the program has not written to yet, and a way back to it. */
function rememberMemory(memory: WebAssembly.Memory): {
  readonly heapStart: number;
  readonly putBack: () => void;
} {
  const length = memory.buffer.byteLength;
  const heapStart = Math.max(0, length - HEAP_MARGIN_BYTES);
  const variables = new Uint8Array(memory.buffer).slice(heapStart);
  return {
    heapStart,
    putBack: () => {
      const bytes = new Uint8Array(memory.buffer);
      bytes.set(variables, heapStart);
      bytes.fill(0, length);
    },
  };
}

/** Takes what is written to it. Growing one array instead would copy the whole sound again and again. */
class CollectingFile extends Fd {
  readonly chunks: Uint8Array[] = [];

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    this.chunks.push(data);
    return { ret: 0, nwritten: data.byteLength };
  }

  override fd_close(): number {
    return 0;
  }
}

/** A directory that has the lexicon of a task; every other file is the one that is collected. */
class TaskFolder extends PreopenDirectory {
  readonly #sound: Fd;
  lexicon: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(sound: Fd) {
    super('/out', new Map());
    this.#sound = sound;
  }

  override path_open(_: number, path: string): { ret: number; fd_obj: Fd } {
    const file = path.endsWith(LEXICON_FILE) ? new OpenFile(new File(this.lexicon)) : this.#sound;
    return { ret: 0, fd_obj: file };
  }
}

/** Reads the RIFF file that flite writes: 16-bit mono, one `fmt ` and one `data` chunk. */
function readWave(file: Buffer): {
  readonly sampleRate: number;
  readonly samples: Float32Array<ArrayBuffer>;
} {
  const format = file.indexOf('fmt ');
  const data = file.indexOf('data');
  if (format < 0 || data < 0) throw new Error('Flite wrote no sound.');
  const sampleRate = file.readUInt32LE(format + 12);
  const bytes = file.subarray(data + 8);
  // A copy of its own begins at an even address, as 16-bit views need it.
  const aligned = Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  return { sampleRate, samples: fromInt16(new Int16Array(aligned.buffer)) };
}
